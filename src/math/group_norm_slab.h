/* What group normalisation's two passes share. A slab is some whole groups of channels of one image: one task. */
#ifndef MATH_GROUP_NORM_SLAB_H
#define MATH_GROUP_NORM_SLAB_H

#include "math/group_norm.h"

enum { GROUP_NORM_SLAB = 64 /* channels of one, or a whole group if that is wider; no more groups than that */ };

typedef struct group_norm_slab {
    size_t image, first, width;            /* channels first..first+width-1 */
    size_t first_group, groups, per_group; /* the same in groups */
} group_norm_slab;

/* Values per channel of an image: y = a x + b; on the way back dx = a du + b x + constant, and the sums over pixels of
 * du and of du (x - mean). */
typedef struct group_norm_arrays {
    float *a, *b, *constant, *sum, *product;
} group_norm_arrays;

group_norm_slab group_norm_slab_of(const group_norm *shape, size_t task);
size_t group_norm_slabs_of_image(const group_norm *shape);
group_norm_arrays group_norm_arrays_of(const group_norm *shape, float *scratch, const group_norm_slab *part);

/* The whole of the norm as u = a x + b for each channel. */
void group_norm_find_affine(const group_norm *shape, const group_norm_slab *part, const float *statistics,
                            const group_norm_weights *weights, float *a, float *b);

enum { GROUP_NORM_AHEAD = 8 /* rows */, GROUP_NORM_LINE = 16 /* floats */ };

/* A slab's rows are short and far apart: the processor does not foresee them. */
static inline __attribute__((always_inline)) void group_norm_expect_read(const float *row, size_t stride, size_t width)
{
    for (size_t c = 0; c < width; c += GROUP_NORM_LINE)
        __builtin_prefetch(row + GROUP_NORM_AHEAD * stride + c, 0);
}

static inline __attribute__((always_inline)) void group_norm_expect_write(const float *row, size_t stride, size_t width)
{
    for (size_t c = 0; c < width; c += GROUP_NORM_LINE)
        __builtin_prefetch(row + GROUP_NORM_AHEAD * stride + c, 1);
}

#endif
