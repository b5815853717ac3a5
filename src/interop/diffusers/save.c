#include "interop/diffusers/folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/document.h"
#include "interop/diffusers/specs.h"
#include "interop/diffusers/weights_files.h"
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

/* "pt" is what diffusers' tensors say of themselves; the model's own texts stand beside it. */
static diffusion_status write_tensors(file_writer **out, const char *path, const struct diffusion_model *model)
{
    size_t count = model->network->parameter_count, pairs = 0;
    safetensors_tensor *tensors = memory_allocate(count, sizeof *tensors);
    model_tensor_name *names = memory_allocate(count, sizeof *names);
    safetensors_pair *texts = memory_allocate(model->metadata.count + 1, sizeof *texts);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (tensors != NULL && names != NULL && texts != NULL) {
        model_describe(model, "", model->parameters, names, tensors);
        texts[pairs++] = (safetensors_pair){"format", "pt"};
        for (size_t i = 0; i < model->metadata.count; i++)
            if (!metadata_is_reserved(model->metadata.pairs[i].key))
                texts[pairs++] = (safetensors_pair){model->metadata.pairs[i].key, model->metadata.pairs[i].value};
        status = safetensors_write(out, path, tensors, count, texts, pairs);
    }
    memory_release(tensors);
    memory_release(names);
    memory_release(texts);
    return status;
}

/* The files of a pipeline in the order in which they appear. Without the index there is no pipeline, and without its
 * configuration no unet. */
enum { WEIGHTS, UNET, SCHEDULER, INDEX, FILES };

static const char *const names[FILES] = {("unet/" DIFFUSERS_WEIGHTS), "unet/config.json",
                                         "scheduler/scheduler_config.json", "model_index.json"};

/* Shards of another model would be read in the place of the weights. */
static diffusion_status check_shards(const char *path)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/unet/%s", path, DIFFUSERS_SHARDS);
    char *full = text_finish(&joined);
    diffusion_status status = full != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && file_is_there(full))
        status = error_set(DIFFUSION_E_IO,
                           "%s: shards of another model, which would be read in place of the new weights; "
                           "expected a folder without them",
                           full);
    memory_release(full);
    return status;
}

/* All files beside those that they will replace, durable. */
static diffusion_status prepare(file_writer *files[FILES], const pipeline *from, const struct diffusion_model *model,
                                const char *path)
{
    const json_value *const documents[FILES] = {
        [UNET] = from->unet, [SCHEDULER] = from->scheduler, [INDEX] = from->index};
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < FILES && status == DIFFUSION_OK; i++) {
        text_buffer joined = {0};
        text_append(&joined, "%s/%s", path, names[i]);
        char *full = text_finish(&joined);
        if (full == NULL)
            status = DIFFUSION_E_MEMORY;
        else if (i == WEIGHTS)
            status = write_tensors(&files[i], full, model);
        else
            status = document_write(&files[i], full, documents[i]);
        if (status == DIFFUSION_OK)
            status = file_sync(files[i]);
        memory_release(full);
    }
    return status;
}

/* Whatever stops this on its way leaves the old pipeline, the new one, or a folder without an index: never the weights
 * of one beside the scheduler of the other. The disk is waited for before and after: a journal keeps the order. */
static diffusion_status replace(file_writer *files[FILES])
{
    diffusion_status status = file_withdraw(files[INDEX]);
    if (status == DIFFUSION_OK)
        status = file_withdraw(files[UNET]);
    for (size_t i = 0; i < FILES && status == DIFFUSION_OK; i++)
        status = file_place(files[i]);
    for (size_t i = 0; i < FILES && status == DIFFUSION_OK; i++) {
        status = file_commit(files[i]);
        files[i] = NULL;
    }
    return status;
}

static diffusion_status write(const pipeline *from, const struct diffusion_model *model, const char *path)
{
    file_writer *files[FILES] = {NULL};
    folder_hold hold = {NULL};
    diffusion_status status = check_shards(path);
    if (status == DIFFUSION_OK)
        status = file_make_folder(path);
    if (status == DIFFUSION_OK)
        status = make_folder(path, "unet");
    if (status == DIFFUSION_OK)
        status = make_folder(path, "scheduler");
    if (status == DIFFUSION_OK)
        status = folder_take(&hold, path);
    if (status == DIFFUSION_OK)
        status = prepare(files, from, model, path);
    if (status == DIFFUSION_OK)
        status = replace(files);
    for (size_t i = 0; i < FILES; i++)
        file_abandon(files[i]);
    folder_release(&hold);
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
