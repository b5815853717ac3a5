/* The temporary file that an output is written as, beside the file whose place it takes. */
#ifndef COMMON_PART_H
#define COMMON_PART_H

#include <sys/types.h>

/* The name of the file itself: the path, or what it names in the end if it is a symbolic link, there or not; freed by
 * free(). */
char *part_target(const char *path);

/* Makes the temporary file of a target and holds it: a descriptor, and its name, freed by free(); or -1 with errno set.
 * What a killed process left of that name goes; while another writes it the next number is taken. */
int part_create(const char *target, mode_t mode, char **name);

#endif
