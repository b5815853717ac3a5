#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "base/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_reader {
    int descriptor;
    uint64_t size;
    char *path;
};

struct file_writer {
    int descriptor;
    char *path;
    char *temporary;
};

static diffusion_status failure(const char *action, const char *path)
{
    return error_set(DIFFUSION_E_IO, "%s: cannot %s: %s", path, action, strerror(errno));
}

int file_is_there(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

int file_is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

diffusion_status file_make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return DIFFUSION_OK;
    int reason = errno;
    if (file_is_folder(path))
        return DIFFUSION_OK;
    errno = reason;
    return failure("make a folder", path);
}

diffusion_status file_open(file_reader **out, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
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
    if (file->descriptor >= 0)
        close(file->descriptor);
    memory_release(file->path);
    memory_release(file->temporary);
    memory_release(file);
}

/* A name to write under: beside `path`, so that the rename stays within one file system. */
static char *temporary_name(const char *path)
{
    static unsigned counter;
    enum { SUFFIX = 48 };
    char *name = memory_allocate(strlen(path) + SUFFIX, 1);
    if (name != NULL)
        snprintf(name, strlen(path) + SUFFIX, "%s.%ld-%u.part", path, (long)getpid(),
                 __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED));
    return name;
}

/* Refuses to follow or overwrite whatever has the name already. The mode is what the umask leaves. */
static int open_new(const char *name)
{
    return open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

diffusion_status file_create(file_writer **out, const char *path)
{
    file_writer *file = memory_allocate(1, sizeof *file);
    if (file == NULL)
        return DIFFUSION_E_MEMORY;
    file->descriptor = -1;
    file->path = memory_text(path);
    file->temporary = file->path != NULL ? temporary_name(path) : NULL;
    diffusion_status status = file->temporary != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && (file->descriptor = open_new(file->temporary)) < 0)
        status = failure("create a file beside", path);
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
        if (put < 0)
            return failure("write", file->path);
        done += (size_t)put;
    }
    return DIFFUSION_OK;
}

/* Without this a crash could undo the rename. Some file systems cannot; the data itself is safe then all the same. */
static void sync_folder(const char *path)
{
    char folder[4096] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL && (size_t)(slash - path) < sizeof folder - 1) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    int descriptor = open(folder, O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
}

/* A file that is replaced keeps its permissions. */
static int keep_mode(int descriptor, const char *path)
{
    struct stat about;
    return stat(path, &about) != 0 || fchmod(descriptor, about.st_mode & 07777) == 0;
}

diffusion_status file_commit(file_writer *file)
{
    diffusion_status status = DIFFUSION_OK;
    int descriptor = file->descriptor;
    file->descriptor = -1;
    if (!keep_mode(descriptor, file->path) || fsync(descriptor) != 0)
        status = failure("write", file->path);
    if (close(descriptor) != 0 && status == DIFFUSION_OK)
        status = failure("write", file->path);
    if (status == DIFFUSION_OK && rename(file->temporary, file->path) != 0)
        status = failure("replace", file->path);
    if (status == DIFFUSION_OK)
        sync_folder(file->path);
    else
        unlink(file->temporary);
    writer_release(file);
    return status;
}

void file_abandon(file_writer *file)
{
    if (file == NULL)
        return;
    unlink(file->temporary);
    writer_release(file);
}
