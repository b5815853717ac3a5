/* Data on a stack of bits, by a model: bits-back coding (Townsend et al. 2019, arXiv:1901.04866). */
#ifndef CODING_CODER_H
#define CODING_CODER_H

#include "base/busy.h"
#include "coding/cells.h"
#include "coding/chain.h"

#include <diffusion/coder.h>

static const double coder_nats_per_bit = 0.693147180559945309417232121458; /* log 2 */

/* What has been coded. */
typedef struct coded {
    symbol_stack stack;
    size_t n; /* samples; 0: nothing */
    int labelled;
    uint64_t hash; /* of the data */
} coded;

/* What coding it told, summed over samples in nats; not kept by a file. */
typedef struct coding_figures {
    int known;
    double bound; /* log p(x_{0..T}) - log q(x_{1..T} | x_0) of what was drawn */
    double labels;
} coding_figures;

struct diffusion_coder {
    busy busy;
    coder_options options;
    char *spec;
    const struct diffusion_model *model;       /* retained, */
    const struct diffusion_schedule *schedule; /* likewise */
    coding_chain chain;
    chance_table *table;
    diffusion_progress_fn *progress;
    void *progress_user;
    coded content;
    coding_figures figures;
};

diffusion_status coder_create(struct diffusion_coder **out, const struct diffusion_model *model,
                              const struct diffusion_schedule *schedule, const char *spec);
void coder_free(struct diffusion_coder *self);

/* encode.c, decode.c. The content changes only if it succeeds; x0 and labels (NULL: nobody asks) likewise. */
diffusion_status coder_encode(struct diffusion_coder *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n);
diffusion_status coder_decode(struct diffusion_coder *self, float *x0, int32_t *labels, size_t n);

/* file.c */
diffusion_status coder_save(const struct diffusion_coder *self, const char *path);
diffusion_status coder_load(struct diffusion_coder **out, const struct diffusion_model *model,
                            const struct diffusion_schedule *schedule, const char *path);
size_t coder_file_bytes(const struct diffusion_coder *self);

/* figures.c */
diffusion_status coder_value(const struct diffusion_coder *self, const char *quantity, double *out);

#endif
