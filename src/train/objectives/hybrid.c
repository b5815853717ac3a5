/* The square error, and 0.001 T KL that trains the variance alone (equation 16 of arXiv:2102.09672). */
#include "base/error.h"
#include "train/objective.h"

static diffusion_status check(const objective *self)
{
    diffusion_status status = objective_check_target(self);
    if (status == DIFFUSION_OK && !parameterization_learns_variance(&self->model->options))
        status = error_set(DIFFUSION_E_SPEC,
                           "trainer: objective=hybrid needs a model with variance=learned or learned_range");
    return status;
}

/* The mean counts as fixed: its derivative is left out, and the first half of doutput is the square error's. */
static double variance_loss(const objective *self, const objective_row *row)
{
    const double weight = 0.001 * (double)self->schedule->steps, nats = objective_divergence(self, row);
    double *means = row->q.mean; /* the posterior has been compared */
    for (size_t j = 0; j < row->dim; j++) {
        means[j] = row->doutput[j];
        row->by.location[j] = 0.0;
        row->by.log_variance[j] *= weight;
    }
    reverse_step_backward(row->at, row->doutput, row->p, row->by, row->xt, row->output, row->dim);
    for (size_t j = 0; j < row->dim; j++)
        row->doutput[j] = means[j];
    return weight * nats;
}

static double loss(const objective *self, const objective_row *row)
{
    double sum = objective_squared_error(row);
    if (row->at->from.t > 1.0 || self->edge != TRAINED_EDGE_FORWARD)
        return sum + variance_loss(self, row);
    for (size_t j = 0; j < row->dim; j++)
        row->doutput[row->dim + j] = 0.0;
    return sum;
}

const objective_class hybrid_objective = {
    .name = "hybrid", .first_step = 1, .trains_edge = 1, .weighted = 1, .check = check, .loss = loss};
