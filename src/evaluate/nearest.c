/* The distance of every sample to the nearest row of the reference: next to none where a model repeats its data. */
#include "evaluate/neighbours.h"
#include "evaluate/reference.h"

#include "base/memory.h"
#include "base/sort.h"

#include <math.h>

typedef struct nearest_state {
    reference reference;
    double *distance; /* [n] */
    size_t *index;    /* [n] */
    double median;
} nearest_state;

static void release(void *own)
{
    nearest_state *state = own;
    reference_release(&state->reference);
    memory_release(state->distance);
    memory_release(state->index);
}

static diffusion_status open_nearest(struct diffusion_evaluator *self)
{
    (void)self;
    return DIFFUSION_OK;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static diffusion_status take_median(double *out, const double *distance, size_t n)
{
    double *sorted = memory_allocate(n, sizeof *sorted);
    if (sorted == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < n; i++)
        sorted[i] = distance[i];
    sort_items(sorted, n, sizeof *sorted, compare);
    *out = 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
    memory_release(sorted);
    return DIFFUSION_OK;
}

static diffusion_status measure_rows(struct diffusion_evaluator *self, nearest_state *next, const float *x0, size_t n)
{
    const reference *to = &((const nearest_state *)self->state)->reference;
    double *centre = distances_centre(to->values, to->count, to->dim);
    centred rows = {0}, others = {0};
    row_loop loop = {.self = self, .total = (int64_t)n};
    neighbours found = {&rows, &others, next->distance, next->index};
    diffusion_status status = centre != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = centred_create(&rows, x0, n, to->dim, centre);
    if (status == DIFFUSION_OK)
        status = centred_create(&others, to->values, to->count, to->dim, centre);
    if (status == DIFFUSION_OK)
        status = neighbours_find(&found, &loop);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        next->distance[i] = sqrt(next->distance[i]);
    if (status == DIFFUSION_OK)
        status = take_median(&next->median, next->distance, n);
    memory_release(centre);
    centred_release(&rows);
    centred_release(&others);
    return status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    nearest_state *state = self->state, next = {.reference = state->reference};
    diffusion_status status = reference_check_run(self, x0, condition, n, 1);
    if (status == DIFFUSION_OK && ((next.distance = memory_allocate(n, sizeof *next.distance)) == NULL ||
                                   (next.index = memory_allocate(n, sizeof *next.index)) == NULL))
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = measure_rows(self, &next, x0, n);
    nearest_state old = status == DIFFUSION_OK ? *state : next;
    if (status == DIFFUSION_OK)
        *state = next;
    memory_release(old.distance);
    memory_release(old.index);
    return status;
}

static double sample(const struct diffusion_evaluator *self, size_t index)
{
    return ((const nearest_state *)self->state)->distance[index];
}

static size_t neighbour(const struct diffusion_evaluator *self, size_t index)
{
    return ((const nearest_state *)self->state)->index[index];
}

/* In the order of value(). */
static const char *const quantities[] = {"mean_distance", "standard_error", "median_distance"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const double values[] = {evaluator_mean(self, sample), evaluator_error(self, sample),
                             ((const nearest_state *)self->state)->median};
    return values[quantity];
}

const measure nearest_measure = {
    .spec = {"nearest", "The distance of every sample to the nearest row of data.", NULL, 0},
    .state_size = sizeof(nearest_state),
    .release = release,
    .open = open_nearest,
    .set_reference = reference_set,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
    .sample = sample,
    .neighbour = neighbour,
};
