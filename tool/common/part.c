#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* flock */

#include "common/part.h"

#include "common/fail.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40, LINK_SIZE = 4096, TRIES = 100, WRITERS_MAX = 1000 };

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

char *part_target(const char *path)
{
    char link[LINK_SIZE];
    char *name = text_format("%s", path);
    for (int followed = 0; followed < LINKS_MAX; followed++) {
        ssize_t length = readlink(name, link, sizeof link - 1);
        if (length < 0)
            return name;
        link[length] = '\0';
        char *next = text_format("%.*s%s", link[0] == '/' ? 0 : (int)folder_length(name), name, link);
        free(name);
        name = next;
    }
    fail("%s: more than %d symbolic links", path, LINKS_MAX);
}

/* Short enough wherever the file's own name is: encrypted folders take no more than 143 bytes. */
static char *part_name(const char *target, int number)
{
    enum { LONGEST = 120 };
    const char *base = target + folder_length(target);
    char *name;
    if (strlen(base) <= LONGEST) {
        name = text_format("%s.diffusion", target);
    } else {
        uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
        for (const char *byte = base; *byte != '\0'; byte++)
            hash = (hash ^ (unsigned char)*byte) * UINT64_C(0x100000001b3);
        name = text_format("%.*s%016llx.diffusion", (int)(base - target), target, (unsigned long long)hash);
    }
    if (number > 0)
        text_append(&name, ".%d", number);
    text_append(&name, ".part");
    return name;
}

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

static int open_file(const char *name, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = open(name, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
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

/* EEXIST if the name is taken. */
static int create(const char *name, mode_t mode)
{
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

int part_create(const char *target, mode_t mode, char **name)
{
    for (int number = 0; number < WRITERS_MAX; number++) {
        *name = part_name(target, number);
        int descriptor = create(*name, mode);
        if (descriptor >= 0)
            return descriptor;
        int reason = errno;
        free(*name);
        errno = reason;
        if (reason != EEXIST)
            break;
    }
    return -1;
}
