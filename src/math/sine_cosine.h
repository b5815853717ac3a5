/* Sines and cosines of many angles, which vectorise. */
#ifndef MATH_SINE_COSINE_H
#define MATH_SINE_COSINE_H

#include <stddef.h>

/* sine, cosine [count] = sin, cos(pi frequency x), to 1.5e-7 of the product `frequency x` as float32 has it (exactly,
 * for a power of two): the angle is reduced before it is multiplied by pi. NaN of what is not finite. */
void sine_cosine(float *restrict sine, float *restrict cosine, const float *restrict x, float frequency, size_t count);

#endif
