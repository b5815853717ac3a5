/* The table of measures. */
#include "evaluate/evaluator.h"

extern const measure elbo_measure, flow_measure, iwae_measure, parzen_measure, sliced_wasserstein_measure, mmd_measure,
    two_sample_measure, nearest_measure, moments_measure;

static const measure *const measures[] = {
    &elbo_measure, &flow_measure,       &iwae_measure,    &parzen_measure,  &sliced_wasserstein_measure,
    &mmd_measure,  &two_sample_measure, &nearest_measure, &moments_measure,
};

const measure *measure_at(size_t index)
{
    return index < SPEC_COUNT(measures) ? measures[index] : NULL;
}
