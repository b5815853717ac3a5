/* Group normalisation of images (Wu and He 2018, arXiv:1803.08494), with what follows it in a U-Net: a scale and shift
 * that depend on the time, SiLU.
 *
 * z = (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance over a group of channels of one image;
 * with an embedding, u = z (1 + embedding scale) + embedding shift; y = silu(u) or u.
 * Images are [pixels, channels], their rows `stride_...` floats apart. Calls run in parallel over images and groups. */
#ifndef MATH_GROUP_NORM_H
#define MATH_GROUP_NORM_H

#include <stddef.h>

typedef struct group_norm {
    size_t pixels, channels, groups; /* groups divides channels */
    float epsilon;
    int silu;
} group_norm;

typedef struct group_norm_weights {
    const float *scale, *shift; /* [channels] */
    const float *embedding;     /* [n] rows of scales [channels], then shifts [channels]; NULL: none */
    size_t stride_embedding;
} group_norm_weights;

/* Floats that each of these calls needs for n images. */
size_t group_norm_scratch_size(const group_norm *shape, size_t n);

/* y from x; may be in place. statistics [n, groups, 2] (mean, 1 / standard deviation) are left for the next two; NULL:
 * not kept. */
void group_norm_forward(const group_norm *shape, float *y, size_t stride_y, float *statistics, const float *x,
                        size_t stride_x, const group_norm_weights *weights, size_t n, float *scratch);

/* y once more, the same bits, from the statistics; with SiLU also its slopes at u, in rows like y's, which the backward
 * pass reads. */
void group_norm_apply(const group_norm *shape, float *y, float *slopes, size_t stride_y, const float *statistics,
                      const float *x, size_t stride_x, const group_norm_weights *weights, size_t n, float *scratch);

typedef struct group_norm_gradient {
    float *dscale, *dshift; /* [channels], overwritten: sums over images in order; NULL: not wanted */
    float *dembedding;      /* [n] rows of [2 channels], overwritten; NULL: none */
    size_t stride_dembedding;
} group_norm_gradient;

/* dx from dy, which is used up; added to what dx holds if `add`; dx may be NULL. The slopes, with SiLU, are in rows
 * like dy's. */
void group_norm_backward(const group_norm *shape, float *dx, size_t stride_dx, int add,
                         const group_norm_gradient *gradient, float *dy, const float *slopes, size_t stride_dy,
                         const float *statistics, const float *x, size_t stride_x, const group_norm_weights *weights,
                         size_t n, float *scratch);

#endif
