/* In proportion to the root mean square of each step's last losses (improved DDPM, arXiv:2102.09672, section 3.3). */
#include "train/times.h"

static double quantile(const trained_times *self, double u)
{
    return (double)loss_history_find(&self->history, u);
}

const times_class importance_times = {.name = "importance", .by_losses = 1, .quantile = quantile};
