/* The table of objectives. */
#include "train/objective.h"

const char objective_names[] = "bound|simple|pair|hybrid";

extern const objective_class simple_objective, pair_objective, hybrid_objective;

static const objective_class *const objectives[] = {
    &bound_objective,
    &simple_objective,
    &pair_objective,
    &hybrid_objective,
};

const objective_class *objective_class_at(size_t index)
{
    return index < SPEC_COUNT(objectives) ? objectives[index] : NULL;
}
