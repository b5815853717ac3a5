/* Every step with the same chance. */
#include "base/size.h"
#include "train/times.h"

static double quantile(const trained_times *self, double u)
{
    const size_t count = (size_t)(self->last - self->first + 1);
    return (double)self->first + (double)size_lesser((size_t)(u * (double)count), count - 1);
}

const times_class uniform_times = {.name = "uniform", .quantile = quantile};
