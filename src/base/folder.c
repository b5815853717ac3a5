#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* flock */
#define _DARWIN_C_SOURCE

#include "base/folder.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>

diffusion_status folder_each(const char *path, folder_visit *visit, void *user)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return error_set(DIFFUSION_E_IO, "%s: cannot open: %s", path, strerror(errno));
    diffusion_status status = DIFFUSION_OK;
    for (const struct dirent *entry; status == DIFFUSION_OK && (entry = readdir(folder)) != NULL;)
        status = visit(entry->d_name, user);
    closedir(folder);
    return status;
}

diffusion_status folder_take(folder_hold *out, const char *path)
{
    DIR *folder = opendir(path);
    if (folder != NULL && flock(dirfd(folder), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        closedir(folder);
        return error_set(DIFFUSION_E_IO, "%s: another is writing it", path);
    }
    out->folder = folder;
    return DIFFUSION_OK;
}

void folder_release(folder_hold *self)
{
    if (self->folder != NULL)
        closedir(self->folder);
    self->folder = NULL;
}
