#include "process/schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/betas.h"

#include <math.h>
#include <string.h>

/* ---- the spec ---- */

static const spec_key keys[] = {
    {"kernel", SPEC_CHOICE, offsetof(schedule_options, kernel), "gaussian", 0, 0, kernel_names,
     "real numbers under Gaussian noise, or bits that flip"},
    {"rate", SPEC_REALS, offsetof(schedule_options, rate), "", 0, 1, NULL,
     "binomial kernel: how often a bit is 1 at t = T; one number for all bits or one for each (default 0.5)"},
    {"zero_terminal_snr", SPEC_CHOICE, offsetof(schedule_options, zero_terminal_snr), "no", 0, 0, "no|yes",
     "shift and scale sqrt(alpha_bar) so that it ends at exactly 0 (arXiv:2305.08891)"},
};

enum { KERNEL_KEYS = 2 }; /* the first of the keys: what betas from outside may be given with */

static const spec_kind *kind_at(size_t index)
{
    const curve *of = curve_at(index);
    return of != NULL ? &of->spec : NULL;
}

static const spec_grammar grammar = {"schedule", kind_at, keys, SPEC_COUNT(keys)};
static const spec_grammar kernel_grammar = {"schedule", NULL, keys, KERNEL_KEYS};

char *schedule_help(void)
{
    return spec_help(&grammar);
}

static size_t index_of(const curve *wanted)
{
    size_t index = 0;
    while (curve_at(index) != wanted)
        index++;
    return index;
}

/* Rescaling needs betas, and a first step beside the last. */
static diffusion_status settle(schedule_options *options, const curve *of)
{
    diffusion_status status = of->settle != NULL ? of->settle(&options->own) : DIFFUSION_OK;
    if (status != DIFFUSION_OK)
        return status;
    if (options->zero_terminal_snr && of->betas == NULL)
        return error_set(DIFFUSION_E_SPEC, "schedule: zero_terminal_snr=yes with %s, expected a curve of betas",
                         of->spec.name);
    if (options->zero_terminal_snr && ((const curve_steps *)&options->own)->steps < 2)
        return error_set(DIFFUSION_E_SPEC, "schedule: zero_terminal_snr=yes with steps=1, expected at least 2 steps");
    return DIFFUSION_OK;
}

/* The rates stay the options', from which the spec is written. */
static diffusion_status settle_kernel(struct diffusion_schedule *schedule)
{
    spec_reals *rate = &schedule->options.rate;
    kernel *of = &schedule->kernel;
    *of = (kernel){kernel_class_at((size_t)schedule->options.kernel), rate->values, rate->count, 1};
    diffusion_status status = of->methods->settle(of);
    *rate = (spec_reals){of->rates, of->rate_count};
    if (status == DIFFUSION_OK && of->group > LARGEST_GROUP)
        status = error_set(DIFFUSION_E_SPEC, "schedule: %zu values belong together (%s), expected at most %d",
                           of->group, of->methods->title, (int)LARGEST_GROUP);
    return status;
}

/* ---- making one ---- */

/* A schedule without content that schedule_release() can undo from here on. It owns the options. */
static diffusion_status allocate(struct diffusion_schedule **out, schedule_options *options, const curve *of)
{
    struct diffusion_schedule *schedule = memory_allocate(1, sizeof *schedule);
    if (schedule == NULL) {
        spec_release(&grammar, index_of(of), options);
        return DIFFUSION_E_MEMORY;
    }
    schedule->references = 1;
    schedule->curve = of;
    schedule->options = *options;
    *out = schedule;
    return DIFFUSION_OK;
}

/* Betas are checked before they are rescaled, which needs sound ones, and after, as rounding may make a 0 or 1. */
static diffusion_status fill_betas(struct diffusion_schedule *schedule, const char *object, diffusion_status failure)
{
    const curve *of = schedule->curve;
    of->betas(schedule->beta, &schedule->options.own);
    diffusion_status status = betas_check(schedule->beta, schedule->steps, object, failure);
    if (status == DIFFUSION_OK && schedule->options.zero_terminal_snr) {
        betas_zero_terminal_snr(schedule->beta, schedule->steps);
        status = betas_check(schedule->beta, schedule->steps, object, failure);
    }
    if (status == DIFFUSION_OK)
        betas_levels(schedule->levels, schedule->beta, schedule->steps);
    return status;
}

/* Each step takes something of x_0 away, and none but the last all of it. */
static diffusion_status check_fall(const struct diffusion_schedule *schedule, int32_t t)
{
    const noise_level *at = &schedule->levels[t];
    if (isinf(at->log_snr) && t < schedule->steps) /* a signal that underflows may have a log SNR */
        return error_set(DIFFUSION_E_SPEC,
                         "schedule: %s leaves nothing of x_0 at step %d, expected something before the last step %d",
                         schedule->curve->spec.name, (int)t, (int)schedule->steps);
    if (!(at->log_snr < (at - 1)->log_snr) || !isfinite(at->sigma))
        return error_set(DIFFUSION_E_SPEC,
                         "schedule: %s has the log SNR %g at step %d and %g at the step before, expected it to fall",
                         schedule->curve->spec.name, at->log_snr, (int)t, (at - 1)->log_snr);
    return DIFFUSION_OK;
}

/* Kernels that are not additive read signal^2 and sigma^2 as chances, which make 1. */
static diffusion_status fill_levels(struct diffusion_schedule *schedule)
{
    noise_level *levels = schedule->levels;
    levels[0] = level_of_data();
    for (int32_t t = 1; t <= schedule->steps; t++) {
        levels[t] = schedule->curve->level(&schedule->options.own, t);
        schedule->beta[t] = level_step_variance(&levels[t - 1], &levels[t]);
        if (!schedule->kernel.methods->additive && level_variance(&levels[t]) != 1.0)
            return error_set(DIFFUSION_E_SPEC, "schedule: %s does not preserve variance, which the %s needs",
                             schedule->curve->spec.name, schedule->kernel.methods->title);
        const diffusion_status status = check_fall(schedule, t);
        if (status != DIFFUSION_OK)
            return status;
    }
    return DIFFUSION_OK;
}

static diffusion_status fill(struct diffusion_schedule *schedule, const char *object, diffusion_status failure)
{
    const schedule_options *options = &schedule->options;
    schedule->steps = (int32_t)((const curve_steps *)&options->own)->steps;
    const size_t row = (size_t)schedule->steps + 1;
    schedule->levels = memory_allocate(row, sizeof *schedule->levels);
    schedule->beta = memory_allocate(row, sizeof *schedule->beta);
    schedule->spec = spec_format(&grammar, index_of(schedule->curve), options);
    if (schedule->levels == NULL || schedule->beta == NULL || schedule->spec == NULL)
        return DIFFUSION_E_MEMORY;
    if (schedule->curve->betas != NULL)
        return fill_betas(schedule, object, failure);
    return fill_levels(schedule);
}

/* Takes the options over. Betas that are refused give `failure` in `object`'s name. */
static diffusion_status make(struct diffusion_schedule **out, schedule_options *options, const curve *of,
                             const char *object, diffusion_status failure)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = allocate(&schedule, options, of);
    if (status != DIFFUSION_OK)
        return status;
    status = settle(&schedule->options, of);
    if (status == DIFFUSION_OK)
        status = settle_kernel(schedule);
    if (status == DIFFUSION_OK)
        status = fill(schedule, object, failure);
    if (status == DIFFUSION_OK)
        *out = schedule;
    else
        schedule_release(schedule);
    return status;
}

diffusion_status schedule_create(struct diffusion_schedule **out, const char *spec)
{
    schedule_options options;
    size_t kind = 0;
    diffusion_status status = spec_parse(&grammar, spec, &options, &kind);
    return status == DIFFUSION_OK ? make(out, &options, curve_at(kind), "schedule", DIFFUSION_E_SPEC) : status;
}

/* The betas are written out in the spec, so that it makes the schedule again like that of any other kind. */
diffusion_status schedule_create_from_betas(struct diffusion_schedule **out, const double *betas, int32_t steps,
                                            const char *spec)
{
    static const char function[] = "schedule_create_from_betas";
    schedule_options options = {.kernel = 0}; /* the kernel's grammar does not know the other fields */
    if (steps < 1 || steps > SCHEDULE_STEPS)
        return error_set(DIFFUSION_E_ARGUMENT, "%s: steps=%d, expected 1..%d", function, steps, SCHEDULE_STEPS);
    diffusion_status status = spec_parse(&kernel_grammar, spec, &options, NULL);
    if (status != DIFFUSION_OK)
        return status;
    spec_reals values = {memory_allocate((size_t)steps, sizeof *betas), (size_t)steps};
    if (values.values == NULL) {
        spec_release(&kernel_grammar, 0, &options);
        return DIFFUSION_E_MEMORY;
    }
    memcpy(values.values, betas, values.count * sizeof *betas);
    ((betas_options *)&options.own)->values = values;
    return make(out, &options, &betas_curve, function, DIFFUSION_E_ARGUMENT);
}

/* ---- references ---- */

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
    spec_release(&grammar, index_of(schedule->curve), (schedule_options *)&schedule->options);
    memory_release(schedule->levels);
    memory_release(schedule->beta);
    memory_release(schedule->spec);
    memory_release((void *)schedule);
}

/* ---- levels ---- */

const noise_level *schedule_last(const struct diffusion_schedule *schedule)
{
    return &schedule->levels[schedule->steps];
}

int schedule_preserves_variance(const struct diffusion_schedule *schedule)
{
    int preserves = 1;
    for (int32_t t = 1; t <= schedule->steps && preserves; t++)
        preserves = level_variance(&schedule->levels[t]) == 1.0;
    return preserves;
}

/* Between two whole steps log signal^2 is linear in t; where nothing of x_0 is left at the upper one, the signal is. */
static noise_level between(const struct diffusion_schedule *schedule, double t)
{
    const noise_level *below = &schedule->levels[(int32_t)t], *above = below + 1;
    const double part = t - below->t, change = level_log_signal_change(below, above);
    accurate_sum log_signal_square = below->log_signal_square;
    accurate_add(&log_signal_square, isfinite(change) ? part * change : 2.0 * log1p(-part));
    return level_from_log_signal_square(t, log_signal_square);
}

noise_level schedule_level(const struct diffusion_schedule *schedule, double t)
{
    if (!(t > 0.0))
        return schedule->levels[0];
    if (t >= (double)schedule->steps)
        return *schedule_last(schedule);
    if (t == floor(t))
        return schedule->levels[(int32_t)t];
    return schedule->curve->level != NULL ? schedule->curve->level(&schedule->options.own, t) : between(schedule, t);
}

level_slope schedule_slope(const struct diffusion_schedule *schedule, const noise_level *at)
{
    const curve *of = schedule->curve;
    if (of->slope != NULL)
        return of->slope(&schedule->options.own, at);
    if (of->betas == NULL)
        return (level_slope){NAN, NAN};
    const int32_t last = schedule->steps - 1, below = at->t < (double)last ? (int32_t)at->t : last;
    const double change = level_log_signal_change(&schedule->levels[below], &schedule->levels[below + 1]);
    const double falls = schedule->levels[below].signal; /* where nothing of x_0 is left at the upper one */
    return isfinite(change) ? level_slope_preserving(at, change)
                            : (level_slope){-falls, at->signal * falls / at->sigma};
}

/* The inverse of between(), in the step after `below`. */
static double time_after(const noise_level *below, double log_snr)
{
    const noise_level at = level_from_log_snr(0.0, (long double)log_snr);
    const double wanted = level_log_signal_change(below, &at), change = level_log_signal_change(below, below + 1);
    return below->t + (isfinite(change) ? wanted / change : -expm1(0.5 * wanted));
}

double schedule_time(const struct diffusion_schedule *schedule, double log_snr)
{
    int32_t below = 0, above = schedule->steps; /* levels[below].log_snr > log_snr >= levels[above].log_snr */
    if (!(log_snr > schedule_last(schedule)->log_snr))
        return (double)schedule->steps;
    if (log_snr >= schedule->levels[0].log_snr)
        return 0.0;
    if (schedule->curve->time != NULL)
        return schedule->curve->time(&schedule->options.own, log_snr);
    while (above - below > 1) {
        int32_t middle = below + (above - below) / 2;
        if (schedule->levels[middle].log_snr > log_snr)
            below = middle;
        else
            above = middle;
    }
    if (schedule->levels[above].log_snr == log_snr) /* whole steps come back whole */
        return schedule->levels[above].t;
    return time_after(&schedule->levels[below], log_snr);
}

noise_level schedule_level_at(const struct diffusion_schedule *schedule, double log_snr)
{
    const double t = schedule_time(schedule, log_snr);
    const noise_level at = schedule_level(schedule, t);
    return t != floor(t) && level_variance(&at) == 1.0 ? level_from_log_snr(t, (long double)log_snr) : at;
}

/* ---- checks ---- */

diffusion_status schedule_check_step(const struct diffusion_schedule *schedule, const char *function, int32_t t)
{
    if (t >= 1 && t <= schedule->steps)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_STEP, "%s: t=%d, expected 1..%d", function, t, schedule->steps);
}

/* One group's rates serve any number of groups, and the Gaussian kernel has none. */
diffusion_status schedule_check_dim(const struct diffusion_schedule *schedule, const char *function, size_t dim)
{
    const size_t rates = schedule->kernel.rate_count, group = schedule->kernel.group;
    if (dim % group != 0)
        return error_set(DIFFUSION_E_SHAPE, "%s: %zu values to a sample, expected a multiple of %zu (%s)", function,
                         dim, group, schedule->kernel.methods->title);
    if (rates <= group || rates == dim)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SHAPE,
                     "%s: %zu values to a sample, expected %zu, one for each of the schedule's rates", function, dim,
                     rates);
}

diffusion_status schedule_check_additive(const struct diffusion_schedule *schedule, const char *object,
                                         const char *what)
{
    if (schedule->kernel.methods->additive)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_KERNEL, "%s: %s needs the Gaussian kernel", object, what);
}
