#include "process/schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/accurate_sum.h"
#include "process/betas.h"
#include "process/schedule_options.h"

#include <string.h>

/* A schedule without content that schedule_release() can undo from here on. */
static diffusion_status allocate(struct diffusion_schedule **out, int32_t steps, size_t rate_count)
{
    struct diffusion_schedule *schedule = memory_allocate(1, sizeof *schedule);
    if (schedule == NULL)
        return DIFFUSION_E_MEMORY;
    const size_t row = (size_t)steps + 1;
    schedule->references = 1;
    schedule->beta = memory_allocate(row, 4 * sizeof *schedule->beta); /* all four arrays */
    schedule->rates = memory_allocate(rate_count, sizeof *schedule->rates);
    if (schedule->beta == NULL || schedule->rates == NULL) {
        schedule_release(schedule);
        return DIFFUSION_E_MEMORY;
    }
    schedule->log_alpha_bar = schedule->beta + row;
    schedule->alpha_bar = schedule->log_alpha_bar + row;
    schedule->noise = schedule->alpha_bar + row;
    schedule->steps = steps;
    schedule->rate_count = rate_count;
    *out = schedule;
    return DIFFUSION_OK;
}

/* As the kind's formula has them, before any rescaling. */
static void fill_betas(double *beta, const schedule_options *options, schedule_kind kind)
{
    const int32_t steps = (int32_t)options->steps;
    switch (kind) {
    case SCHEDULE_LINEAR:
        betas_linear(beta, steps, options->beta_start, options->beta_end);
        break;
    case SCHEDULE_SCALED_LINEAR:
        betas_scaled_linear(beta, steps, options->beta_start, options->beta_end);
        break;
    case SCHEDULE_COSINE:
        betas_cosine(beta, steps);
        break;
    case SCHEDULE_SIGMOID:
        betas_sigmoid(beta, steps, options->beta_start, options->beta_end);
        break;
    case SCHEDULE_CONSTANT_RATE:
        betas_constant_rate(beta, steps);
        break;
    case SCHEDULE_BETAS:
        memcpy(beta + 1, options->values.values, options->values.count * sizeof *beta);
        break;
    }
}

/* The product of 1 - beta as a sum of logarithms: it neither underflows nor loses what is small beside 1. */
static void derive(struct diffusion_schedule *schedule)
{
    accurate_sum log_alpha_bar = {0.0, 0.0};
    schedule->alpha_bar[0] = 1.0;
    for (int32_t t = 1; t <= schedule->steps; t++) {
        accurate_add(&log_alpha_bar, log1p(-schedule->beta[t]));
        schedule->log_alpha_bar[t] = accurate_value(&log_alpha_bar);
        schedule->alpha_bar[t] = exp(schedule->log_alpha_bar[t]);
        schedule->noise[t] = -expm1(schedule->log_alpha_bar[t]);
    }
}

/* Betas are checked before they are rescaled, which needs sound ones, and after, as rounding may make a 0 or 1. */
static diffusion_status settle_betas(double *beta, const schedule_options *options, schedule_kind kind,
                                     const char *object, diffusion_status failure)
{
    const int inner_one = options->kernel == KERNEL_BINOMIAL;
    const int32_t steps = (int32_t)options->steps;
    fill_betas(beta, options, kind);
    diffusion_status status = betas_check(beta, steps, inner_one, object, failure);
    if (status != DIFFUSION_OK || !options->zero_terminal_snr)
        return status;
    betas_zero_terminal_snr(beta, steps);
    return betas_check(beta, steps, inner_one, object, failure);
}

diffusion_status schedule_make(struct diffusion_schedule **out, const schedule_options *options, schedule_kind kind,
                               const char *object, diffusion_status failure)
{
    struct diffusion_schedule *schedule;
    diffusion_status status = allocate(&schedule, (int32_t)options->steps, options->rate.count);
    if (status != DIFFUSION_OK)
        return status;
    schedule->kernel = (kernel_kind)options->kernel;
    if (options->rate.count > 0)
        memcpy(schedule->rates, options->rate.values, options->rate.count * sizeof *schedule->rates);
    status = settle_betas(schedule->beta, options, kind, object, failure);
    if (status == DIFFUSION_OK && (schedule->spec = schedule_options_format(options, kind)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK) {
        schedule_release(schedule);
        return status;
    }
    derive(schedule);
    *out = schedule;
    return DIFFUSION_OK;
}

diffusion_status schedule_create(struct diffusion_schedule **out, const char *spec)
{
    schedule_options options;
    schedule_kind kind;
    diffusion_status status = schedule_options_parse(&options, &kind, spec);
    if (status != DIFFUSION_OK)
        return status;
    status = schedule_make(out, &options, kind, "schedule", DIFFUSION_E_SPEC);
    schedule_options_release(&options, kind);
    return status;
}

/* The betas are written out in the spec, so that it makes the schedule again like that of any other kind. */
diffusion_status schedule_create_from_betas(struct diffusion_schedule **out, const double *betas, int32_t steps,
                                            const char *spec)
{
    static const char function[] = "schedule_create_from_betas";
    schedule_options options;
    if (steps < 1 || steps > SCHEDULE_STEPS)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: steps=%d, expected 1..%d", function, steps, SCHEDULE_STEPS);
    diffusion_status status = schedule_options_parse_kernel(&options, spec);
    if (status != DIFFUSION_OK)
        return status;
    options.steps = steps;
    options.values.values = memory_allocate((size_t)steps, sizeof *betas);
    if (options.values.values != NULL) {
        options.values.count = (size_t)steps;
        memcpy(options.values.values, betas, (size_t)steps * sizeof *betas);
        status = schedule_make(out, &options, SCHEDULE_BETAS, function, DIFFUSION_E_ARGUMENT);
    } else {
        status = DIFFUSION_E_MEMORY;
    }
    schedule_options_release(&options, SCHEDULE_BETAS);
    return status;
}

/* The count is the one thing in a schedule that changes. */
static int *references_of(const struct diffusion_schedule *schedule)
{
    return (int *)&schedule->references;
}

const struct diffusion_schedule *schedule_retain(const struct diffusion_schedule *schedule)
{
    __atomic_add_fetch(references_of(schedule), 1, __ATOMIC_RELAXED); /* the caller's own reference keeps it alive */
    return schedule;
}

/* Acquire and release: whoever frees sees all that the others did with it. */
void schedule_release(const struct diffusion_schedule *schedule)
{
    if (schedule == NULL || __atomic_sub_fetch(references_of(schedule), 1, __ATOMIC_ACQ_REL) > 0)
        return;
    memory_release(schedule->beta);
    memory_release(schedule->rates);
    memory_release(schedule->spec);
    memory_release((void *)schedule);
}

diffusion_status schedule_check_step(const struct diffusion_schedule *schedule, const char *function, int32_t t)
{
    if (t >= 1 && t <= schedule->steps)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_STEP, "%s: t=%d, expected 1..%d", function, t, schedule->steps);
}

/* One rate serves any number of bits, and the Gaussian kernel has none. */
diffusion_status schedule_check_dim(const struct diffusion_schedule *schedule, const char *function, size_t dim)
{
    if (schedule->rate_count <= 1 || schedule->rate_count == dim)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SHAPE,
                     "%s: %zu values to a sample, expected %zu, one for each of the schedule's rates", function, dim,
                     schedule->rate_count);
}
