/* Times steps of whole chains on one thread beside the network's forward pass alone, as JSON: microseconds of processor
 * time a step, which neighbours do not lengthen, and what the solver adds to the pass in per cent.
 *
 *     sampling --seconds 2      the best of each row
 *     sampling --row 3          one row alone, for a profiler
 */
#define _POSIX_C_SOURCE 200809L

#include "clock.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mlp[] = "mlp shape=2 width=64 depth=3 predict=epsilon";
static const char unet[] =
    "unet shape=28,28,1 channels=32,64,64 blocks=2 attention=7 groups=8 predict=epsilon variance=fixed_large";

static const struct row {
    const char *net, *spec, *solver;
    size_t n;
    int group; /* steps that are timed together: some fifty microseconds or more */
} rows[] = {
    {"mlp", mlp, "ancestral", 1, 100},   {"mlp", mlp, "ancestral", 64, 10},   {"mlp", mlp, "ancestral", 4096, 1},
    {"mlp", mlp, "ddim", 1, 100},        {"mlp", mlp, "ddim", 64, 10},        {"mlp", mlp, "ddim", 4096, 1},
    {"mlp", mlp, "dpmsolver++", 1, 100}, {"mlp", mlp, "dpmsolver++", 64, 10}, {"mlp", mlp, "dpmsolver++", 4096, 1},
    {"mnist", unet, "ancestral", 64, 1}, {"mnist", unet, "ddim", 64, 1},
};
enum { ROWS = sizeof rows / sizeof rows[0], STEPS = 1000 };

struct job {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_sampler *sampler;
    size_t n;
    float *x, *out; /* [n, dim] */
    double *time;   /* [n] */
    int left;       /* steps of the chain */
};

/* A chain begins anew where too few steps are left: untimed. */
static int make_ready(struct job *job, int group)
{
    if (job->left >= group)
        return 0;
    job->left = STEPS;
    return diffusion_sampler_begin(job->sampler, NULL, job->n);
}

static int step(struct job *job)
{
    job->left--;
    return diffusion_sampler_step(job->sampler);
}

static int pass(struct job *job)
{
    return diffusion_model_forward(job->model, job->x, job->time, NULL, job->n, job->out);
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The smaller of `best` and the mean time of a group of calls; negative if one fails. */
static double time_group(struct job *job, int (*work)(struct job *job), int group, double best)
{
    const double before = processor_seconds();
    for (int i = 0; i < group; i++)
        if (work(job) != 0)
            return -1.0;
    const double one = (processor_seconds() - before) / group;
    return one < best ? one : best;
}

static int job_open(struct job *job, const struct row *row)
{
    memset(job, 0, sizeof *job);
    if (diffusion_schedule_create(&job->schedule, "linear steps=1000") != DIFFUSION_OK ||
        diffusion_model_create(&job->model, row->spec, 1) != DIFFUSION_OK ||
        diffusion_sampler_create(&job->sampler, job->model, job->schedule, row->solver) != DIFFUSION_OK)
        return -1;
    const size_t values = row->n * diffusion_model_dim(job->model);
    job->n = row->n;
    job->x = malloc(values * sizeof *job->x);
    job->out = malloc(values * sizeof *job->out);
    job->time = malloc(row->n * sizeof *job->time);
    if (job->x == NULL || job->out == NULL || job->time == NULL)
        return -1;
    for (size_t i = 0; i < values; i++)
        job->x[i] = (float)(i % 17) / 8.0f - 1.0f;
    for (size_t i = 0; i < row->n; i++)
        job->time[i] = 500.0;
    return 0;
}

static void job_close(struct job *job)
{
    diffusion_sampler_free(job->sampler);
    diffusion_model_free(job->model);
    diffusion_schedule_free(job->schedule);
    free(job->x);
    free(job->out);
    free(job->time);
}

/* Steps and passes take turns, so that both meet the same neighbours. */
static int time_row(const struct row *row, double seconds, const char *separator)
{
    struct job job;
    double chain = HUGE_VAL, forward = HUGE_VAL;
    int failed = job_open(&job, row);
    const double begin = clock_seconds();
    do {
        failed = failed || make_ready(&job, row->group);
        if (!failed)
            chain = time_group(&job, step, row->group, chain);
        if (!failed)
            forward = time_group(&job, pass, row->group, forward);
        failed = failed || chain < 0.0 || forward < 0.0;
    } while (!failed && clock_seconds() - begin < seconds);
    job_close(&job);
    if (failed)
        return -1;
    printf("%s\n  {\"net\": \"%s\", \"sampler\": \"%s\", \"n\": %zu, \"step\": %.3f, \"forward\": %.3f, "
           "\"overhead\": %.1f}",
           separator, row->net, row->solver, row->n, chain * 1e6, forward * 1e6, (chain / forward - 1.0) * 100.0);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int first = 0, last = ROWS - 1;
    double seconds = 2.0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--row") == 0 && atoi(argv[i + 1]) >= 0 && atoi(argv[i + 1]) < ROWS)
            first = last = atoi(argv[i + 1]);
    }
    int failed = diffusion_set_threads(1) != DIFFUSION_OK;
    printf("{\"system\": \"libdiffusion %s\", \"blas\": \"OpenBLAS %s (%s)\", \"rows\": [", diffusion_version(),
           diffusion_blas_core(), diffusion_blas_threading());
    for (int i = first; i <= last && !failed; i++)
        failed = time_row(&rows[i], seconds, i == first ? "" : ",") != 0;
    printf("\n]}\n");
    if (failed)
        fprintf(stderr, "sampling: failed: %s\n", diffusion_last_error());
    return failed ? 1 : 0;
}
