#define _GNU_SOURCE /* fopencookie */

#include "common/output.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/part.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    char *path;   /* as it was given */
    char *target; /* what it names */
    char *temporary;
    int descriptor; /* held until the file has its name */
    int reason;     /* why a write failed, or 0 */
    FILE *stream;
};

/* One at a time is enough for every command; a signal handler reads it. */
static output *volatile unfinished;

static _Noreturn void failure(const char *path)
{
    fail("%s: cannot write: %s", path, strerror(errno));
}

/* What is interrupted or falls short goes on. */
static ssize_t write_bytes(void *cookie, const char *bytes, size_t size)
{
    output *out = cookie;
    size_t done = 0;
    while (done < size && out->reason == 0) {
        ssize_t put = write(out->descriptor, bytes + done, size - done);
        if (put > 0)
            done += (size_t)put;
        else if (put == 0 || errno != EINTR)
            out->reason = put == 0 ? EIO : errno; /* a file that takes nothing would never end */
    }
    return (ssize_t)done;
}

static int sync_file(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

/* A file that is replaced keeps its permissions, where the file system has any; a new one has what the umask leaves. */
output *output_open(const char *path)
{
    struct stat about;
    if (path[0] == '\0')
        fail("the name of the file to write is empty");
    output *out = allocate(1, sizeof *out);
    out->path = text_format("%s", path);
    out->target = part_target(path);
    int replaces = stat(out->target, &about) == 0;
    if (!replaces && errno != ENOENT)
        failure(path);
    if (replaces && !S_ISREG(about.st_mode))
        fail("%s: not a regular file, so it cannot be replaced", path);
    if (replaces && access(out->target, W_OK) != 0)
        failure(path);
    fail_clean_up(output_remove_unfinished);
    out->descriptor = part_create(out->target, replaces ? about.st_mode & 0777 : 0666, &out->temporary);
    if (out->descriptor < 0)
        failure(path);
    unfinished = out;
    if (replaces)
        (void)fchmod(out->descriptor, about.st_mode & 07777);
    out->stream = fopencookie(out, "wb", (cookie_io_functions_t){.write = write_bytes});
    if (out->stream == NULL)
        failure(path);
    return out;
}

FILE *output_stream(output *out)
{
    return out->stream;
}

const char *output_path(const output *out)
{
    return out->path;
}

static void release(output *out)
{
    unfinished = NULL;
    fclose(out->stream);
    close(out->descriptor);
    free(out->path);
    free(out->target);
    free(out->temporary);
    free(out);
}

void output_check(output *out)
{
    fflush(out->stream);
    errno = out->reason;
    if (out->reason != 0)
        failure(out->path);
}

void output_commit(output *out)
{
    output_check(out);
    if (sync_file(out->descriptor) != 0 || rename(out->temporary, out->target) != 0)
        failure(out->path);
    release(out);
}

void output_abandon(output *out)
{
    unlink(out->temporary);
    release(out);
}

void output_remove_unfinished(void)
{
    if (unfinished != NULL)
        unlink(unfinished->temporary);
}
