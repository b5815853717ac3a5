/* Folders: what is in one, and one that several files are written into as a whole. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <diffusion/status.h>

/* Calls visit() for every name in a folder, in no order, until it fails. */
typedef diffusion_status folder_visit(const char *name, void *user);
diffusion_status folder_each(const char *path, folder_visit *visit, void *user);

typedef struct folder_hold {
    void *folder; /* NULL: not held */
} folder_hold;

/* Keeps others who ask from having the folder, until it is released or the process ends; DIFFUSION_E_IO where somebody
 * has it. Where the file system has no locks there is no such guard. */
diffusion_status folder_take(folder_hold *out, const char *path);
void folder_release(folder_hold *self);

#endif
