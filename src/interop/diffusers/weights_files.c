#include "interop/diffusers/weights_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/file_name.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/document.h"

#include <string.h>

enum { SHARDS_MAX = 256 }; /* all are open at once */

#define STEM "diffusion_pytorch_model"
#define TENSORS ".safetensors"
#define INDEX ".json"
#define PICKLE ".bin"

/* ---- what is there ---- */

/* The names of a folder, by what they are; where there are several of a kind, the first and the last of them. */
typedef struct listing {
    int whole, sharded; /* the plain ones are there */
    char *variants[2], *shards, *pickle;
} listing;

static void listing_release(listing *self)
{
    memory_release(self->variants[0]);
    memory_release(self->variants[1]);
    memory_release(self->shards);
    memory_release(self->pickle);
}

static int begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static int ends(const char *name, const char *with)
{
    size_t length = strlen(name), tail = strlen(with);
    return length >= tail && strcmp(name + length - tail, with) == 0;
}

static diffusion_status keep(char **slot, const char *name)
{
    char *copy = memory_text(name);
    if (copy == NULL)
        return DIFFUSION_E_MEMORY;
    memory_release(*slot);
    *slot = copy;
    return DIFFUSION_OK;
}

static diffusion_status keep_variant(listing *to, const char *name)
{
    diffusion_status status = DIFFUSION_OK;
    if (to->variants[0] == NULL || strcmp(name, to->variants[0]) < 0)
        status = keep(&to->variants[0], name);
    if (status == DIFFUSION_OK && (to->variants[1] == NULL || strcmp(name, to->variants[1]) > 0))
        status = keep(&to->variants[1], name);
    return status;
}

/* STEM.fp16.safetensors and STEM.safetensors.index.fp16.json are variants; what has "-of-" in it is a shard. */
static diffusion_status sort_name(const char *name, void *user)
{
    listing *to = user;
    if (!begins(name, STEM))
        return DIFFUSION_OK;
    if (strcmp(name, DIFFUSERS_WEIGHTS) == 0)
        to->whole = 1;
    else if (strcmp(name, DIFFUSERS_SHARDS) == 0)
        to->sharded = 1;
    else if (ends(name, PICKLE))
        return keep(&to->pickle, name);
    else if (strstr(name, "-of-") != NULL && ends(name, TENSORS))
        return keep(&to->shards, name);
    else if ((begins(name, STEM ".") && ends(name, TENSORS)) ||
             (begins(name, STEM TENSORS ".index.") && ends(name, INDEX)))
        return keep_variant(to, name);
    return DIFFUSION_OK;
}

/* The file that stands for all. A pickle file can run any code, so it is not even looked into. */
static diffusion_status choose(const char **out, const listing *from, const char *folder)
{
    *out = from->sharded ? DIFFUSERS_SHARDS : DIFFUSERS_WEIGHTS;
    if (from->whole && from->sharded)
        return error_set(DIFFUSION_E_CONTENT, "%s: both %s and %s are there, expected one of them", folder,
                         DIFFUSERS_WEIGHTS, DIFFUSERS_SHARDS);
    if (from->whole || from->sharded)
        return DIFFUSION_OK;
    if (from->variants[0] != NULL && strcmp(from->variants[0], from->variants[1]) != 0)
        return error_set(DIFFUSION_E_CONTENT,
                         "%s: both %s and %s are there, expected %s: give the one that is meant that name", folder,
                         from->variants[0], from->variants[1], DIFFUSERS_WEIGHTS);
    if (from->variants[0] != NULL)
        *out = from->variants[0];
    else if (from->shards != NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s/%s: a shard without its index, expected %s", folder, from->shards,
                         DIFFUSERS_SHARDS);
    else if (from->pickle != NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s/%s: a pickle file, which is never read; expected %s", folder,
                         from->pickle, DIFFUSERS_WEIGHTS);
    return DIFFUSION_OK;
}

/* ---- opening it ---- */

static char *join(const char *folder, const char *name)
{
    text_buffer joined = {0};
    text_append(&joined, "%s/%s", folder, name);
    return text_finish(&joined);
}

static diffusion_status open_one(weights_files *to, char *path)
{
    weights_file *file = &to->files[to->count];
    file->path = path;
    diffusion_status status = path != NULL ? safetensors_open(&file->tensors, path) : DIFFUSION_E_MEMORY;
    to->count++;
    return status;
}

/* A shard stands beside its index: a name with a slash could lead anywhere. */
static diffusion_status open_shard(weights_files *to, const char *folder, const json_value *value)
{
    char shown[DOCUMENT_SHOWN];
    const char *name = json_string(value);
    if (name == NULL || file_name_folder_length(name) > 0 || !begins(name, STEM) || !ends(name, TENSORS))
        return error_set(DIFFUSION_E_CONTENT, "%s: weight_map: '%.80s' is in %s, expected a file " STEM "*" TENSORS,
                         to->path, json_key(value), document_show(shown, value));
    char *path = join(folder, name);
    for (size_t i = 0; path != NULL && i < to->count; i++)
        if (strcmp(to->files[i].path, path) == 0) {
            memory_release(path);
            return DIFFUSION_OK;
        }
    if (to->count == SHARDS_MAX) {
        memory_release(path);
        return error_set(DIFFUSION_E_CONTENT, "%s: more than %d shards", to->path, SHARDS_MAX);
    }
    return open_one(to, path);
}

/* Each tensor is in the shard that the map says. */
static diffusion_status check_map(const weights_files *of, const char *folder, const json_value *map)
{
    for (const json_value *value = json_first(map); value != NULL; value = json_next(map, value))
        for (size_t i = 0; i < of->count; i++)
            if (strcmp(of->files[i].path + strlen(folder) + 1, json_string(value)) == 0 &&
                safetensors_find(of->files[i].tensors, json_key(value)) == NULL)
                return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%.80s' is missing, which %s places there",
                                 of->files[i].path, json_key(value), of->path);
    return DIFFUSION_OK;
}

static diffusion_status open_shards(weights_files *to, const char *folder)
{
    json_value *json = NULL;
    char shown[DOCUMENT_SHOWN];
    diffusion_status status = document_read(&json, to->path);
    const json_value *map = json_get(json, "weight_map");
    if (status == DIFFUSION_OK && json_first(map) == NULL)
        status = error_set(DIFFUSION_E_CONTENT, "%s: weight_map=%s, expected an object of names and files", to->path,
                           document_show(shown, map));
    for (const json_value *value = json_first(map); value != NULL && status == DIFFUSION_OK;
         value = json_next(map, value))
        status = open_shard(to, folder, value);
    if (status == DIFFUSION_OK)
        status = check_map(to, folder, map);
    json_release(json);
    return status;
}

diffusion_status weights_files_open(weights_files *out, const char *folder)
{
    listing there = {0};
    const char *name = NULL;
    diffusion_status status = folder_each(folder, sort_name, &there);
    if (status == DIFFUSION_OK)
        status = choose(&name, &there, folder);
    if (status == DIFFUSION_OK) {
        out->path = join(folder, name);
        out->files = memory_allocate(SHARDS_MAX, sizeof *out->files);
        if (out->path == NULL || out->files == NULL)
            status = DIFFUSION_E_MEMORY;
        else if (ends(name, INDEX))
            status = open_shards(out, folder);
        else
            status = open_one(out, memory_text(out->path));
    }
    listing_release(&there);
    return status;
}

void weights_files_close(weights_files *self)
{
    for (size_t i = 0; i < self->count; i++) {
        safetensors_close(self->files[i].tensors);
        memory_release(self->files[i].path);
    }
    memory_release(self->files);
    memory_release(self->path);
}
