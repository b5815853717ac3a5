/* Files of a target's own; in memory where the system has such a folder, as each save waits for the disk. */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include "fuzz.h"

#include <unistd.h>

enum { SCRATCH_PATH = 4096 };

static inline void scratch_path(char path[SCRATCH_PATH], const char *suffix)
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    int length = snprintf(path, SCRATCH_PATH, "%s/diffusion-fuzz-%ld%s", folder != NULL ? folder : "/tmp",
                          (long)getpid(), suffix);
    FUZZ_CHECK(length < SCRATCH_PATH);
}

static inline void scratch_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    FUZZ_CHECK(file != NULL);
    FUZZ_CHECK(fwrite(data, 1, size, file) == size);
    FUZZ_CHECK(fclose(file) == 0);
}

/* The whole file in a block of its size, so that a sanitizer sees a byte too many. */
static inline uint8_t *scratch_read(const char *path, size_t size)
{
    uint8_t *bytes = malloc(size);
    FILE *file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL && (bytes != NULL || size == 0));
    FUZZ_CHECK(fread(bytes, 1, size, file) == size && fgetc(file) == EOF);
    fclose(file);
    return bytes;
}

#endif
