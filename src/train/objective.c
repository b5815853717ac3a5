#include "train/objective.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/binomial.h"
#include "process/gaussian.h"

#include <math.h>

/* ---- making one ---- */

static diffusion_status check(const objective *self)
{
    const model_options *options = &self->model->options;
    int learned = self->model->outputs > self->model->dim;
    int squared = self->kind == OBJECTIVE_SIMPLE || self->kind == OBJECTIVE_HYBRID;
    const char *name = self->kind == OBJECTIVE_SIMPLE ? "simple" : "hybrid";
    if (squared && self->schedule->kernel == KERNEL_BINOMIAL)
        return error_set(DIFFUSION_E_KERNEL, "trainer: objective=%s needs the Gaussian kernel; use bound or pair",
                         name);
    if (squared && (options->predict == PREDICT_MEAN || options->predict == PREDICT_DIRECT))
        return error_set(DIFFUSION_E_SPEC, "trainer: objective=%s needs a model with predict=epsilon, x0 or v", name);
    if (self->kind == OBJECTIVE_HYBRID && !learned)
        return error_set(DIFFUSION_E_SPEC, "trainer: objective=hybrid needs a model with variance=learned or range");
    if ((self->kind == OBJECTIVE_SIMPLE || self->kind == OBJECTIVE_PAIR) && learned)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: objective=%s does not train the model's learned variance; use "
                         "bound or hybrid",
                         self->kind == OBJECTIVE_SIMPLE ? "simple" : "pair");
    if (self->kind == OBJECTIVE_BOUND && self->schedule->steps < 2)
        return error_set(DIFFUSION_E_SPEC, "trainer: objective=bound needs a schedule of at least 2 steps");
    return DIFFUSION_OK;
}

diffusion_status objective_open(objective *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const trainer_options *options)
{
    *self = (objective){(objective_kind)options->objective, model, schedule, NULL, options->seed, options->dequantize};
    diffusion_status status = reading_check(&model->options, schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, "trainer", model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(model, schedule->steps);
    if (status == DIFFUSION_OK)
        status = check(self);
    if (status == DIFFUSION_OK && options->dequantize > 0.0 && schedule->kernel == KERNEL_BINOMIAL)
        status = error_set(DIFFUSION_E_KERNEL, "trainer: dequantize=%g needs the Gaussian kernel", options->dequantize);
    if (status != DIFFUSION_OK)
        return status;
    self->readings = objective_readings(model, schedule);
    return self->readings != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

reading *objective_readings(const struct diffusion_model *model, const struct diffusion_schedule *schedule)
{
    reading *readings = memory_allocate((size_t)schedule->steps + 1, sizeof *readings);
    for (int32_t t = 1; readings != NULL && t <= schedule->steps; t++)
        readings[t] = reading_at(&model->options, schedule, t);
    return readings;
}

void objective_close(objective *self)
{
    memory_release(self->readings);
    self->readings = NULL;
}

/* ---- the losses, in sums over the sample's dimensions ---- */

/* |output - target|^2, the target being what the output is read as. */
static double squared_error(const objective *self, const objective_sample *sample, double scale)
{
    double signal = sqrt(self->schedule->alpha_bar[sample->t]), deviation = sqrt(self->schedule->noise[sample->t]);
    /* target = from_noise * noise + from_x0 * x_0 */
    double from_noise = 0.0, from_x0 = 0.0;
    switch (self->readings[sample->t].predict) {
    case PREDICT_EPSILON:
        from_noise = 1.0;
        break;
    case PREDICT_V:
        from_noise = signal;
        from_x0 = -deviation;
        break;
    case PREDICT_X0:
    case PREDICT_MEAN:
    case PREDICT_DIRECT:
        from_x0 = 1.0;
        break;
    }
    double sum = 0.0;
    for (size_t j = 0; j < self->model->dim; j++) {
        double error = (double)sample->out[j] - from_noise * (double)sample->aside[j] - from_x0 * (double)sample->x0[j];
        sum += error * error;
        sample->dout[j] = (float)(2.0 * scale * error);
    }
    return sum;
}

/* KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)). With `variance_only` the mean counts as fixed: its gradient is left
 * out, and dout's first half is not touched. */
static double gaussian_divergence(const objective *self, const objective_sample *sample, double scale,
                                  int variance_only)
{
    const reading *at = &self->readings[sample->t];
    size_t dim = self->model->dim;
    int learned = self->model->outputs > dim;
    double sum = 0.0, truth = at->posterior_variance;
    for (size_t j = 0; j < dim; j++) {
        double x = (double)sample->xt[j], output = (double)sample->out[j];
        reverse_value p = reading_gaussian(at, x, output, learned ? (double)sample->out[dim + j] : 0.0, 0.0);
        double mean = at->posterior_x0 * (double)sample->x0[j] + at->posterior_x * x, off = p.mean - mean, doutput, ds;
        sum += gaussian_kl(mean, truth, p.mean, p.variance);
        reading_gaussian_backward(at, x, output, p, variance_only ? 0.0 : off / p.variance,
                                  0.5 * (1.0 - (truth + off * off) / p.variance), &doutput, &ds);
        if (!variance_only)
            sample->dout[j] = (float)(scale * doutput);
        if (learned)
            sample->dout[dim + j] = (float)(scale * ds);
    }
    return sum;
}

/* The same between Bernoulli rates. With p = sigmoid(output + …) the gradient is p - q, exact where p(1-p) underflows.
 */
static double bernoulli_divergence(const objective *self, const objective_sample *sample, double scale)
{
    const reading *at = &self->readings[sample->t];
    double sum = 0.0;
    for (size_t j = 0; j < self->model->dim; j++) {
        double prior = schedule_rate(self->schedule, j), x = (double)sample->xt[j], slope;
        double p = reading_binomial(at, x, (double)sample->out[j], prior, &slope);
        double q = binomial_posterior_rate(self->schedule, sample->t, (double)sample->x0[j], x, prior);
        sum += bernoulli_kl(q, p);
        double gradient = at->predict == PREDICT_MEAN ? p - q : slope == 0.0 ? 0.0 : (p - q) / (p * (1.0 - p)) * slope;
        sample->dout[j] = (float)(scale * gradient);
    }
    return sum;
}

/* |x_{t-1} - mean|^2, or - rate for the binomial kernel. */
static double pair_error(const objective *self, const objective_sample *sample, double scale)
{
    const reading *at = &self->readings[sample->t];
    double sum = 0.0;
    for (size_t j = 0; j < self->model->dim; j++) {
        double x = (double)sample->xt[j], output = (double)sample->out[j], slope, mean, ds;
        if (self->schedule->kernel == KERNEL_BINOMIAL) {
            mean = reading_binomial(at, x, output, schedule_rate(self->schedule, j), &slope);
        } else {
            reverse_value p = reading_gaussian(at, x, output, 0.0, 0.0);
            mean = p.mean;
            reading_gaussian_backward(at, x, output, p, 1.0, 0.0, &slope, &ds);
        }
        double error = mean - (double)sample->aside[j];
        sum += error * error;
        sample->dout[j] = (float)(2.0 * scale * error * slope);
    }
    return sum;
}

static void clear(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = 0.0f;
}

/* Simple, and 0.001 T KL that trains the variance alone (equation 16 of arXiv:2102.09672); step 1 has no KL. */
static double hybrid(const objective *self, const objective_sample *sample, double scale)
{
    double weight = 0.001 * (double)self->schedule->steps, loss = squared_error(self, sample, scale);
    if (sample->t > 1)
        return loss + weight * gaussian_divergence(self, sample, scale * weight, 1);
    clear(sample->dout + self->model->dim, self->model->dim);
    return loss;
}

/* t is drawn from 2..T, so the sum over t is T - 1 times its mean. */
static double bound(const objective *self, const objective_sample *sample, double scale)
{
    double weight = (double)self->schedule->steps - 1.0;
    if (self->schedule->kernel == KERNEL_BINOMIAL)
        return weight * bernoulli_divergence(self, sample, scale * weight);
    return weight * gaussian_divergence(self, sample, scale * weight, 0);
}

double objective_loss(const objective *self, const objective_sample *sample, double scale)
{
    double dim = (double)self->model->dim, sum = 0.0;
    switch (self->kind) {
    case OBJECTIVE_BOUND:
        sum = bound(self, sample, scale / dim);
        break;
    case OBJECTIVE_SIMPLE:
        sum = squared_error(self, sample, scale / dim);
        break;
    case OBJECTIVE_PAIR:
        sum = pair_error(self, sample, scale / dim);
        break;
    case OBJECTIVE_HYBRID:
        sum = hybrid(self, sample, scale / dim);
        break;
    }
    return sum / dim;
}
