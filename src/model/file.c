#include "model/file.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/memory.h"
#include "model/moments_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char format_name[] = "libdiffusion 1";

/* ---- writing ---- */

void model_describe(const struct diffusion_model *model, const char *prefix, const float *values,
                    model_tensor_name *names, safetensors_tensor *tensors)
{
    for (size_t i = 0; i < model->network->parameter_count; i++) {
        const network_parameter *parameter = &model->network->parameters[i];
        snprintf(names[i].text, sizeof names[i].text, "%s%s", prefix, parameter->name);
        tensors[i] =
            (safetensors_tensor){.name = names[i].text, .rank = parameter->rank, .values = values + parameter->offset};
        for (size_t j = 0; j < parameter->rank; j++)
            tensors[i].shape[j] = (uint64_t)parameter->shape[j];
    }
}

safetensors_pair *model_file_pairs(const struct diffusion_model *model, size_t extra, size_t *count)
{
    safetensors_pair *pairs = memory_allocate(model->metadata.count + 2 + extra, sizeof *pairs);
    if (pairs == NULL)
        return NULL;
    pairs[0] = (safetensors_pair){"format", format_name};
    pairs[1] = (safetensors_pair){"model", model->spec};
    *count = 2;
    for (size_t i = 0; i < model->metadata.count; i++)
        pairs[(*count)++] = (safetensors_pair){model->metadata.pairs[i].key, model->metadata.pairs[i].value};
    return pairs;
}

/* What a file of the model's own holds. */
typedef struct contents {
    safetensors_tensor *tensors;
    model_tensor_name *names;
    safetensors_pair *pairs;
    size_t count, pair_count;
} contents;

static void contents_release(contents *self)
{
    memory_release(self->tensors);
    memory_release(self->names);
    memory_release(self->pairs);
}

static diffusion_status gather(contents *out, const struct diffusion_model *model, const char *function)
{
    *out = (contents){.tensors = NULL};
    if (model->network == NULL)
        return error_set(DIFFUSION_E_STATE, "%s: a callback model has no parameters to save", function);
    const size_t own = model->network->parameter_count, first = model->moments != NULL ? MOMENTS_TENSORS : 0;
    out->count = first + own;
    out->tensors = memory_allocate(out->count, sizeof *out->tensors);
    out->names = memory_allocate(own, sizeof *out->names);
    out->pairs = model_file_pairs(model, 0, &out->pair_count);
    if (out->tensors == NULL || out->names == NULL || out->pairs == NULL)
        return DIFFUSION_E_MEMORY;
    if (model->moments != NULL)
        moments_describe(model->moments, out->tensors); /* before the rest: doubles stand aligned */
    model_describe(model, "", model->parameters, out->names, out->tensors + first);
    return DIFFUSION_OK;
}

diffusion_status model_save(const struct diffusion_model *model, const char *path)
{
    contents all;
    diffusion_status status = gather(&all, model, "model_save");
    if (status == DIFFUSION_OK)
        status = safetensors_save(path, all.tensors, all.count, all.pairs, all.pair_count);
    contents_release(&all);
    return status;
}

diffusion_status model_save_memory(const struct diffusion_model *model, void *bytes, size_t capacity, size_t *needed)
{
    contents all;
    diffusion_status status = gather(&all, model, "model_save_memory");
    if (status == DIFFUSION_OK)
        status = safetensors_save_memory(bytes, capacity, needed, all.tensors, all.count, all.pairs, all.pair_count);
    contents_release(&all);
    return status;
}

/* ---- reading ---- */

enum { SHOWN = 24 * SAFETENSORS_RANK }; /* room for any shape as text */

static void show_shape(char shown[SHOWN], const uint64_t *shape, size_t rank)
{
    size_t used = 0;
    shown[0] = '\0';
    for (size_t i = 0; i < rank; i++)
        used += (size_t)snprintf(shown + used, SHOWN - used, "%s%llu", i > 0 ? "," : "", (unsigned long long)shape[i]);
}

static diffusion_status refuse_shape(const char *path, const safetensors_entry *entry,
                                     const network_parameter *parameter)
{
    char found[SHOWN], expected[SHOWN];
    uint64_t shape[SPEC_RANK];
    for (size_t i = 0; i < parameter->rank; i++)
        shape[i] = (uint64_t)parameter->shape[i];
    show_shape(found, entry->shape, entry->rank);
    show_shape(expected, shape, parameter->rank);
    return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' has the shape [%s], expected [%s]", path, entry->name, found,
                     expected);
}

diffusion_status model_check_tensor(safetensors *file, const char *path, const char *name,
                                    const network_parameter *parameter)
{
    const safetensors_entry *entry = safetensors_find(file, name);
    if (entry == NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is missing", path, name);
    int same = entry->rank == parameter->rank;
    for (size_t i = 0; same && i < entry->rank; i++)
        same = entry->shape[i] == (uint64_t)parameter->shape[i];
    return same ? DIFFUSION_OK : refuse_shape(path, entry, parameter);
}

static diffusion_status check_finite(const char *path, const char *name, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' holds %g at %zu, expected finite numbers", path,
                             name, (double)values[i], i);
    return DIFFUSION_OK;
}

diffusion_status model_read_tensor(safetensors *file, const char *path, const char *name,
                                   const network_parameter *parameter, float *values)
{
    diffusion_status status = model_check_tensor(file, path, name, parameter);
    if (status == DIFFUSION_OK)
        status = safetensors_read_float(file, safetensors_find(file, name), values, parameter->count);
    if (status == DIFFUSION_OK)
        status = check_finite(path, name, values, parameter->count);
    return status;
}

diffusion_status model_read_array(const struct diffusion_model *model, safetensors *file, const char *path,
                                  const char *prefix, float *values)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < model->network->parameter_count && status == DIFFUSION_OK; i++) {
        const network_parameter *parameter = &model->network->parameters[i];
        model_tensor_name name;
        snprintf(name.text, sizeof name.text, "%s%s", prefix, parameter->name);
        status = model_read_tensor(file, path, name.text, parameter, values + parameter->offset);
    }
    return status;
}

/* Before memory is taken for what the spec says: the file has every tensor, and nothing else but moments and a
 * trainer's. */
static diffusion_status check_tensors(const struct diffusion_model *model, safetensors *file, const char *path)
{
    for (size_t i = 0; i < model->network->parameter_count; i++) {
        const network_parameter *parameter = &model->network->parameters[i];
        diffusion_status status = model_check_tensor(file, path, parameter->name, parameter);
        if (status != DIFFUSION_OK)
            return status;
    }
    int checkpoint = safetensors_metadata(file, "trainer") != NULL;
    for (size_t i = 0; i < safetensors_count(file); i++) {
        const char *name = safetensors_at(file, i)->name;
        int trainer = checkpoint && strncmp(name, MODEL_FILE_TRAINER, strlen(MODEL_FILE_TRAINER)) == 0;
        if (!trainer && !moments_owns_tensor(name) && network_find(model->network, name) == NULL)
            return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is not one of the model's", path, name);
    }
    return DIFFUSION_OK;
}

/* Everything but what the library writes anew, or what belongs to a checkpoint. */
diffusion_status model_read_metadata(struct diffusion_model *model, const safetensors *file, int schedule)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < safetensors_metadata_count(file) && status == DIFFUSION_OK; i++) {
        safetensors_pair pair = safetensors_metadata_at(file, i);
        if (!metadata_is_reserved(pair.key) || (schedule && strcmp(pair.key, "schedule") == 0))
            status = metadata_set(&model->metadata, pair.key, pair.value);
    }
    return status;
}

/* Tensors without a word of what network they belong to. */
static diffusion_status refuse_format(const safetensors *file, const char *path)
{
    static const char diffusers[] = "diffusion_pytorch_model";
    const char *name = path + file_name_folder_length(path);
    const char *format = safetensors_metadata(file, "format");
    if (format != NULL && strncmp(format, "libdiffusion ", strlen("libdiffusion ")) == 0)
        return error_set(
            DIFFUSION_E_CONTENT,
            "%s: not a model of this library's version (its format is \"%s\", expected \"%s\" and a \"model\")", path,
            format, format_name);
    if (strncmp(name, diffusers, strlen(diffusers)) == 0)
        return error_set(
            DIFFUSION_E_CONTENT,
            "%s: not a model of this library but the tensors of diffusers': expected the folder they are in, "
            "with its config.json",
            path);
    return error_set(
        DIFFUSION_E_CONTENT,
        "%s: not a model of this library but tensors of another's (%zu, such as '%.60s'); expected a file that "
        "this library has saved, or a folder of diffusers",
        path, safetensors_count(file), safetensors_count(file) > 0 ? safetensors_at(file, 0)->name : "");
}

diffusion_status model_read(struct diffusion_model **out, safetensors *file, const char *path)
{
    const char *format = safetensors_metadata(file, "format"), *spec = safetensors_metadata(file, "model");
    if (format == NULL || strcmp(format, format_name) != 0 || spec == NULL)
        return refuse_format(file, path);
    struct diffusion_model *model = NULL;
    diffusion_status status = error_within(model_create_shell(&model, spec), path);
    if (status == DIFFUSION_OK)
        status = check_tensors(model, file, path);
    if (status == DIFFUSION_OK)
        status = model_allocate(model);
    if (status == DIFFUSION_OK)
        status = model_read_array(model, file, path, "", model->parameters);
    if (status == DIFFUSION_OK)
        status = model_read_metadata(model, file, 1);
    if (status == DIFFUSION_OK)
        status = moments_read(&model->moments, file, path);
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    return status;
}

diffusion_status model_load(struct diffusion_model **out, const char *path)
{
    safetensors *file = NULL;
    diffusion_status status = safetensors_open(&file, path);
    if (status == DIFFUSION_OK)
        status = model_read(out, file, path);
    safetensors_close(file);
    return status;
}

diffusion_status model_load_memory(struct diffusion_model **out, const void *bytes, size_t size)
{
    safetensors *file = NULL;
    diffusion_status status = safetensors_open_memory(&file, bytes, size);
    if (status == DIFFUSION_OK)
        status = model_read(out, file, SAFETENSORS_MEMORY);
    safetensors_close(file);
    return status;
}
