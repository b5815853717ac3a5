/* Files: reading with checked sizes, and writing that leaves the old file or the new one, never half of either. Names
 * are UTF-8 on Windows. There a file that is replaced gives the new one no permissions, and one that is read-only, or
 * that another keeps open without sharing its deletion, is not replaced: file_create(), or file_place() a second later,
 * fails. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <diffusion/status.h>

typedef struct file_reader file_reader;
typedef struct file_writer file_writer;

/* Whether anything has this name, or may have: what cannot be looked at fails when it is opened. Whether it is a
 * folder.
 */
int file_is_there(const char *path);
int file_is_folder(const char *path);

/* What a name stands for, to tell later whether it still does. */
typedef struct file_identity {
    uint64_t device, file;
    int64_t seconds, nanoseconds; /* when it was written */
} file_identity;

file_identity file_identify(const char *path); /* all 0 where nothing has the name */
int file_is_still(const file_identity *was, const char *path);

/* Makes a folder, unless it is there. */
diffusion_status file_make_folder(const char *path);

/* Opens a regular file. */
diffusion_status file_open(file_reader **out, const char *path);

uint64_t file_size(const file_reader *file);

/* Reads exactly `size` bytes at `offset`. */
diffusion_status file_read(file_reader *file, uint64_t offset, void *bytes, size_t size);

void file_close(file_reader *file);

/* Begins a file that takes the place of `path`, or of what a symbolic link of that name names, when it is committed. It
 * is written under a name of its own beside it; what a kill leaves there is taken over by the next writer. */
diffusion_status file_create(file_writer **out, const char *path);

diffusion_status file_write(file_writer *file, const void *bytes, size_t size);

/* Makes durable what was written, so that what a disk cannot take is known before anything is replaced. */
diffusion_status file_sync(file_writer *file);

/* For files that belong together, where half of the old ones beside half of the new must not be taken for a whole:
 * removes the file that this one is to replace, if it is there; and makes this one visible, which file_commit() is then
 * to make durable. Neither waits for the disk. */
diffusion_status file_withdraw(file_writer *file);
diffusion_status file_place(file_writer *file);

/* Makes the file durable and visible (fsync, rename, fsync of the folder), or removes it; releases the writer. */
diffusion_status file_commit(file_writer *file);

/* Removes an unfinished file; NULL is allowed. */
void file_abandon(file_writer *file);

#endif
