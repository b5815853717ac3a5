#include "interop/diffusers/scheduler_compare.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "sample/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A spec with every key spelled out. */
typedef struct parsed {
    sampler_options options;
    size_t kind;
} parsed;

static diffusion_status complete(char **out, parsed *self, const char *sampler)
{
    diffusion_status status = spec_parse(sampler_grammar(), sampler, &self->options, &self->kind);
    if (status != DIFFUSION_OK)
        return status;
    *out = spec_format(sampler_grammar(), self->kind, &self->options);
    if (*out != NULL)
        return DIFFUSION_OK;
    spec_release(sampler_grammar(), self->kind, &self->options);
    return DIFFUSION_E_MEMORY;
}

diffusion_status scheduler_ask(scheduler_asked *self, const char *sampler)
{
    parsed read = {.kind = 0};
    diffusion_status status = complete(&self->sampler, &read, sampler);
    if (status != DIFFUSION_OK)
        return status;
    const plan_options *plan = &read.options.plan;
    self->steps = plan->list.count > 0 ? (int64_t)plan->list.count
                  : plan->steps > 0    ? plan->steps
                                       : diffusers_default_steps(DIFFUSERS_DDIM, self->schedule->steps);
    spec_release(sampler_grammar(), read.kind, &read.options);
    return DIFFUSION_OK;
}

void scheduler_asked_release(scheduler_asked *self)
{
    memory_release(self->sampler);
}

/* ---- keys ---- */

static int is_among(const char *const *names, const char *key, size_t length)
{
    for (; *names != NULL; names++)
        if (strlen(*names) == length && memcmp(*names, key, length) == 0)
            return 1;
    return 0;
}

/* What says which levels are visited. */
static const char *const of_levels[] = {"spacing",    "steps_offset", "times", "drop_lowest", "steps_list",
                                        "sigma_max",  "sigma_min",    "rho",   "final",       "lambda_min",
                                        "signal_min", "stride",       NULL};
/* What no configuration holds, and what plays no part without noise put back, which is s_churn. */
static const char *const of_nobody[] = {"seed",   "first",  "steps",   "model_before_churn",
                                        "s_tmin", "s_tmax", "s_noise", NULL};

/* A stride says where steps go, of solvers with targets of their own. */
typedef enum which_keys { ALL_KEYS, KEYS_OF_LEVELS, OTHER_KEYS, OTHER_KEYS_AND_STRIDE } which_keys;

static int is_compared(const char *key, size_t length, which_keys which)
{
    static const char *const stride[] = {"stride", NULL};
    if (which == ALL_KEYS || (which == OTHER_KEYS_AND_STRIDE && is_among(stride, key, length)))
        return 1;
    return !is_among(of_nobody, key, length) && is_among(of_levels, key, length) == (which == KEYS_OF_LEVELS);
}

/* The first pair of a complete spec that the other has otherwise. */
static diffusion_status refuse_other(const char *asked, const char *got, which_keys which, const scheduler_class *class)
{
    for (const char *at = asked + strcspn(asked, " "); *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        const size_t key = strcspn(at, "="), length = strcspn(at + key, " ") - 1;
        const char *value = at + key + 1, *other = "none";
        char name[64];
        size_t other_length = strlen(other);
        snprintf(name, sizeof name, "%.*s", (int)key, at);
        const int there = spec_find(got, name, &other, &other_length);
        if (!is_compared(at, key, which) || (there && number_text_is_same(value, length, other, other_length)))
            continue;
        return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: %s=%.*s, expected %.*s, as a %s of diffusers has it",
                         name, (int)(length < 80 ? length : 80), value, (int)(other_length < 80 ? other_length : 80),
                         other, class->name);
    }
    return DIFFUSION_OK;
}

/* ---- levels ---- */

static int is_near(const noise_level *a, const noise_level *b)
{
    return fabs(a->t - b->t) <= 1e-9 * fmax(1.0, fabs(a->t)) &&
           fabs(a->signal - b->signal) <= 1e-9 * a->signal + 1e-300 && fabs(a->sigma - b->sigma) <= 1e-9 * a->sigma;
}

static noise_level target_of(const solver *of, const sampler_options *options, const chain_plan *plan, int32_t step)
{
    if (of->target != NULL)
        return of->target(&options->solver, plan, step);
    return plan_next(plan, step);
}

/* Both plans on the same schedule. */
static int are_alike(const solver *of, const sampler_options *a, const chain_plan *of_a, const sampler_options *b,
                     const chain_plan *of_b)
{
    int alike = of_a->steps == of_b->steps;
    for (int32_t i = 1; i <= of_a->steps && alike; i++) {
        const noise_level to = target_of(of, a, of_a, i), other = target_of(of, b, of_b, i);
        alike = is_near(&of_a->levels[i], &of_b->levels[i]) && is_near(&to, &other);
    }
    return alike;
}

static diffusion_status compare_levels(int *alike, const struct diffusion_schedule *schedule, sampler_options *a,
                                       sampler_options *b, size_t kind)
{
    const solver *of = solver_at(kind);
    chain_plan of_a = {.levels = NULL}, of_b = {.levels = NULL};
    if (of->plan != NULL) {
        of->plan(&a->solver, &a->plan);
        of->plan(&b->solver, &b->plan);
    }
    diffusion_status status = plan_open(&of_a, schedule, &a->plan);
    if (status == DIFFUSION_OK)
        status = plan_open(&of_b, schedule, &b->plan);
    if (status == DIFFUSION_OK)
        *alike = are_alike(of, a, &of_a, b, &of_b);
    plan_close(&of_a);
    plan_close(&of_b);
    return status;
}

/* ---- the whole ---- */

/* Of two that cannot be walked, as with steps beyond the last, what their keys say. */
static diffusion_status compare_chains(const scheduler_asked *asked, parsed *a, const char *of_a, parsed *b,
                                       const char *of_b, const scheduler_class *class)
{
    int alike = 0;
    const diffusion_status walked = compare_levels(&alike, asked->schedule, &a->options, &b->options, a->kind);
    if (walked == DIFFUSION_E_MEMORY || alike)
        return walked;
    diffusion_status status = refuse_other(of_a, of_b, KEYS_OF_LEVELS, class);
    if (status == DIFFUSION_OK && walked == DIFFUSION_OK)
        status =
            error_set(DIFFUSION_E_SPEC,
                      "model_save_diffusers: the sampler's levels, expected those of a %s of diffusers", class->name);
    return status;
}

/* PNDM's Runge-Kutta steps go by the stride within a step too. */
static which_keys other_keys(const solver *of, const char *spec)
{
    const char *value = "";
    size_t length = 0;
    const int within = spec_find(spec, "warm_up", &value, &length) && strncmp(value, "prk", 3) == 0;
    return of->target != NULL && !within ? OTHER_KEYS : OTHER_KEYS_AND_STRIDE;
}

static diffusion_status compare_samplers(const scheduler_asked *asked, const char *sampler,
                                         const scheduler_class *class)
{
    parsed a = {.kind = 0}, b = {.kind = 0}; /* what no key fills is 0 */
    char *of_a = NULL, *of_b = NULL;
    diffusion_status status = complete(&of_a, &a, asked->sampler);
    if (status != DIFFUSION_OK)
        return status;
    status = complete(&of_b, &b, sampler);
    if (status == DIFFUSION_OK) {
        if (a.options.plan.list.count == 0)
            a.options.plan.steps = asked->steps;
        status = refuse_other(of_a, of_b, other_keys(solver_at(a.kind), of_a), class);
        if (status == DIFFUSION_OK)
            status = compare_chains(asked, &a, of_a, &b, of_b, class);
        spec_release(sampler_grammar(), b.kind, &b.options);
    }
    spec_release(sampler_grammar(), a.kind, &a.options);
    memory_release(of_a);
    memory_release(of_b);
    return status;
}

static diffusion_status compare_word(const char *key, const char *spec, const char *got, const scheduler_class *class)
{
    const char *value = "";
    size_t length = 0;
    if (!spec_find(spec, key, &value, &length) || number_text_is_same(value, length, got, strlen(got)))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: %s=%.*s, expected %s, as a %s of diffusers has it", key,
                     (int)(length < 80 ? length : 80), value, got, class->name);
}

/* Betas that are listed stand for a schedule of any kind. */
static diffusion_status compare_schedules(const scheduler_asked *asked, const diffusers_scheduler *read,
                                          const json_value *written, const scheduler_class *class)
{
    if (json_is(json_get(written, "trained_betas"), JSON_ARRAY))
        return DIFFUSION_OK;
    return refuse_other(asked->schedule->spec, read->schedule, ALL_KEYS, class);
}

diffusion_status scheduler_compare(const scheduler_asked *asked, const json_value *written,
                                   const scheduler_class *class)
{
    const char *value = "";
    size_t length = 0;
    diffusers_scheduler read = {.schedule = NULL};
    const int learned = spec_find(asked->model, "variance", &value, &length) && strncmp(value, "learned", 7) == 0;
    const diffusers_index index = {DIFFUSERS_DDPM, class->name, asked->steps, NAN};
    diffusion_status status = diffusers_scheduler_read(&read, written, "model_save_diffusers", &index, learned);
    if (status != DIFFUSION_OK) /* the class does not take it, by the reader's sentence */
        return status == DIFFUSION_E_CONTENT ? DIFFUSION_E_SPEC : status;
    status = compare_word("predict", asked->model, read.predict, class);
    if (status == DIFFUSION_OK)
        status = compare_schedules(asked, &read, written, class);
    if (status == DIFFUSION_OK)
        status = compare_samplers(asked, read.sampler, class);
    diffusers_scheduler_release(&read);
    return status;
}
