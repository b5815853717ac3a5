#include "common/model.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/note.h"
#include "common/overwrite.h"
#include "common/specs.h"
#include "common/text.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS_FAST = 20, STEPS_ANCESTRAL = 100 };

static int has_file(const char *folder, const char *name)
{
    char *path = text_format("%s/%s", folder, name);
    int has = access(path, F_OK) == 0;
    free(path);
    return has;
}

/* Models of other systems are none of ours, and no data either: so the library says what they are. */
static const char *const suffixes[] = {".safetensors", ".ckpt", ".pt",    ".pth",    ".pkl",     ".onnx", ".gguf",
                                       ".h5",          ".hdf5", ".keras", ".tflite", ".msgpack", ".pb"};

int path_is_model(const char *path)
{
    static const char *const marks[] = {"model_index.json", "config.json", "unet",
                                        "diffusion_pytorch_model.safetensors", "saved_model.pb"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (text_ends_with(path, suffixes[i]))
            return 1;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (has_file(path, marks[i]))
            return 1;
    return 0;
}

diffusion_model *model_open(const char *path)
{
    diffusion_model *model;
    overwrite_spare(path);
    check(diffusion_model_load(&model, path));
    return model;
}

size_t model_parameters(const diffusion_model *model)
{
    enum { RANK_MOST = 8 };
    size_t total = 0;
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        int64_t shape[RANK_MOST];
        size_t rank, count = 1;
        check(
            diffusion_model_parameter_shape(model, diffusion_model_parameter_name(model, i), shape, RANK_MOST, &rank));
        for (size_t j = 0; j < rank && j < RANK_MOST; j++)
            count *= (size_t)shape[j];
        total += count;
    }
    return total;
}

/* Whether every step of one is the same noise as in the other. */
static int same_levels(const diffusion_schedule *a, const diffusion_schedule *b)
{
    const int32_t steps = diffusion_schedule_steps(a);
    if (diffusion_schedule_steps(b) != steps)
        return 0;
    for (int32_t t = 1; t <= steps; t++) {
        double signal[2], sigma[2];
        check(diffusion_schedule_level(a, t, &signal[0], &sigma[0], NULL));
        check(diffusion_schedule_level(b, t, &signal[1], &sigma[1], NULL));
        if (fabs(signal[0] - signal[1]) > 1e-6 || fabs(sigma[0] - sigma[1]) > 1e-6 * sigma[0])
            return 0;
    }
    return 1;
}

/* A network that is told the step takes the noise of another schedule's for that of its own. */
static void note_other_levels(const diffusion_model *model, const char *path, const diffusion_schedule *given)
{
    const char *own = diffusion_model_metadata(model, "schedule");
    diffusion_schedule *taught = NULL;
    if (own == NULL || !spec_is(diffusion_model_spec(model), "time", "step", "step") ||
        diffusion_schedule_create(&taught, own) != DIFFUSION_OK)
        return;
    if (!same_levels(taught, given))
        note("%s: is told the step, and was trained on \"%s\": at the same step \"%s\" has other noise; models of "
             "time=log_snr are told the noise itself",
             path, own, diffusion_schedule_spec(given));
    diffusion_schedule_free(taught);
}

diffusion_schedule *schedule_of(const diffusion_model *model, const char *path, const char *given)
{
    const char *spec = given != NULL ? given : diffusion_model_metadata(model, "schedule");
    if (spec == NULL)
        fail("%s: holds no schedule, as a model that has not been trained or a unet folder alone; give it with "
             "--schedule",
             path);
    diffusion_schedule *schedule;
    check_of(diffusion_schedule_create(&schedule, spec), given != NULL ? NULL : path);
    if (given != NULL)
        note_other_levels(model, path, schedule);
    return schedule;
}

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
