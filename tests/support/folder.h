/* A folder of a test's own, in which nothing may be left. Define _POSIX_C_SOURCE before the first include. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include "test.h"

#include <dirent.h>
#include <stdlib.h>

#if defined(_WIN32) /* permissions are not given to mkdir() there */
#include <direct.h>
#include <io.h>
#define mkdir(name, mode) mkdir(name)

static inline char *mkdtemp(char *name)
{
    return _mktemp(name) != NULL && mkdir(name, 0700) == 0 ? name : NULL;
}
#endif

/* Group set-up: makes a fresh folder and works in it. */
static inline int folder_enter(void **state)
{
    (void)state;
    static char name[] = "folder-XXXXXX";
    return mkdtemp(name) != NULL && chdir(name) == 0 ? 0 : -1;
}

static inline size_t folder_entries(void)
{
    size_t count = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Group tear-down: fails if a file is left. */
static inline int folder_leave(void **state)
{
    (void)state;
    char path[4096];
    return getcwd(path, sizeof path) != NULL && chdir("..") == 0 && rmdir(path) == 0 ? 0 : -1;
}

/* The descriptor that the next open() would give: the same before and after if none leaks. */
static inline int folder_next_descriptor(void)
{
    int descriptor = dup(0);
    close(descriptor);
    return descriptor;
}

static inline void folder_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The whole file, which the caller frees. */
static inline unsigned char *folder_read(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

#endif
