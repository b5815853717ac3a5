/* Sinusoidal embedding of a time (Vaswani et al. 2017; section 3.3 of arXiv:2006.11239): for frequencies
 * f_j = 10000^(-j / half), the features sin(t f_0..), cos(t f_0..). */
#ifndef MATH_TIME_EMBEDDING_H
#define MATH_TIME_EMBEDDING_H

#include <diffusion/status.h>

/* Tables from which any whole number is put together by the addition theorem, and polynomials for what is beyond it, so
 * that no sine is computed while training. */
typedef struct time_embedding {
    size_t half;  /* frequencies */
    float *table; /* owned: of coarse and fine steps, then the frequencies */
} time_embedding;

enum { TIME_EMBEDDING_STEPS = 100000 }; /* the largest t in the tables */

diffusion_status time_embedding_create(time_embedding *out, size_t features /* even */);
void time_embedding_release(time_embedding *embedding);

/* out[0..features) for any finite t; fast for 0..TIME_EMBEDDING_STEPS. */
void time_embedding_row(const time_embedding *embedding, float *out, double t);

#endif
