/* How a Winograd convolution is laid out: images in groups that go through one after another, so that memory stays
 * bounded; the tiles of a group's images are numbered through. */
#ifndef MATH_CONVOLUTION_WINOGRAD_H
#define MATH_CONVOLUTION_WINOGRAD_H

#include "math/convolution_parts.h"
#include "math/winograd.h"

/* Floats behind a frequency, so that those of all frequencies do not fall on the same cache lines. */
enum { WINOGRAD_PADDING = 16 };

typedef struct winograd_layout {
    size_t across, tiles;  /* tiles of a line of an image, and of an image */
    size_t images;         /* of a group, at most */
    size_t step_v, step_m; /* floats from one frequency of V [36, tiles, in] or M [36, tiles, out] to the next */
    size_t step_u;         /* of U [36, blocks of up to 64 outputs, in, outputs of the block] */
} winograd_layout;

winograd_layout winograd_layout_of(const convolution *plan, size_t n);

/* Whether a task takes tiles through all steps, how many at most, and the floats of V and M for those. */
int winograd_is_fused(const convolution *plan);
size_t winograd_fused_tiles(const convolution *plan);
size_t winograd_fused_size(const convolution *plan);

/* V and M for so many tiles alone. */
void winograd_layout_fuse(winograd_layout *layout, const convolution *plan, size_t tiles);

/* The 36 pixels of x around a tile, and the 16 pixels of y in it, with `outside` for those that are not there. */
void winograd_window(const convolution *plan, const winograd_layout *layout, const float *at[36], const float *x,
                     size_t stride_x, size_t tile, const float *outside);
void winograd_tile(const convolution *plan, const winograd_layout *layout, const float *at[16], const float *y,
                   size_t stride_y, size_t tile, const float *outside);

/* Weights of a column of frequencies for a block of outputs (or inputs), made by the task that multiplies with them:
 * they stay in its cache. `depth` is the number of inputs (or outputs) there. */
static inline size_t winograd_column_size(size_t depth)
{
    return WINOGRAD_WINDOW * (depth * MULTIPLY_COLUMNS + WINOGRAD_PADDING);
}

/* U, as convolution_prepare() leaves it. */
size_t winograd_prepared_size(const convolution *plan);
void winograd_prepare(const convolution *plan, float *prepared, const float *weight);

size_t winograd_once_size(const convolution *plan, size_t n, size_t threads); /* floats of forward_once() */

size_t winograd_training_scratch_size(const convolution *plan, size_t n, size_t threads);
void winograd_backward(const convolution_training *run);

#endif
