/* Models as commands find them: which path is one, what is known of its data, and the specs that stand where the user
 * gives none. */
#ifndef COMMON_MODEL_H
#define COMMON_MODEL_H

#include <diffusion/model.h>
#include <diffusion/sampler.h>
#include <diffusion/schedule.h>

/* Whether a path is that of a model rather than of data, by its name or by what a folder holds. */
int path_is_model(const char *path);

/* The model of a path, for data that was scaled as its texts "data.…" say. A folder without such texts is diffusers'
 * own: its model is given those of bytes scaled to -1..1, as the pipelines show them. The caller frees it. */
diffusion_model *model_open(const char *path);

/* The number of values in all its parameters. */
size_t model_parameters(const diffusion_model *model);

/* The schedule `given`, else the one that the model was trained with; the caller frees it. */
diffusion_schedule *schedule_of(const diffusion_model *model, const char *path, const char *given);

/* The solver of U-Nets that have none of their own, on a schedule of more steps: of thirteen the nearest to data at 6
 * to 10 evaluations, and none is nearer at 20 by more than the errors (bench/RESULTS.md). */
#define SAMPLER_FAST "dpmsolver++ steps=20 spacing=karras sigma_max=80"

/* The ancestral sampler that stands where no other will do: 100 steps for a U-Net that learns its variance and has no
 * sampler of its own, else all. Freed by free(). */
char *sampler_ancestral(const diffusion_model *model, const diffusion_schedule *schedule);

/* The sampler `given`, else the model's own, else SAMPLER_FAST where that will do, else ancestral; freed by free().
 * What the model's own says of clipping and of the steps visited holds for the given one too, and all that it says for
 * one of its kind, unless that says otherwise.
 */
char *sampler_of(const diffusion_model *model, const diffusion_schedule *schedule, const char *given);

/* A sampler of that spec, which diffusion_sampler_free() frees. Says which where none was given, unless it is to be
 * quiet. */
diffusion_sampler *sampler_open(const diffusion_model *model, const diffusion_schedule *schedule, const char *path,
                                const char *given, int quiet);

/* For commands that use a schedule. */
#define OPTIONS_SCHEDULE(given)                                                                                        \
    {                                                                                                                  \
        "schedule", '\0', POPT_ARG_STRING, &(given), 0,                                                                \
            "Schedule, if not the model's own; see diffusion help schedule", "SPEC"                                    \
    }

#endif
