/* Names of files, which are UTF-8 on Windows: their folders, and the temporary names beside them. */
#ifndef BASE_FILE_NAME_H
#define BASE_FILE_NAME_H

#include <stddef.h>

/* The length of the folder's part, its slash included: the file's own name is what follows. */
size_t file_name_folder_length(const char *path);

/* The folder that a file is in. NULL with the sentence set. */
char *file_name_folder(const char *path);

/* Temporary name `number` beside a file: the same for each run, and short enough wherever the file's own is. NULL with
 * the sentence set. */
char *file_name_part(const char *path, int number);

#endif
