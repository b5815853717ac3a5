/* The log density of data under Gaussians around samples (Breuleux et al. 2011). */
#include "evaluate/evaluator.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "math/blas.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double two_pi = 6.283185307179586476925286766559;

enum {
    ROWS = 64,     /* points of one tile, */
    COLUMNS = 256, /* and samples: their product stays in the second-level cache */
    GRID = 16      /* bandwidths that one pass over the distances serves */
};

typedef struct parzen_options {
    double bandwidth, minimum, maximum;
} parzen_options;
SPEC_OWN(parzen_options);

static const spec_key keys[] = {
    {"bandwidth", SPEC_REAL, offsetof(parzen_options, bandwidth), "0", 0, 1e150, NULL,
     "standard deviation of each Gaussian, in the unit of the data; 0 chooses the one under which the data of the run "
     "is "
     "likeliest: the best of 16 values spaced evenly in logarithm, then twice more of 16 between its neighbours"},
    {"minimum", SPEC_REAL, offsetof(parzen_options, minimum), "1e-3", 1e-150, 1e150, NULL,
     "bandwidth=0: where the search begins"},
    {"maximum", SPEC_REAL, offsetof(parzen_options, maximum), "1e2", 1e-150, 1e150, NULL,
     "bandwidth=0: where it ends. A result at either end says that the range was too narrow"},
};

/* What is measured against, and the figures of the last run. */
typedef struct parzen_state {
    float *samples; /* [m, dim] */
    size_t m, dim;
    double bandwidth;
    double *nats; /* [n] */
} parzen_state;

/* A Gaussian this many nats below the nearest sample's does not change a sum of double precision. */
static const double negligible = 45.0;

/* What a distance may be off, in nats: squared distance over 2 s^2. */
static const double tolerance = 1e-4;

typedef struct parzen_work {
    const struct diffusion_evaluator *self;
    const parzen_state *input; /* the samples */
    const float *data;         /* [n, dim] */
    size_t n;
    double twice[GRID]; /* 2 s^2, rising */
    size_t count;
    double *centre;         /* [dim]: the samples' mean */
    float *samples;         /* [m, dim], centred: |x|^2 + |y|^2 - 2 x y loses less the nearer to 0 both are */
    double *square;         /* [m]: |sample|^2, centred */
    float *points;          /* per thread [ROWS, dim]: a tile of data, centred */
    float *product;         /* per thread [ROWS, COLUMNS] */
    double *nats;           /* [count, n] */
    size_t tile;            /* the first of those at hand */
    int64_t passes, passed; /* over all data: in all, and done */
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
    const parzen_state *input = work->input;
    size_t dim = input->dim, first = (work->tile + task) * ROWS, rows = size_lesser(ROWS, work->n - first);
    float *points = work->points + slot * ROWS * dim, *product = work->product + slot * ROWS * COLUMNS;
    parzen_sum sums[ROWS];
    double square[ROWS];
    for (size_t i = 0; i < rows; i++) {
        sums[i] = (parzen_sum){.nearest = INFINITY};
        square[i] = centre_row(points + i * dim, work->data + (first + i) * dim, work->centre, dim);
    }
    for (size_t from = 0; from < input->m; from += COLUMNS) {
        size_t columns = size_lesser(COLUMNS, input->m - from);
        blas_sgemm(0, 1, rows, columns, dim, 1.0f, points, dim, work->samples + from * dim, dim, 0.0f, product,
                   COLUMNS);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++)
                add(&sums[i], work,
                    distance_of(work, square[i] + work->square[from + j], (double)product[i * COLUMNS + j],
                                sums[i].nearest, work->data + (first + i) * dim, input->samples + (from + j) * dim));
    }
    for (size_t k = 0; k < work->count; k++) /* - log m + log sum - dim / 2 log(2 pi s^2) */
        for (size_t i = 0; i < rows; i++)
            work->nats[k * work->n + first + i] = log(sums[i].sum[k] / (double)input->m) -
                                                  sums[i].nearest / work->twice[k] -
                                                  0.5 * (double)dim * log(0.5 * two_pi * work->twice[k]);
}

static diffusion_status check_finite(const char *name, const float *values, size_t count, size_t dim)
{
    for (size_t i = 0; i < count * dim; i++)
        if (!isfinite(values[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "evaluator: value %zu of row %zu of %s is %g, expected a finite number", i % dim, i / dim,
                             name, (double)values[i]);
    return DIFFUSION_OK;
}

static diffusion_status reserve(parzen_work *work)
{
    size_t m = work->input->m, dim = work->input->dim;
    int complete = (work->centre = memory_allocate(dim, sizeof(double))) != NULL &&
                   (work->samples = memory_allocate(m * dim, sizeof(float))) != NULL &&
                   (work->square = memory_allocate(m, sizeof(double))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static void centre_samples(parzen_work *work)
{
    const parzen_state *input = work->input;
    for (size_t i = 0; i < input->m; i++)
        for (size_t j = 0; j < input->dim; j++)
            work->centre[j] += (double)input->samples[i * input->dim + j] / (double)input->m;
    for (size_t i = 0; i < input->m; i++)
        work->square[i] =
            centre_row(work->samples + i * input->dim, input->samples + i * input->dim, work->centre, input->dim);
}

static void close_work(parzen_work *work)
{
    void *arrays[] = {work->centre, work->samples, work->square};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
}

/* For as many threads as there are now: between two loops a callback may have set another number. */
static diffusion_status reserve_tiles(parzen_work *work)
{
    const size_t dim = work->input->dim, threads = threads_count();
    size_t values;
    if (!size_multiply(&values, threads * ROWS, dim))
        return error_set(DIFFUSION_E_MEMORY, "evaluator: tiles of %zu values cannot be addressed", dim);
    diffusion_status status = blas_ready();
    if (status == DIFFUSION_OK && ((work->points = memory_allocate(values, sizeof(float))) == NULL ||
                                   (work->product = memory_allocate(threads * ROWS * COLUMNS, sizeof(float))) == NULL))
        status = DIFFUSION_E_MEMORY;
    return status;
}

static void release_tiles(parzen_work *work)
{
    memory_release(work->points);
    memory_release(work->product);
    work->points = work->product = NULL;
}

/* Tiles between two words on progress: a second's work at most, by a generous estimate, but some for each thread. */
static size_t tiles_at_a_time(size_t cost)
{
    const size_t threads = threads_count(), second = 1000000000;
    return threads * (cost < second / 4 ? second / cost : 4);
}

/* nats [count, n] for bandwidths in rising order. */
static diffusion_status measure_all(parzen_work *work, const double *bandwidths, size_t count, double *nats)
{
    const size_t tiles = size_divide_up(work->n, ROWS), cost = 2 * ROWS * work->input->m * (work->input->dim + 64);
    diffusion_status status = DIFFUSION_OK;
    work->count = count;
    work->nats = nats;
    for (size_t k = 0; k < count; k++)
        work->twice[k] = 2.0 * bandwidths[k] * bandwidths[k];
    for (work->tile = 0; work->tile < tiles && status == DIFFUSION_OK;) {
        const size_t some = size_lesser(tiles_at_a_time(cost), tiles - work->tile);
        status = reserve_tiles(work);
        if (status == DIFFUSION_OK)
            blas_parallel_for(some, cost, measure_tile, work);
        release_tiles(work);
        work->tile += some;
        const size_t done = size_lesser(work->tile * ROWS, work->n);
        if (status == DIFFUSION_OK)
            status = evaluator_progress(work->self, work->passed * (int64_t)work->n + (int64_t)done,
                                        work->passes * (int64_t)work->n);
    }
    work->passed++;
    return status;
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
    double grid[GRID], *nats = memory_allocate(work->n, GRID * sizeof *nats);
    size_t best = 0;
    diffusion_status status = nats != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    for (int pass = 0; pass < REFINEMENTS && status == DIFFUSION_OK; pass++) {
        double low = pass == 0 ? options->minimum : grid[best > 0 ? best - 1 : 0];
        double high = pass == 0 ? options->maximum : grid[best + 1 < GRID ? best + 1 : best];
        for (int k = 0; k < GRID; k++)
            grid[k] = k == GRID - 1 ? high : low * pow(high / low, (double)k / (GRID - 1));
        status = measure_all(work, grid, GRID, nats);
        best = status == DIFFUSION_OK ? best_of(nats, work->n) : 0;
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
    memory_release(state->samples);
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

static diffusion_status set_reference(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim)
{
    static const char function[] = "evaluator_set_reference";
    parzen_state *state = self->state;
    if (m == 0 || dim == 0 || dim > INT32_MAX)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: m=%zu, dim=%zu, expected at least 1 of each, dim below 2^31",
                         function, m, dim);
    if (self->model != NULL && self->model->dim != dim)
        return error_set(DIFFUSION_E_SHAPE, "%s: dim=%zu, but the model has %zu values to a sample", function, dim,
                         self->model->dim);
    diffusion_status status = array_check_size(function, m, dim, sizeof *samples);
    if (status == DIFFUSION_OK)
        status = check_finite("samples", samples, m, dim);
    float *copy = status == DIFFUSION_OK ? memory_allocate(m, dim * sizeof *copy) : NULL;
    if (status == DIFFUSION_OK && copy == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK)
        return status;
    memcpy(copy, samples, m * dim * sizeof *copy);
    memory_release(state->samples);
    state->samples = copy;
    state->m = m;
    state->dim = dim;
    return DIFFUSION_OK;
}

static diffusion_status check_run(const struct diffusion_evaluator *self, const float *x0,
                                  const struct diffusion_condition *condition, size_t n)
{
    const parzen_state *state = self->state;
    if (state->samples == NULL)
        return error_set(DIFFUSION_E_STATE,
                         "evaluator_run: parzen has no samples (call evaluator_set_reference first)");
    if (condition != NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_run: parzen takes no condition, expected NULL");
    diffusion_status status = array_check_size("evaluator_run", n, state->dim, sizeof *x0);
    return status == DIFFUSION_OK ? check_finite("data", x0, n, state->dim) : status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    const parzen_options *options = (const parzen_options *)&self->options.own;
    parzen_state *state = self->state;
    parzen_work work = {.self = self, .input = state, .data = x0, .n = n};
    double bandwidth = options->bandwidth, *nats = NULL;
    work.passes = bandwidth == 0.0 ? REFINEMENTS + 1 : 1;
    diffusion_status status = check_run(self, x0, condition, n);
    if (status == DIFFUSION_OK)
        status = reserve(&work);
    if (status == DIFFUSION_OK && (nats = memory_allocate(n, sizeof *nats)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        centre_samples(&work);
    if (status == DIFFUSION_OK && bandwidth == 0.0)
        status = choose_bandwidth(&work, options, &bandwidth);
    if (status == DIFFUSION_OK)
        status = measure_all(&work, &bandwidth, 1, nats);
    close_work(&work);
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
    .set_reference = set_reference,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .sample = sample,
};
