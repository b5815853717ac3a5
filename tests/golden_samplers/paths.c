/* flow_matching's paths: schedules as curves, whose time runs the other way (u = 1 - t is t/T here, and velocities
 * change their sign), and what one prediction says of another. */
#include "replay.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 1000 };

/* What the file calls it, and its schedule here. */
typedef struct path {
    const char *name;
    char schedule[96];
} path;

static size_t paths_of(path *out, const recorded *of)
{
    const char *text = safetensors_metadata(of->file, "schedules"), *at = text != NULL ? strstr(text, "t^") : NULL;
    double power = 2.0, low = 0.1, high = 20.0;
    sscanf(at != NULL ? at : "", "t^%lf", &power);
    at = text != NULL ? strstr(text, "beta ") : NULL;
    sscanf(at != NULL ? at : "", "beta %lf..%lf", &low, &high);
    static const char *const names[] = {"condot", "poly", "vp", "linear_vp", "cosine"};
    for (size_t i = 0; i < 5; i++)
        out[i].name = names[i];
    snprintf(out[0].schedule, sizeof out[0].schedule, "flow steps=%d", STEPS);
    snprintf(out[1].schedule, sizeof out[1].schedule, "flow steps=%d power=%.17g", STEPS, power);
    snprintf(out[2].schedule, sizeof out[2].schedule, "vp steps=%d beta_min=%.17g beta_max=%.17g", STEPS, low, high);
    snprintf(out[3].schedule, sizeof out[3].schedule, "linear_vp steps=%d", STEPS);
    snprintf(out[4].schedule, sizeof out[4].schedule, "trigonometric steps=%d", STEPS);
    return 5;
}

/* One path's numbers. */
typedef struct numbers {
    const recorded *of;
    replay *self;
    const diffusion_schedule *schedule;
    const char *name;
    double *t, *noise, *data;
    size_t count, dim;
} numbers;

static double *tensor_of(const numbers *n, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s_%s", n->name, what);
    return recorded_tensor(n->of->file, name, NULL);
}

static void note_all(const numbers *n, const char *what, const double *got, size_t at, size_t count, double sign)
{
    double *truth = tensor_of(n, what);
    for (size_t j = 0; truth != NULL && j < count; j++)
        replay_note(n->self, truth[at * count + j], sign * got[j], at);
    n->self->calls += truth != NULL;
    free(truth);
}

/* The slopes of alpha and sigma are the velocities of (x_0, noise) = (1, 0) and (0, 1). */
static diffusion_status check_level(const numbers *n, size_t i, double u)
{
    double alpha, sigma, log_snr, back, slope;
    diffusion_status status = diffusion_schedule_level(n->schedule, u, &alpha, &sigma, &log_snr);
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_time(n->schedule, log_snr, &back);
    if (status != DIFFUSION_OK)
        return status;
    back = 1.0 - back / STEPS;
    note_all(n, "alpha_t", &alpha, i, 1, 1.0);
    note_all(n, "sigma_t", &sigma, i, 1, 1.0);
    note_all(n, "t_of_snr", &back, i, 1, 1.0);
    status = diffusion_prediction_convert(n->schedule, u, "x0", "velocity", &alpha, &(double){1.0}, 1, &slope);
    if (status == DIFFUSION_OK)
        note_all(n, "d_alpha_t", &slope, i, 1, -1.0);
    if (status == DIFFUSION_OK)
        status = diffusion_prediction_convert(n->schedule, u, "x0", "velocity", &sigma, &(double){0.0}, 1, &slope);
    if (status == DIFFUSION_OK)
        note_all(n, "d_sigma_t", &slope, i, 1, -1.0);
    return status;
}

static diffusion_status check_conversions(const numbers *n, size_t i, double u)
{
    enum { MOST = 64 };
    double x[MOST], velocity[MOST], got[MOST], alpha, sigma;
    const double *noise = n->noise + i * n->dim, *data = n->data + i * n->dim;
    const size_t dim = n->dim < MOST ? n->dim : MOST;
    diffusion_status status = diffusion_schedule_level(n->schedule, u, &alpha, &sigma, NULL);
    for (size_t j = 0; j < dim; j++)
        x[j] = alpha * data[j] + sigma * noise[j];
    note_all(n, "x_t", x, i, dim, 1.0);
    const struct {
        const char *from, *to, *what;
        const double *output;
        double *out, sign;
    } ways[] = {{"x0", "velocity", "velocity", data, velocity, -1.0},
                {"velocity", "x0", "target_from_velocity", velocity, got, 1.0},
                {"velocity", "epsilon", "epsilon_from_velocity", velocity, got, 1.0},
                {"epsilon", "velocity", "velocity_from_epsilon", noise, got, -1.0},
                {"epsilon", "x0", "target_from_epsilon", noise, got, 1.0},
                {"x0", "epsilon", "epsilon_from_target", data, got, 1.0},
                {"x0", "velocity", "velocity_from_target", data, got, -1.0}};
    for (size_t k = 0; k < sizeof ways / sizeof ways[0] && status == DIFFUSION_OK; k++) {
        status =
            diffusion_prediction_convert(n->schedule, u, ways[k].from, ways[k].to, x, ways[k].output, dim, ways[k].out);
        if (status == DIFFUSION_OK)
            note_all(n, ways[k].what, ways[k].out, i, dim, ways[k].sign);
    }
    return status;
}

static diffusion_status check_path(const path *is, numbers *n)
{
    diffusion_schedule *schedule = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, is->schedule);
    n->schedule = schedule;
    n->name = is->name;
    for (size_t i = 0; i < n->count && status == DIFFUSION_OK; i++) {
        const double u = STEPS * (1.0 - n->t[i]);
        status = check_level(n, i, u);
        if (status == DIFFUSION_OK)
            status = check_conversions(n, i, u);
    }
    diffusion_schedule_free(schedule);
    return status;
}

int paths_check(const recorded *of, replay *self, specs *out)
{
    path paths[5];
    size_t values = 0;
    if (recorded_says(of, "source", "mixture.py")) {
        snprintf(out->refused, sizeof out->refused,
                 "a path of categorical data, where kernels are gaussian and binomial here");
        return 1;
    }
    if (!recorded_says(of, "source", "path/affine.py"))
        return 0;
    numbers n = {of, self, NULL, NULL, NULL, NULL, NULL, 0, 0};
    n.t = recorded_tensor(of->file, "t", &n.count);
    n.noise = recorded_tensor(of->file, "x0_noise", &values);
    n.data = recorded_tensor(of->file, "x1_data", NULL);
    n.dim = n.count > 0 ? values / n.count : 0;
    const size_t count = paths_of(paths, of);
    for (size_t i = 0; i < count; i++)
        if (check_path(&paths[i], &n) != DIFFUSION_OK)
            snprintf(out->refused, sizeof out->refused, "%s: %s", paths[i].name, diffusion_last_error());
    free(n.t);
    free(n.noise);
    free(n.data);
    return 1;
}
