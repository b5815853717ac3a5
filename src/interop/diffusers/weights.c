#include "interop/diffusers/weights.h"

#include "base/error.h"
#include "interop/diffusers/names.h"
#include "interop/diffusers/weights_files.h"
#include "model/file.h"

/* Where a tensor is. */
typedef struct place {
    const weights_file *in;
    const char *name; /* there */
} place;

static void look(place *out, size_t *found, const weights_file *file, const char *name)
{
    const safetensors_entry *entry = safetensors_find(file->tensors, name);
    if (entry != NULL && (*found)++ == 0)
        *out = (place){file, entry->name};
}

/* Every name a tensor may have, in every file. */
static diffusion_status find_tensor(place *out, const weights_files *from, const char *name)
{
    diffusers_name before;
    const char *former = diffusers_name_before(&before, name);
    size_t found = 0;
    for (size_t i = 0; i < from->count; i++) {
        look(out, &found, &from->files[i], name);
        if (former != NULL)
            look(out, &found, &from->files[i], former);
    }
    if (found == 0)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is missing", from->path, name);
    if (found > 1)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is there %zu times%s%s, expected once", from->path, name,
                         found, former != NULL ? ", also as " : "", former != NULL ? former : "");
    return DIFFUSION_OK;
}

/* Before memory is taken for the parameters. */
static diffusion_status check_tensors(const network *net, const weights_files *from)
{
    diffusers_name name;
    for (size_t i = 0; i < net->parameter_count; i++) {
        place at;
        diffusion_status status = find_tensor(&at, from, net->parameters[i].name);
        if (status == DIFFUSION_OK)
            status = model_check_tensor(at.in->tensors, at.in->path, at.name, &net->parameters[i]);
        if (status != DIFFUSION_OK)
            return status;
    }
    for (size_t f = 0; f < from->count; f++)
        for (size_t i = 0; i < safetensors_count(from->files[f].tensors); i++) {
            const char *found = safetensors_at(from->files[f].tensors, i)->name;
            if (network_find(net, diffusers_name_now(&name, found)) == NULL)
                return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is not one of the model's", from->files[f].path,
                                 found);
        }
    return DIFFUSION_OK;
}

static diffusion_status read_tensors(struct diffusion_model *model, const weights_files *from)
{
    const network *net = model->network;
    diffusion_status status = check_tensors(net, from);
    if (status == DIFFUSION_OK)
        status = model_allocate(model);
    for (size_t i = 0; i < net->parameter_count && status == DIFFUSION_OK; i++) {
        const network_parameter *parameter = &net->parameters[i];
        place at;
        status = find_tensor(&at, from, parameter->name);
        if (status == DIFFUSION_OK)
            status = model_read_tensor(at.in->tensors, at.in->path, at.name, parameter,
                                       model->parameters + parameter->offset);
    }
    return status;
}

diffusion_status diffusers_weights_read(struct diffusion_model *model, const char *folder)
{
    weights_files from = {.path = NULL};
    diffusion_status status = weights_files_open(&from, folder);
    if (status == DIFFUSION_OK)
        status = read_tensors(model, &from);
    for (size_t i = 0; i < from.count && status == DIFFUSION_OK; i++)
        status = model_read_metadata(model, from.files[i].tensors, 0);
    weights_files_close(&from);
    return status;
}
