#include "common/model.h"

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
