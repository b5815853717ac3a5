/* The rows that others are measured against, for measures that need no model. */
#ifndef EVALUATE_REFERENCE_H
#define EVALUATE_REFERENCE_H

#include "evaluate/evaluator.h"

/* The first member of such a measure's state. */
typedef struct reference {
    float *values; /* [count, dim], or NULL */
    size_t count, dim;
} reference;

/* A measure's set_reference. On failure the rows before stay. */
diffusion_status reference_set(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim);

void reference_release(reference *of);

/* Whether n rows can be measured: there is a reference, of at least `least` rows as there are of these, no condition,
 * and no value that is not finite. */
diffusion_status reference_check_run(const struct diffusion_evaluator *self, const float *x0,
                                     const struct diffusion_condition *condition, size_t n, size_t least);

/* The evaluator's. */
static inline reference *reference_of(const struct diffusion_evaluator *self)
{
    return self->state;
}

#endif
