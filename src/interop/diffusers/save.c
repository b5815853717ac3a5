#include "interop/diffusers/folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/document.h"
#include "interop/diffusers/specs.h"
#include "model/file.h"

/* The documents of a pipeline. */
typedef struct pipeline {
    json_value *index, *unet, *scheduler;
} pipeline;

static void release(pipeline *self)
{
    json_release(self->index);
    json_release(self->unet);
    json_release(self->scheduler);
}

static diffusion_status describe(pipeline *out, const struct diffusion_model *model,
                                 const struct diffusion_schedule *schedule)
{
    if (model->network == NULL)
        return error_set(DIFFUSION_E_STATE, "model_save_diffusers: a callback model has no parameters to save");
    const char *sampler = metadata_get(&model->metadata, "sampler");
    diffusion_status status = diffusers_unet_write(&out->unet, model->spec);
    if (status == DIFFUSION_OK)
        status = diffusers_scheduler_write(&out->scheduler, schedule, model->spec, sampler);
    if (status == DIFFUSION_OK)
        status = diffusers_index_write(&out->index, out->scheduler, sampler);
    return status;
}

static diffusion_status make_folder(const char *path, const char *name)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s", path, name);
    char *full = text_finish(&joined);
    diffusion_status status = full != NULL ? file_make_folder(full) : DIFFUSION_E_MEMORY;
    memory_release(full);
    return status;
}

static diffusion_status save_document(const char *path, const char *name, const json_value *json)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s", path, name);
    char *full = text_finish(&joined);
    diffusion_status status = full != NULL ? document_save(full, json) : DIFFUSION_E_MEMORY;
    memory_release(full);
    return status;
}

/* "pt" is what diffusers' tensors say of themselves; the model's own texts stand beside it. */
static diffusion_status save_tensors(const struct diffusion_model *model, const char *path)
{
    size_t count = model->network->parameter_count, pairs = 0;
    text_buffer joined = {0};
    text_append(&joined, "%s/unet/diffusion_pytorch_model.safetensors", path);
    char *full = text_finish(&joined);
    safetensors_tensor *tensors = memory_allocate(count, sizeof *tensors);
    model_tensor_name *names = memory_allocate(count, sizeof *names);
    safetensors_pair *texts = memory_allocate(model->metadata.count + 1, sizeof *texts);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (full != NULL && tensors != NULL && names != NULL && texts != NULL) {
        model_describe(model, "", model->parameters, names, tensors);
        texts[pairs++] = (safetensors_pair){"format", "pt"};
        for (size_t i = 0; i < model->metadata.count; i++)
            if (!metadata_is_reserved(model->metadata.pairs[i].key))
                texts[pairs++] = (safetensors_pair){model->metadata.pairs[i].key, model->metadata.pairs[i].value};
        status = safetensors_save(full, tensors, count, texts, pairs);
    }
    memory_release(full);
    memory_release(tensors);
    memory_release(names);
    memory_release(texts);
    return status;
}

/* The index last: without it the folder is no pipeline yet. */
static diffusion_status write(const pipeline *from, const struct diffusion_model *model, const char *path)
{
    diffusion_status status = file_make_folder(path);
    if (status == DIFFUSION_OK)
        status = make_folder(path, "unet");
    if (status == DIFFUSION_OK)
        status = make_folder(path, "scheduler");
    if (status == DIFFUSION_OK)
        status = save_tensors(model, path);
    if (status == DIFFUSION_OK)
        status = save_document(path, "unet/config.json", from->unet);
    if (status == DIFFUSION_OK)
        status = save_document(path, "scheduler/scheduler_config.json", from->scheduler);
    if (status == DIFFUSION_OK)
        status = save_document(path, "model_index.json", from->index);
    return status;
}

diffusion_status diffusers_save(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                const char *path)
{
    pipeline documents = {NULL, NULL, NULL};
    diffusion_status status = describe(&documents, model, schedule);
    if (status == DIFFUSION_OK)
        status = write(&documents, model, path);
    release(&documents);
    return status;
}
