/* Times whole chains of a small network in the plane, as JSON: microseconds a step.
 *
 *     sampling --threads 1 --seconds 2
 */
#define _POSIX_C_SOURCE 200809L

#include "clock.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 1000, DIM = 2, MOST = 4096 };

static const struct row {
    const char *sampler;
    size_t n;
} rows[] = {{"ancestral", 1}, {"ancestral", MOST}, {"ddim", 1}, {"ddim", MOST}};
enum { ROWS = sizeof rows / sizeof rows[0] };

struct job {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_sampler *sampler;
    size_t n;
    float x0[MOST * DIM];
};

static int run(void *context)
{
    struct job *job = context;
    return diffusion_sampler_run(job->sampler, NULL, job->n, job->x0);
}

static int time_row(const struct row *row, double seconds, const char *separator)
{
    static struct job job;
    memset(&job, 0, sizeof job);
    job.n = row->n;
    double best = -1.0;
    if (diffusion_schedule_create(&job.schedule, "linear steps=1000") == DIFFUSION_OK &&
        diffusion_model_create(&job.model, "mlp shape=2 width=64 depth=3 predict=epsilon", 1) == DIFFUSION_OK &&
        diffusion_sampler_create(&job.sampler, job.model, job.schedule, row->sampler) == DIFFUSION_OK)
        best = clock_best(run, &job, seconds);
    diffusion_sampler_free(job.sampler);
    diffusion_model_free(job.model);
    diffusion_schedule_free(job.schedule);
    if (best < 0.0)
        return -1;
    printf("%s\n  {\"sampler\": \"%s\", \"n\": %zu, \"microseconds\": %.3f}", separator, row->sampler, row->n,
           best * 1e6 / STEPS);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int threads = 1, failed = 0;
    double seconds = 2.0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--threads") == 0)
            threads = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
    }
    failed = diffusion_set_threads(threads) != DIFFUSION_OK;
    printf("{\"system\": \"libdiffusion %s\", \"blas\": \"OpenBLAS %s (%s)\", \"threads\": %d, \"rows\": [",
           diffusion_version(), diffusion_blas_core(), diffusion_blas_threading(), threads);
    for (int i = 0; i < ROWS && !failed; i++)
        failed = time_row(&rows[i], seconds, i == 0 ? "" : ",") != 0;
    printf("\n]}\n");
    if (failed)
        fprintf(stderr, "sampling: failed: %s\n", diffusion_last_error());
    return failed ? 1 : 0;
}
