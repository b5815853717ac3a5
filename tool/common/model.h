/* Models as commands find them: which path is one, what is known of its data, and the schedule where the user gives
 * none. */
#ifndef COMMON_MODEL_H
#define COMMON_MODEL_H

#include <diffusion/model.h>
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

/* For commands that use a schedule. */
#define OPTIONS_SCHEDULE(given)                                                                                        \
    {                                                                                                                  \
        "schedule", '\0', POPT_ARG_STRING, &(given), 0,                                                                \
            "Schedule, if not the model's own; see diffusion help schedule", "SPEC"                                    \
    }

#endif
