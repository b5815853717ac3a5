/* Self-attention among the pixels of an image (Vaswani et al. 2017): softmax(Q K^T / sqrt(width of a head)) V.
 *
 * Q, K and V stand side by side: qkv [n, pixels, 3 channels], a head's columns one after another in each third. The
 * probabilities are never held for more than a block of queries. Calls run in parallel over images, heads and blocks.
 */
#ifndef MATH_ATTENTION_H
#define MATH_ATTENTION_H

#include <stddef.h>

typedef struct attention {
    size_t pixels, channels, heads; /* heads divides channels */
} attention;

size_t attention_scratch_size(const attention *shape, size_t threads); /* floats that each of these calls needs */

/* y [n, pixels, channels] from qkv. */
void attention_forward(const attention *shape, float *y, const float *qkv, size_t n, float *scratch);

/* dqkv [n, pixels, 3 channels] from dy [n, pixels, channels]; the probabilities are computed once more. */
void attention_backward(const attention *shape, float *dqkv, const float *dy, const float *qkv, size_t n,
                        float *scratch);

#endif
