#include "common/model.h"

#include "common/fail.h"
#include "common/overwrite.h"
#include "common/specs.h"
#include "common/text.h"

#include <diffusion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int has_file(const char *folder, const char *name)
{
    char *path = text_format("%s/%s", folder, name);
    int has = access(path, F_OK) == 0;
    free(path);
    return has;
}

int path_is_model(const char *path)
{
    return text_ends_with(path, ".safetensors") || has_file(path, "model_index.json") || has_file(path, "config.json");
}

diffusion_model *model_open(const char *path)
{
    diffusion_model *model;
    overwrite_spare(path);
    check(diffusion_model_load(&model, path));
    return model;
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

char *sampler_of(const diffusion_model *model, const char *given)
{
    const char *own = diffusion_model_metadata(model, "sampler");
    if (own == NULL || given == NULL)
        return text_format("%s", given != NULL ? given : own != NULL ? own : "ancestral");
    size_t kind = strcspn(own, " ");
    int same = strncmp(own, given, kind) == 0 && strchr(" ", given[kind]) != NULL;
    char *pairs = text_format("%s", same ? own + kind : ""), *spacing = spec_value(given, "spacing");
    if (!same) {
        carry(&pairs, own, "clip");
        carry(&pairs, own, "spacing");
    }
    if (!same && spacing == NULL) /* an offset belongs to the spacing that it stands with */
        carry(&pairs, own, "steps_offset");
    char *spec = spec_complete(given, pairs);
    free(spacing);
    free(pairs);
    return spec;
}
