#define _POSIX_C_SOURCE 200809L

#include "base/file_link.h"

#include "base/error.h"
#include "base/file_name.h"
#include "base/memory.h"

#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40, LINK_SIZE = 4096 };

/* What a link at `path` to `name` names. */
static char *follow(const char *path, const char *name)
{
    size_t folder = name[0] == '/' ? 0 : file_name_folder_length(path), size = strlen(name) + 1;
    char *joined = memory_allocate(folder + size, 1);
    if (joined != NULL) {
        memcpy(joined, path, folder);
        memcpy(joined + folder, name, size);
    }
    return joined;
}

diffusion_status file_link_target(char **out, const char *path)
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
