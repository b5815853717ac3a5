#define _GNU_SOURCE
#include "command_folder.h"

#include "scratch.h"

#include <dirent.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

static int is_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.' || (entry->d_name[1] != '\0' && strcmp(entry->d_name, "..") != 0);
}

void folder_empty(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, is_name, alphasort);
    FUZZ_CHECK(count >= 0);
    for (int i = 0; i < count; i++) {
        char name[SCRATCH_PATH + 256];
        snprintf(name, sizeof name, "%s/%s", path, names[i]->d_name);
        if (unlink(name) != 0) {
            folder_empty(name);
            rmdir(name);
        }
        free(names[i]);
    }
    free(names);
}

void folder_fill(const char *to, const char *from)
{
    struct dirent **names;
    int count = scandir(from, &names, is_name, alphasort);
    FUZZ_CHECK(count >= 0);
    for (int i = 0; i < count; i++) {
        char old[SCRATCH_PATH + 256], new[SCRATCH_PATH + 256];
        snprintf(old, sizeof old, "%s/%s", from, names[i]->d_name);
        snprintf(new, sizeof new, "%s/%s", to, names[i]->d_name);
        if (link(old, new) != 0) {
            FUZZ_CHECK(mkdir(new, 0777) == 0);
            folder_fill(new, old);
        }
        free(names[i]);
    }
    free(names);
}

/* Of a file that is written, and no name that the command line has. */
static int is_temporary(const char *name)
{
    return fnmatch("*.diffusion*.part", name, 0) == 0;
}

int folder_is_as(const char *work, const char *base, size_t *parts)
{
    struct dirent **names;
    struct stat old_is, new_is;
    int count = scandir(work, &names, is_name, alphasort), same = 1;
    *parts = 0;
    for (int i = 0; i < count; i++) {
        char old[SCRATCH_PATH + 256], new[SCRATCH_PATH + 256];
        snprintf(old, sizeof old, "%s/%s", base, names[i]->d_name);
        snprintf(new, sizeof new, "%s/%s", work, names[i]->d_name);
        same = same && stat(old, &old_is) == 0 && stat(new, &new_is) == 0 &&
               (S_ISDIR(old_is.st_mode) || old_is.st_ino == new_is.st_ino);
        *parts += is_temporary(names[i]->d_name) ? 1 : 0;
        free(names[i]);
    }
    free(names);
    return same;
}
