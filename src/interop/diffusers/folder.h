/* Folders as diffusers' save_pretrained() lays them out: a DDPMPipeline or DDIMPipeline, or its unet folder alone. */
#ifndef INTEROP_DIFFUSERS_FOLDER_H
#define INTEROP_DIFFUSERS_FOLDER_H

#include "model/model.h"
#include "process/schedule.h"

diffusion_status diffusers_load(struct diffusion_model **out, const char *path);

/* A whole pipeline, or none. Whatever cannot be expressed is refused before anything is written. */
diffusion_status diffusers_save(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                const char *path);

#endif
