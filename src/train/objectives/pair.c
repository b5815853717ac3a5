/* The square error of the mean against x_{t-1}, for pairs simulated by q. */
#include "base/error.h"
#include "train/objective.h"

static diffusion_status check(const objective *self)
{
    if (parameterization_learns_variance(&self->model->options))
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: objective=pair does not train the model's learned variance; use bound or hybrid");
    return DIFFUSION_OK;
}

static double loss(const objective *self, const objective_row *row)
{
    const kernel *of = row->at->kernel;
    (void)self;
    double sum = 0.0;
    reverse_step_law(row->at, row->p, row->xt, row->output, row->dim, NULL);
    for (size_t j = 0; j < row->dim; j++) {
        double error = row->p.mean[j] - row->aside[j];
        sum += error * error;
        row->by.location[j] = 2.0 * error;
        row->by.log_variance[j] = 0.0;
    }
    if (!of->methods->additive)
        of->methods->slope_by_natural(of, row->by.location, row->p, row->dim);
    reverse_step_backward(row->at, row->doutput, row->p, row->by, row->xt, row->output, row->dim);
    return sum;
}

const objective_class pair_objective = {.name = "pair", .first_step = 1, .pairs = 1, .check = check, .loss = loss};
