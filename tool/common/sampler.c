/* Which sampler draws from a model: the given spec, the model's own, or a default. */
#include "common/sampler.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/note.h"
#include "common/specs.h"
#include "common/text.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_FAST = 20, STEPS_ANCESTRAL = 100 };

/* Adds the own spec's pair of this key, if it has one, to those that complete the given one. */
static void carry(char **pairs, const char *own, const char *key)
{
    char *value = spec_value(own, key);
    if (value != NULL)
        text_append(pairs, " %s=%s", key, value);
    free(value);
}

/* The model's own, NULL if it has none; its steps are those of another schedule where they are more. */
static char *own_sampler(const diffusion_model *model, const diffusion_schedule *schedule)
{
    const char *own = diffusion_model_metadata(model, "sampler");
    char *steps = own != NULL ? spec_value(own, "steps") : NULL;
    int64_t count;
    int many = steps != NULL && text_integer(&count, steps, 0, INT64_MAX) && count > diffusion_schedule_steps(schedule);
    free(steps);
    if (own == NULL)
        return NULL;
    return many ? spec_replace(own, "steps", "0") : text_format("%s", own);
}

/* What of the own spec holds for the given one: of the same kind all; of another how x_0 is limited and which steps are
 * visited. An offset belongs to the spacing that it stands with. */
static char *own_pairs(const char *given, const char *own)
{
    size_t kind = strcspn(own, " ");
    int same = strncmp(own, given, kind) == 0 && strchr(" ", given[kind]) != NULL;
    char *pairs = text_format("%s", same ? own + kind : ""), *spacing = spec_value(given, "spacing");
    if (!same) {
        carry(&pairs, own, "clip");
        carry(&pairs, own, "spacing");
    }
    if (!same && spacing == NULL)
        carry(&pairs, own, "steps_offset");
    free(spacing);
    return pairs;
}

/* Whether such a spec makes sense; what else a sampler of it may lack is told when it is made. */
static int is_spec(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec)
{
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, spec);
    diffusion_sampler_free(sampler);
    return status != DIFFUSION_E_SPEC;
}

/* The given one, with what holds of the own one, but for what contradicts the given: steps= where it lists its steps.
 */
static char *complete_sampler(const diffusion_model *model, const diffusion_schedule *schedule, const char *given,
                              const char *own)
{
    char *pairs = own_pairs(given, own), *spec = spec_complete(given, pairs);
    if (!is_spec(model, schedule, spec)) {
        free(spec);
        spec = text_format("%s", given);
        for (char *pair = strtok(pairs, " "); pair != NULL; pair = strtok(NULL, " ")) {
            char *more = spec_complete(spec, pair);
            const int suits = is_spec(model, schedule, more);
            free(suits ? spec : more);
            spec = suits ? more : spec;
        }
    }
    free(pairs);
    return spec;
}

static int is_unet(const diffusion_model *model)
{
    return strncmp(diffusion_model_spec(model), "unet ", 5) == 0;
}

char *sampler_ancestral(const diffusion_model *model, const diffusion_schedule *schedule)
{
    int few = is_unet(model) && spec_is(diffusion_model_spec(model), "variance", "learned", "learned_range") &&
              diffusion_model_metadata(model, "sampler") == NULL &&
              diffusion_schedule_steps(schedule) > STEPS_ANCESTRAL;
    return few ? text_format("ancestral steps=%d", STEPS_ANCESTRAL) : text_format("ancestral");
}

/* The fast one from the schedule's largest level where that is below the usual; NULL where it will not do: a model of
 * the mean itself is one of the chain, and bits have no other. */
static const char *sampler_fast(const diffusion_model *model, const diffusion_schedule *schedule)
{
    static const char *const fast[] = {SAMPLER_FAST, "dpmsolver++ steps=20 spacing=karras"};
    if (!is_unet(model) || spec_is(diffusion_model_spec(model), "predict", "mean", "perturbation") ||
        diffusion_schedule_steps(schedule) <= STEPS_FAST)
        return NULL;
    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++) {
        diffusion_sampler *sampler = NULL;
        diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, fast[i]);
        diffusion_sampler_free(sampler);
        if (status == DIFFUSION_OK)
            return fast[i];
    }
    return NULL;
}

char *sampler_of(const diffusion_model *model, const diffusion_schedule *schedule, const char *given)
{
    char *own = own_sampler(model, schedule), *spec;
    const char *fast = own == NULL && given == NULL ? sampler_fast(model, schedule) : NULL;
    if (own != NULL && given != NULL)
        spec = complete_sampler(model, schedule, given, own);
    else if (own != NULL || given != NULL)
        spec = text_format("%s", given != NULL ? given : own);
    else
        spec = fast != NULL ? text_format("%s", fast) : sampler_ancestral(model, schedule);
    free(own);
    return spec;
}

/* Leading steps, as of diffusers' schedulers, are multiples of T / steps, rounded down: few of them, or a number that
 * does not divide T, leave out the top of the chain, and begin with noise where there should be some data. */
static void note_reach(const char *spec, const diffusion_schedule *schedule)
{
    char *spacing = spec_value(spec, "spacing"), *list = spec_value(spec, "steps_list");
    char *steps = spec_value(spec, "steps");
    int64_t count, total = diffusion_schedule_steps(schedule);
    int leading = list == NULL && spacing != NULL && strcmp(spacing, "leading") == 0;
    if (leading && steps != NULL && text_integer(&count, steps, 1, total)) {
        int64_t highest = 1 + (count - 1) * (total / count);
        if (10 * highest < 9 * total)
            note("steps=%lld visit no step of %lld above %lld by spacing=leading; spacing=trailing "
                 "reaches the last",
                 (long long)count, (long long)total, (long long)highest);
    }
    free(spacing);
    free(list);
    free(steps);
}

diffusion_sampler *sampler_open(const diffusion_model *model, const diffusion_schedule *schedule, const char *path,
                                const char *given, int quiet)
{
    const int own = given == NULL && diffusion_model_metadata(model, "sampler") != NULL;
    diffusion_sampler *sampler;
    char *spec = sampler_of(model, schedule, given);
    check_of(diffusion_sampler_create(&sampler, model, schedule, spec), own ? path : NULL);
    note_reach(spec, schedule);
    classes_note_guidance(model, spec);
    if (given == NULL && !quiet)
        fprintf(stderr, "sampler: %s (%s)\n", spec, own ? "the model's own" : "the default");
    free(spec);
    return sampler;
}
