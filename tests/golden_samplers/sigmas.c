/* k-diffusion's lists of sigmas, as the levels that a chain visits, and the two parts of an ancestral step. */
#include "replay.h"

#include "base/memory.h"
#include "sample/sampler.h"

#include <math.h>
#include <stdlib.h>

/* x_0 is 0: a step takes y = x / signal to y down / sigma, and adds up z. */
static int32_t see_nothing(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                           double *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)user;
    memset(out, 0, n * sizeof *out);
    return 0;
}

static int32_t draw_one(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step, (void)user, (void)sample;
    for (size_t i = 0; i < count; i++)
        noise[i] = 1.0;
    return 0;
}

/* A list, and where the numbers go: two samples, of which the second begins at 0. */
typedef struct sigma_walk {
    const double *sigma, *down, *up; /* NULL: not looked at */
    size_t count;
} sigma_walk;

static double ratio_of(const diffusion_schedule *schedule, double t)
{
    double log_snr = INFINITY;
    diffusion_schedule_level(schedule, t, NULL, NULL, &log_snr);
    return exp(-0.5 * log_snr);
}

/* The list ends with sigma 0. */
static diffusion_status walk(replay *self, diffusion_sampler *sampler, const diffusion_schedule *schedule,
                             const sigma_walk *of)
{
    static const double start[2] = {1.0, 0.0};
    diffusion_status status = diffusion_sampler_set_start_double(sampler, start, 2);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_begin(sampler, NULL, 2);
    for (size_t i = 0; i < of->count && status == DIFFUSION_OK; i++) {
        double t = 0.0;
        const double *x = sampler->x.memory, before[2] = {x[0], x[1]};
        status = diffusion_sampler_state(sampler, NULL, &t);
        const double sigma = t > 0.0 ? ratio_of(schedule, t) : 0.0;
        if (of->sigma != NULL)
            replay_note(self, of->sigma[i], sigma, i);
        self->calls++;
        if (t > 0.0 && status == DIFFUSION_OK)
            status = diffusion_sampler_step(sampler);
        const double kept = (x[0] - x[1]) / (before[0] - before[1]), added = x[1] - kept * before[1];
        if (of->down != NULL)
            replay_note(self, of->down[i], kept * sigma, i);
        if (of->up != NULL)
            replay_note(self, of->up[i], added, i);
    }
    return status;
}

static diffusion_status take(replay *self, const char *schedule_spec, const char *sampler_spec, const sigma_walk *of)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, schedule_spec);
    if (status == DIFFUSION_OK)
        status = diffusion_model_create_callback_double(&model, "shape=1 predict=x0", see_nothing, NULL);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_create(&sampler, model, schedule, sampler_spec);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_noise(sampler, draw_one, NULL);
    if (status == DIFFUSION_OK)
        status = walk(self, sampler, schedule, of);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

typedef struct sigma_range {
    int n;
    double low, high, rho;
} sigma_range;

static diffusion_status take_spaced(replay *self, const char *kind, const sigma_range *of, const sigma_walk *walk_of,
                                    const char *stepping)
{
    char schedule[160], sampler[256];
    snprintf(schedule, sizeof schedule, "edm steps=1000 sigma_min=%.17g sigma_max=%.17g", 0.1 * of->low,
             10.0 * of->high);
    snprintf(sampler, sizeof sampler, "%s spacing=%s steps=%d sigma_min=%.17g sigma_max=%.17g rho=%.17g", stepping,
             kind, of->n, of->low, of->high, of->rho);
    return take(self, schedule, sampler, walk_of);
}

/* "beta_d 19.9, beta_min 0.1, eps_s 1e-3": times from 1 to eps_s of the curve vp. */
static diffusion_status take_vp(replay *self, const char *text, int n, const sigma_walk *of)
{
    double beta_d = 19.9, beta_min = 0.1, end = 1e-3;
    char schedule[160];
    text_buffer sampler = {0};
    sscanf(text, "beta_d %lf, beta_min %lf, eps_s %lf", &beta_d, &beta_min, &end);
    snprintf(schedule, sizeof schedule, "vp steps=1000 beta_min=%.17g beta_max=%.17g", beta_min, beta_min + beta_d);
    text_append(&sampler, "euler steps_list=");
    for (int i = 0; i < n; i++)
        text_append_real(&sampler, i > 0 ? "," : "", 1000.0 * (1.0 + (double)i / (n - 1) * (end - 1.0)));
    char *spec = text_finish(&sampler);
    const diffusion_status status = take(self, schedule, spec, of);
    memory_release(spec);
    return status;
}

static diffusion_status take_list(const recorded *of, replay *self, const json_value *options, const char *name,
                                  const sigma_walk *walk_of)
{
    sigma_range range = {(int)options_number(options, "n", 20), options_number(options, "sigma_min", 0.03),
                         options_number(options, "sigma_max", 60), options_number(options, "rho", 7)};
    const char *own = json_string(json_get(options, name));
    if (strcmp(name, "vp") == 0)
        return take_vp(self, own != NULL ? own : "", range.n, walk_of);
    if (strcmp(name, "polyexponential") == 0)
        range.rho = options_number(options, "polyexponential_rho", 1);
    if (strcmp(name, "karras_edm") == 0 && own != NULL)
        sscanf(own, "n %d, %lf..%lf, rho %lf", &range.n, &range.low, &range.high, &range.rho);
    if (strcmp(name, "ancestral_down") == 0) {
        double eta = 1.0;
        char stepping[64];
        const char *layout = safetensors_metadata(of->file, "layout"), *at = strstr(layout, "eta=");
        sscanf(at != NULL ? at : "", "eta=%lf", &eta);
        snprintf(stepping, sizeof stepping, "euler_ancestral eta=%.17g", eta);
        return take_spaced(self, "karras", &range, walk_of, stepping);
    }
    return take_spaced(self, strcmp(name, "karras_edm") == 0 ? "karras" : name, &range, walk_of, "euler");
}

int sigmas_check(const recorded *of, replay *self, specs *out)
{
    static const char *const lists[] = {"karras", "exponential", "polyexponential",
                                        "vp",     "karras_edm",  "ancestral_down"};
    json_value *options = options_parse(safetensors_metadata(of->file, "options"));
    int any = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && recorded_says(of, "source", "sampling.py"); i++) {
        sigma_walk walk_of = {0};
        double *values = recorded_tensor(of->file, lists[i], &walk_of.count);
        double *up = recorded_tensor(of->file, "ancestral_up", NULL);
        const int ancestral = strcmp(lists[i], "ancestral_down") == 0;
        if (ancestral) {
            walk_of.down = values;
            walk_of.up = up;
        } else {
            walk_of.sigma = values;
        }
        if (values != NULL && take_list(of, self, options, lists[i], &walk_of) != DIFFUSION_OK)
            snprintf(out->refused, sizeof out->refused, "%s: %s", lists[i], diffusion_last_error());
        any |= values != NULL;
        free(values);
        free(up);
    }
    json_release(options);
    return any;
}
