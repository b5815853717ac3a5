#define _GNU_SOURCE
#include "faulty.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const faulty_names[FAULTY_CALLS] = {"open", "read",  "write",  "fsync",  "close", "stat",
                                                "lock", "chmod", "rename", "unlink", "mkdir"};

enum { DESCRIPTORS = 1024 };

long *faulty_made;
static faulty_call wrong;
static long wrong_at;
static int wrong_with, wrong_ever;
static char ours[DESCRIPTORS]; /* descriptors of files below the working directory */

void faulty_arm(faulty_call call, long at, int error, int ever)
{
    size_t bytes = (FAULTY_CALLS + 1) * sizeof *faulty_made;
    if (faulty_made == NULL)
        faulty_made = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (faulty_made == MAP_FAILED)
        abort();
    memset(faulty_made, 0, bytes);
    wrong = call, wrong_at = at, wrong_with = error, wrong_ever = ever;
}

/* Counts a call; what is to go wrong with it: errno, FAULTY_SHORT or nothing. */
static int fault_of(faulty_call call)
{
    if (faulty_made == NULL)
        return FAULTY_NOTHING;
    faulty_made[call]++;
    faulty_made[FAULTY_ANY]++;
    if (wrong_with == FAULTY_NOTHING || (wrong != FAULTY_ANY && call != wrong))
        return FAULTY_NOTHING;
    int now = faulty_made[wrong] == wrong_at || (wrong_ever && faulty_made[wrong] > wrong_at);
    if (now && wrong_with == FAULTY_KILL)
        raise(SIGKILL);
    return now ? wrong_with : FAULTY_NOTHING;
}

/* Of a call that can only fail. */
static int fails(faulty_call call)
{
    int error = fault_of(call);
    if (error > 0)
        errno = error;
    return error > 0;
}

static int is_below(const char *path)
{
    char here[4096];
    if (path[0] != '/')
        return 1;
    return getcwd(here, sizeof here) != NULL && strncmp(path, here, strlen(here)) == 0;
}

static int is_ours(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS && ours[descriptor];
}

static int note(int descriptor, int is)
{
    if (descriptor >= 0 && descriptor < DESCRIPTORS)
        ours[descriptor] = (char)is;
    return descriptor;
}

/* The function that stands behind ours. */
#define BEHIND(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

static int open_path(const char *path, int flags, mode_t mode)
{
    int below = is_below(path);
    if (below && fails(FAULTY_OPEN))
        return -1;
    return note(BEHIND(open)(path, flags, mode), below);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_path(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_path(path, flags, mode);
}

int dup(int descriptor)
{
    return note(BEHIND(dup)(descriptor), is_ours(descriptor));
}

/* How much of a read or write is done; -1 if it fails. */
static ssize_t allowed(faulty_call call, int descriptor, size_t size)
{
    int error = is_ours(descriptor) ? fault_of(call) : FAULTY_NOTHING;
    if (error > 0) {
        errno = error;
        return -1;
    }
    return (ssize_t)(error == FAULTY_SHORT && size > 1 ? size / 2 : size);
}

ssize_t read(int descriptor, void *bytes, size_t size)
{
    ssize_t part = allowed(FAULTY_READ, descriptor, size);
    return part < 0 ? -1 : BEHIND(read)(descriptor, bytes, (size_t)part);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    ssize_t part = allowed(FAULTY_READ, descriptor, size);
    return part < 0 ? -1 : BEHIND(pread)(descriptor, bytes, (size_t)part, offset);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off64_t offset)
{
    ssize_t part = allowed(FAULTY_READ, descriptor, size);
    return part < 0 ? -1 : BEHIND(pread64)(descriptor, bytes, (size_t)part, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    ssize_t part = allowed(FAULTY_WRITE, descriptor, size);
    return part < 0 ? -1 : BEHIND(write)(descriptor, bytes, (size_t)part);
}

int fsync(int descriptor)
{
    return is_ours(descriptor) && fails(FAULTY_FSYNC) ? -1 : BEHIND(fsync)(descriptor);
}

/* An interrupted or failed close has closed. */
int close(int descriptor)
{
    int failed = is_ours(descriptor) && fails(FAULTY_CLOSE), reason = errno;
    note(descriptor, 0);
    int result = BEHIND(close)(descriptor);
    errno = failed ? reason : errno;
    return failed ? -1 : result;
}

int stat(const char *path, struct stat *about)
{
    return is_below(path) && fails(FAULTY_STAT) ? -1 : BEHIND(stat)(path, about);
}

int lstat(const char *path, struct stat *about)
{
    return is_below(path) && fails(FAULTY_STAT) ? -1 : BEHIND(lstat)(path, about);
}

int fstat(int descriptor, struct stat *about)
{
    return is_ours(descriptor) && fails(FAULTY_STAT) ? -1 : BEHIND(fstat)(descriptor, about);
}

int stat64(const char *path, struct stat64 *about)
{
    return is_below(path) && fails(FAULTY_STAT) ? -1 : BEHIND(stat64)(path, about);
}

int lstat64(const char *path, struct stat64 *about)
{
    return is_below(path) && fails(FAULTY_STAT) ? -1 : BEHIND(lstat64)(path, about);
}

int fstat64(int descriptor, struct stat64 *about)
{
    return is_ours(descriptor) && fails(FAULTY_STAT) ? -1 : BEHIND(fstat64)(descriptor, about);
}

int flock(int descriptor, int operation)
{
    return is_ours(descriptor) && fails(FAULTY_LOCK) ? -1 : BEHIND(flock)(descriptor, operation);
}

int fchmod(int descriptor, mode_t mode)
{
    return is_ours(descriptor) && fails(FAULTY_MODE) ? -1 : BEHIND(fchmod)(descriptor, mode);
}

int rename(const char *from, const char *to)
{
    return is_below(from) && fails(FAULTY_RENAME) ? -1 : BEHIND(rename)(from, to);
}

int unlink(const char *path)
{
    return is_below(path) && fails(FAULTY_UNLINK) ? -1 : BEHIND(unlink)(path);
}

int remove(const char *path)
{
    return is_below(path) && fails(FAULTY_UNLINK) ? -1 : BEHIND(remove)(path);
}

int mkdir(const char *path, mode_t mode)
{
    return is_below(path) && fails(FAULTY_MKDIR) ? -1 : BEHIND(mkdir)(path, mode);
}
