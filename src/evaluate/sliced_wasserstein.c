/* The distance between two sets by their shadows on many lines, where it is known: sorted value against sorted value
 * (Rabin et al. 2011, Bonneel et al. 2015). */
#include "evaluate/distances.h"
#include "evaluate/line.h"
#include "evaluate/reference.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/size.h"
#include "math/blas.h"

#include <math.h>

enum {
    BLOCK = 32,   /* directions between two words on progress */
    ROWS = 512,   /* of a tile that is projected */
    SUBSETS = 10, /* for the standard error, at most */
};

typedef struct sliced_options {
    int64_t projections;
    uint64_t seed;
} sliced_options;
SPEC_OWN(sliced_options);

static const spec_key keys[] = {
    {"projections", SPEC_INTEGER, offsetof(sliced_options, projections), "500", 1, 1000000, NULL,
     "random directions; data of one value needs one, and takes no more"},
    {"seed", SPEC_UNSIGNED, offsetof(sliced_options, seed), "0", 0, 0, NULL,
     "seed of the directions, and of the subsets that the standard error comes of"},
};

typedef struct sliced_state {
    reference reference;
    double distance, error;
} sliced_state;

typedef struct side {
    centred rows;
    size_t count;
    uint32_t *subset; /* [count] */
} side;

/* Squared distances along each direction of a block: of all rows, then of each subset. */
typedef struct sliced_work {
    side sides[2];
    size_t dim, subsets;
    float *directions; /* [BLOCK, dim] */
    float *shadows;    /* [BLOCK, both counts] */
    uint64_t *sorted;  /* per thread [2, both counts] */
    float *picked;     /* per thread [both counts] */
    double *square;    /* [BLOCK, 1 + SUBSETS] */
} sliced_work;

static void release(void *own)
{
    reference_release(&((sliced_state *)own)->reference);
}

static diffusion_status open_sliced(struct diffusion_evaluator *self)
{
    (void)self;
    return DIFFUSION_OK;
}

/* ---- one direction ---- */

/* The values of a subset, or of all with SUBSETS, in their order; how many. */
static size_t pick(float *out, const uint64_t *sorted, size_t count, size_t subset)
{
    size_t picked = 0;
    for (size_t i = 0; i < count; i++)
        if (subset == SUBSETS || line_mark(sorted[i]) == subset)
            out[picked++] = line_value(sorted[i]);
    return picked;
}

static void sort_shadows(uint64_t *out, uint64_t *spare, const float *values, const side *of)
{
    for (size_t i = 0; i < of->count; i++)
        out[i] = line_item(values[i], of->subset[i]);
    line_sort(out, spare, of->count);
}

static void measure_direction(void *context, size_t direction, size_t slot)
{
    const sliced_work *work = context;
    const size_t na = work->sides[0].count, nb = work->sides[1].count, both = na + nb;
    uint64_t *a = work->sorted + slot * 2 * both, *b = a + na, *spare = a + both;
    float *picked = work->picked + slot * both;
    double *square = work->square + direction * (1 + SUBSETS);
    sort_shadows(a, spare, work->shadows + direction * both, &work->sides[0]);
    sort_shadows(b, spare, work->shadows + direction * both + na, &work->sides[1]);
    for (size_t k = 0; k <= work->subsets; k++) {
        const size_t subset = k == 0 ? SUBSETS : k - 1;
        const size_t count = pick(picked, a, na, subset), others = pick(picked + count, b, nb, subset);
        square[k] = line_squared_distance(picked, count, picked + count, others);
    }
}

/* ---- a block of them ---- */

static void draw_directions(float *out, size_t first, size_t count, size_t dim, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        float *direction = out + i * dim;
        double square = 0.0;
        rng_normal_float(direction, dim, (rng_stream){seed, RNG_DIRECTION, 0, first + i});
        for (size_t j = 0; j < dim; j++)
            square += (double)direction[j] * (double)direction[j];
        for (size_t j = 0; j < dim; j++)
            direction[j] = (float)((double)direction[j] / sqrt(square));
    }
}

/* A tile of one side. */
static void project_rows(void *context, size_t task, size_t slot)
{
    (void)slot;
    const sliced_work *work = context;
    const size_t tiles = size_divide_up(work->sides[0].count, ROWS), both = work->sides[0].count + work->sides[1].count;
    const side *of = &work->sides[task >= tiles];
    const size_t first = (task - (task >= tiles ? tiles : 0)) * ROWS, rows = size_lesser(ROWS, of->count - first);
    float *out = work->shadows + (task >= tiles ? work->sides[0].count : 0) + first;
    blas_sgemm(0, 1, BLOCK, rows, work->dim, 1.0f, work->directions, work->dim, of->rows.values + first * work->dim,
               work->dim, 0.0f, out, both);
}

/* For as many threads as there are now: between two blocks a callback may have set another number. */
static diffusion_status measure_block(sliced_work *work, size_t directions)
{
    const size_t both = work->sides[0].count + work->sides[1].count, threads = threads_count();
    const size_t tiles = size_divide_up(work->sides[0].count, ROWS) + size_divide_up(work->sides[1].count, ROWS);
    diffusion_status status = blas_ready();
    if (status == DIFFUSION_OK && ((work->sorted = memory_allocate(both, 2 * threads * sizeof *work->sorted)) == NULL ||
                                   (work->picked = memory_allocate(both, threads * sizeof *work->picked)) == NULL))
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        blas_parallel_for(tiles, (size_t)BLOCK * ROWS * work->dim / 32, project_rows, work);
        parallel_for(directions, 100 * both, measure_direction, work);
    }
    memory_release(work->sorted);
    memory_release(work->picked);
    work->sorted = NULL;
    work->picked = NULL;
    return status;
}

/* ---- the class ---- */

static diffusion_status open_work(sliced_work *work, const float *x0, size_t n, const reference *to)
{
    const size_t both = n + to->count;
    double *centre = distances_centre(to->values, to->count, to->dim);
    *work = (sliced_work){.sides = {{.count = n}, {.count = to->count}}, .dim = to->dim};
    work->subsets = size_lesser(SUBSETS, size_lesser(n, to->count));
    diffusion_status status = centre != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = centred_create(&work->sides[0].rows, x0, n, to->dim, centre);
    if (status == DIFFUSION_OK)
        status = centred_create(&work->sides[1].rows, to->values, to->count, to->dim, centre);
    memory_release(centre);
    if (status != DIFFUSION_OK)
        return status;
    int complete = (work->directions = memory_allocate(BLOCK, work->dim * sizeof(float))) != NULL &&
                   (work->shadows = memory_allocate(both, BLOCK * sizeof(float))) != NULL &&
                   (work->square = memory_allocate(BLOCK, (1 + SUBSETS) * sizeof(double))) != NULL &&
                   (work->sides[0].subset = memory_allocate(n, sizeof(uint32_t))) != NULL &&
                   (work->sides[1].subset = memory_allocate(to->count, sizeof(uint32_t))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static void close_work(sliced_work *work)
{
    memory_release(work->directions);
    memory_release(work->shadows);
    memory_release(work->square);
    for (size_t i = 0; i < 2; i++) {
        centred_release(&work->sides[i].rows);
        memory_release(work->sides[i].subset);
    }
}

/* At random: rows often stand in an order, such as labels in turn. */
static void assign_subsets(side *of, size_t subsets, uint64_t seed, uint64_t number)
{
    for (size_t i = 0; i < of->count; i++)
        of->subset[i] =
            (uint32_t)(rng_permute(i, of->count, (rng_stream){seed, RNG_SUBSET, number, 0}) % (uint64_t)subsets);
}

/* sum[0] over directions of the squared distance of all rows, sum[1 + k] of subset k. */
static diffusion_status sum_directions(const struct diffusion_evaluator *self, sliced_work *work, size_t projections,
                                       double sum[1 + SUBSETS])
{
    const uint64_t seed = ((const sliced_options *)&self->options.own)->seed;
    diffusion_status status = DIFFUSION_OK;
    for (size_t first = 0; first < projections && status == DIFFUSION_OK; first += BLOCK) {
        const size_t directions = size_lesser(BLOCK, projections - first);
        draw_directions(work->directions, first, directions, work->dim, seed);
        status = measure_block(work, directions);
        for (size_t i = 0; i < directions && status == DIFFUSION_OK; i++)
            for (size_t k = 0; k <= work->subsets; k++)
                sum[k] += work->square[i * (1 + SUBSETS) + k];
        if (status == DIFFUSION_OK)
            status = evaluator_progress(self, (int64_t)(first + directions), (int64_t)projections);
    }
    return status;
}

/* A subset's distance spreads sqrt(subsets) times as far as that of all rows, near 0 and away from it. */
static double error_of(const double *sum, size_t subsets, size_t projections)
{
    double mean = 0.0, square = 0.0;
    for (size_t k = 0; k < subsets; k++)
        mean += sqrt(sum[k] / (double)projections) / (double)subsets;
    for (size_t k = 0; k < subsets; k++)
        square += pow(sqrt(sum[k] / (double)projections) - mean, 2.0);
    return subsets < 2 ? NAN : sqrt(square / (double)(subsets - 1) / (double)subsets);
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    const sliced_options *options = (const sliced_options *)&self->options.own;
    sliced_state *state = self->state;
    diffusion_status status = reference_check_run(self, x0, condition, n, 1);
    if (status != DIFFUSION_OK)
        return status;
    sliced_work work;
    const size_t projections = state->reference.dim == 1 ? 1 : (size_t)options->projections;
    double sum[1 + SUBSETS] = {0};
    status = open_work(&work, x0, n, &state->reference);
    for (size_t i = 0; i < 2 && status == DIFFUSION_OK; i++)
        assign_subsets(&work.sides[i], work.subsets, options->seed, i);
    if (status == DIFFUSION_OK)
        status = sum_directions(self, &work, projections, sum);
    close_work(&work);
    if (status == DIFFUSION_OK && !isfinite(sum[0]))
        status = error_set(DIFFUSION_E_NONFINITE, "evaluator_run: the distance is beyond float32's range");
    if (status != DIFFUSION_OK)
        return status;
    state->distance = sqrt(sum[0] / (double)projections);
    state->error = error_of(sum + 1, work.subsets, projections);
    return DIFFUSION_OK;
}

/* In the order of value(). */
static const char *const quantities[] = {"distance", "standard_error"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const sliced_state *state = self->state;
    return quantity == 0 ? state->distance : state->error;
}

const measure sliced_wasserstein_measure = {
    .spec = {"sliced_wasserstein", "The Wasserstein distance of order 2, over random directions.", keys,
             SPEC_COUNT(keys)},
    .state_size = sizeof(sliced_state),
    .release = release,
    .open = open_sliced,
    .set_reference = reference_set,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
};
