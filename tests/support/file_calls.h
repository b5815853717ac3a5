/* The system calls of a save, standing before the C library's: a test sees each before it is made, and may fail it or
 * end the process there. Define _POSIX_C_SOURCE and _DEFAULT_SOURCE before the first include. */
#ifndef SUPPORT_FILE_CALLS_H
#define SUPPORT_FILE_CALLS_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef enum file_call { OPEN, WRITE, FSYNC, CLOSE, FCHMOD, RENAME, UNLINK, MKDIR, FILE_CALLS } file_call;

/* The test's: 0 lets the call be made, anything else makes it fail with the errno that was set. */
static int file_call_fails(file_call which);

int open64(const char *path, int flags, ...);

static int file_call_open(const char *path, int flags, unsigned mode)
{
    return file_call_fails(OPEN) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = va_arg(arguments, unsigned);
    va_end(arguments);
    return file_call_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = va_arg(arguments, unsigned);
    va_end(arguments);
    return file_call_open(path, flags, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return file_call_fails(WRITE) ? -1 : syscall(SYS_write, descriptor, bytes, size);
}

/* The disk itself is not tested, and would make a save take a second. */
int fsync(int descriptor)
{
    (void)descriptor;
    return file_call_fails(FSYNC) ? -1 : 0;
}

/* An interrupted or failed close has closed. */
int close(int descriptor)
{
    int result = (int)syscall(SYS_close, descriptor);
    return file_call_fails(CLOSE) ? -1 : result;
}

int fchmod(int descriptor, mode_t mode)
{
    return file_call_fails(FCHMOD) ? -1 : (int)syscall(SYS_fchmod, descriptor, mode);
}

int rename(const char *from, const char *to)
{
    return file_call_fails(RENAME) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    return file_call_fails(UNLINK) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode)
{
    return file_call_fails(MKDIR) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

#endif
