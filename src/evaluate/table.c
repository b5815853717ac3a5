/* The table of measures. */
#include "evaluate/evaluator.h"

extern const measure elbo_measure, flow_measure, parzen_measure;

static const measure *const measures[] = {&elbo_measure, &flow_measure, &parzen_measure};

const measure *measure_at(size_t index)
{
    return index < SPEC_COUNT(measures) ? measures[index] : NULL;
}
