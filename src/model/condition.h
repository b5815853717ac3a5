/* What the samples of a batch are conditioned on. */
#ifndef MODEL_CONDITION_H
#define MODEL_CONDITION_H

#include <diffusion/condition.h>

struct diffusion_condition {
    size_t n;
    int32_t *labels; /* [n] or NULL */
    float *vectors;  /* [n, width] or NULL */
    size_t width;
    uint8_t *observed; /* [n, dim] or NULL */
    size_t dim;
    int references; /* the caller's, and one of each call that reads it */
};

diffusion_status condition_create(struct diffusion_condition **out, size_t n);
void condition_free(struct diffusion_condition *self); /* NULL is allowed */

/* For a call that reads it, of which a callback may free it: until condition_release() it stays and
 * nothing changes it. NULL is allowed. */
void condition_retain(const struct diffusion_condition *self);
void condition_release(const struct diffusion_condition *self);

/* Copies; NULL removes. */
diffusion_status condition_set_labels(struct diffusion_condition *self, const int32_t *labels);
diffusion_status condition_set_vectors(struct diffusion_condition *self, const float *vectors, size_t width);
diffusion_status condition_set_observed(struct diffusion_condition *self, const uint8_t *observed, size_t dim);

/* A new one in which every row stands `times` times; NULL for NULL. */
diffusion_status condition_repeat(struct diffusion_condition **out, const struct diffusion_condition *from,
                                  size_t times);

/* A new one whose row i is row rows[i]; NULL for NULL. */
diffusion_status condition_pick(struct diffusion_condition **out, const struct diffusion_condition *from,
                                const size_t *rows, size_t count);

/* A row that says nothing: no label, and a vector of zeros. */
void condition_clear_row(struct diffusion_condition *self, size_t row);

/* n rows from `first` on, which share the memory of `from`: not to be released. */
struct diffusion_condition condition_rows(const struct diffusion_condition *from, size_t first, size_t n);

#endif
