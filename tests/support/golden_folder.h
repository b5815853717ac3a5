/* What programs that take folders of golden files share: every file of every folder, in the order of the names. */
#ifndef SUPPORT_GOLDEN_FOLDER_H
#define SUPPORT_GOLDEN_FOLDER_H

#include "golden_files.h"

#include <dirent.h>
#include <stdlib.h>

typedef enum golden_verdict { GOLDEN_AGREES, GOLDEN_REFUSED, GOLDEN_OFF } golden_verdict;

/* Takes one file, and prints what came of it. */
typedef golden_verdict golden_file_fn(const char *folder, const char *name);

static inline int golden_is_wanted(const struct dirent *entry)
{
    const char *end = strstr(entry->d_name, ".safetensors");
    return end != NULL && strcmp(end, ".safetensors") == 0;
}

/* 1 where a file is off, or where there is none. */
static inline int golden_folder(const char *folder, golden_file_fn *check)
{
    struct dirent **entries = NULL;
    size_t counts[GOLDEN_OFF + 1] = {0};
    const int count = scandir(folder, &entries, golden_is_wanted, alphasort);
    for (int i = 0; i < count; i++) {
        counts[check(folder, entries[i]->d_name)]++;
        free(entries[i]);
    }
    free(entries);
    printf("%s: %zu agree, %zu refused, %zu off\n", folder, counts[GOLDEN_AGREES], counts[GOLDEN_REFUSED],
           counts[GOLDEN_OFF]);
    return counts[GOLDEN_OFF] > 0 || count <= 0;
}

/* The exit code of a program of these arguments: skipped where none of the folders is there. */
static inline int golden_folders(int argc, char **argv, golden_file_fn *check)
{
    int off = 0, any = 0;
    for (int i = 1; i < argc; i++)
        if (access(argv[i], R_OK) == 0) {
            off |= golden_folder(argv[i], check);
            any = 1;
        } else {
            printf("%s: skipped, not there\n", argv[i]);
        }
    return any ? off : GOLDEN_SKIPPED;
}

#endif
