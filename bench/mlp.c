/* Times one training step of four small networks (epsilon objective, Adam), as JSON; or writes what
 * bench/peers/mlp_torch.py needs to show that it computes the same network.
 *
 *     mlp --threads 2 --seconds 2        the best step of each row
 *     mlp --row 3                        one row alone, for a profiler
 *     mlp --check folder                 model-<row>.safetensors, and x, t and the network's output as raw floats
 */
#define _POSIX_C_SOURCE 200809L

#include "clock.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 1000, TIME_FEATURES = 32, CHECKED = 64 };

static const struct row {
    int dim, width, depth, batch;
} rows[] = {{2, 64, 3, 256}, {2, 128, 4, 512}, {2, 512, 2, 1024}, {32, 256, 4, 1024}};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* A row's handles and data. */
struct job {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    float *x0; /* [batch, dim] */
    size_t batch;
};

/* Any numbers of variance 1 do for timing: a linear congruence (Knuth), uniform. */
static void fill(float *values, size_t count)
{
    uint64_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = ((float)(state >> 40) / 16777216.0f - 0.5f) * 3.4641016f;
    }
}

static int job_open(struct job *job, const struct row *row)
{
    char spec[256];
    memset(job, 0, sizeof *job);
    snprintf(spec, sizeof spec,
             "mlp shape=%d width=%d depth=%d time_features=%d activation=silu residual=no predict=epsilon "
             "variance=fixed_large",
             row->dim, row->width, row->depth, TIME_FEATURES);
    job->batch = (size_t)row->batch;
    size_t count = job->batch * (size_t)row->dim;
    job->x0 = malloc(count * sizeof *job->x0);
    if (job->x0 == NULL)
        return -1;
    fill(job->x0, count);
    if (diffusion_schedule_create(&job->schedule, "linear steps=1000") != DIFFUSION_OK ||
        diffusion_model_create(&job->model, spec, 1) != DIFFUSION_OK ||
        diffusion_trainer_create(&job->trainer, job->model, job->schedule,
                                 "objective=simple optimizer=adam rate=1e-3 ema=0 seed=1") != DIFFUSION_OK) {
        fprintf(stderr, "mlp: %s\n", diffusion_last_error());
        return -1;
    }
    return 0;
}

static void job_close(struct job *job)
{
    diffusion_trainer_free(job->trainer);
    diffusion_model_free(job->model);
    diffusion_schedule_free(job->schedule);
    free(job->x0);
}

static int job_step(void *context)
{
    struct job *job = context;
    return diffusion_trainer_step(job->trainer, job->x0, NULL, job->batch, NULL);
}

static int time_row(const struct row *row, double seconds, const char *separator)
{
    struct job job;
    double best = job_open(&job, row) == 0 ? clock_best(job_step, &job, seconds) : -1.0;
    job_close(&job);
    if (best < 0.0)
        return -1;
    printf("%s\n  {\"dim\": %d, \"width\": %d, \"depth\": %d, \"batch\": %d, \"microseconds\": %.2f}", separator,
           row->dim, row->width, row->depth, row->batch, best * 1e6);
    fflush(stdout);
    return 0;
}

static int time_rows(int first, int last, int threads, double seconds)
{
    if (diffusion_set_threads(threads) != DIFFUSION_OK)
        return -1;
    printf("{\"system\": \"libdiffusion %s\", \"blas\": \"OpenBLAS %s (%s)\", \"threads\": %d, \"rows\": [",
           diffusion_version(), diffusion_blas_core(), diffusion_blas_threading(), threads);
    for (int i = first; i <= last; i++)
        if (time_row(&rows[i], seconds, i == first ? "" : ",") != 0)
            return -1;
    printf("\n]}\n");
    return 0;
}

static int write_floats(FILE *file, const float *values, size_t count)
{
    return fwrite(values, sizeof *values, count, file) == count ? 0 : -1;
}

/* x [n, dim], t [n] as float, output [n, dim], for the peer to compare its own output with. */
static int write_case(const struct job *job, FILE *file)
{
    size_t dim = diffusion_model_dim(job->model);
    double t[CHECKED];
    float t_as_float[CHECKED];
    for (int i = 0; i < CHECKED; i++) {
        t[i] = 1 + i * (STEPS - 1) / (CHECKED - 1);
        t_as_float[i] = (float)t[i];
    }
    float *out = malloc(CHECKED * dim * sizeof *out);
    int failed = out == NULL || diffusion_model_forward(job->model, job->x0, t, NULL, CHECKED, out) != DIFFUSION_OK ||
                 write_floats(file, job->x0, CHECKED * dim) || write_floats(file, t_as_float, CHECKED) ||
                 write_floats(file, out, CHECKED * dim);
    free(out);
    return failed ? -1 : 0;
}

/* Some steps of training first: the last layer of a fresh network is zero. */
static int check_row(const char *folder, int index)
{
    char path[4096];
    struct job job;
    int failed = job_open(&job, &rows[index]);
    for (int i = 0; !failed && i < 20; i++)
        failed = job_step(&job);
    snprintf(path, sizeof path, "%s/model-%d.safetensors", folder, index);
    failed = failed || diffusion_model_save(job.model, path) != DIFFUSION_OK;
    snprintf(path, sizeof path, "%s/case-%d.f32", folder, index);
    FILE *file = failed ? NULL : fopen(path, "wb");
    failed = file == NULL || write_case(&job, file);
    if (file != NULL && fclose(file) != 0)
        failed = 1;
    job_close(&job);
    return failed ? -1 : 0;
}

int main(int argc, char **argv)
{
    int threads = 1, first = 0, last = ROWS - 1, failed = 0;
    double seconds = 2.0;
    const char *folder = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--threads") == 0)
            threads = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--row") == 0 && atoi(argv[i + 1]) >= 0 && atoi(argv[i + 1]) < ROWS)
            first = last = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--check") == 0)
            folder = argv[i + 1];
    }
    if (folder == NULL)
        failed = time_rows(first, last, threads, seconds);
    for (int i = 0; folder != NULL && !failed && i < ROWS; i++)
        failed = check_row(folder, i);
    if (failed)
        fprintf(stderr, "mlp: failed: %s\n", diffusion_last_error());
    return failed ? 1 : 0;
}
