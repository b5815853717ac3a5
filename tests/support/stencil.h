/* Derivatives by differences over h and 2h: the five-point stencil, whose own error is h^4 / 30 of the fifth
 * derivative. */
#ifndef SUPPORT_STENCIL_H
#define SUPPORT_STENCIL_H

#include "test.h"

/* The function with its argument moved by so much. */
typedef double stencil_moved_fn(double by, void *user);

static inline double stencil(stencil_moved_fn *f, void *user, double h)
{
    double near = f(h, user) - f(-h, user), far = f(2 * h, user) - f(-2 * h, user);
    return (8.0 * near - far) / (12.0 * h);
}

/* A function of what stands in memory. */
typedef double stencil_fn(void *user);

/* Its derivative by one float, which is as before when this returns. The steps are taken as float32 makes them: take a
 * power of two that is no smaller than the float's last bit. */
static inline double stencil_at(stencil_fn *f, void *user, float *value, float h)
{
    const float before = *value;
    double of[5];
    for (int k = -2; k <= 2; k++) {
        *value = before + (float)k * h;
        of[k + 2] = k == 0 ? 0.0 : f(user);
    }
    *value = before;
    float low = before - h, high = before + h;
    return (8.0 * (of[3] - of[1]) - (of[4] - of[0])) / (6.0 * ((double)high - (double)low));
}

#endif
