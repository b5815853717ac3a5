#include "evaluate/parzen.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "math/blas.h"

#include <float.h>
#include <math.h>

static const double two_pi = 6.283185307179586476925286766559;

enum { ROWS = 64, COLUMNS = 256 }; /* points and samples of one tile: their product stays in the second-level cache */

/* A Gaussian this many nats below the nearest sample's does not change a sum of double precision. */
static const double negligible = 45.0;

/* What a distance may be off, in nats: squared distance over 2 s^2. */
static const double tolerance = 1e-4;

typedef struct parzen_work {
    const parzen_input *input;
    double twice[PARZEN_GRID]; /* 2 s^2, rising */
    size_t count;
    double *centre; /* [dim]: the samples' mean */
    float *samples; /* [m, dim], centred: |x|^2 + |y|^2 - 2 x y loses less the nearer to 0 both are */
    double *square; /* [m]: |sample|^2, centred */
    float *points;  /* per thread [ROWS, dim]: a tile of data, centred */
    float *product; /* per thread [ROWS, COLUMNS] */
    double *nats;   /* [count, n] */
} parzen_work;

/* log sum of exp(-distance / 2 s^2) over the samples so far, for every bandwidth: sum[k] exp(-nearest / 2 s_k^2). */
typedef struct parzen_sum {
    double nearest;
    double sum[PARZEN_GRID];
} parzen_sum;

static void add(parzen_sum *row, const parzen_work *work, double distance)
{
    if (distance < row->nearest) {
        for (size_t k = 0; k < work->count; k++)
            row->sum[k] *= exp((distance - row->nearest) / work->twice[k]); /* the first time exp(-inf) = 0 */
        row->nearest = distance;
    }
    /* From the widest on: what is negligible there is so under all narrower ones. */
    for (size_t k = work->count; k-- > 0 && distance - row->nearest < negligible * work->twice[k];)
        row->sum[k] += exp((row->nearest - distance) / work->twice[k]);
}

static double direct_distance(const float *a, const float *b, size_t dim)
{
    double sum = 0.0;
    for (size_t j = 0; j < dim; j++) {
        double difference = (double)a[j] - (double)b[j];
        sum += difference * difference;
    }
    return sum;
}

/* Rounding leaves |x|^2 + |y|^2 - 2 x y off by about `blur`. That matters to those bandwidths with
 * blur > tolerance 2 s^2, and there to samples in reach of the nearest one. */
static double distance_of(const parzen_work *work, double squares, double product, double nearest, const float *point,
                          const float *sample)
{
    size_t dim = work->input->dim;
    double distance = squares - 2.0 * product;
    double blur = 0.5 * FLT_EPSILON * (sqrt((double)dim) + 4.0) * squares;
    double reach = negligible * fmin(work->twice[work->count - 1], blur / tolerance);
    int blurred = blur > tolerance * work->twice[0] && distance - blur < nearest + reach;
    return blurred || !isfinite(distance) ? direct_distance(point, sample, dim) : fmax(distance, 0.0);
}

static double centre_row(float *out, const float *row, const double *centre, size_t dim)
{
    double square = 0.0;
    for (size_t j = 0; j < dim; j++) {
        out[j] = (float)((double)row[j] - centre[j]);
        square += (double)out[j] * (double)out[j];
    }
    return square;
}

/* ROWS points against all samples. */
static void measure_tile(void *context, size_t task, size_t slot)
{
    const parzen_work *work = context;
    const parzen_input *input = work->input;
    size_t dim = input->dim, first = task * ROWS, rows = input->n - first < ROWS ? input->n - first : ROWS;
    float *points = work->points + slot * ROWS * dim, *product = work->product + slot * ROWS * COLUMNS;
    parzen_sum sums[ROWS];
    double square[ROWS];
    for (size_t i = 0; i < rows; i++) {
        sums[i] = (parzen_sum){.nearest = INFINITY};
        square[i] = centre_row(points + i * dim, input->data + (first + i) * dim, work->centre, dim);
    }
    for (size_t from = 0; from < input->m; from += COLUMNS) {
        size_t columns = input->m - from < COLUMNS ? input->m - from : COLUMNS;
        blas_sgemm(0, 1, rows, columns, dim, 1.0f, points, dim, work->samples + from * dim, dim, 0.0f, product,
                   COLUMNS);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++)
                add(&sums[i], work,
                    distance_of(work, square[i] + work->square[from + j], (double)product[i * COLUMNS + j],
                                sums[i].nearest, input->data + (first + i) * dim, input->samples + (from + j) * dim));
    }
    for (size_t k = 0; k < work->count; k++) /* - log m + log sum - dim / 2 log(2 pi s^2) */
        for (size_t i = 0; i < rows; i++)
            work->nats[k * input->n + first + i] = log(sums[i].sum[k] / (double)input->m) -
                                                   sums[i].nearest / work->twice[k] -
                                                   0.5 * (double)dim * log(0.5 * two_pi * work->twice[k]);
}

static diffusion_status check_finite(const char *name, const float *values, size_t count, size_t dim)
{
    for (size_t i = 0; i < count * dim; i++)
        if (!isfinite(values[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "parzen: value %zu of row %zu of %s is %g, expected a finite number", i % dim, i / dim,
                             name, (double)values[i]);
    return DIFFUSION_OK;
}

static diffusion_status reserve(parzen_work *work)
{
    size_t m = work->input->m, dim = work->input->dim, threads = threads_count(), values;
    if (!size_multiply(&values, m, dim) || !size_multiply(&values, threads * ROWS, dim))
        return error_set(DIFFUSION_E_MEMORY, "parzen: %zu samples of %zu values cannot be addressed", m, dim);
    int complete = (work->centre = memory_allocate(dim, sizeof(double))) != NULL &&
                   (work->samples = memory_allocate(m * dim, sizeof(float))) != NULL &&
                   (work->square = memory_allocate(m, sizeof(double))) != NULL &&
                   (work->points = memory_allocate(values, sizeof(float))) != NULL &&
                   (work->product = memory_allocate(threads * ROWS * COLUMNS, sizeof(float))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static void centre_samples(parzen_work *work)
{
    const parzen_input *input = work->input;
    for (size_t i = 0; i < input->m; i++)
        for (size_t j = 0; j < input->dim; j++)
            work->centre[j] += (double)input->samples[i * input->dim + j] / (double)input->m;
    for (size_t i = 0; i < input->m; i++)
        work->square[i] =
            centre_row(work->samples + i * input->dim, input->samples + i * input->dim, work->centre, input->dim);
}

/* Called by one thread; the arrays of `work` are released by the caller. */
static diffusion_status open_work(parzen_work *work)
{
    const parzen_input *input = work->input;
    diffusion_status status = check_finite("samples", input->samples, input->m, input->dim);
    if (status == DIFFUSION_OK)
        status = check_finite("data", input->data, input->n, input->dim);
    if (status == DIFFUSION_OK)
        status = reserve(work);
    if (status == DIFFUSION_OK)
        centre_samples(work);
    return status;
}

static void close_work(parzen_work *work)
{
    void *arrays[] = {work->centre, work->samples, work->square, work->points, work->product};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
}

static void measure(parzen_work *work, const double *bandwidths, size_t count, double *nats)
{
    const parzen_input *input = work->input;
    work->count = count;
    work->nats = nats;
    for (size_t k = 0; k < count; k++)
        work->twice[k] = 2.0 * bandwidths[k] * bandwidths[k];
    blas_parallel_for(size_divide_up(input->n, ROWS), 2 * ROWS * input->m * (input->dim + 64), measure_tile, work);
}

diffusion_status parzen_evaluate(const parzen_input *input, const double *bandwidths, size_t count, double *nats)
{
    parzen_work work = {.input = input};
    diffusion_status status = open_work(&work);
    if (status == DIFFUSION_OK)
        measure(&work, bandwidths, count, nats);
    close_work(&work);
    return status;
}

/* The index of the bandwidth with the largest mean. */
static size_t best_of(const double *nats, size_t n)
{
    size_t best = 0;
    double most = -INFINITY;
    for (size_t k = 0; k < PARZEN_GRID; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += nats[k * n + i];
        if (sum > most) {
            most = sum;
            best = k;
        }
    }
    return best;
}

enum { REFINEMENTS = 3 }; /* grids, each between the neighbours of the last one's best */

diffusion_status parzen_bandwidth(const parzen_input *input, double minimum, double maximum, double *bandwidth)
{
    parzen_work work = {.input = input};
    double *nats = NULL, grid[PARZEN_GRID];
    size_t best = 0;
    diffusion_status status = open_work(&work);
    if (status == DIFFUSION_OK && (nats = memory_allocate(input->n, PARZEN_GRID * sizeof *nats)) == NULL)
        status = DIFFUSION_E_MEMORY;
    for (int pass = 0; pass < REFINEMENTS && status == DIFFUSION_OK; pass++) {
        double low = pass == 0 ? minimum : grid[best > 0 ? best - 1 : 0];
        double high = pass == 0 ? maximum : grid[best + 1 < PARZEN_GRID ? best + 1 : best];
        for (int k = 0; k < PARZEN_GRID; k++)
            grid[k] = k == PARZEN_GRID - 1 ? high : low * pow(high / low, (double)k / (PARZEN_GRID - 1));
        measure(&work, grid, PARZEN_GRID, nats);
        best = best_of(nats, input->n);
    }
    if (status == DIFFUSION_OK)
        *bandwidth = grid[best];
    memory_release(nats);
    close_work(&work);
    return status;
}
