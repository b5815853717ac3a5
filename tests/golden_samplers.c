/* golden-samplers FOLDER…: every recorded run of a folder (diffusers' schedulers, k-diffusion's and EDM's samplers; see
 * tests/golden/README.md) taken again through the public interface: a model behind a callback, the noise that was
 * drawn, and specs that the library's own reader of schedulers makes of each file's options. Prints a line a file: the
 * worst difference of any state from the recorded one, or what is refused and why; fails if one is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_files.h"

#include "base/memory.h"
#include "base/text.h"
#include "format/json.h"
#include "format/safetensors.h"
#include "interop/diffusers/sampling.h"
#include "interop/diffusers/specs.h"
#include "sample/sampler.h"

#include <dirent.h>
#include <stdlib.h>

/* A file in memory. */
typedef struct recorded {
    safetensors *file;
    size_t n, dim; /* samples and values of one */
    size_t states;
    double *start, *x, *final, *noise, *level, *gain, *model_x, *x_hat;
    size_t noises, models;
    int scaled; /* states are x / signal */
    char kind;  /* what level[] is: 'a'lpha_bar, 's'igma of x_0 + sigma noise, 'f'low's s */
} recorded;

/* The run beside it. */
typedef struct replay {
    const recorded *truth;
    diffusion_schedule *schedule;
    char predict[16];
    double sigma_data;
    size_t calls, draws, step, steps;     /* so far; step is the chain's, counted from 0, of steps */
    int learned, raw, by_calls, new_step; /* by_calls: a state is recorded at every call of the model */
    double worst;
    size_t worst_at;
} replay;

/* ---- reading ---- */

static double *tensor(safetensors *file, const char *name, size_t *count)
{
    const safetensors_entry *entry = safetensors_find(file, name);
    if (entry == NULL)
        return NULL;
    double *values = malloc(entry->count * sizeof *values + 1);
    if (values == NULL || safetensors_read_double(file, entry, values, entry->count) != DIFFUSION_OK)
        exit(2);
    if (count != NULL)
        *count = entry->count;
    return values;
}

static int says(const recorded *self, const char *key, const char *text)
{
    const char *value = safetensors_metadata(self->file, key);
    return value != NULL && strstr(value, text) != NULL;
}

static void read_all(recorded *self)
{
    const char *first = safetensors_find(self->file, "xT") != NULL        ? "xT"
                        : safetensors_find(self->file, "x_first") != NULL ? "x_first"
                                                                          : "latents";
    size_t count = 0, values = 0;
    self->start = tensor(self->file, first, &values);
    self->x = tensor(self->file, "x", &count);
    self->states = count / values;
    self->final = tensor(self->file, "final", NULL);
    self->noise = tensor(self->file, "noise", &count);
    self->noises = self->noise != NULL ? count / values : 0;
    self->level = tensor(self->file, "level", NULL);
    self->gain = tensor(self->file, "gain", NULL);
    self->model_x = tensor(self->file, "model_x", &count);
    self->models = self->model_x != NULL ? count / values : 0;
    self->x_hat = tensor(self->file, "x_hat", NULL);
    self->n = (size_t)safetensors_find(self->file, first)->shape[0];
    self->dim = values / self->n;
}

static void release(recorded *self)
{
    double *own[] = {self->start, self->x,    self->final,   self->noise,
                     self->level, self->gain, self->model_x, self->x_hat};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        free(own[i]);
    safetensors_close(self->file);
}

/* ---- the run ---- */

/* Of x at a level with this signal. */
static void compare(replay *self, const double *truth, const double *x, double signal, size_t at)
{
    const recorded *of = self->truth;
    for (size_t i = 0; i < of->n * of->dim; i++) {
        const double got = of->scaled ? x[i] / signal : x[i];
        const double error = fabs(got - truth[i]) / fmax(1.0, fabs(truth[i]));
        if (!(error <= self->worst)) {
            self->worst = error;
            self->worst_at = at;
        }
    }
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
static diffusion_status run(replay *self, const char *schedule, const char *model_spec, const char *sampler_spec)
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

/* ---- specs of a file's options ---- */

typedef struct specs {
    char *schedule, *sampler;
    char model[128];
    char refused[512];
} specs;

static json_value *parse(const char *text)
{
    json_value *json = NULL;
    return text != NULL && json_parse(&json, "options", "the options", text, strlen(text)) == DIFFUSION_OK ? json
                                                                                                           : NULL;
}

/* " key=value" for all options that a sampler has here, by their names here. */
static void append_options(text_buffer *spec, const json_value *options)
{
    static const char *const names[][2] = {{"eta", "eta"},         {"order", "order"},      {"s_churn", "s_churn"},
                                           {"s_tmin", "s_tmin"},   {"s_tmax", "s_tmax"},    {"s_noise", "s_noise"},
                                           {"S_churn", "s_churn"}, {"S_min", "s_tmin"},     {"S_max", "s_tmax"},
                                           {"S_noise", "s_noise"}, {"solver_type", "type"}, {"num_steps", "steps"},
                                           {"n", "evaluations"},   {"rtol", "rtol"},        {"atol", "atol"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_value *value = json_get(options, names[i][0]);
        double number;
        if (json_string(value) != NULL)
            text_append(spec, " %s=%s", names[i][1], json_string(value));
        else if (json_real(&number, value)) {
            text_append(spec, " %s", names[i][1]);
            text_append_real(spec, "=", number);
        }
    }
    if (json_is(json_get(options, "use_clipped_model_output"), JSON_TRUE))
        text_append(spec, " clipped_epsilon=yes");
}

/* k-diffusion and EDM: functions, and their levels. */
static void read_functions(specs *out, const recorded *of)
{
    static const char *const names[][2] = {
        {"sample_dpm_2_ancestral,", "kdpm2_ancestral"},
        {"sample_dpm_2,", "kdpm2"},
        {"sample_dpmpp_2m_sde,", "sde-dpmsolver++ lower_order_final=no"},
        {"sample_dpmpp_3m_sde,", "sde-dpmsolver++ order=3 type=heun curvature=published lower_order_final=no"},
        {"sample_dpmpp_2m,", "dpmsolver++ lower_order_final=no"},
        {"sample_dpmpp_2s_ancestral,", "dpmpp_2s"},
        {"sample_dpmpp_sde,", "dpmpp_sde"},
        {"sample_euler_ancestral,", "euler_ancestral"},
        {"sample_euler,", "euler"},
        {"sample_heun,", "heun"},
        {"sample_lms,", "lms"},
        {"sample_dpm_fast,", "dpm_fast"},
        {"sample_dpm_adaptive,", "dpm_adaptive"},
        {"generate.py edm_sampler", "heun"},
    };
    const char *sigmas = safetensors_metadata(of->file, "sigmas"), *kind = NULL;
    json_value *options = parse(safetensors_metadata(of->file, "options"));
    double low = 0.002, high = 80.0, rho = 7.0;
    int steps = 0;
    text_buffer schedule = {0}, sampler = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && kind == NULL; i++)
        kind = says(of, "source", names[i][0]) ? names[i][1] : NULL;
    if (kind == NULL)
        snprintf(out->refused, sizeof out->refused, "%s: not a sampler that is taken",
                 safetensors_metadata(of->file, "source"));
    if (sigmas != NULL)
        sscanf(sigmas, "karras n=%d, %lf..%lf, rho %lf", &steps, &low, &high, &rho);
    text_append(&schedule, "edm steps=1000");
    text_append_real(&schedule, " sigma_min=", low);
    text_append_real(&schedule, " sigma_max=", high);
    text_append_real(&schedule, " rho=", rho);
    text_append(&sampler, "%s", kind != NULL ? kind : "heun");
    if (kind == NULL || strncmp(kind, "dpm_", 4) != 0) {
        text_append(&sampler, " spacing=karras");
        if (steps > 0)
            text_append(&sampler, " steps=%d", steps);
    }
    append_options(&sampler, options);
    json_release(options);
    out->schedule = text_finish(&schedule);
    out->sampler = text_finish(&sampler);
    snprintf(out->model, sizeof out->model, "predict=x0");
}

/* The last word of the source that names a scheduler. */
static void class_name(char name[64], const recorded *of)
{
    const char *source = safetensors_metadata(of->file, "source"), *end = strstr(source, "Scheduler");
    size_t length = 0;
    while (end > source + length && end[-1 - (ptrdiff_t)length] != ' ')
        length++;
    snprintf(name, 64, "%.*sScheduler", (int)length, end - length);
}

/* A noise schedule of SA-Solver's that no configuration holds: "constant 0.3", or 1 in between. */
static void append_tau(text_buffer *sampler, const char *spec, const char *tau)
{
    double value = 1.0;
    const char *at = strstr(spec, " tau=1 tau_start=801 tau_end=201");
    if (tau == NULL || at == NULL || sscanf(tau, "constant %lf", &value) != 1) {
        text_append(sampler, "%s", spec);
        return;
    }
    text_append(sampler, "%.*s", (int)(at - spec), spec);
    text_append_real(sampler, " tau=", value);
    text_append(sampler, "%s", strchr(at + 24, ' '));
}

static double number_within(const char *text, const char *key, double standard)
{
    json_value *json = parse(text);
    double value = standard;
    json_real(&value, json_get(json, key));
    json_release(json);
    return value;
}

/* diffusers: by the library's own reader. */
static void read_scheduler(specs *out, const recorded *of, replay *self)
{
    const char *kept = safetensors_metadata(of->file, "config"), *steps = safetensors_metadata(of->file, "steps");
    json_value *json = parse(kept != NULL ? kept : safetensors_metadata(of->file, "options"));
    json_value *with = NULL, *called = parse(safetensors_metadata(of->file, "step"));
    char name[64];
    class_name(name, of);
    text_buffer named = {0}, sampler = {0};
    char printed[8192];
    json_print(printed, sizeof printed, json, 0);
    text_append(&named, "{\"_class_name\":\"%s\",%s", name, printed + 1);
    char *text = text_finish(&named);
    with = parse(text);
    self->learned = strstr(printed, "\"learned") != NULL;
    const diffusers_index index = {DIFFUSERS_DDPM, name, strtol(steps, NULL, 10),
                                   number_within(safetensors_metadata(of->file, "set_timesteps"), "mu", NAN)};
    diffusers_scheduler read = {0};
    if (diffusers_scheduler_read(&read, with, name, &index, self->learned) != DIFFUSION_OK) {
        snprintf(out->refused, sizeof out->refused, "%s", diffusion_last_error());
    } else {
        append_tau(&sampler, read.sampler, safetensors_metadata(of->file, "tau_func"));
        append_options(&sampler, called);
        if (says(of, "inverse", "own level"))
            text_append(&sampler, " model_at=own");
        if (called == NULL && number_within(safetensors_metadata(of->file, "eta"), "", 0.0) == 0.0 &&
            strncmp(read.sampler, "ddim", 4) == 0 && safetensors_metadata(of->file, "eta") != NULL)
            text_append_real(&sampler, " eta=", strtod(safetensors_metadata(of->file, "eta"), NULL));
        out->sampler = text_finish(&sampler);
        out->schedule = memory_text(read.schedule);
        snprintf(out->model, sizeof out->model, "predict=%s variance=%s sigma_data=%.17g", read.predict, read.variance,
                 read.sigma_data);
        snprintf(self->predict, sizeof self->predict, "%s", read.predict);
        self->sigma_data = read.sigma_data;
        self->raw = strcmp(read.variance, "learned_raw") == 0;
    }
    diffusers_scheduler_release(&read);
    memory_release(text);
    json_release(json);
    json_release(with);
    json_release(called);
}

/* ---- files ---- */

static const char *read_spaces(recorded *self)
{
    static const char *const in_sigma[] = {"EulerDiscrete", "EulerAncestral", "HeunDiscrete", "LMSDiscrete", "KDPM2"};
    self->kind = says(self, "state", "sigma") || says(self, "source", "EDM") ? 's'
                 : says(self, "state", "(1-s)")                              ? 'f'
                                                                             : 'a';
    for (size_t i = 0; i < sizeof in_sigma / sizeof in_sigma[0]; i++)
        if (says(self, "source", in_sigma[i]) && !says(self, "source", "Flow")) {
            self->scaled = 1;
            self->kind = 'a';
        }
    return says(self, "source", "float64") ? "double tables" : "float32 tables";
}

/* 1 where the file is off. */
static int check_file(const char *folder, const char *name, size_t counts[3])
{
    char path[4096];
    recorded truth = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (safetensors_open(&truth.file, path) != DIFFUSION_OK) {
        printf("%-44s refused: %s\n", name, diffusion_last_error());
        counts[1]++;
        return 0;
    }
    if (safetensors_find(truth.file, "xT") == NULL && safetensors_find(truth.file, "x_first") == NULL &&
        safetensors_find(truth.file, "latents") == NULL) {
        safetensors_close(truth.file);
        return 0; /* no run */
    }
    read_all(&truth);
    const char *tables = read_spaces(&truth);
    replay self = {.truth = &truth, .sigma_data = 0.5};
    snprintf(self.predict, sizeof self.predict, "x0");
    specs of = {0};
    const int schedulers = says(&truth, "source", "Scheduler");
    self.by_calls = schedulers;
    if (schedulers)
        read_scheduler(&of, &truth, &self);
    else
        read_functions(&of, &truth);
    if (of.refused[0] == '\0' && run(&self, of.schedule, of.model, of.sampler) != DIFFUSION_OK)
        snprintf(of.refused, sizeof of.refused, "%s", diffusion_last_error());
    const double allowed = strcmp(tables, "double tables") == 0 ? 1e-9 : 1e-3;
    const int off = of.refused[0] == '\0' && !(self.worst <= allowed);
    if (of.refused[0] != '\0')
        printf("%-44s refused: %s\n", name, of.refused);
    else
        printf("%-44s %s %.1e at state %zu of %zu calls (%s)\n", name, off ? "OFF" : "ok ", self.worst, self.worst_at,
               self.calls, tables);
    counts[of.refused[0] != '\0' ? 1 : off ? 2 : 0]++;
    memory_release(of.schedule);
    memory_release(of.sampler);
    release(&truth);
    return off;
}

static int is_wanted(const struct dirent *entry)
{
    const char *end = strstr(entry->d_name, ".safetensors");
    return end != NULL && strcmp(end, ".safetensors") == 0;
}

static int check_folder(const char *folder)
{
    struct dirent **entries = NULL;
    size_t counts[3] = {0};
    const int count = scandir(folder, &entries, is_wanted, alphasort);
    int off = 0;
    for (int i = 0; i < count; i++) {
        off |= check_file(folder, entries[i]->d_name, counts);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %zu agree, %zu refused, %zu off\n", folder, counts[0], counts[1], counts[2]);
    return off;
}

int main(int argc, char **argv)
{
    int off = 0, any = 0;
    for (int i = 1; i < argc; i++)
        if (access(argv[i], R_OK) == 0) {
            off |= check_folder(argv[i]);
            any = 1;
        } else {
            printf("%s: skipped, not there\n", argv[i]);
        }
    return any ? off : GOLDEN_SKIPPED;
}
