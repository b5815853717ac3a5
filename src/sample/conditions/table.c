/* The table of conditions, in the order in which they are applied. */
#include "sample/sample_condition.h"

static const sample_condition *const conditions[] = {
    &start_condition, &guidance_condition, &observed_condition,  &exact_condition,
    &joint_condition, &known_condition,    &particles_condition,
};

_Static_assert(sizeof conditions / sizeof conditions[0] <= SAMPLE_CONDITIONS, "a sampler has room for their states");

const sample_condition *sample_condition_at(size_t index)
{
    return index < sizeof conditions / sizeof conditions[0] ? conditions[index] : NULL;
}
