/* The squared maximum mean discrepancy, without bias (Gretton et al. 2012, lemma 6), by the mean of Gaussian kernels of
 * several widths. */
#include "evaluate/distances.h"
#include "evaluate/kernel_sums.h"
#include "evaluate/reference.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

typedef struct mmd_options {
    spec_reals widths;
} mmd_options;
SPEC_OWN(mmd_options);

static const spec_key keys[] = {
    {"widths", SPEC_REALS, offsetof(mmd_options, widths), "0.25,0.5,1,2,4", 1e-3, 1e3, NULL,
     "of the kernels exp(-d^2 / 2 s^2), as multiples of the median distance between rows of data"},
};

typedef struct mmd_state {
    reference reference;
    double bandwidth; /* the median distance within the reference, */
    double *own;      /* [reference.count]: and sums of the kernel there; NULL until a run needs them */
    double squared, error;
} mmd_state;

static void release(void *own)
{
    mmd_state *state = own;
    reference_release(&state->reference);
    memory_release(state->own);
}

static diffusion_status open_mmd(struct diffusion_evaluator *self)
{
    (void)self;
    return DIFFUSION_OK;
}

static diffusion_status set_reference(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim)
{
    mmd_state *state = self->state;
    diffusion_status status = reference_set(self, samples, m, dim);
    if (status == DIFFUSION_OK) {
        memory_release(state->own);
        state->own = NULL;
    }
    return status;
}

/* Sums over j of k(row i, other j), j != i within a set. */
typedef struct mmd_work {
    centred rows, others;
    double *within, *across; /* [n] of the samples */
    double *back;            /* [m]: of the reference with the samples */
} mmd_work;

static double sum_of(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

/* What n rows and m others add up to. */
static double discrepancy(double within, double own, double across, double n, double m)
{
    return within / (n * (n - 1.0)) + own / (m * (m - 1.0)) - 2.0 * across / (n * m);
}

/* The variance that a jackknife over one side finds: that side has n rows, with sums `within` it and `across`. */
static double jackknife(const double *within, const double *across, double other, size_t n, size_t m)
{
    const double all = sum_of(within, n), cross = sum_of(across, n), left = (double)n - 1.0;
    double mean = 0.0, square = 0.0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            const double without = discrepancy(all - 2.0 * within[i], other, cross - across[i], left, (double)m);
            if (pass == 0)
                mean += without / (double)n;
            else
                square += (without - mean) * (without - mean);
        }
    return square * left / (double)n;
}

static void take_figures(mmd_state *state, const mmd_work *work)
{
    const size_t n = work->rows.count, m = work->others.count;
    const double within = sum_of(work->within, n), own = sum_of(state->own, m);
    state->squared = discrepancy(within, own, sum_of(work->across, n), (double)n, (double)m);
    state->error =
        n < 3 || m < 3
            ? NAN
            : sqrt(jackknife(work->within, work->across, own, n, m) + jackknife(state->own, work->back, within, m, n));
}

static diffusion_status open_work(mmd_work *work, const reference *to, const float *x0, size_t n)
{
    double *centre = distances_centre(to->values, to->count, to->dim);
    diffusion_status status = centre != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = centred_create(&work->rows, x0, n, to->dim, centre);
    if (status == DIFFUSION_OK)
        status = centred_create(&work->others, to->values, to->count, to->dim, centre);
    memory_release(centre);
    if (status == DIFFUSION_OK && ((work->within = memory_allocate(n, sizeof(double))) == NULL ||
                                   (work->across = memory_allocate(n, sizeof(double))) == NULL ||
                                   (work->back = memory_allocate(to->count, sizeof(double))) == NULL))
        status = DIFFUSION_E_MEMORY;
    return status;
}

static void close_work(mmd_work *work)
{
    centred_release(&work->rows);
    centred_release(&work->others);
    memory_release(work->within);
    memory_release(work->across);
    memory_release(work->back);
}

/* `own` is filled if it is not NULL. */
static diffusion_status sum_all(const struct diffusion_evaluator *self, mmd_work *work, double bandwidth, double *own)
{
    const mmd_options *options = (const mmd_options *)&self->options.own;
    const int64_t n = (int64_t)work->rows.count, m = (int64_t)work->others.count;
    row_loop loop = {.self = self, .total = 2 * n + m + (own != NULL ? m : 0)};
    kernel_sums sums = {.widths = options->widths.values, .count = options->widths.count, .unit = bandwidth};
    diffusion_status status = DIFFUSION_OK;
    if (own != NULL)
        status = kernel_sums_take(&sums, own, &work->others, &work->others, &loop);
    if (status == DIFFUSION_OK)
        status = kernel_sums_take(&sums, work->within, &work->rows, &work->rows, &loop);
    if (status == DIFFUSION_OK)
        status = kernel_sums_take(&sums, work->across, &work->rows, &work->others, &loop);
    if (status == DIFFUSION_OK)
        status = kernel_sums_take(&sums, work->back, &work->others, &work->rows, &loop);
    return status;
}

static diffusion_status run(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    mmd_state *state = self->state;
    mmd_work work = {0};
    double bandwidth = state->bandwidth, *own = NULL;
    diffusion_status status = reference_check_run(self, x0, condition, n, 2);
    if (status == DIFFUSION_OK)
        status = open_work(&work, &state->reference, x0, n);
    if (status == DIFFUSION_OK && state->own == NULL) {
        status = kernel_sums_median(&bandwidth, &work.others);
        if (status == DIFFUSION_OK && (own = memory_allocate(work.others.count, sizeof *own)) == NULL)
            status = DIFFUSION_E_MEMORY;
    }
    if (status == DIFFUSION_OK)
        status = sum_all(self, &work, bandwidth, own);
    if (status == DIFFUSION_OK) {
        if (own != NULL)
            state->own = own;
        own = NULL;
        state->bandwidth = bandwidth;
        take_figures(state, &work);
    }
    memory_release(own);
    close_work(&work);
    return status;
}

/* In the order of value(). */
static const char *const quantities[] = {"mmd_squared", "standard_error", "bandwidth"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    const mmd_state *state = self->state;
    const double values[] = {state->squared, state->error, state->bandwidth};
    return values[quantity];
}

const measure mmd_measure = {
    .spec = {"mmd", "The squared maximum mean discrepancy, without bias, by Gaussian kernels.", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(mmd_state),
    .release = release,
    .open = open_mmd,
    .set_reference = set_reference,
    .run = run,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
};
