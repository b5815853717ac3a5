#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* flock */
#define _DARWIN_C_SOURCE

#include "base/file.h"

#include "base/error.h"
#include "base/file_link.h"
#include "base/file_name.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__APPLE__)
#define st_mtim st_mtimespec
#endif

struct file_reader {
    int descriptor;
    uint64_t size;
    char *path;
};

struct file_writer {
    int descriptor;  /* of the temporary file, held by flock() until it has its name */
    char *path;      /* as it was given */
    char *target;    /* what it names */
    char *folder;    /* of the target */
    char *temporary; /* in it, so that the rename stays within one file system */
    int placed;      /* it has its name, and no longer the temporary one */
};

static diffusion_status failure(const char *action, const char *path)
{
    return error_set(DIFFUSION_E_IO, "%s: cannot %s: %s", path, action, strerror(errno));
}

/* Where the host has closed a standard stream, what it prints would land in a file that takes its number. */
static int above_standard_streams(int descriptor)
{
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    int higher = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return higher;
}

static int open_file(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = open(path, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return above_standard_streams(descriptor);
}

/* To the disk itself, which on macOS fsync() alone does not promise. */
static int sync_once(int descriptor)
{
#if defined(F_FULLFSYNC)
    if (fcntl(descriptor, F_FULLFSYNC) == 0)
        return 0;
#endif
    return fsync(descriptor);
}

static int sync_file(int descriptor)
{
    int result;
    do
        result = sync_once(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

/* An interrupted close has closed. */
static int close_file(int descriptor)
{
    return close(descriptor) == 0 || errno == EINTR ? 0 : -1;
}

int file_is_there(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

int file_is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

file_identity file_identify(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return (file_identity){0};
    return (file_identity){(uint64_t)about.st_dev, about.st_ino, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
}

diffusion_status file_make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return DIFFUSION_OK;
    struct stat about;
    if (errno == EEXIST && stat(path, &about) == 0) {
        if (S_ISDIR(about.st_mode))
            return DIFFUSION_OK;
        errno = EEXIST;
    }
    return failure("make a folder", path);
}

diffusion_status file_open(file_reader **out, const char *path)
{
    if (path[0] == '\0')
        return error_set(DIFFUSION_E_IO, "the name of the file to read is empty");
    int descriptor = open_file(path, O_RDONLY | O_NONBLOCK, 0); /* a pipe would keep us waiting */
    if (descriptor < 0)
        return failure("open", path);
    struct stat about;
    diffusion_status status = DIFFUSION_OK;
    if (fstat(descriptor, &about) != 0)
        status = failure("examine", path);
    else if (!S_ISREG(about.st_mode))
        status = error_set(DIFFUSION_E_IO, "%s: not a regular file", path);
    file_reader *file = status == DIFFUSION_OK ? memory_allocate(1, sizeof *file) : NULL;
    if (file != NULL && (file->path = memory_text(path)) != NULL) {
        file->descriptor = descriptor;
        file->size = (uint64_t)about.st_size;
        *out = file;
        return DIFFUSION_OK;
    }
    memory_release(file);
    close(descriptor);
    return status != DIFFUSION_OK ? status : DIFFUSION_E_MEMORY;
}

uint64_t file_size(const file_reader *file)
{
    return file->size;
}

diffusion_status file_read(file_reader *file, uint64_t offset, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(file->descriptor, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure("read", file->path);
        if (got == 0)
            return error_set(DIFFUSION_E_IO, "%s: ends before byte %llu", file->path,
                             (unsigned long long)(offset + size));
        done += (size_t)got;
    }
    return DIFFUSION_OK;
}

void file_close(file_reader *file)
{
    if (file == NULL)
        return;
    close(file->descriptor);
    memory_release(file->path);
    memory_release(file);
}

static void writer_release(file_writer *file)
{
    memory_release(file->path);
    memory_release(file->target);
    memory_release(file->folder);
    memory_release(file->temporary);
    memory_release(file);
}

/* ---- the temporary file: whoever holds its lock is writing it, and one that nobody holds was left by a kill ---- */

/* Where the file system has no locks, names alone have to do. */
static int hold(int descriptor)
{
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static int has_name(int descriptor, const char *name)
{
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && lstat(name, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

/* 0 if the name is taken: by another writer, or by something that is not ours to remove. */
static int remove_stale(const char *name)
{
    int descriptor = open_file(name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW, 0);
    if (descriptor < 0)
        return errno == ENOENT;
    int removed = hold(descriptor) && (!has_name(descriptor, name) || unlink(name) == 0);
    close(descriptor);
    return removed;
}

/* A new file, so that nothing of another's is written to or followed; EEXIST if the name is taken. */
static int open_part(const char *name, mode_t mode)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        int descriptor = open_file(name, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (descriptor >= 0 && hold(descriptor) && has_name(descriptor, name))
            return descriptor;
        if (descriptor >= 0) /* taken for stale before it was held */
            close(descriptor);
        else if (errno != EEXIST)
            return -1;
        else if (!remove_stale(name))
            break;
    }
    errno = EEXIST;
    return -1;
}

/* The first name that no other writer of the same file has. */
static diffusion_status create_part(file_writer *file, mode_t mode)
{
    enum { WRITERS_MAX = 1000 };
    for (int number = 0; number < WRITERS_MAX; number++) {
        file->temporary = file_name_part(file->target, number);
        if (file->temporary == NULL)
            return DIFFUSION_E_MEMORY;
        file->descriptor = open_part(file->temporary, mode);
        if (file->descriptor >= 0)
            return DIFFUSION_OK;
        if (errno != EEXIST)
            break;
        memory_release(file->temporary);
        file->temporary = NULL;
    }
    return failure("create a file beside", file->path);
}

/* A file that is replaced keeps its permissions, where the file system has any; a new one has what the umask leaves. */
static diffusion_status create_replacing(file_writer *file)
{
    struct stat about;
    int replaces = stat(file->target, &about) == 0;
    if (!replaces && errno != ENOENT)
        return failure("write", file->path);
    if (replaces && !S_ISREG(about.st_mode))
        return error_set(DIFFUSION_E_IO, "%s: not a regular file, so it cannot be replaced", file->path);
    diffusion_status status = create_part(file, replaces ? about.st_mode & 0777 : 0666);
    if (status == DIFFUSION_OK && replaces)
        (void)fchmod(file->descriptor, about.st_mode & 07777);
    return status;
}

diffusion_status file_create(file_writer **out, const char *path)
{
    if (path[0] == '\0')
        return error_set(DIFFUSION_E_IO, "the name of the file to write is empty");
    file_writer *file = memory_allocate(1, sizeof *file);
    if (file == NULL)
        return DIFFUSION_E_MEMORY;
    file->path = memory_text(path);
    diffusion_status status = file->path != NULL ? file_link_target(&file->target, path) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && (file->folder = file_name_folder(file->target)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = create_replacing(file);
    if (status != DIFFUSION_OK) {
        writer_release(file);
        return status;
    }
    *out = file;
    return DIFFUSION_OK;
}

diffusion_status file_write(file_writer *file, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(file->descriptor, (const char *)bytes + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put == 0)
            errno = EIO; /* a file that takes nothing would never end */
        if (put <= 0)
            return failure("write", file->path);
        done += (size_t)put;
    }
    return DIFFUSION_OK;
}

/* Without this a crash could undo the rename. A folder that may not be read, or a file system that cannot, is no fault
 * of the save: the data itself is safe. */
static int sync_folder(const char *folder)
{
    int descriptor = open_file(folder, O_RDONLY | O_DIRECTORY, 0);
    if (descriptor < 0)
        return errno == EACCES || errno == EPERM ? 0 : -1;
    int result = sync_file(descriptor);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result == 0 || reason == EINVAL || reason == ENOTSUP ? 0 : -1;
}

diffusion_status file_sync(file_writer *file)
{
    return sync_file(file->descriptor) == 0 ? DIFFUSION_OK : failure("write", file->path);
}

diffusion_status file_withdraw(file_writer *file)
{
    return unlink(file->target) == 0 || errno == ENOENT ? DIFFUSION_OK : failure("replace", file->path);
}

diffusion_status file_place(file_writer *file)
{
    if (!file->placed && rename(file->temporary, file->target) != 0)
        return failure("write", file->path);
    file->placed = 1;
    return DIFFUSION_OK;
}

/* The lock is held until the file has its name: no other writer may take it for stale before. */
diffusion_status file_commit(file_writer *file)
{
    diffusion_status status = file_sync(file);
    if (status == DIFFUSION_OK)
        status = file_place(file);
    if (status != DIFFUSION_OK) {
        file_abandon(file);
        return status;
    }
    status = close_file(file->descriptor) == 0 ? DIFFUSION_OK : failure("write", file->path);
    if (status == DIFFUSION_OK && sync_folder(file->folder) != 0)
        status = failure("make the name durable", file->path);
    writer_release(file);
    return status;
}

void file_abandon(file_writer *file)
{
    if (file == NULL)
        return;
    if (!file->placed)
        unlink(file->temporary);
    close(file->descriptor);
    writer_release(file);
}
