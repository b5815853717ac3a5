/* Whether a row's nearest neighbour is of its own set, of as many samples as data (leave-one-out accuracy of 1-NN,
 * Lopez-Paz and Oquab 2017): half of the rows if both have one law. */
#include "evaluate/neighbours.h"
#include "evaluate/reference.h"

#include "base/memory.h"
#include "base/rng.h"
#include "base/size.h"

#include <math.h>
#include <string.h>

typedef struct two_sample_options {
    uint64_t seed;
} two_sample_options;
SPEC_OWN(two_sample_options);

static const spec_key keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(two_sample_options, seed), "0", 0, 0, NULL,
     "which rows of the larger set are taken, as many as the smaller has"},
};

typedef struct two_sample_state {
    reference reference;
    double samples, data; /* shares of those nearest to one of their own */
    double error;         /* of the mean of both */
} two_sample_state;

/* Both sets as one: samples, then as many rows of data. */
typedef struct pooled {
    centred sets[2];
    size_t count;   /* of each */
    double *square; /* [2 (own, other), 2 count] */
    size_t *index;  /* likewise, within the set */
} pooled;

static void release(void *own)
{
    reference_release(&((two_sample_state *)own)->reference);
}

static diffusion_status open_two_sample(struct diffusion_evaluator *self)
{
    (void)self;
    return DIFFUSION_OK;
}

/* `count` of the rows; NULL with the sentence set if memory runs out. */
static float *choose_rows(const float *rows, size_t all, size_t count, size_t dim, uint64_t seed)
{
    float *chosen = memory_allocate(count, dim * sizeof *chosen);
    for (size_t i = 0; i < count && chosen != NULL; i++) {
        const size_t from = all == count ? i : (size_t)rng_permute(i, all, (rng_stream){seed, RNG_SUBSET, 0, 0});
        memcpy(chosen + i * dim, rows + from * dim, dim * sizeof *chosen);
    }
    return chosen;
}

/* 1 for a row that is nearer to one of its own than to the others, half where that is equal. */
static double nearer_own(const pooled *of, size_t row)
{
    const double own = of->square[row], other = of->square[2 * of->count + row];
    return own < other ? 1.0 : own == other ? 0.5 : 0.0;
}

/* The nearest of all other rows. */
static size_t nearest_to(const pooled *of, size_t row)
{
    const size_t n = of->count, set = row / n;
    return nearer_own(of, row) > 0.0 ? set * n + of->index[row] : (1 - set) * n + of->index[2 * n + row];
}

static void take_figures(two_sample_state *out, const pooled *of)
{
    const size_t n = of->count;
    double sum[2] = {0}, square = 0.0;
    for (size_t i = 0; i < 2 * n; i++)
        sum[i / n] += nearer_own(of, i);
    const double accuracy = (sum[0] + sum[1]) / (double)(2 * n);
    for (size_t i = 0; i < 2 * n; i++) { /* two rows that are each other's nearest say the same */
        const double off = nearer_own(of, i) - accuracy;
        square += off * off * (nearest_to(of, nearest_to(of, i)) == i ? 2.0 : 1.0);
    }
    out->samples = sum[0] / (double)n;
    out->data = sum[1] / (double)n;
    out->error = sqrt(square) / (double)(2 * n);
}

static diffusion_status find_all(const struct diffusion_evaluator *self, const pooled *of)
{
    const size_t n = of->count;
    row_loop loop = {.self = self, .total = 4 * (int64_t)n};
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < 4 && status == DIFFUSION_OK; i++) {
        const size_t set = i % 2, other = i / 2 == 0 ? set : 1 - set;
        neighbours to = {&of->sets[set], &of->sets[other], of->square + i * n, of->index + i * n};
        status = neighbours_find(&to, &loop);
    }
    return status;
}

static diffusion_status open_pooled(pooled *out, const float *samples, const float *data, size_t count, size_t dim)
{
    double *centre = distances_centre(data, count, dim);
    diffusion_status status = centre != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    *out = (pooled){.count = count};
    if (status == DIFFUSION_OK)
        status = centred_create(&out->sets[0], samples, count, dim, centre);
    if (status == DIFFUSION_OK)
        status = centred_create(&out->sets[1], data, count, dim, centre);
    if (status == DIFFUSION_OK && ((out->square = memory_allocate(count, 4 * sizeof *out->square)) == NULL ||
                                   (out->index = memory_allocate(count, 4 * sizeof *out->index)) == NULL))
        status = DIFFUSION_E_MEMORY;
    memory_release(centre);
    return status;
}

static void close_pooled(pooled *of)
{
    centred_release(&of->sets[0]);
    centred_release(&of->sets[1]);
    memory_release(of->square);
    memory_release(of->index);
}

static diffusion_status measure_both(struct diffusion_evaluator *self, two_sample_state *out, const float *x0, size_t n)
{
    const reference *to = &out->reference;
    const uint64_t seed = ((const two_sample_options *)&self->options.own)->seed;
    const size_t count = size_lesser(n, to->count);
    float *samples = choose_rows(x0, n, count, to->dim, seed);
    float *data = samples != NULL ? choose_rows(to->values, to->count, count, to->dim, seed) : NULL;
    pooled of = {.count = 0};
    diffusion_status status = data != NULL ? open_pooled(&of, samples, data, count, to->dim) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = find_all(self, &of);
    if (status == DIFFUSION_OK)
        take_figures(out, &of);
    close_pooled(&of);
    memory_release(data);
    memory_release(samples);
    return status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    two_sample_state *state = self->state, next = *state;
    diffusion_status status = reference_check_run(self, x0, condition, n, 2);
    if (status == DIFFUSION_OK)
        status = measure_both(self, &next, x0, n);
    if (status == DIFFUSION_OK)
        *state = next;
    return status;
}

/* In the order of value(). */
static const char *const quantities[] = {"accuracy", "standard_error", "sample_accuracy", "data_accuracy"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const two_sample_state *state = self->state;
    const double values[] = {0.5 * (state->samples + state->data), state->error, state->samples, state->data};
    return values[quantity];
}

const measure two_sample_measure = {
    .spec = {"two_sample", "Whether the nearest of all rows is of the same set: 0.5 if both have one law.", keys,
             SPEC_COUNT(keys)},
    .state_size = sizeof(two_sample_state),
    .release = release,
    .open = open_two_sample,
    .set_reference = reference_set,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
};
