#define _POSIX_C_SOURCE 200809L

#include "command.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/note.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/sampler.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/scaling.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const command_page page = {
    "export",
    "MODEL FOLDER [OPTION...]",
    "Writes a U-Net and its schedule as a folder that diffusers loads (DDPMPipeline.from_pretrained). --sampler says "
    "which\n"
    "of its schedulers, and all that this is told: of the kind ddim it makes a DDIMPipeline, \"dpmsolver++ "
    "spacing=karras\"\n"
    "a DPMSolverMultistepScheduler. A key that diffusers has otherwise is refused.",
    "  diffusion export digits.safetensors digits-pipeline\n"
    "  diffusion export digits.safetensors digits-pipeline --sampler \"ddim clip=1\"\n"
    "  diffusion export digits.safetensors digits-pipeline --sampler \"euler steps=20 spacing=karras\"\n",
    2,
    2,
};

/* diffusers shows -1..1 as black to white: 2 (value - minimum) / (maximum - minimum) - 1. */
static int has_its_scale(const scaling *scale)
{
    for (size_t j = 0; j < scale->columns; j++) {
        const column_scaling *c = &scale->of[j];
        double middle = c->width > 0 ? 0.5 : 0; /* of a whole number's interval */
        double low = (c->minimum + middle - c->shift) / c->scale;
        double high = (c->maximum + middle - c->shift) / c->scale;
        if (!(fabs(low + 1) < 1e-6 && fabs(high - 1) < 1e-6))
            return 0;
    }
    return 1;
}

static void note_scale(const diffusion_model *model)
{
    scaling scale;
    scaling_recall(&scale, model);
    if (!has_its_scale(&scale) && scale.columns > 1)
        note("the pipeline's samples have each value scaled by itself (data.shift, data.scale of the model), where "
             "diffusers shows -1..1 as black to white");
    else if (!has_its_scale(&scale))
        note("the pipeline's samples are (value - %g) / %g, where diffusers shows -1..1 as black to white",
             scale.of[0].shift, scale.of[0].scale);
    scaling_release(&scale);
}

/* diffusers' DDPMPipeline calls any scheduler as if it were a DDPMScheduler. */
static void note_pipeline(const char *sampler)
{
    const size_t kind = sampler != NULL ? strcspn(sampler, " ") : 0;
    if (kind > 0 && strncmp(sampler, "ancestral", kind) != 0 && strncmp(sampler, "ddim", kind) != 0)
        note("diffusers' DDPMPipeline is made for DDPMScheduler; take the scheduler from the folder by its own "
             "class");
}

/* A folder says nothing of steps: its pipeline has its own. */
static void note_steps(const char *folder, const char *sampler, int32_t total)
{
    diffusion_model *model;
    check(diffusion_model_load(&model, folder));
    char *asked = sampler != NULL ? spec_value(sampler, "steps") : NULL;
    char *taken = spec_value(diffusion_model_metadata(model, "sampler"), "steps");
    long taken_steps = taken != NULL ? atol(taken) : total;
    if (asked != NULL && atol(asked) > 0 && atol(asked) != taken_steps)
        note("the pipeline takes %ld steps unless it is called with num_inference_steps=%s", taken_steps, asked);
    free(asked);
    free(taken);
    diffusion_model_free(model);
}

static void run_export(const char *model_path, const char *folder, const char *schedule_spec, const char *sampler)
{
    diffusion_model *model = model_open(model_path);
    diffusion_schedule *schedule = schedule_of(model, model_path, schedule_spec);
    if (sampler != NULL) {
        diffusion_sampler *tried; /* so that a spec that makes no sampler makes no folder */
        char *spec = sampler_of(model, schedule, sampler);
        check(diffusion_sampler_create(&tried, model, schedule, spec));
        check(diffusion_model_set_metadata(model, "sampler", spec));
        diffusion_sampler_free(tried);
        free(spec);
    }
    diffusion_status status = diffusion_model_save_diffusers(model, schedule, folder);
    const int is_models = status == DIFFUSION_E_SPEC && sampler == NULL; /* what diffusers has not stands in the file */
    check_of(status, is_models ? model_path : NULL);
    note_scale(model);
    note_pipeline(diffusion_model_metadata(model, "sampler"));
    note_steps(folder, sampler, diffusion_schedule_steps(schedule));
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

/* What the folder must hold to be written into: an index, or what a stopped save leaves of a pipeline. */
static const char *mark_of(const char *folder)
{
    static const char *const marks[] = {"model_index.json", "unet", "scheduler"};
    int is_there[3];
    for (size_t i = 0; i < 3; i++) {
        char *path = text_format("%s/%s", folder, marks[i]);
        is_there[i] = access(path, F_OK) == 0;
        free(path);
    }
    return marks[!is_there[0] && is_there[1] && is_there[2]];
}

/* The unet of another kind of pipeline would be lost. */
static void check_pipeline(const char *folder)
{
    char head[4096], *path = text_format("%s/model_index.json", folder);
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(head, 1, sizeof head - 1, file) : 0;
    head[size] = '\0';
    if (file != NULL)
        fclose(file);
    if (size > 0 && strstr(head, "\"DDPMPipeline\"") == NULL && strstr(head, "\"DDIMPipeline\"") == NULL)
        fail_usage("%s: not that of a DDPMPipeline or DDIMPipeline; --force writes over it", path);
    free(path);
}

int export_command(int argc, const char **argv)
{
    char *schedule = NULL, *sampler = NULL;
    int force = 0;
    run_options run = {0};
    struct poptOption table[] = {
        {"sampler", '\0', POPT_ARG_STRING, &sampler, 0, "What the pipeline is to do by default", "SPEC"},
        OPTIONS_SCHEDULE(schedule),
        OPTIONS_FORCE(force),
        OPTIONS_QUIET(run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    note_quiet(run.quiet);
    overwrite_check_folder(given.values[1], mark_of(given.values[1]), force);
    if (!force)
        check_pipeline(given.values[1]);
    run_export(given.values[0], given.values[1], schedule, sampler);
    options_release(&given);
    return EXIT_SUCCESS;
}
