#include "interop/diffusers/folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/file_name.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/document.h"
#include "interop/diffusers/config.h"
#include "interop/diffusers/scheduler_class.h"
#include "interop/diffusers/weights.h"
#include "interop/diffusers/weights_files.h"
#include "model/scaling.h"

#include <math.h>
#include <string.h>

/* Where the parts of a pipeline are. Early versions have them all in one folder. */
typedef struct folder {
    char *unet;      /* path of its configuration, beside which its tensors are */
    char *scheduler; /* of its configuration; NULL for a unet alone */
    diffusers_index index;
    char *mark;           /* the file that a save removes first and replaces last, */
    file_identity marked; /* as it was before any other was read */
} folder;

/* What the configurations say. */
typedef struct described {
    diffusers_unet unet;
    diffusers_scheduler scheduler;
    int scheduled; /* a scheduler was there */
    char *spec;    /* of the model */
} described;

static char *join(const char *path, const char *name)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s", path, name);
    return text_finish(&joined);
}

/* path/part/name if that is there, else path/name. */
static char *find(const char *path, const char *part, const char *name)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s/%s", path, part, name);
    char *inside = text_finish(&joined);
    if (inside == NULL || file_is_there(inside))
        return inside;
    char *beside = join(path, name);
    if (beside != NULL && !file_is_there(beside)) { /* the sentence should name where it belongs */
        memory_release(beside);
        return inside;
    }
    memory_release(inside);
    return beside;
}

/* ---- model_index.json ---- */

static const char *const pipelines[] = {[DIFFUSERS_DDPM] = "DDPMPipeline", [DIFFUSERS_DDIM] = "DDIMPipeline", NULL};

/* "unet": ["diffusers", "UNet2DModel"] */
static void check_unet(config *from)
{
    const json_value *value = json_get(from->json, "unet"), *class = json_item(value, 1);
    if (json_count(value) != 2 || !json_is(class, JSON_STRING) || strcmp(json_string(class), "UNet2DModel") != 0)
        config_refuse(from, "unet", value, "[\"diffusers\",\"UNet2DModel\"]");
}

static const char *index_scheduler(config *from)
{
    const json_value *value = json_get(from->json, "scheduler");
    const scheduler_class *class = scheduler_class_named(json_string(json_item(value, 1)));
    if (json_count(value) == 2 && class != NULL)
        return class->name;
    config_refuse(from, "scheduler", value, "[\"diffusers\",\"DDPMScheduler\"] or another scheduler that is read");
    return NULL;
}

static diffusion_status read_index(diffusers_index *out, const char *path)
{
    json_value *json = NULL;
    diffusion_status status = document_read(&json, path);
    if (status != DIFFUSION_OK)
        return status;
    config from = {json, path, DIFFUSION_OK};
    out->pipeline = (diffusers_pipeline)config_choice(&from, "_class_name", pipelines, -1);
    check_unet(&from);
    out->scheduler = index_scheduler(&from);
    json_release(json);
    return from.status;
}

/* ---- finding the files ---- */

static void folder_release(folder *self)
{
    memory_release(self->unet);
    memory_release(self->scheduler);
    memory_release(self->mark);
}

/* What else a folder may be. */
static diffusion_status refuse_folder(const char *path)
{
    static const char *const stopped =
        "as a save that was stopped leaves it, or one that is going on: expected it to be written again";
    const char *const parts[][3] = {
        {"unet", "a folder with unet but without model_index.json", stopped},
        {"scheduler", "a folder with scheduler but without model_index.json", stopped},
        {DIFFUSERS_WEIGHTS, "a folder with " DIFFUSERS_WEIGHTS " but without config.json", stopped},
        {"saved_model.pb", "a SavedModel of TensorFlow", "expected a .safetensors file or a diffusers folder"},
        {"", "a folder without model_index.json or config.json", "expected a .safetensors file or a diffusers folder"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *part = join(path, parts[i][0]);
        int is_there = part != NULL && file_is_there(part);
        memory_release(part);
        if (part == NULL)
            return DIFFUSION_E_MEMORY;
        if (is_there)
            return error_set(DIFFUSION_E_IO, "%s: %s, %s", path, parts[i][1], parts[i][2]);
    }
    return error_set(DIFFUSION_E_IO, "%s: was removed while it was read", path);
}

static diffusion_status locate(folder *out, const char *path)
{
    char *index = join(path, "model_index.json");
    if (index == NULL)
        return DIFFUSION_E_MEMORY;
    int pipeline = file_is_there(index);
    out->unet = pipeline ? find(path, "unet", "config.json") : join(path, "config.json");
    out->scheduler = pipeline ? find(path, "scheduler", "scheduler_config.json") : NULL;
    out->mark = pipeline ? index : memory_text(out->unet != NULL ? out->unet : "");
    if (!pipeline)
        memory_release(index);
    if (out->unet == NULL || out->mark == NULL || (pipeline && out->scheduler == NULL))
        return DIFFUSION_E_MEMORY;
    out->marked = file_identify(out->mark);
    if (pipeline)
        return read_index(&out->index, out->mark);
    return file_is_there(out->unet) ? DIFFUSION_OK : refuse_folder(path);
}

/* Whether a save has come between: then weights and scheduler may be those of two pipelines. */
static diffusion_status check_mark(const folder *self)
{
    if (file_is_still(&self->marked, self->mark))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_IO, "%s: was replaced while the folder was read, expected it to be read again",
                     self->mark);
}

/* ---- reading them ---- */

static void described_release(described *self)
{
    diffusers_unet_release(&self->unet);
    diffusers_scheduler_release(&self->scheduler);
    memory_release(self->spec);
}

static diffusion_status describe(described *out, const folder *from)
{
    json_value *unet = NULL, *scheduler = NULL;
    diffusion_status status = document_read(&unet, from->unet);
    if (status == DIFFUSION_OK)
        status = diffusers_unet_read(&out->unet, unet, from->unet);
    json_release(unet);
    if (status == DIFFUSION_OK && from->scheduler != NULL) {
        status = document_read(&scheduler, from->scheduler);
        if (status == DIFFUSION_OK)
            status =
                diffusers_scheduler_read(&out->scheduler, scheduler, from->scheduler, &from->index, out->unet.learned);
        json_release(scheduler);
        out->scheduled = 1;
    }
    if (status == DIFFUSION_OK)
        out->spec = diffusers_model_spec(&out->unet, out->scheduled ? &out->scheduler : NULL);
    return status == DIFFUSION_OK && out->spec == NULL ? DIFFUSION_E_MEMORY : status;
}

/* What the folder says comes after our own notes, which diffusers_save() leaves with the tensors. */
static diffusion_status note(struct diffusion_model *model, const described *said)
{
    diffusion_status status = DIFFUSION_OK;
    if (metadata_get(&model->metadata, "data.scale") == NULL)
        status = scaling_suppose_bytes(model);
    if (status == DIFFUSION_OK && said->scheduled)
        status = metadata_set(&model->metadata, "schedule", said->scheduler.schedule);
    if (status == DIFFUSION_OK && said->scheduled)
        status = metadata_set(&model->metadata, "sampler", said->scheduler.sampler);
    return status;
}

static diffusion_status build(struct diffusion_model **out, const folder *from, const described *said)
{
    struct diffusion_model *model = NULL;
    char *place = file_name_folder(from->unet);
    diffusion_status status = place != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = error_within(model_create_shell(&model, said->spec), from->unet);
    if (status == DIFFUSION_OK)
        status = diffusers_weights_read(model, place);
    if (status == DIFFUSION_OK)
        status = note(model, said);
    memory_release(place);
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    return status;
}

diffusion_status diffusers_load(struct diffusion_model **out, const char *path)
{
    folder from = {.index = {.mu = NAN}};
    described said = {.spec = NULL};
    struct diffusion_model *model = NULL;
    diffusion_status status = locate(&from, path);
    if (status == DIFFUSION_OK)
        status = describe(&said, &from);
    if (status == DIFFUSION_OK)
        status = build(&model, &from, &said);
    if (status == DIFFUSION_OK)
        status = check_mark(&from);
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    described_release(&said);
    folder_release(&from);
    return status;
}
