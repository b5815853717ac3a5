/* What a command may write over: nothing that it reads, and nothing of another kind unless it is told to. Every command
 * says first what it is going to write, before it reads or computes anything. */
#ifndef COMMON_OVERWRITE_H
#define COMMON_OVERWRITE_H

#include <stddef.h>

/* Ends the command now rather than after hours of work if no file can be written at `path`, if that is another output
 * too, or if a file that is no .png, .csv, … as its name says stands there and `force` is 0. */
void overwrite_check(const char *path, int force);

/* The same of a folder: one that stands there must be empty or hold `mark`, a file that tells what it is. */
void overwrite_check_folder(const char *path, const char *mark, int force);

/* Ends the command if a picture that it writes would stand in the folder of pictures that is read, or up to so many
 * folders below: it would be data in the next run. */
void overwrite_keep_out(const char *folder, size_t below);

/* Ends the command if `path`, which is about to be read, is to be written over, or holds or is in what is. */
void overwrite_spare(const char *path);

#endif
