/* The folder that a command line is tried in. */
#ifndef FUZZ_COMMAND_FOLDER_H
#define FUZZ_COMMAND_FOLDER_H

#include <stddef.h>

void folder_empty(const char *path);

/* One folder's files under second names in another: the tool replaces files and never writes into one. */
void folder_fill(const char *to, const char *from);

/* Whether one folder holds exactly the other's files; `parts` counts temporary ones. */
int folder_is_as(const char *work, const char *base, size_t *parts);

#endif
