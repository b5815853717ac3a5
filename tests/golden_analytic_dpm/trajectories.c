/* Trajectories: what is compared is their cost, as several may cost the same. */
#include "replay.h"

#include "math/least_cost.h"
#include "model/trajectory.h"
#include "sample/sampler.h"

#include <stdlib.h>

/* ---- of a model: log(1 - skip_beta ms_score) is twice our KL, but for what every trajectory has ---- */

static double log_snr_at(const recorded *of, int32_t t)
{
    return of->schedule->levels[t].log_snr;
}

static double cost_between(const recorded *of, int32_t s, int32_t r)
{
    const noise_level *levels = of->schedule->levels;
    const double kl = trajectory_term(of->model, VARIANCE_ANALYTIC, &levels[s], &levels[r]);
    return 2.0 * kl - (log_snr_at(of, s) - log_snr_at(of, r));
}

/* The file's cost is the logarithm of a difference from 1, which has an error of its own. */
static void note_cost(worst *found, double truth, double got, double own_error)
{
    const double off = fabs(got - truth);
    worst_note(found, truth, off <= own_error ? truth : got);
}

static double own_error(double cost)
{
    return 4e-16 * exp(-cost);
}

/* Where no covariance is held, so that the file's cost is ours. */
static int is_free(const recorded *of)
{
    int inside = 1;
    for (int32_t t = 1; t <= of->steps && inside; t++) {
        const double noise = of->model->moments->noise[t - 1];
        inside = noise <= 1.0 && moments_error(of->model->moments, &of->schedule->levels[t]) < 1.0 + 1e-9;
    }
    return inside;
}

/* What a sampler visits, as its steps rise. */
static int visited(const recorded *of, int32_t *steps, int32_t count)
{
    char spec[96];
    diffusion_sampler *sampler = NULL;
    snprintf(spec, sizeof spec, "ancestral variance=analytic spacing=optimal steps=%d", (int)count);
    const int made = diffusion_sampler_create(&sampler, of->model, of->schedule, spec) == DIFFUSION_OK;
    for (int32_t i = 0; made && i < count; i++)
        steps[i] = (int32_t)sampler->plan.levels[i + 1].t;
    diffusion_sampler_free(sampler);
    return made;
}

static double sum_of(const recorded *of, const double *cost, const int32_t *steps, int32_t count)
{
    double sum = 0.0;
    for (int32_t i = 1; i < count; i++)
        sum += cost != NULL ? cost[(size_t)(steps[i - 1] - 1) * (size_t)of->steps + (size_t)(steps[i] - 1)]
                            : cost_between(of, steps[i - 1], steps[i]);
    return sum;
}

/* The table of costs, where they are ours, and the cost of the whole trajectory. */
int optimal_check(recorded *of, worst *found)
{
    size_t count = 0;
    if (of->schedule == NULL || !is_free(of))
        return 0;
    double *cost = recorded_values(of, "ot_cost", NULL), *whole = recorded_values(of, "ot_cost_whole", NULL);
    double *truth = recorded_values(of, "ot_steps_whole", &count);
    double error = 0.0;
    int known = cost != NULL, made = 1;
    for (int32_t s = 1; known && s <= of->steps; s++)
        for (int32_t r = s + 1; r <= of->steps; r++)
            note_cost(found, cost[(size_t)(s - 1) * (size_t)of->steps + (size_t)(r - 1)], cost_between(of, s, r),
                      own_error(cost_between(of, s, r)));
    if (whole != NULL && truth != NULL) {
        int32_t *steps = calloc(count, sizeof *steps);
        made = visited(of, steps, (int32_t)count);
        for (size_t i = 1; made && i < count; i++)
            error += own_error(cost_between(of, steps[i - 1], steps[i]));
        note_cost(found, whole[0], sum_of(of, NULL, steps, (int32_t)count), error);
        known = 1;
        free(steps);
    }
    free(cost);
    free(whole);
    free(truth);
    return made ? known : -1;
}

/* ---- on the part of the schedule where ms_eps is sound, by the file's own table ---- */

/* The last step of that part: twice as many are left out as stand from the first above 1 on. */
static int32_t sound_part(const recorded *of)
{
    double *noise = recorded_values(of, "ms_eps", NULL);
    int32_t bad = of->steps;
    while (bad > 0 && noise[of->steps - bad] <= 1.0)
        bad--;
    free(noise);
    return of->steps - 2 * bad;
}

static void check_segment(const recorded *of, worst *found, const double *cost, const double *steps, size_t count)
{
    const int32_t last = sound_part(of);
    int32_t own[4096], theirs[4096], within = 0;
    double *table = malloc(least_cost_size(last) * sizeof *table);
    while (within < (int32_t)count && steps[within] <= last) {
        theirs[within] = (int32_t)steps[within];
        within++;
    }
    if (within < 2) {
        free(table);
        return;
    }
    for (int32_t r = 1; r < last; r++)
        for (int32_t s = 0; s < r; s++)
            table[least_cost_place(s, r)] = cost[(size_t)s * (size_t)of->steps + (size_t)r];
    if (least_cost_path(own, NULL, table, last - 1, within - 1) != DIFFUSION_OK)
        exit(2);
    for (int32_t i = 0; i < within; i++)
        own[i]++;
    worst_note(found, sum_of(of, cost, theirs, within), sum_of(of, cost, own, within));
    free(table);
}

int segments_check(recorded *of, worst *found)
{
    double *cost = of->schedule != NULL ? recorded_values(of, "ot_cost", NULL) : NULL;
    int known = 0;
    for (size_t i = 0; cost != NULL && i < safetensors_count(of->file); i++) {
        size_t count = 0;
        const char *name = safetensors_at(of->file, i)->name;
        if (strncmp(name, "steps_dp_seg_", strlen("steps_dp_seg_")) != 0)
            continue;
        double *steps = recorded_values(of, name, &count);
        check_segment(of, found, cost, steps, count);
        free(steps);
        known = 1;
    }
    free(cost);
    return known;
}

/* ---- of any table F[s, r] of jumps ---- */

static void check_path(const recorded *of, worst *found, const double *table, const double *f, size_t nodes,
                       int32_t jumps)
{
    char name[32];
    size_t count = 0;
    double total = 0.0, sum = 0.0;
    snprintf(name, sizeof name, "cost_%d", (int)jumps);
    double *truth = recorded_values(of, name, &count);
    int32_t *path = calloc((size_t)jumps + 1, sizeof *path);
    if (truth == NULL || least_cost_path(path, &total, table, (int32_t)nodes - 1, jumps) != DIFFUSION_OK)
        exit(2);
    for (int32_t k = 0; k < jumps; k++)
        sum += f[(size_t)path[k] * nodes + (size_t)path[k + 1]];
    worst_note(found, truth[0], total);
    worst_note(found, truth[0], sum);
    free(path);
    free(truth);
}

int paths_check(recorded *of, worst *found)
{
    double *f = recorded_values(of, "F", NULL);
    if (f == NULL)
        return 0;
    const size_t nodes = (size_t)safetensors_find(of->file, "F")->shape[0];
    double *table = malloc(least_cost_size((int32_t)nodes - 1) * sizeof *table);
    for (int32_t r = 1; r < (int32_t)nodes; r++)
        for (int32_t s = 0; s < r; s++)
            table[least_cost_place(s, r)] = f[(size_t)s * nodes + (size_t)r];
    for (size_t i = 0; i < safetensors_count(of->file); i++) {
        int jumps = 0;
        if (sscanf(safetensors_at(of->file, i)->name, "path_%d", &jumps) == 1)
            check_path(of, found, table, f, nodes, (int32_t)jumps);
    }
    free(table);
    free(f);
    return 1;
}
