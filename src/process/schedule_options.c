#include "process/schedule_options.h"

#include "base/error.h"
#include "base/memory.h"

#define FIELD(name) offsetof(schedule_options, name)
#define STEPS_KEY                                                                                                      \
    {                                                                                                                  \
        "steps", SPEC_INTEGER, FIELD(steps), "1000", 1, SCHEDULE_STEPS, NULL, "number of steps T"                      \
    }
#define START_KEY(standard)                                                                                            \
    {                                                                                                                  \
        "beta_start", SPEC_REAL, FIELD(beta_start), standard, 0, 1, NULL, "beta at t = 1"                              \
    }
#define END_KEY(standard)                                                                                              \
    {                                                                                                                  \
        "beta_end", SPEC_REAL, FIELD(beta_end), standard, 0, 1, NULL, "beta at t = T"                                  \
    }

static const spec_key steps_keys[] = {STEPS_KEY};
static const spec_key linear_keys[] = {STEPS_KEY, START_KEY("1e-4"), END_KEY("0.02")};
static const spec_key scaled_linear_keys[] = {STEPS_KEY, START_KEY("0.00085"), END_KEY("0.012")};
static const spec_key sigmoid_keys[] = {
    STEPS_KEY,
    {"beta_start", SPEC_REAL, FIELD(beta_start), "1e-4", 0, 1, NULL, "beta far before the first step"},
    {"beta_end", SPEC_REAL, FIELD(beta_end), "0.02", 0, 1, NULL, "beta far after the last step"},
};
static const spec_key betas_keys[] = {
    {"values", SPEC_REALS, FIELD(values), NULL, 0, 1, NULL, "beta_1 to beta_T, at most 100000 of them"},
};

/* In the order of schedule_kind. */
static const spec_kind kinds[] = {
    {"linear", "beta rises in equal steps (DDPM's schedule)", linear_keys, SPEC_COUNT(linear_keys)},
    {"scaled_linear", "the square root of beta rises in equal steps (latent diffusion's schedule)", scaled_linear_keys,
     SPEC_COUNT(scaled_linear_keys)},
    {"cosine", "alpha_bar falls as a squared cosine, betas clipped at 0.999 (improved DDPM's schedule)", steps_keys,
     SPEC_COUNT(steps_keys)},
    {"sigmoid", "beta rises along the logistic function of -6..6 (GeoDiff's schedule)", sigmoid_keys,
     SPEC_COUNT(sigmoid_keys)},
    {"constant_rate", "beta_t = 1/(T-t+1), the binomial schedule of Sohl-Dickstein et al. 2015", steps_keys,
     SPEC_COUNT(steps_keys)},
    {"betas", "betas as given", betas_keys, SPEC_COUNT(betas_keys)},
};

static const spec_key common_keys[] = {
    {"kernel", SPEC_CHOICE, FIELD(kernel), "gaussian", 0, 0, "gaussian|binomial",
     "real numbers under Gaussian noise, or bits that flip"},
    {"rate", SPEC_REALS, FIELD(rate), "", 0, 1, NULL,
     "binomial kernel: how often a bit is 1 at t = T; one number for all bits or one for each (default 0.5)"},
    {"zero_terminal_snr", SPEC_CHOICE, FIELD(zero_terminal_snr), "no", 0, 0, "no|yes",
     "shift and scale sqrt(alpha_bar) so that it ends at exactly 0 (arXiv:2305.08891)"},
};

enum { KERNEL_KEYS = 2 }; /* the first of common_keys: what betas from outside may be given with */

static const spec_kind *kind_at(size_t index)
{
    return index < SPEC_COUNT(kinds) ? &kinds[index] : NULL;
}

static const spec_grammar grammar = {"schedule", kind_at, common_keys, SPEC_COUNT(common_keys)};
static const spec_grammar kernel_grammar = {"schedule", NULL, common_keys, KERNEL_KEYS};

/* A rate belongs to the binomial kernel, which has one of 0.5 if none is given. */
static diffusion_status settle_rate(schedule_options *options)
{
    if (options->kernel == KERNEL_GAUSSIAN && options->rate.count > 0)
        return error_set(DIFFUSION_E_SPEC, "schedule: rate is given with kernel=gaussian, expected kernel=binomial");
    if (options->kernel == KERNEL_GAUSSIAN || options->rate.count > 0)
        return DIFFUSION_OK;
    options->rate.values = memory_allocate(1, sizeof *options->rate.values);
    if (options->rate.values == NULL)
        return DIFFUSION_E_MEMORY;
    options->rate.values[0] = 0.5;
    options->rate.count = 1;
    return DIFFUSION_OK;
}

/* Betas bring their own count; rescaling needs a first step beside the last. */
static diffusion_status settle_steps(schedule_options *options, schedule_kind kind)
{
    if (kind == SCHEDULE_BETAS && options->values.count > SCHEDULE_STEPS)
        return error_set(DIFFUSION_E_SPEC, "schedule: values holds %zu betas, expected at most %d",
                         options->values.count, SCHEDULE_STEPS);
    if (kind == SCHEDULE_BETAS)
        options->steps = (int64_t)options->values.count;
    if (options->zero_terminal_snr && options->steps < 2)
        return error_set(DIFFUSION_E_SPEC, "schedule: zero_terminal_snr=yes with steps=1, expected at least 2 steps");
    return DIFFUSION_OK;
}

diffusion_status schedule_options_parse(schedule_options *options, schedule_kind *kind, const char *spec)
{
    size_t index = 0;
    diffusion_status status = spec_parse(&grammar, spec, options, &index);
    if (status != DIFFUSION_OK)
        return status;
    status = settle_steps(options, (schedule_kind)index);
    if (status == DIFFUSION_OK)
        status = settle_rate(options);
    if (status != DIFFUSION_OK)
        spec_release(&grammar, index, options);
    else
        *kind = (schedule_kind)index;
    return status;
}

/* An empty struct first: the kernel's grammar does not know the other fields. */
diffusion_status schedule_options_parse_kernel(schedule_options *options, const char *spec)
{
    *options = (schedule_options){0};
    diffusion_status status = spec_parse(&kernel_grammar, spec, options, NULL);
    if (status != DIFFUSION_OK)
        return status;
    status = settle_rate(options);
    if (status != DIFFUSION_OK)
        spec_release(&kernel_grammar, 0, options);
    return status;
}

void schedule_options_release(schedule_options *options, schedule_kind kind)
{
    spec_release(&grammar, kind, options);
}

char *schedule_options_format(const schedule_options *options, schedule_kind kind)
{
    return spec_format(&grammar, kind, options);
}

char *schedule_help(void)
{
    return spec_help(&grammar);
}
