/* Where the time of a U-Net's forward pass or training step goes, by kind of operation and by layer, as Markdown. The
 * tables are those of the fastest pass; layers that take less than 0.5 % are left out.
 *
 *     unet_layers folder/cifar.safetensors forward|training batch threads seconds
 */
#define _POSIX_C_SOURCE 200809L

#include "unet_layers.h"

#include "clock.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct table {
    row rows[ROWS];
    size_t count;
    double seconds, products;
} table;

static table pass, fastest;

/* ---- rows ---- */

static row *find_row(table *in, const char *kind, const char *layer)
{
    size_t i = 0;
    while (i < in->count && (strcmp(in->rows[i].kind, kind) != 0 || strcmp(in->rows[i].layer, layer) != 0))
        i++;
    if (i == ROWS) {
        fprintf(stderr, "unet_layers: more than %d rows\n", ROWS);
        exit(1);
    }
    row *found = &in->rows[i];
    if (i == in->count) {
        in->count++;
        snprintf(found->kind, sizeof found->kind, "%s", kind);
        snprintf(found->layer, sizeof found->layer, "%s", layer);
    }
    return found;
}

static void add_row(table *to, const char *kind, const char *layer, const row *of)
{
    row *found = find_row(to, kind, layer);
    found->calls += of->calls;
    found->seconds += of->seconds;
    found->products += of->products;
    found->operations += of->operations;
}

void count_row(const char *kind, const char *layer, const row *of)
{
    add_row(&pass, kind, layer, of);
}

/* ---- the tables ---- */

static int slower_first(const void *a, const void *b)
{
    double first = ((const row *)a)->seconds, second = ((const row *)b)->seconds;
    return (first < second) - (first > second);
}

static void print_row(const row *of, double whole, int threads)
{
    printf("| %s%s%s | %zu | %.2f | %.1f %% | %.0f %% | ", of->kind, *of->layer != '\0' ? ": " : "", of->layer,
           of->calls, of->seconds * 1e3, 100.0 * of->seconds / whole, 100.0 * of->products / of->seconds / threads);
    if (of->operations > 0.0)
        printf("%.0f", of->operations / of->seconds * 1e-9);
    printf(" |\n");
}

/* Rows of at least `share` of the whole. */
static void print_table(table *of, const char *first, double share, int threads)
{
    qsort(of->rows, of->count, sizeof *of->rows, slower_first);
    printf("\n| %s | calls | ms | of all | of it sgemm | GFLOP/s |\n|---|---|---|---|---|---|\n", first);
    for (size_t i = 0; i < of->count && of->rows[i].seconds >= share * fastest.seconds; i++)
        print_row(&of->rows[i], fastest.seconds, threads);
}

static void print_tables(int threads)
{
    static table kinds;
    double rest = fastest.seconds;
    for (size_t i = 0; i < fastest.count; i++) {
        add_row(&kinds, fastest.rows[i].kind, "", &fastest.rows[i]);
        rest -= fastest.rows[i].seconds;
    }
    add_row(&kinds, "everything else", "", &(row){.calls = 1, .seconds = rest});
    printf("%.2f ms a pass, %.0f %% of the threads' time in sgemm. GFLOP/s as of direct convolutions.\n",
           fastest.seconds * 1e3, 100.0 * fastest.products / fastest.seconds / threads);
    print_table(&kinds, "operation", 0.0, threads);
    print_table(&fastest, "layer", 0.005, threads);
}

/* ---- the work ---- */

struct job {
    diffusion_model *model;
    diffusion_schedule *schedule;
    diffusion_trainer *trainer; /* NULL: the work is the forward pass */
    float *x, *out;
    int32_t *t;
    size_t batch;
};

static int job_open(struct job *job, const char *path, int training)
{
    if (diffusion_model_load(&job->model, path) != DIFFUSION_OK)
        return -1;
    size_t values = job->batch * diffusion_model_dim(job->model);
    job->x = malloc(values * sizeof *job->x);
    job->out = malloc(values * sizeof *job->out);
    job->t = malloc(job->batch * sizeof *job->t);
    if (job->x == NULL || job->out == NULL || job->t == NULL)
        return -1;
    for (size_t i = 0; i < values; i++)
        job->x[i] = (float)(i % 7) * 0.5f - 1.5f;
    for (size_t i = 0; i < job->batch; i++)
        job->t[i] = 1 + (int32_t)i;
    if (!training)
        return 0;
    return diffusion_schedule_create(&job->schedule, "linear steps=1000") != DIFFUSION_OK ||
           diffusion_trainer_create(&job->trainer, job->model, job->schedule,
                                    "objective=simple optimizer=adam rate=1e-4 ema=0 seed=1") != DIFFUSION_OK;
}

static void job_close(struct job *job)
{
    diffusion_trainer_free(job->trainer);
    diffusion_schedule_free(job->schedule);
    diffusion_model_free(job->model);
    free(job->x);
    free(job->out);
    free(job->t);
}

static int one_pass(struct job *job)
{
    pass = (table){.count = 0};
    double begin = clock_seconds(), products_before = products_seconds();
    int failed = job->trainer != NULL ? diffusion_trainer_step(job->trainer, job->x, NULL, job->batch, NULL)
                                      : diffusion_model_forward(job->model, job->x, job->t, NULL, job->batch, job->out);
    pass.seconds = clock_seconds() - begin;
    pass.products = products_seconds() - products_before;
    if (!failed && (fastest.count == 0 || pass.seconds < fastest.seconds))
        fastest = pass;
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 6 || atoi(argv[3]) < 1) {
        fprintf(stderr, "usage: unet_layers file.safetensors forward|training batch threads seconds\n");
        return 2;
    }
    struct job job = {.batch = (size_t)atoi(argv[3])};
    int threads = atoi(argv[4]);
    int failed = diffusion_set_threads(threads) != DIFFUSION_OK ||
                 job_open(&job, argv[1], strcmp(argv[2], "training") == 0) || one_pass(&job);
    fastest = (table){.count = 0}; /* the first pass prepares what later ones have */
    double begin = clock_seconds();
    do
        failed = failed || one_pass(&job);
    while (!failed && clock_seconds() - begin < atof(argv[5]));
    job_close(&job);
    if (failed) {
        fprintf(stderr, "unet_layers: failed: %s\n", diffusion_last_error());
        return 1;
    }
    printf("%s, batch %s, %d threads, OpenBLAS %s (%s): ", argv[2], argv[3], threads, diffusion_blas_core(),
           diffusion_blas_threading());
    print_tables(threads);
    return 0;
}
