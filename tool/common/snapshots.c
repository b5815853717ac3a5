#define _POSIX_C_SOURCE 200809L

#include "common/snapshots.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "snapshot-", suffix[] = ".safetensors";

char *snapshot_name(const char *folder, int64_t step)
{
    return text_format("%s/%s%010lld%s", folder, prefix, (long long)step, suffix);
}

/* The step of a name, or 0. */
static int64_t step_of(const char *name)
{
    if (strncmp(name, prefix, strlen(prefix)) != 0 || !text_ends_with(name, suffix))
        return 0;
    char *digits = text_format("%s", name + strlen(prefix));
    digits[strlen(digits) - strlen(suffix)] = '\0';
    int64_t step;
    int is_one = text_integer(&step, digits, 1, INT64_MAX);
    free(digits);
    return is_one ? step : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add(snapshot_list *to, const char *folder, const char *name)
{
    const int64_t step = step_of(name);
    if (step == 0)
        return;
    to->paths = grow(to->paths, &to->path_capacity, to->count + 1, sizeof *to->paths);
    to->steps = grow(to->steps, &to->step_capacity, to->count + 1, sizeof *to->steps);
    to->paths[to->count] = text_format("%s/%s", folder, name);
    to->steps[to->count++] = step;
}

void snapshots_list(snapshot_list *out, const char *folder)
{
    struct dirent **entries = NULL;
    *out = (snapshot_list){.count = 0};
    const int count = scandir(folder, &entries, NULL, by_name);
    if (count < 0 && errno != ENOENT)
        fail("%s: cannot read the folder: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        add(out, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void snapshots_release(snapshot_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->steps);
}
