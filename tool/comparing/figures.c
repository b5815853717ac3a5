#include "comparing/figures.h"

#include "common/evaluator.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double significant = 3;  /* standard errors */
static const size_t near_share = 100; /* one in so many of the data held out counts as near to the data */

static diffusion_evaluator *open(const char *spec, const sets *of)
{
    diffusion_evaluator *evaluator;
    check(diffusion_evaluator_create(&evaluator, NULL, NULL, spec));
    check(diffusion_evaluator_set_reference(evaluator, of->data, of->data_count, of->dim));
    return evaluator;
}

static void run(diffusion_evaluator *evaluator, const char *unit, const float *values, size_t count, int quiet)
{
    progress bar;
    progress_begin(&bar, unit, 1, 0, 0, quiet);
    check(diffusion_evaluator_set_progress(evaluator, progress_report, &bar));
    check(diffusion_evaluator_run(evaluator, values, NULL, count));
    progress_break();
}

static void measure(figures *out, int which, const sets *of, const char *kind, const char *quantity, int quiet)
{
    diffusion_evaluator *evaluator = open(kind, of);
    const char *unit = which == COMPARE_SLICED ? "direction" : "row";
    run(evaluator, unit, of->samples, of->count, quiet);
    out->samples[which] =
        (estimate){evaluator_figure(evaluator, quantity), evaluator_figure(evaluator, "standard_error")};
    run(evaluator, unit, of->held, of->count, quiet);
    out->floor[which] =
        (estimate){evaluator_figure(evaluator, quantity), evaluator_figure(evaluator, "standard_error")};
    diffusion_evaluator_free(evaluator);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static estimate share_of(size_t count, size_t all)
{
    const double share = (double)count / (double)all;
    return (estimate){share, sqrt(share * (1 - share) / (double)all)};
}

/* How many samples are nearer to the data than all but one in a hundred of the data held out (distances [count]). */
static void measure_copies(figures *out, const double *samples, double *held, size_t count)
{
    size_t near = 0;
    qsort(held, count, sizeof *held, compare_doubles);
    for (size_t i = 0; i < count; i++)
        near += samples[i] < held[count / near_share];
    out->samples[COMPARE_COPIES] = share_of(near, count);
    out->floor[COMPARE_COPIES] = share_of(count / near_share, count);
}

static void measure_nearest(figures *out, const sets *of, int quiet)
{
    diffusion_evaluator *evaluator = open("nearest", of);
    double *samples = allocate(2 * of->count, sizeof *samples), *held = samples + of->count;
    const struct {
        const float *values;
        double *distances;
        estimate *to;
    } runs[] = {{of->held, held, &out->floor[COMPARE_NEAREST]}, {of->samples, samples, &out->samples[COMPARE_NEAREST]}};
    for (size_t i = 0; i < 2; i++) {
        run(evaluator, "row", runs[i].values, of->count, quiet);
        check(diffusion_evaluator_samples(evaluator, runs[i].distances, NULL, of->count));
        *runs[i].to =
            (estimate){evaluator_figure(evaluator, "mean_distance"), evaluator_figure(evaluator, "standard_error")};
    }
    out->nearest = allocate(of->count, sizeof *out->nearest);
    check(diffusion_evaluator_neighbours(evaluator, out->nearest, of->count));
    measure_copies(out, samples, held, of->count);
    free(samples);
    diffusion_evaluator_free(evaluator);
}

void figures_measure(figures *out, const sets *of, int quiet)
{
    measure(out, COMPARE_SLICED, of, "sliced_wasserstein", "distance", quiet);
    measure(out, COMPARE_MMD, of, "mmd", "mmd_squared", quiet);
    measure(out, COMPARE_TWO_SAMPLE, of, "two_sample", "accuracy", quiet);
    measure_nearest(out, of, quiet);
}

void figures_release(figures *of)
{
    free(of->nearest);
}

int figures_differ(const figures *of, int measure)
{
    const estimate *a = &of->samples[measure], *b = &of->floor[measure];
    const double off = a->value - b->value, least = significant * sqrt(a->error * a->error + b->error * b->error);
    return off > least ? 1 : off < -least ? -1 : 0; /* none if the errors are NaN */
}
