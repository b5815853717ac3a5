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
    diffusion_status status = diffusers_unet_write(&out->unet, model->spec);
    if (status == DIFFUSION_OK)
        status = diffusers_scheduler_write(&out->scheduler, schedule, model->spec,
                                           metadata_get(&model->metadata, "sampler"));
    if (status == DIFFUSION_OK)
        status = diffusers_index_write(&out->index, out->scheduler);
    return status;
}

/* The files of a pipeline; the index is the last to appear: without it the folder is none. */
enum { WEIGHTS, UNET, SCHEDULER, INDEX, FILES };
static const char *const names[FILES] = {"unet/diffusion_pytorch_model.safetensors", "unet/config.json",
                                         "scheduler/scheduler_config.json", "model_index.json"};

static char *join(const char *path, const char *name)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s", path, name);
    return text_finish(&joined);
}

static diffusion_status make_folder(const char *path, const char *name)
{
    char *full = join(path, name);
    diffusion_status status = full != NULL ? file_make_folder(full) : DIFFUSION_E_MEMORY;
    memory_release(full);
    return status;
}

static diffusion_status write_document(file_writer **out, const char *path, const char *name, const json_value *json)
{
    char *full = join(path, name);
    diffusion_status status = full != NULL ? document_write(out, full, json) : DIFFUSION_E_MEMORY;
    memory_release(full);
    return status;
}

/* "pt" is what diffusers' tensors say of themselves; the model's own texts stand beside it. */
static diffusion_status write_tensors(file_writer **out, const char *path, const struct diffusion_model *model)
{
    size_t count = model->network->parameter_count, pairs = 0;
    char *full = join(path, names[WEIGHTS]);
    safetensors_tensor *tensors = memory_allocate(count, sizeof *tensors);
    model_tensor_name *tensor_names = memory_allocate(count, sizeof *tensor_names);
    safetensors_pair *texts = memory_allocate(model->metadata.count + 1, sizeof *texts);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (full != NULL && tensors != NULL && tensor_names != NULL && texts != NULL) {
        model_describe(model, "", model->parameters, tensor_names, tensors);
        texts[pairs++] = (safetensors_pair){"format", "pt"};
        for (size_t i = 0; i < model->metadata.count; i++)
            if (!metadata_is_reserved(model->metadata.pairs[i].key))
                texts[pairs++] = (safetensors_pair){model->metadata.pairs[i].key, model->metadata.pairs[i].value};
        status = safetensors_write(out, full, tensors, count, texts, pairs);
    }
    memory_release(full);
    memory_release(tensors);
    memory_release(tensor_names);
    memory_release(texts);
    return status;
}

static diffusion_status make_folders(const char *path)
{
    diffusion_status status = file_make_folder(path);
    if (status == DIFFUSION_OK)
        status = make_folder(path, "unet");
    return status == DIFFUSION_OK ? make_folder(path, "scheduler") : status;
}

/* All that may want room or rights, before the first of the old files is touched. */
static diffusion_status write_files(file_writer *files[FILES], const pipeline *from,
                                    const struct diffusion_model *model, const char *path)
{
    diffusion_status status = write_tensors(&files[WEIGHTS], path, model);
    if (status == DIFFUSION_OK)
        status = write_document(&files[UNET], path, names[UNET], from->unet);
    if (status == DIFFUSION_OK)
        status = write_document(&files[SCHEDULER], path, names[SCHEDULER], from->scheduler);
    if (status == DIFFUSION_OK)
        status = write_document(&files[INDEX], path, names[INDEX], from->index);
    for (int i = 0; i < FILES && status == DIFFUSION_OK; i++)
        status = file_flush(files[i]);
    return status;
}

/* The old index goes first, so that wherever this stops no old part is taken for one of the new pipeline. */
static diffusion_status commit(file_writer *files[FILES], const char *path)
{
    char *index = join(path, names[INDEX]);
    diffusion_status status = index != NULL ? file_remove(index) : DIFFUSION_E_MEMORY;
    memory_release(index);
    for (int i = 0; i < FILES && status == DIFFUSION_OK; i++) {
        status = file_commit(files[i]);
        files[i] = NULL;
    }
    return status;
}

static diffusion_status write(const pipeline *from, const struct diffusion_model *model, const char *path)
{
    file_writer *files[FILES] = {NULL};
    diffusion_status status = make_folders(path);
    if (status == DIFFUSION_OK)
        status = write_files(files, from, model, path);
    if (status == DIFFUSION_OK)
        status = commit(files, path);
    for (int i = 0; i < FILES; i++)
        file_abandon(files[i]);
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
