/* Winograd's F(4x4, 3x3) (Lavin and Gray 2015, arXiv 1509.09308): a tile of 4x4 output pixels from the window of 6x6
 * input pixels around it,
 *
 *     Y = A^T [ (G g G^T) * (B^T d B) ] A,
 *
 * where the product * is of 36 frequencies one by one, for each of which channels are summed by a matrix product. The
 * gradients are the transposed maps. Channels come 16 at a time; an array of frequencies has `step` floats from one to
 * the next. */
#ifndef MATH_WINOGRAD_H
#define MATH_WINOGRAD_H

#include <stddef.h>

enum {
    WINOGRAD_TILE = 4,
    WINOGRAD_WINDOW = 6,
    WINOGRAD_FREQUENCIES = 36,
    WINOGRAD_CHANNELS = 2048 /* at most */
};

/* `channels` zeros, to be read where a window hangs over the image's edge. */
extern const float winograd_zeros[WINOGRAD_CHANNELS];

/* v = B^T d B. */
void winograd_input(float *v, size_t step, const float *const d[36], size_t channels);

/* What is added to Y. NULL: nothing. */
typedef struct winograd_sum {
    const float *bias, *image;
    const float *residual[16];
} winograd_sum;

/* y = A^T m A + sum; pixels of y that are NULL lie outside. */
void winograd_output(float *const y[16], const float *m, size_t step, const winograd_sum *sum, size_t channels);

/* dm = A dy A^T. */
void winograd_output_backward(float *dm, size_t step, const float *const dy[16], size_t channels);

/* d += B dv B^T; pixels that are NULL lie outside. */
void winograd_input_backward(float *const d[36], const float *dv, size_t step, size_t channels);

/* u = G g G^T for 16 outputs and 16 inputs of weight, whose outputs are stride_weight floats apart and whose inputs
 * follow one another, 3x3 each. u's inputs are stride_u apart. */
void winograd_weight(float *u, size_t step, size_t stride_u, const float *weight, size_t stride_weight);

/* The same bits for the 6 frequencies of one column, u [6, count], from the 9 taps' weights [9, count] wherever those
 * are; taps stand stride_taps floats apart. */
void winograd_weight_column(float *u, size_t step, const float *taps, size_t stride_taps, size_t count, size_t column);

/* The first half of dweight = G^T du G, for one column: z = G^T du, [3, count] from [6, count]; added to z if `add`. */
void winograd_weight_column_backward(float *z, size_t step_z, const float *du, size_t step, size_t count, int add);

/* The second half, dweight = z G from all columns' z [6, 3], for 16 outputs and 16 inputs. */
void winograd_weight_backward(float *dweight, size_t stride_weight, const float *z, size_t step, size_t stride_z);

#endif
