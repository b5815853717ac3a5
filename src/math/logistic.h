/* The logistic function, for loops that should vectorise. */
#ifndef MATH_LOGISTIC_H
#define MATH_LOGISTIC_H

#include "math/exponential.h"

static inline float logistic(float x)
{
    return 1.0f / (1.0f + exponential(-x));
}

/* x * logistic(x) and its derivative. */
typedef struct value_slope {
    float value, slope;
} value_slope;

/* Where exponential() is held, x must be too: the logistic's rest of 1e-26 times any x would not be 0. */
static inline value_slope silu(float x)
{
    float s = logistic(x), low = x < -60.0f ? -60.0f : x, held = low > 60.0f ? 60.0f : low;
    return (value_slope){low * s, s * (1.0f + held * (1.0f - s))};
}

#endif
