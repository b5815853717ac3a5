#include "replay.h"

#include "sample/sampler.h"

#include <stdlib.h>

void replay_note(replay *self, double truth, double got, size_t at)
{
    const double error = fabs(got - truth) / fmax(1.0, fabs(truth));
    if (!(error <= self->worst)) {
        self->worst = error;
        self->worst_at = at;
    }
}

/* Of x at a level with this signal. */
static void compare(replay *self, const double *truth, const double *x, double signal, size_t at)
{
    const recorded *of = self->truth;
    for (size_t i = 0; i < of->n * of->dim; i++)
        replay_note(self, truth[i], of->scaled ? x[i] / signal : x[i], at);
}

static void level_of_call(const replay *self, double time, double *signal, double *sigma)
{
    const recorded *of = self->truth;
    double log_snr;
    if (of->level == NULL || self->calls >= of->states) {
        diffusion_schedule_level(self->schedule, time, signal, sigma, &log_snr);
        return;
    }
    const double level = of->level[self->calls];
    *signal = of->kind == 'a' ? sqrt(level) : of->kind == 's' ? 1.0 : 1.0 - level;
    *sigma = of->kind == 'a' ? sqrt(1.0 - level) : level;
}

/* Where a state of the file is what the model reads. */
static void compare_input(replay *self, const double *x, double signal)
{
    const recorded *of = self->truth;
    const size_t values = of->n * of->dim;
    if (self->by_calls && self->calls > 0 && self->calls <= of->states)
        compare(self, of->x + (self->calls - 1) * values, x, signal, self->calls - 1);
    if (of->model_x != NULL && self->calls < of->models)
        compare(self, of->model_x + self->calls * values, x, signal, self->calls);
    if (of->x_hat != NULL && self->new_step)
        compare(self, of->x_hat + self->step * values, x, signal, self->step);
    self->new_step = 0;
}

static double output_of(const replay *self, double x, double x0, double signal, double sigma)
{
    const double epsilon = (x - signal * x0) / sigma, d = self->sigma_data, s = sigma / signal;
    if (strcmp(self->predict, "x0") == 0)
        return x0;
    if (strcmp(self->predict, "v") == 0)
        return signal * epsilon - sigma * x0;
    if (strcmp(self->predict, "flow") == 0)
        return epsilon - x0;
    if (strncmp(self->predict, "edm", 3) == 0)
        return (self->predict[3] != '\0' ? -1.0 : 1.0) * (x0 - x / signal / (1.0 + s * s / (d * d))) /
               (s * d / sqrt(s * s + d * d));
    return epsilon;
}

static double beta_at(const replay *self, double time)
{
    const size_t steps = (size_t)diffusion_schedule_steps(self->schedule);
    double *betas = malloc(steps * sizeof *betas), beta = 0.0;
    if (betas != NULL && diffusion_schedule_values(self->schedule, "beta", betas) == DIFFUSION_OK)
        beta = betas[(size_t)time - 1];
    free(betas);
    return beta;
}

/* Every coordinate of x_0 is +1 or -1 with equal chance. */
static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    replay *self = user;
    const recorded *of = self->truth;
    const size_t dim = of->n * of->dim / n, outputs = self->learned ? 2 * dim : dim;
    double signal, sigma;
    level_of_call(self, time[0], &signal, &sigma);
    compare_input(self, x, signal);
    for (size_t row = 0; row < n; row++)
        for (size_t j = 0; j < dim; j++) {
            const double value = x[row * dim + j], gain = of->gain != NULL ? of->gain[j % of->dim] : 1.0;
            const double x0 = gain * tanh(signal * value / (sigma * sigma));
            out[row * outputs + j] = output_of(self, value, x0, signal, sigma);
            if (self->learned)
                out[row * outputs + dim + j] =
                    self->raw ? beta_at(self, time[0]) * exp(0.3 * tanh(value)) : tanh(value);
        }
    self->calls++;
    return 0;
}

/* The draw of the step, where each step has one, or the next one. */
static int32_t draw(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step;
    replay *self = user;
    const recorded *of = self->truth;
    const size_t per_draw = of->n * of->dim / count, at = (size_t)sample * count;
    const size_t k = of->noises == self->steps ? self->step : self->draws / per_draw;
    self->draws++;
    if (k >= of->noises)
        return 1;
    memcpy(values, of->noise + k * of->n * of->dim + at, count * sizeof *values);
    return 0;
}

/* As it was, at the chain's own scale. */
static diffusion_status start(diffusion_sampler *sampler, const recorded *of, size_t n, double scale)
{
    double *x = malloc(of->n * of->dim * sizeof *x);
    for (size_t i = 0; x != NULL && i < of->n * of->dim; i++)
        x[i] = of->start[i] * scale;
    diffusion_status status = diffusion_sampler_set_start_double(sampler, x, n);
    free(x);
    return status == DIFFUSION_OK ? diffusion_sampler_begin(sampler, NULL, n) : status;
}

static diffusion_status walk(replay *self, diffusion_sampler *sampler, size_t n)
{
    const recorded *of = self->truth;
    const size_t values = of->n * of->dim;
    const noise_level first = sampler->plan.levels[sampler->plan.steps];
    const int latent = safetensors_find(of->file, "latents") != NULL;
    self->steps = (size_t)sampler->plan.steps;
    diffusion_status status = start(sampler, of, n, (of->scaled ? first.signal : 1.0) * (latent ? first.sigma : 1.0));
    for (; status == DIFFUSION_OK && self->step < self->steps; self->step++) {
        self->new_step = 1;
        status = diffusion_sampler_step(sampler);
        const int last = self->step + 1 == self->steps;
        const size_t shift = of->states == self->steps + 1;
        const double *x = sampler->x.memory;
        if (status != DIFFUSION_OK)
            break;
        if (!self->by_calls && of->x != NULL && of->final == NULL)
            compare(self, of->x + (self->step + shift) * values, x, 1.0, self->step);
        if (last && self->by_calls)
            compare(self, of->x + (of->states - 1) * values, x, sampler->plan.end.signal, of->states - 1);
        if (last && of->final != NULL)
            compare(self, of->final, x, sampler->plan.end.signal, self->step);
    }
    return status;
}

/* One sample of all values where steps go by an error that is one for the whole batch. */
diffusion_status replay_run(replay *self, const char *schedule, const char *model_spec, const char *sampler_spec)
{
    const recorded *of = self->truth;
    const int joint = strncmp(sampler_spec, "dpm_adaptive", 12) == 0;
    const size_t n = joint ? 1 : of->n;
    char spec[160];
    diffusion_model *model = NULL;
    diffusion_sampler *sampler = NULL;
    snprintf(spec, sizeof spec, "shape=%zu %s", of->n * of->dim / n, model_spec);
    diffusion_status status = diffusion_schedule_create(&self->schedule, schedule);
    if (status == DIFFUSION_OK)
        status = diffusion_model_create_callback_double(&model, spec, predict, self);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_create(&sampler, model, self->schedule, sampler_spec);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_noise(sampler, draw, self);
    if (status == DIFFUSION_OK)
        status = walk(self, sampler, n);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(self->schedule);
    return status;
}
