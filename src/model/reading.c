#include "model/reading.h"

#include "base/error.h"
#include "process/binomial.h"
#include "process/gaussian.h"

#include <math.h>

static int is_binomial(const struct diffusion_schedule *schedule)
{
    return schedule->kernel == KERNEL_BINOMIAL;
}

diffusion_status reading_check(const model_options *options, const struct diffusion_schedule *schedule)
{
    int learned = options->variance == VARIANCE_LEARNED || options->variance == VARIANCE_RANGE;
    if (is_binomial(schedule) && (options->predict == PREDICT_EPSILON || options->predict == PREDICT_V))
        return error_set(DIFFUSION_E_KERNEL,
                         "model: predict=%s needs the Gaussian kernel; with the binomial use x0, mean "
                         "or direct",
                         options->predict == PREDICT_V ? "v" : "epsilon");
    if (is_binomial(schedule) && learned)
        return error_set(DIFFUSION_E_KERNEL,
                         "model: variance=%s needs the Gaussian kernel; with the binomial keep the default",
                         options->variance == VARIANCE_LEARNED ? "learned" : "range");
    if (!is_binomial(schedule) && options->predict == PREDICT_EPSILON && !(schedule->alpha_bar[schedule->steps] > 0.0))
        return error_set(DIFFUSION_E_KERNEL,
                         "model: predict=epsilon cannot tell x_0 at step %d, where alpha_bar is 0; "
                         "use predict=v or x0",
                         (int)schedule->steps);
    return DIFFUSION_OK;
}

static double logit(double p)
{
    return log(p) - log1p(-p);
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static void read_x0(reading *at, double alpha_bar, double noise)
{
    switch (at->predict) {
    case PREDICT_EPSILON:
        at->x0_x = 1.0 / sqrt(alpha_bar);
        at->x0_output = -sqrt(noise / alpha_bar);
        break;
    case PREDICT_V:
        at->x0_x = sqrt(alpha_bar);
        at->x0_output = -sqrt(noise);
        break;
    case PREDICT_X0:
    case PREDICT_MEAN:
    case PREDICT_DIRECT:
        at->x0_output = 1.0;
        break;
    }
}

reading reading_at(const model_options *options, const struct diffusion_schedule *schedule, int32_t t)
{
    reading at = {.schedule = schedule,
                  .t = t,
                  .predict = (predict_kind)options->predict,
                  .kind = (variance_kind)options->variance};
    if (is_binomial(schedule))
        return at;
    gaussian_posterior posterior = gaussian_posterior_at(schedule, t);
    at.posterior_x0 = posterior.x0;
    at.posterior_x = posterior.xt;
    at.posterior_variance = posterior.variance;
    at.log_small = gaussian_posterior_log_variance(schedule, t);
    at.log_large = log(schedule->beta[t]);
    int small = at.kind == VARIANCE_SMALL || t == 1;
    at.fixed = small ? exp(at.log_small) : schedule->beta[t];
    at.log_fixed = small ? at.log_small : at.log_large;
    at.logit_beta = logit(schedule->beta[t]);
    at.signal = sqrt(schedule->alpha_bar[t]);
    at.deviation = sqrt(schedule->noise[t]);
    read_x0(&at, schedule->alpha_bar[t], schedule->noise[t]);
    return at;
}

/* ---- variance ---- */

static void read_variance(const reading *at, double s, reverse_value *value)
{
    switch (at->kind) {
    case VARIANCE_SMALL:
    case VARIANCE_LARGE:
        value->variance = at->fixed;
        value->log_variance = at->log_fixed;
        break;
    case VARIANCE_LEARNED: { /* the paper's: sigmoid(s + logit(beta)) */
        double a = s + at->logit_beta;
        value->variance = logistic(a);
        value->log_variance = -log1p(exp(-a));
        if (a < -30.0)
            value->log_variance = a;
        break;
    }
    case VARIANCE_RANGE: { /* equation 15 of arXiv:2102.09672 */
        double v = 0.5 * (s + 1.0);
        value->log_variance = v * at->log_large + (1.0 - v) * at->log_small;
        value->variance = exp(value->log_variance);
        break;
    }
    }
}

static double log_variance_slope(const reading *at, reverse_value value)
{
    switch (at->kind) {
    case VARIANCE_SMALL:
    case VARIANCE_LARGE:
        break;
    case VARIANCE_LEARNED:
        return 1.0 - value.variance;
    case VARIANCE_RANGE:
        return 0.5 * (at->log_large - at->log_small);
    }
    return 0.0;
}

/* ---- Gaussian ---- */

/* The paper's perturbation of the forward step: (x - z)(1 - Sigma) + z. */
static double perturbed(double x, double z, double variance)
{
    return (x - z) * (1.0 - variance) + z;
}

static double unclipped_mean(const reading *at, double x, double output, double variance)
{
    if (at->predict == PREDICT_MEAN)
        return perturbed(x, output, variance);
    if (at->predict == PREDICT_DIRECT)
        return output;
    return at->posterior_x0 * (at->x0_x * x + at->x0_output * output) + at->posterior_x * x;
}

static double implied_x0(const reading *at, double x, double output, double variance)
{
    if (at->predict == PREDICT_MEAN || at->predict == PREDICT_DIRECT)
        return (unclipped_mean(at, x, output, variance) - at->posterior_x * x) / at->posterior_x0;
    return at->x0_x * x + at->x0_output * output;
}

/* One formula for all: an epsilon predicted as such comes back but for the rounding of x over the deviation. */
denoised_value reading_denoised(const reading *at, double x, double output, double s)
{
    reverse_value value = {0.0, 0.0, 0.0};
    read_variance(at, s, &value);
    double x0 = implied_x0(at, x, output, value.variance);
    return (denoised_value){x0, (x - at->signal * x0) / at->deviation};
}

reverse_value reading_gaussian(const reading *at, double x, double output, double s, double clip)
{
    reverse_value value = {0.0, 0.0, 0.0};
    read_variance(at, s, &value);
    value.mean = unclipped_mean(at, x, output, value.variance);
    if (clip > 0.0) {
        double x0 = implied_x0(at, x, output, value.variance);
        if (fabs(x0) > clip)
            value.mean = at->posterior_x0 * copysign(clip, x0) + at->posterior_x * x;
    }
    return value;
}

void reading_gaussian_backward(const reading *at, double x, double output, reverse_value value, double dmean,
                               double dlog_variance, double *doutput, double *ds)
{
    switch (at->predict) {
    case PREDICT_EPSILON:
    case PREDICT_X0:
    case PREDICT_V:
        *doutput = dmean * at->posterior_x0 * at->x0_output;
        break;
    case PREDICT_DIRECT:
        *doutput = dmean;
        break;
    case PREDICT_MEAN:
        *doutput = dmean * value.variance;
        dlog_variance -= dmean * (x - output) * value.variance;
        break;
    }
    *ds = dlog_variance * log_variance_slope(at, value);
}

/* ---- binomial ---- */

double reading_binomial(const reading *at, double x, double output, double prior, double *slope)
{
    double derivative = 1.0, rate = output;
    if (at->predict == PREDICT_MEAN) {
        rate = logistic(output + logit(binomial_step_rate(at->schedule, at->t, x, prior)));
        derivative = rate * (1.0 - rate);
    } else if (at->predict == PREDICT_X0) {
        double p = logistic(output);
        double if_zero = binomial_posterior_rate(at->schedule, at->t, 0.0, x, prior);
        double if_one = binomial_posterior_rate(at->schedule, at->t, 1.0, x, prior);
        rate = if_zero + p * (if_one - if_zero);
        derivative = (if_one - if_zero) * p * (1.0 - p);
    }
    if (slope != NULL)
        *slope = derivative;
    return rate;
}
