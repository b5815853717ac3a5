/* EDM's preconditionings D = c_skip x + c_out F(c_in x, c_noise) of x = x_0 + sigma noise, as predictions on schedules
 * of the same systems: D is what one step of ddim to the data makes of the state at that sigma. */
#include "replay.h"

#include "model/model.h"
#include "model/parameterization.h"
#include "sample/sampler.h"

#include <math.h>
#include <stdlib.h>

/* c_noise is what the callback is told, for iDDPM the nearest whole step, counted from 0. */
typedef struct system_row {
    const char *name, *predict, *time;
    int whole;
} system_row;

static const system_row systems[] = {{" EDMPrecond", "edm", "edm", 0},
                                     {" VPPrecond", "epsilon", "step", 0},
                                     {" VEPrecond", "scaled_score", "ve", 0},
                                     {" iDDPMPrecond", "epsilon", "step", 1}};

typedef struct bench {
    const system_row *is;
    const recorded *of;
    replay *self;
    diffusion_schedule *schedule;
    diffusion_model *model;
    double sigma_data, input_scale, c_noise;
    char prediction[64];
} bench;

/* ---- the network ---- */

static double nearest_step(const bench *b, double t, double sigma)
{
    double best = INFINITY, at = t;
    for (double step = floor(t); step <= floor(t) + 1.0; step += 1.0) {
        double log_snr;
        if (diffusion_schedule_level(b->schedule, step, NULL, NULL, &log_snr) != DIFFUSION_OK)
            continue;
        const double distance = fabs(exp(-0.5 * log_snr) - sigma);
        if (distance < best) {
            best = distance;
            at = step;
        }
    }
    return at;
}

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    bench *b = user;
    const size_t dim = diffusion_model_dim(b->model);
    double c = time[0];
    if (b->is->whole) {
        double log_snr;
        diffusion_schedule_level(b->schedule, c, NULL, NULL, &log_snr);
        c = nearest_step(b, c, exp(-0.5 * log_snr)) - 1.0;
    }
    b->c_noise = c;
    for (size_t i = 0; i < n * dim; i++)
        out[i] = tanh(0.7 * b->input_scale * x[i] + 0.1 * tanh(c));
    return 0;
}

/* ---- one sigma ---- */

static double time_of(const bench *b, double sigma)
{
    double t = 0.0;
    diffusion_schedule_time(b->schedule, -2.0 * log(sigma), &t);
    return t;
}

/* D [dim] of x [dim]. */
static diffusion_status denoise(bench *b, double sigma, const double *x, size_t dim, double *d)
{
    char spec[96];
    double signal;
    const double t = time_of(b, sigma);
    double *state = malloc(dim * sizeof *state);
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_schedule_level(b->schedule, t, &signal, NULL, NULL);
    const noise_level at = schedule_level(b->schedule, t), data = level_of_data();
    b->input_scale = reverse_step_between(&b->model->options, b->schedule, &at, &data, NULL).input_scale;
    for (size_t j = 0; j < dim; j++)
        state[j] = signal * x[j];
    snprintf(spec, sizeof spec, "ddim steps_list=%.17g", t);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_create(&sampler, b->model, b->schedule, spec);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_start_double(sampler, state, dim / diffusion_model_dim(b->model));
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_begin(sampler, NULL, dim / diffusion_model_dim(b->model));
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_step(sampler);
    if (status == DIFFUSION_OK)
        memcpy(d, sampler->x.memory, dim * sizeof *d);
    diffusion_sampler_free(sampler);
    free(state);
    return status;
}

/* What the prediction makes of x where F is 0, and of F where x is 0. */
static diffusion_status scale_of(const bench *b, double sigma, double x, double f, double *out)
{
    double signal;
    const double t = time_of(b, sigma);
    diffusion_status status = diffusion_schedule_level(b->schedule, t, &signal, NULL, NULL);
    if (status != DIFFUSION_OK)
        return status;
    return diffusion_prediction_convert(b->schedule, t, b->prediction, "x0", &(double){signal * x}, &f, 1, out);
}

static void note(const bench *b, const char *name, size_t at, double got)
{
    double *truth = recorded_tensor(b->of->file, name, NULL);
    if (truth != NULL)
        replay_note(b->self, truth[at], got, at);
    b->self->calls += truth != NULL;
    free(truth);
}

static diffusion_status check_sigma(bench *b, size_t i, double sigma, const double *x, const double *d, size_t dim)
{
    double skip, out, signal, got[64];
    diffusion_status status = scale_of(b, sigma, 1.0, 0.0, &skip);
    if (status == DIFFUSION_OK)
        status = scale_of(b, sigma, 0.0, 1.0, &out);
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_level(b->schedule, time_of(b, sigma), &signal, NULL, NULL);
    if (status == DIFFUSION_OK)
        status = denoise(b, sigma, x, dim, got);
    if (status != DIFFUSION_OK)
        return status;
    note(b, "c_skip", i, skip);
    note(b, "c_out", i, out);
    note(b, "c_in", i, b->input_scale * signal);
    note(b, "c_noise", i, b->c_noise);
    note(b, "weight", i, 1.0 / (out * out));
    for (size_t j = 0; j < dim; j++)
        replay_note(b->self, d[j], got[j], i);
    return DIFFUSION_OK;
}

/* ---- losses ---- */

/* The sigma of a draw, by the words of the file's layout. */
static double sigma_of_draw(const bench *b, double draw)
{
    const char *layout = safetensors_metadata(b->of->file, "layout"), *at;
    double mean = -1.2, deviation = 1.2, end = 1e-5, low = 0.02, high = 100.0, log_snr;
    if ((at = strstr(layout, "exp(")) != NULL)
        sscanf(at, "exp(%lf + %lf draw)", &mean, &deviation);
    if ((at = strstr(layout, "1 + draw (")) != NULL)
        sscanf(at, "1 + draw (%lf - 1)", &end);
    if ((at = strstr(layout, "VE: sigma = ")) != NULL)
        sscanf(at, "VE: sigma = %lf (%lf/", &low, &high);
    if (strcmp(b->is->name, " EDMPrecond") == 0)
        return exp(mean + deviation * draw);
    if (strcmp(b->is->name, " VEPrecond") == 0)
        return low * pow(high / low, draw);
    diffusion_schedule_level(b->schedule, 999.0 * (1.0 + draw * (end - 1.0)), NULL, NULL, &log_snr);
    return exp(-0.5 * log_snr);
}

/* weight (D(y + sigma noise) - y)^2, the weight being 1 / c_out^2 in all of them. */
static diffusion_status check_losses(bench *b)
{
    size_t count = 0, draws = 0;
    double *loss = recorded_tensor(b->of->file, "loss", &count), *y = recorded_tensor(b->of->file, "loss_y", NULL);
    double *draw = recorded_tensor(b->of->file, "loss_draw", &draws);
    double *noise = recorded_tensor(b->of->file, "loss_noise", NULL);
    const size_t dim = draws > 0 ? count / draws : 0;
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < draws && status == DIFFUSION_OK; i++) {
        double *x = malloc(2 * dim * sizeof *x), *d = x + dim, out = 1.0;
        const double sigma = sigma_of_draw(b, draw[i]);
        for (size_t j = 0; j < dim; j++)
            x[j] = y[i * dim + j] + sigma * noise[i * dim + j];
        status = denoise(b, sigma, x, dim, d);
        if (status == DIFFUSION_OK)
            status = scale_of(b, sigma, 0.0, 1.0, &out);
        for (size_t j = 0; j < dim; j++)
            replay_note(b->self, loss[i * dim + j], pow((d[j] - y[i * dim + j]) / out, 2.0), i);
        b->self->calls += dim;
        free(x);
    }
    free(loss);
    free(y);
    free(draw);
    free(noise);
    return status;
}

/* ---- the file ---- */

/* Of VP t = 999 u, u going on past 1 where sigmas do. */
static void write_schedule(char spec[160], const bench *b, double low, double high)
{
    const double most = sqrt(expm1(0.5 * 19.9 + 0.1)), times = high < most ? 1.0 : 10.0;
    if (strcmp(b->is->name, " VPPrecond") == 0)
        snprintf(spec, 160, "vp steps=%d beta_min=%.17g beta_max=%.17g", (int)(999 * times), 0.1 * times,
                 0.1 * times + 19.9 * times * times);
    else if (b->is->whole)
        snprintf(spec, 160, "cosine steps=1000");
    else
        snprintf(spec, 160, "edm steps=1000 sigma_min=%.17g sigma_max=%.17g", 1e-3 * low, 1e3 * high);
}

static diffusion_status open_bench(bench *b, const char *name, const double *sigma, size_t count)
{
    char spec[160];
    double low = sigma[0], high = sigma[0];
    const char *of_data = strrchr(name, '-');
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, sigma[i]);
        high = fmax(high, sigma[i]);
    }
    if (of_data != NULL)
        sscanf(of_data, "-%lf", &b->sigma_data); /* which no entry of the file says */
    write_schedule(spec, b, low, high);
    diffusion_status status = diffusion_schedule_create(&b->schedule, spec);
    snprintf(b->prediction, sizeof b->prediction, "%s sigma_data=%.17g", b->is->predict, b->sigma_data);
    snprintf(spec, sizeof spec, "shape=1 predict=%s time=%s", b->prediction, b->is->time);
    return status == DIFFUSION_OK ? diffusion_model_create_callback_double(&b->model, spec, predict, b) : status;
}

int precond_check(const recorded *of, const char *name, replay *self, specs *out)
{
    bench b = {.of = of, .self = self, .sigma_data = 0.5};
    size_t count = 0, values = 0;
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (recorded_says(of, "source", systems[i].name))
            b.is = &systems[i];
    if (b.is == NULL)
        return 0;
    double *sigma = recorded_tensor(of->file, "sigma", &count), *x = recorded_tensor(of->file, "x", &values);
    double *d = recorded_tensor(of->file, "D", NULL);
    const size_t dim = values / count;
    diffusion_status status = open_bench(&b, name, sigma, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = check_sigma(&b, i, sigma[i], x + i * dim, d + i * dim, dim);
    if (status == DIFFUSION_OK)
        status = check_losses(&b);
    if (status != DIFFUSION_OK)
        snprintf(out->refused, sizeof out->refused, "%s", diffusion_last_error());
    diffusion_model_free(b.model);
    diffusion_schedule_free(b.schedule);
    free(sigma);
    free(x);
    free(d);
    return 1;
}
