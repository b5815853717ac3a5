/* The table of the laws of t; the first is what others fall back on. */
#include "train/times.h"

const char times_names[] = "uniform|continuous|importance|lognormal|logit_normal";

extern const times_class uniform_times, continuous_times, importance_times, lognormal_times, logit_normal_times;

static const times_class *const laws[] = {
    &uniform_times, &continuous_times, &importance_times, &lognormal_times, &logit_normal_times,
};

const times_class *times_class_at(size_t index)
{
    return index < SPEC_COUNT(laws) ? laws[index] : NULL;
}
