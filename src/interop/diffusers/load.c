#include "interop/diffusers/folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/document.h"
#include "interop/diffusers/config.h"
#include "interop/diffusers/names.h"
#include "interop/diffusers/specs.h"
#include "model/file.h"
#include "model/scaling.h"

#include <string.h>

/* Where the parts of a pipeline are. Early versions have them all in one folder. */
typedef struct folder {
    char *unet, *weights; /* paths of config.json and the tensors */
    char *scheduler;      /* of its configuration; NULL for a unet alone */
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

static const char *const pipelines[] = {"DDPMPipeline", "DDIMPipeline", NULL};
static const char *const schedulers[] = {"DDPMScheduler", "DDIMScheduler", NULL};
static const char *const unets[] = {"UNet2DModel", NULL};

/* "unet": ["diffusers", "UNet2DModel"] */
static void check_part(config *from, const char *part, const char *const *classes)
{
    const json_value *value = json_get(from->json, part), *class = json_item(value, 1);
    for (; *classes != NULL; classes++)
        if (json_count(value) == 2 && json_is(class, JSON_STRING) && strcmp(json_string(class), *classes) == 0)
            return;
    config_refuse(from, part, value, "[\"diffusers\",\"%s\"]", classes[-1]);
}

static diffusion_status check_index(const char *path)
{
    json_value *json = NULL;
    diffusion_status status = document_read(&json, path);
    if (status != DIFFUSION_OK)
        return status;
    config from = {json, path, DIFFUSION_OK};
    config_choice(&from, "_class_name", pipelines, -1);
    check_part(&from, "unet", unets);
    check_part(&from, "scheduler", schedulers);
    json_release(json);
    return from.status;
}

/* ---- finding the files ---- */

#define WEIGHTS "diffusion_pytorch_model"

static void folder_release(folder *self)
{
    memory_release(self->unet);
    memory_release(self->weights);
    memory_release(self->scheduler);
}

/* A pickle file can run any code, so it is not even looked into. */
static diffusion_status check_weights(const folder *self, const char *path)
{
    char *pickle = find(path, "unet", WEIGHTS ".bin");
    diffusion_status status = pickle != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && !file_is_there(self->weights) && file_is_there(pickle))
        status = error_set(DIFFUSION_E_CONTENT, "%s: a pickle file, which is never read; expected %s.safetensors",
                           pickle, WEIGHTS);
    memory_release(pickle);
    return status;
}

static diffusion_status locate(folder *out, const char *path)
{
    char *index = join(path, "model_index.json");
    diffusion_status status = index != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    int pipeline = index != NULL && file_is_there(index);
    if (status == DIFFUSION_OK && pipeline)
        status = check_index(index);
    memory_release(index);
    if (status != DIFFUSION_OK)
        return status;
    out->unet = pipeline ? find(path, "unet", "config.json") : join(path, "config.json");
    out->weights = pipeline ? find(path, "unet", WEIGHTS ".safetensors") : join(path, WEIGHTS ".safetensors");
    out->scheduler = pipeline ? find(path, "scheduler", "scheduler_config.json") : NULL;
    if (out->unet == NULL || out->weights == NULL || (pipeline && out->scheduler == NULL))
        return DIFFUSION_E_MEMORY;
    if (!pipeline && !file_is_there(out->unet))
        return error_set(DIFFUSION_E_IO,
                         "%s: a folder without model_index.json or config.json, expected a .safetensors "
                         "file or a diffusers folder",
                         path);
    return check_weights(out, path);
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
            status = diffusers_scheduler_read(&out->scheduler, scheduler, from->scheduler, out->unet.learned);
        json_release(scheduler);
        out->scheduled = 1;
    }
    if (status == DIFFUSION_OK)
        out->spec = diffusers_model_spec(&out->unet, out->scheduled ? &out->scheduler : NULL);
    return status == DIFFUSION_OK && out->spec == NULL ? DIFFUSION_E_MEMORY : status;
}

/* Before memory is taken for the parameters: every tensor is there, and nothing else. */
static diffusion_status check_tensors(const network *net, safetensors *file, const char *path)
{
    diffusers_name name;
    for (size_t i = 0; i < net->parameter_count; i++) {
        diffusion_status status = model_check_tensor(
            file, path, diffusers_name_in(&name, file, net->parameters[i].name), &net->parameters[i]);
        if (status != DIFFUSION_OK)
            return status;
    }
    for (size_t i = 0; i < safetensors_count(file); i++)
        if (network_find(net, diffusers_name_now(&name, safetensors_at(file, i)->name)) == NULL)
            return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is not one of the model's", path,
                             safetensors_at(file, i)->name);
    return DIFFUSION_OK;
}

static diffusion_status read_tensors(struct diffusion_model *model, safetensors *file, const char *path)
{
    const network *net = model->network;
    diffusers_name name;
    diffusion_status status = check_tensors(net, file, path);
    if (status == DIFFUSION_OK)
        status = model_allocate(model);
    for (size_t i = 0; i < net->parameter_count && status == DIFFUSION_OK; i++) {
        const network_parameter *parameter = &net->parameters[i];
        status = model_read_tensor(file, path, diffusers_name_in(&name, file, parameter->name), parameter,
                                   model->parameters + parameter->offset);
    }
    return status;
}

/* ---- what the model remembers ---- */

/* Our own notes first, which diffusers_save() leaves with the tensors. */
static diffusion_status note(struct diffusion_model *model, const safetensors *file, const described *said)
{
    diffusion_status status = model_read_metadata(model, file, 0);
    if (status == DIFFUSION_OK && metadata_get(&model->metadata, "data.scale") == NULL)
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
    safetensors *file = NULL;
    diffusion_status status = error_within(model_create_shell(&model, said->spec), from->unet);
    if (status == DIFFUSION_OK)
        status = safetensors_open(&file, from->weights);
    if (status == DIFFUSION_OK)
        status = read_tensors(model, file, from->weights);
    if (status == DIFFUSION_OK)
        status = note(model, file, said);
    safetensors_close(file);
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    return status;
}

diffusion_status diffusers_load(struct diffusion_model **out, const char *path)
{
    folder from = {0};
    described said = {.spec = NULL};
    diffusion_status status = locate(&from, path);
    if (status == DIFFUSION_OK)
        status = describe(&said, &from);
    if (status == DIFFUSION_OK)
        status = build(out, &from, &said);
    described_release(&said);
    folder_release(&from);
    return status;
}
