/* A pipeline of diffusers in the folder "pipe", saved by the library. Define _POSIX_C_SOURCE before the first include.
 */
#ifndef SUPPORT_PIPE_H
#define SUPPORT_PIPE_H

#include "make.h"
#include "mend.h"

#define PIPE_SPEC "unet shape=8,8,2 channels=8,16 blocks=1 attention=4 groups=4 head_channels=4"
#define PIPE_WEIGHTS "pipe/unet/diffusion_pytorch_model.safetensors"
#define PIPE_UNET "pipe/unet/config.json"
#define PIPE_SCHEDULER "pipe/scheduler/scheduler_config.json"

/* Removes a pipeline, its folders too. */
static inline void pipe_clean(const char *path)
{
    static const char *const files[] = {"unet/diffusion_pytorch_model.safetensors",
                                        "unet/diffusion_pytorch_model.bin",
                                        "unet/config.json",
                                        "unet",
                                        "scheduler/scheduler_config.json",
                                        "scheduler",
                                        "model_index.json",
                                        "config.json",
                                        "scheduler_config.json",
                                        "diffusion_pytorch_model.safetensors",
                                        ""};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[256];
        snprintf(name, sizeof name, "%s/%s", path, files[i]);
        if (remove(name) != 0)
            rmdir(name); /* Windows' remove() takes files alone */
    }
}

static inline diffusion_model *pipe_model(const char *spec)
{
    diffusion_model *model = make_model(spec, 1);
    fill_weights(model, 3);
    return model;
}

static inline void pipe_save(const char *spec, const char *schedule_spec, const char *sampler)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = pipe_model(spec);
    assert_ok(diffusion_model_set_metadata(model, "sampler", sampler));
    assert_ok(diffusion_model_save_diffusers(model, schedule, "pipe"));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#endif
