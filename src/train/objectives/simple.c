/* The square error of the output against its target (epsilon: equation 14 of arXiv:2006.11239). */
#include "base/error.h"
#include "train/objective.h"

static diffusion_status check(const objective *self)
{
    diffusion_status status = objective_check_target(self);
    if (status == DIFFUSION_OK && parameterization_learns_variance(&self->model->options))
        status =
            error_set(DIFFUSION_E_SPEC,
                      "trainer: objective=simple does not train the model's learned variance; use bound or hybrid");
    return status;
}

static double loss(const objective *self, const objective_row *row)
{
    (void)self;
    return objective_squared_error(row);
}

const objective_class simple_objective = {
    .name = "simple", .first_step = 1, .weighted = 1, .real_times = 1, .check = check, .loss = loss};
