/* Where the time of a U-Net's forward pass or training step goes, by kind of operation and by layer, as Markdown. The
 * tables are those of the fastest pass; layers that take less than 0.5 % are left out.
 *
 *     unet_layers folder/cifar.safetensors forward|training batch threads seconds
 */
#define _POSIX_C_SOURCE 200809L

#include "unet_layers.h"

#include "clock.h"
#include "unet_job.h"

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

static int one_pass(unet_job *job)
{
    pass = (table){.count = 0};
    double begin = clock_seconds(), products_before = products_seconds();
    int failed = unet_job_run(job);
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
    unet_job job = {0};
    int threads = atoi(argv[4]);
    int failed = diffusion_set_threads(threads) != DIFFUSION_OK ||
                 diffusion_model_load(&job.model, argv[1]) != DIFFUSION_OK ||
                 unet_job_open(&job, (size_t)atoi(argv[3]), strcmp(argv[2], "training") == 0) || one_pass(&job);
    fastest = (table){.count = 0}; /* the first pass prepares what later ones have */
    double begin = clock_seconds();
    do
        failed = failed || one_pass(&job);
    while (!failed && clock_seconds() - begin < atof(argv[5]));
    unet_job_close(&job);
    if (failed) {
        fprintf(stderr, "unet_layers: failed: %s\n", diffusion_last_error());
        return 1;
    }
    printf("%s, batch %s, %d threads, OpenBLAS %s (%s): ", argv[2], argv[3], threads, diffusion_blas_core(),
           diffusion_blas_threading());
    print_tables(threads);
    return 0;
}
