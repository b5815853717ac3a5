/* diffusers' configurations as specs, and specs as configurations: texts alone, no files and no network. Names and
 * defaults are those of diffusers 0.26.3 (UNet2DModel, DDPMScheduler, DDIMScheduler), and of 0.33.1 for other
 * schedulers. */
#ifndef INTEROP_DIFFUSERS_SPECS_H
#define INTEROP_DIFFUSERS_SPECS_H

#include "base/spec.h"
#include "format/json.h"
#include "process/schedule.h"

/* What unet/config.json says. */
typedef struct diffusers_unet {
    char *spec;            /* "unet channels=… shape=… classes=…": all but predict and variance */
    int learned;           /* twice as many outputs as inputs: the second half is for the variance */
    int64_t height, width; /* of a sample */
    int64_t channels;
} diffusers_unet;

/* What scheduler/scheduler_config.json says. */
typedef struct diffusers_scheduler {
    char *schedule;       /* complete spec */
    char *sampler;        /* spec of what the pipeline does by default */
    const char *predict;  /* our name of the prediction */
    const char *variance; /* and of the variance */
    double sigma_data;    /* of EDM's prediction */
} diffusers_scheduler;

/* What a pipeline does unless it is told otherwise: a DDPMPipeline has its scheduler take 1000 steps, a DDIMPipeline
 * makes a DDIMScheduler of any scheduler and has that take 50. */
typedef enum diffusers_pipeline { DIFFUSERS_DDPM, DIFFUSERS_DDIM } diffusers_pipeline;

/* What model_index.json says, and what is asked for. diffusers makes the scheduler that the index names, whatever its
 * configuration says of itself. */
typedef struct diffusers_index {
    diffusers_pipeline pipeline;
    const char *scheduler; /* its class; NULL: what the configuration says */
    int64_t steps;         /* 0: the pipeline's default */
    double mu;             /* of flow matching with dynamic shifting; NAN where nobody has told */
} diffusers_index;

/* `path` begins every sentence. An option that is not supported is refused by its name (DIFFUSION_E_CONTENT). */
diffusion_status diffusers_unet_read(diffusers_unet *out, const json_value *json, const char *path);
diffusion_status diffusers_scheduler_read(diffusers_scheduler *out, const json_value *json, const char *path,
                                          const diffusers_index *index, int learned);
void diffusers_unet_release(diffusers_unet *self);
void diffusers_scheduler_release(diffusers_scheduler *self); /* both also of one zeroed */

/* The complete spec of the model that both describe; without a scheduler (NULL) it is taken to predict epsilon. NULL
 * with the sentence set if memory runs out. */
char *diffusers_model_spec(const diffusers_unet *unet, const diffusers_scheduler *scheduler);

/* From a model's complete spec. What diffusers cannot express is refused by its name (DIFFUSION_E_SPEC). json_release()
 * releases the result. */
diffusion_status diffusers_unet_write(json_value **out, const char *spec);

/* `spec` and `sampler` (may be NULL) are the model's; the result, read again, says the same, but for steps, seed and
 * first. DIFFUSION_E_SPEC, DIFFUSION_E_KERNEL. */
diffusion_status diffusers_scheduler_write(json_value **out, const struct diffusion_schedule *schedule,
                                           const char *spec, const char *sampler);

/* model_index.json for a scheduler's configuration: the pipeline that does what `sampler` (may be NULL) says, or does
 * so when it is told the steps. */
diffusion_status diffusers_index_write(json_value **out, const json_value *scheduler, const char *sampler);

/* ---- what reading and writing share ---- */

enum { DIFFUSERS_LEVELS = SPEC_RANK };

/* Steps that a pipeline takes by default, of a schedule's: diffusers refuses to take more, so these are taken then. */
int64_t diffusers_default_steps(diffusers_pipeline pipeline, int64_t total);

/* Names of blocks, without and with attention. */
extern const char *const diffusers_down_types[2], *const diffusers_up_types[2];

/* What both systems have, ours and theirs in the same order; NULL ends a list. */
extern const char *const diffusers_predictions[], *const predictions_here[];
extern const char *const diffusers_variances[], *const variances_here[];
extern const char *const diffusers_curves[], *const curves_here[];
enum { DIFFUSERS_CURVE_COSINE = 2 }; /* which has no beta_start and beta_end */

#endif
