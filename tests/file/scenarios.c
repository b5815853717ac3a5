#define _POSIX_C_SOURCE 200809L
#include "scenarios.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tool_main(int argc, char **argv);

enum { UNEXPECTED = 9, WORDS = 24 };

#define UNET "unet shape=4,4,1 channels=4,4 blocks=1 groups=2"
#define SMALL "--model|mlp width=2 depth=1|--schedule|linear steps=3|-q"
#define TRAIN "diffusion|train|d.csv|-o|m.safetensors|" SMALL
#define TRAIN_BESIDE "diffusion|train|d.csv|-o|o.safetensors|" SMALL "|--steps|1|--checkpoint-every|1"

static int exit_of(diffusion_status status)
{
    if (status == DIFFUSION_OK)
        return 0;
    fprintf(stderr, "diffusion: %s\n", diffusion_last_error());
    return status == DIFFUSION_E_IO ? 1 : UNEXPECTED;
}

/* ---- the library's own ---- */

static diffusion_status make(diffusion_model **model, diffusion_schedule **schedule, const char *spec, uint64_t seed)
{
    diffusion_status status = diffusion_schedule_create(schedule, seed == 1 ? "linear steps=10" : "cosine steps=10");
    return status == DIFFUSION_OK ? diffusion_model_create(model, spec, seed) : status;
}

/* A new model over an old one. */
static int save_model(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_status status = make(&model, &schedule, "mlp shape=2 width=3 depth=1", 2);
    if (status == DIFFUSION_OK)
        status = diffusion_model_save(model, "m.safetensors");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return exit_of(status);
}

static int load(const char *path)
{
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_model_load(&model, path);
    diffusion_model_free(model);
    return exit_of(status);
}

static int load_model(void)
{
    return load("m.safetensors");
}

static int load_pipeline(void)
{
    return load("pipe");
}

static int resume_and_save(void)
{
    diffusion_trainer *trainer = NULL;
    const float x0[4] = {0.5f, 1, -1, 0};
    diffusion_status status = diffusion_trainer_resume(&trainer, "c.safetensors");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_step(trainer, x0, NULL, 2, NULL);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_save(trainer, "k.safetensors");
    diffusion_trainer_free(trainer);
    return exit_of(status);
}

static int save_pipeline_of(uint64_t seed)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_status status = make(&model, &schedule, UNET, seed);
    if (status == DIFFUSION_OK)
        status = diffusion_model_save_diffusers(model, schedule, "pipe");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return exit_of(status);
}

static int save_pipeline(void)
{
    return save_pipeline_of(2);
}

/* ---- what all start from ---- */

static int save_checkpoints(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = make(&model, &schedule, "mlp shape=2 width=2 depth=1", 1);
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "batch=2 seed=1");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_save(trainer, "c.safetensors");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_save(trainer, "k.safetensors");
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return exit_of(status);
}

static int save_old_pipeline(void)
{
    return save_pipeline_of(1);
}

const scenario preparations[] = {
    {"a table", "diffusion|data|swiss-roll|-n|5|-o|d.csv", NULL, "", 0},
    {"a packed table", "diffusion|data|swiss-roll|-n|5|-o|p.csv.gz", NULL, "", 0},
    {"a model", TRAIN "|--steps|1", NULL, "", 0},
    {"a model and a checkpoint", TRAIN_BESIDE, NULL, "", 0},
    {"an array", "diffusion|data|dead-leaves|-n|3|--size|4|-o|x.npy", NULL, "", 0},
    {"pictures", "diffusion|data|dead-leaves|-n|2|--size|4|-o|pics", NULL, "", 0},
    {"a U-Net",
     "diffusion|train|x.npy|-o|u.safetensors|--model|unet channels=4,4 blocks=1 groups=2|--schedule|linear steps=3|"
     "--steps|1|-q",
     NULL, "", 0},
    {"a folder of diffusers", NULL, save_old_pipeline, "", 0},
    {"two checkpoints", NULL, save_checkpoints, "", 0},
};
const int preparation_count = sizeof preparations / sizeof *preparations;

/* ---- the table ---- */

#define CHECKPOINT "./m.checkpoint.safetensors"

const scenario scenarios[] = {
    {"save a model", NULL, save_model, "", 0},
    {"load a model", NULL, load_model, "", 0},
    {"resume and save a checkpoint", NULL, resume_and_save, "", 0},
    {"save a folder of diffusers over another", NULL, save_pipeline, "", 1},
    {"load a folder of diffusers", NULL, load_pipeline, "", 0},
    {"train", TRAIN "|--steps|1", NULL, CHECKPOINT, 0},
    {"train with checkpoints", TRAIN "|--steps|2|--checkpoint-every|1", NULL, CHECKPOINT, 0},
    {"train where a checkpoint stands", TRAIN_BESIDE "|--train|seed=2", NULL, "", 0},
    {"resume", "diffusion|train|d.csv|-o|n.safetensors|--resume|c.safetensors|--steps|3|-q", NULL,
     "./n.checkpoint.safetensors", 0},
    {"samples to CSV", "diffusion|sample|m.safetensors|-n|3|-o|s.csv|-q", NULL, "", 0},
    {"samples to packed CSV", "diffusion|sample|m.safetensors|-n|3|-o|s.csv.gz|-q", NULL, "", 0},
    {"samples to .npy", "diffusion|sample|m.safetensors|-n|3|-o|s.npy|-q", NULL, "", 0},
    {"samples to PNG", "diffusion|sample|pipe|-n|1|-o|s.png|-q", NULL, "", 0},
    {"a folder of pictures", "diffusion|data|dead-leaves|-n|2|--size|4|-o|leaves", NULL, "./leaves", 0},
    {"a table", "diffusion|data|swiss-roll|-n|3|-o|d.csv", NULL, "", 0},
    {"export", "diffusion|export|u.safetensors|pipe|--force", NULL, "", 1},
    {"info of a table", "diffusion|info|d.csv", NULL, "", 0},
    {"info of a packed table", "diffusion|info|p.csv.gz", NULL, "", 0},
    {"info of an array", "diffusion|info|x.npy", NULL, "", 0},
    {"info of pictures", "diffusion|info|pics", NULL, "", 0},
    {"info of a model", "diffusion|info|m.safetensors", NULL, "", 0},
    {"info of a checkpoint", "diffusion|info|c.safetensors", NULL, "", 0},
    {"bound", "diffusion|bound|m.safetensors|d.csv|-q", NULL, "", 0},
    {"score", "diffusion|score|m.safetensors|d.csv|-o|s.csv|--against|d.csv|--plot|r.png|-q", NULL, "", 0},
};
const int scenario_count = sizeof scenarios / sizeof *scenarios;

static int run_command(const char *command)
{
    char copy[512], *words[WORDS + 1], *next;
    int count = 0;
    snprintf(copy, sizeof copy, "%s", command);
    for (char *word = strtok_r(copy, "|", &next); word != NULL && count < WORDS; word = strtok_r(NULL, "|", &next))
        words[count++] = word;
    words[count] = NULL;
    return tool_main(count, words);
}

int scenario_do(const scenario *what)
{
    return what->command != NULL ? run_command(what->command) : what->library();
}
