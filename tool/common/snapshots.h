/* A folder of snapshots: names by step, so that they sort. */
#ifndef COMMON_SNAPSHOTS_H
#define COMMON_SNAPSHOTS_H

#include <stddef.h>
#include <stdint.h>

/* That of a step; freed by free(). */
char *snapshot_name(const char *folder, int64_t step);

/* All there are, by step. */
typedef struct snapshot_list {
    char **paths; /* [count] */
    int64_t *steps;
    size_t count, path_capacity, step_capacity;
} snapshot_list;

/* A folder that is not there holds none; what cannot be read ends the command. */
void snapshots_list(snapshot_list *out, const char *folder);
void snapshots_release(snapshot_list *list);

#endif
