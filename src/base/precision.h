/* Between the float32 of networks and the double of everything else. */
#ifndef BASE_PRECISION_H
#define BASE_PRECISION_H

#include <stddef.h>

static inline void precision_widen(double *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

static inline void precision_narrow(float *to, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

#endif
