/* The log odds of t / T are normal (Esser et al. 2024, arXiv:2403.03206, section 3.1). */
#include "train/times.h"

#include <math.h>

/* Of t / T. */
static double log_odds(const trained_times *self, double t)
{
    return log(t / ((double)self->last - t));
}

static diffusion_status settle(trained_times *self)
{
    self->normal.mean = self->options->logit_mean;
    self->normal.deviation = self->options->logit_std;
    return normal_law_open(&self->normal, self, log_odds(self, 1.0), INFINITY, "log(t / (T - t))");
}

static double quantile(const trained_times *self, double u)
{
    const double last = (double)self->last, t = last / (1.0 + exp(-normal_law_quantile(&self->normal, u)));
    return fmin(fmax(t, 1.0), last);
}

const times_class logit_normal_times = {.name = "logit_normal", .real = 1, .settle = settle, .quantile = quantile};
