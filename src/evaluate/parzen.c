/* The log density of data under Gaussians around samples (Breuleux et al. 2011). */
#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "evaluate/distances.h"
#include "evaluate/reference.h"
#include "evaluate/row_loop.h"

#include <math.h>

static const double two_pi = 6.283185307179586476925286766559;

enum { GRID = 16 }; /* bandwidths that one pass over the distances serves */

typedef struct parzen_options {
    double bandwidth, minimum, maximum;
} parzen_options;
SPEC_OWN(parzen_options);

static const spec_key keys[] = {
    {"bandwidth", SPEC_REAL, offsetof(parzen_options, bandwidth), "0", 0, 1e150, NULL,
     "standard deviation of each Gaussian, in the unit of the data; 0 chooses the one under which the data of the run "
     "is likeliest: the best of 16 values spaced evenly in logarithm, then twice more of 16 between its neighbours"},
    {"minimum", SPEC_REAL, offsetof(parzen_options, minimum), "1e-3", 1e-150, 1e150, NULL,
     "bandwidth=0: where the search begins"},
    {"maximum", SPEC_REAL, offsetof(parzen_options, maximum), "1e2", 1e-150, 1e150, NULL,
     "bandwidth=0: where it ends. A result at either end says that the range was too narrow"},
};

/* What is measured against, and the figures of the last run. */
typedef struct parzen_state {
    reference samples;
    double bandwidth;
    double *nats; /* [n] */
} parzen_state;

/* A Gaussian this many nats below the nearest sample's does not change a sum of double precision. */
static const double negligible = 45.0;

/* What a distance may be off, in nats: squared distance over 2 s^2. */
static const double tolerance = 1e-4;

typedef struct parzen_work {
    double twice[GRID]; /* 2 s^2, rising */
    size_t count;
    centred samples, points;
    double *nats; /* [count, n] */
    row_loop loop;
} parzen_work;

/* log sum of exp(-distance / 2 s^2) over the samples so far, for every bandwidth: sum[k] exp(-nearest / 2 s_k^2). */
typedef struct parzen_sum {
    double nearest;
    double sum[GRID];
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

/* Rounding leaves |x|^2 + |y|^2 - 2 x y off by about `blur`. That matters to those bandwidths with
 * blur > tolerance 2 s^2, and there to samples in reach of the nearest one. */
static double distance_of(const parzen_work *work, size_t i, size_t j, double product, double nearest)
{
    const size_t dim = work->samples.dim;
    double squares = work->points.square[i] + work->samples.square[j];
    double distance = squares - 2.0 * product, blur = distances_blur(squares, dim);
    double reach = negligible * fmin(work->twice[work->count - 1], blur / tolerance);
    int blurred = blur > tolerance * work->twice[0] && distance - blur < nearest + reach;
    if (blurred || !isfinite(distance))
        return distances_direct(work->points.rows + i * dim, work->samples.rows + j * dim, dim);
    return fmax(distance, 0.0);
}

/* Some points against all samples. */
static void measure_rows(void *context, size_t first, size_t rows, float *product)
{
    const parzen_work *work = context;
    const size_t m = work->samples.count, n = work->points.count;
    parzen_sum sums[DISTANCES_ROWS];
    for (size_t i = 0; i < rows; i++)
        sums[i] = (parzen_sum){.nearest = INFINITY};
    for (size_t from = 0; from < m; from += DISTANCES_COLUMNS) {
        size_t columns = size_lesser(DISTANCES_COLUMNS, m - from);
        distances_multiply(product, &work->points, first, rows, &work->samples, from, columns);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++)
                add(&sums[i], work,
                    distance_of(work, first + i, from + j, (double)product[i * DISTANCES_COLUMNS + j],
                                sums[i].nearest));
    }
    for (size_t k = 0; k < work->count; k++) /* - log m + log sum - dim / 2 log(2 pi s^2) */
        for (size_t i = 0; i < rows; i++)
            work->nats[k * n + first + i] = log(sums[i].sum[k] / (double)m) - sums[i].nearest / work->twice[k] -
                                            0.5 * (double)work->samples.dim * log(0.5 * two_pi * work->twice[k]);
}

/* nats [count, n] for bandwidths in rising order. */
static diffusion_status measure_all(parzen_work *work, const double *bandwidths, size_t count, double *nats)
{
    work->count = count;
    work->nats = nats;
    for (size_t k = 0; k < count; k++)
        work->twice[k] = 2.0 * bandwidths[k] * bandwidths[k];
    return row_loop_run(&work->loop);
}

/* ---- the bandwidth ---- */

/* The index of the bandwidth with the largest mean. */
static size_t best_of(const double *nats, size_t n)
{
    size_t best = 0;
    double most = -INFINITY;
    for (size_t k = 0; k < GRID; k++) {
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

static diffusion_status choose_bandwidth(parzen_work *work, const parzen_options *options, double *bandwidth)
{
    double grid[GRID], *nats = memory_allocate(work->points.count, GRID * sizeof *nats);
    size_t best = 0;
    diffusion_status status = nats != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    for (int pass = 0; pass < REFINEMENTS && status == DIFFUSION_OK; pass++) {
        double low = pass == 0 ? options->minimum : grid[best > 0 ? best - 1 : 0];
        double high = pass == 0 ? options->maximum : grid[best + 1 < GRID ? best + 1 : best];
        for (int k = 0; k < GRID; k++)
            grid[k] = k == GRID - 1 ? high : low * pow(high / low, (double)k / (GRID - 1));
        status = measure_all(work, grid, GRID, nats);
        best = status == DIFFUSION_OK ? best_of(nats, work->points.count) : 0;
    }
    if (status == DIFFUSION_OK)
        *bandwidth = grid[best];
    memory_release(nats);
    return status;
}

/* ---- the class ---- */

static void release(void *own)
{
    parzen_state *state = own;
    reference_release(&state->samples);
    memory_release(state->nats);
}

static diffusion_status open_parzen(struct diffusion_evaluator *self)
{
    const parzen_options *options = (const parzen_options *)&self->options.own;
    if (options->bandwidth > 0.0 && options->bandwidth < 1e-150)
        return error_set(DIFFUSION_E_SPEC, "evaluator: bandwidth=%g, expected 0 or 1e-150..1e150", options->bandwidth);
    if (options->minimum >= options->maximum)
        return error_set(DIFFUSION_E_SPEC, "evaluator: minimum=%g, expected less than maximum=%g", options->minimum,
                         options->maximum);
    return DIFFUSION_OK;
}

static diffusion_status open_work(parzen_work *work, const reference *samples, const float *x0, size_t n)
{
    double *centre = distances_centre(samples->values, samples->count, samples->dim);
    diffusion_status status = centre != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = centred_create(&work->samples, samples->values, samples->count, samples->dim, centre);
    if (status == DIFFUSION_OK)
        status = centred_create(&work->points, x0, n, samples->dim, centre);
    memory_release(centre);
    return status;
}

static diffusion_status measure_data(struct diffusion_evaluator *self, parzen_work *work, double *bandwidth,
                                     double *nats)
{
    const parzen_options *options = (const parzen_options *)&self->options.own;
    const size_t n = work->points.count, m = work->samples.count, dim = work->samples.dim;
    const size_t passes = options->bandwidth == 0.0 ? REFINEMENTS + 1 : 1;
    diffusion_status status = DIFFUSION_OK;
    work->loop = (row_loop){.self = self,
                            .rows = n,
                            .tile = DISTANCES_ROWS,
                            .cost = 2 * DISTANCES_ROWS * m * (dim + 64),
                            .scratch = (size_t)DISTANCES_ROWS * DISTANCES_COLUMNS,
                            .run = measure_rows,
                            .context = work,
                            .total = (int64_t)(passes * n)};
    *bandwidth = options->bandwidth;
    if (*bandwidth == 0.0)
        status = choose_bandwidth(work, options, bandwidth);
    return status == DIFFUSION_OK ? measure_all(work, bandwidth, 1, nats) : status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    parzen_state *state = self->state;
    parzen_work work = {0};
    double bandwidth, *nats = NULL;
    diffusion_status status = reference_check_run(self, x0, condition, n, 1);
    if (status == DIFFUSION_OK && (nats = memory_allocate(n, sizeof *nats)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = open_work(&work, &state->samples, x0, n);
    if (status == DIFFUSION_OK)
        status = measure_data(self, &work, &bandwidth, nats);
    centred_release(&work.samples);
    centred_release(&work.points);
    if (status != DIFFUSION_OK) {
        memory_release(nats);
        return status;
    }
    memory_release(state->nats);
    state->nats = nats;
    state->bandwidth = bandwidth;
    return DIFFUSION_OK;
}

static double sample(const struct diffusion_evaluator *self, size_t index)
{
    return ((const parzen_state *)self->state)->nats[index] / nats_per_bit;
}

/* In the order of value(). */
static const char *const quantities[] = {"log_density_bits", "standard_error_bits", "bandwidth"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const double values[] = {evaluator_mean(self, sample), evaluator_error(self, sample),
                             ((const parzen_state *)self->state)->bandwidth};
    return values[quantity];
}

const measure parzen_measure = {
    .spec = {"parzen", "The log density under a Gaussian around each of the model's samples.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(parzen_state),
    .release = release,
    .open = open_parzen,
    .set_reference = reference_set,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .sample = sample,
};
