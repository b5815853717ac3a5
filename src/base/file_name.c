#define _POSIX_C_SOURCE 200809L

#include "base/file_name.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40, LINK_SIZE = 4096 };

/* The length of the folder's part, its slash included. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* What a link at `path` to `name` names. */
static char *follow(const char *path, const char *name)
{
    size_t folder = name[0] == '/' ? 0 : folder_length(path), size = strlen(name) + 1;
    char *joined = memory_allocate(folder + size, 1);
    if (joined != NULL) {
        memcpy(joined, path, folder);
        memcpy(joined + folder, name, size);
    }
    return joined;
}

diffusion_status file_name_target(char **out, const char *path)
{
    char link[LINK_SIZE];
    char *name = memory_text(path);
    for (int followed = 0; name != NULL && followed < LINKS_MAX; followed++) {
        ssize_t length = readlink(name, link, sizeof link - 1);
        if (length < 0) {
            *out = name;
            return DIFFUSION_OK;
        }
        link[length] = '\0';
        char *next = follow(name, link);
        memory_release(name);
        name = next;
    }
    if (name == NULL)
        return DIFFUSION_E_MEMORY;
    memory_release(name);
    return error_set(DIFFUSION_E_IO, "%s: more than %d symbolic links", path, LINKS_MAX);
}

char *file_name_part(const char *path, int number)
{
    enum { SUFFIX = 64, LONGEST = 120 }; /* encrypted folders take no more than 143 bytes */
    size_t folder = folder_length(path), kept = strlen(path);
    char hash[20] = "", count[16] = "";
    if (kept - folder > LONGEST) {
        kept = folder;
        snprintf(hash, sizeof hash, "%016llx",
                 (unsigned long long)hash_bytes(HASH_START, path + folder, strlen(path + folder)));
    }
    if (number > 0)
        snprintf(count, sizeof count, ".%d", number);
    char *name = memory_allocate(kept + SUFFIX, 1);
    if (name == NULL)
        return NULL;
    memcpy(name, path, kept);
    snprintf(name + kept, SUFFIX, "%s.diffusion%s.part", hash, count);
    return name;
}

char *file_name_folder(const char *path)
{
    size_t length = folder_length(path);
    char *folder = memory_text(length > 0 ? path : ".");
    if (folder != NULL && length > 0)
        folder[length > 1 ? length - 1 : 1] = '\0';
    return folder;
}
