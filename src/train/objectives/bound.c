/* The KLs of the paper's -K and the model's edge, nats: the sum over the steps is their number times the mean. */
#include "train/objective.h"

static double loss(const objective *self, const objective_row *row)
{
    const double weight = (double)(self->schedule->steps - self->first_step + 1);
    const double nats = objective_divergence(self, row);
    for (size_t j = 0; j < row->dim; j++) {
        row->by.location[j] *= weight;
        row->by.log_variance[j] *= weight;
    }
    reverse_step_backward(row->at, row->doutput, row->p, row->by, row->xt, row->output, row->dim);
    return weight * nats;
}

const objective_class bound_objective = {.name = "bound", .first_step = 2, .trains_edge = 1, .loss = loss};
