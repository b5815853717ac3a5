/* Names of files: where a link leads, and the temporary names beside a file. */
#ifndef BASE_FILE_NAME_H
#define BASE_FILE_NAME_H

#include <diffusion/status.h>

/* The name of the file itself: `path`, or what it names in the end if it is a symbolic link, there or not. The caller
 * releases it. */
diffusion_status file_name_target(char **out, const char *path);

/* Temporary name `number` beside a file: the same for each run, and short enough wherever the file's own is. NULL with
 * the sentence set. */
char *file_name_part(const char *path, int number);

/* The folder that a file is in. NULL with the sentence set. */
char *file_name_folder(const char *path);

#endif
