#include "common/model.h"

#include "common/fail.h"
#include "common/overwrite.h"
#include "common/specs.h"
#include "common/text.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* diffusers' pipelines map bytes 0..255 to -1..1; (value - shift) / scale with a byte's whole interval does the same,
 * and back its floor is the nearest byte. */
static void suppose_bytes(diffusion_model *model)
{
    char *shape = spec_value(diffusion_model_spec(model), "shape"), *width = text_real(1 / 127.5);
    const char *const pairs[][2] = {{"data.kind", "images"}, {"data.shape", shape},   {"data.labels", "none"},
                                    {"data.shift", "128"},   {"data.scale", "127.5"}, {"data.dequantize", width},
                                    {"data.minimum", "0"},   {"data.maximum", "255"}, {"data.levels", "256"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check(diffusion_model_set_metadata(model, pairs[i][0], pairs[i][1]));
    free(shape);
    free(width);
}

diffusion_model *model_open(const char *path)
{
    diffusion_model *model;
    overwrite_spare(path);
    check(diffusion_model_load(&model, path));
    if (is_folder(path) && diffusion_model_metadata(model, "data.scale") == NULL)
        suppose_bytes(model);
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

diffusion_sampler *sampler_open(const diffusion_model *model, const diffusion_schedule *schedule, const char *path,
                                const char *given, int quiet)
{
    const int own = given == NULL && diffusion_model_metadata(model, "sampler") != NULL;
    diffusion_sampler *sampler;
    char *spec = sampler_of(model, given);
    check_of(diffusion_sampler_create(&sampler, model, schedule, spec), own ? path : NULL);
    if (given == NULL && !quiet)
        fprintf(stderr, "sampler: %s (%s)\n", spec, own ? "the model's own" : "the default");
    free(spec);
    return sampler;
}
