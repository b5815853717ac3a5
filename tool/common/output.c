#define _GNU_SOURCE /* fopencookie */

#include "common/output.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/part.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    char *path;      /* as it was given */
    char *target;    /* what it names */
    char *temporary; /* NULL for a stream */
    int descriptor;  /* held until the file has its name */
    int reason;      /* why a write failed, or 0 */
    FILE *stream;
};

/* One at a time is enough for every command; a signal handler reads it. */
static output *volatile unfinished;

static _Noreturn void failure(const char *path)
{
    fail("%s: cannot write: %s", path, strerror(errno));
}

int output_is_standard(const char *path)
{
    return path[0] == '-' && (path[1] == '\0' || path[1] == '.') && strchr(path, '/') == NULL;
}

FILE *output_report(const char *path)
{
    return path != NULL && output_is_standard(path) ? stderr : stdout;
}

/* A stream forgets what it could not write, and a later flush then ends well. */
void output_end_printing(void)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("cannot write to standard output%s%s", errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
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

static int open_pipe(const char *path)
{
    int descriptor;
    do
        descriptor = open(path, O_WRONLY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* A file that is replaced keeps its permissions, where the file system has any; a new one has what the umask leaves. */
static void open_file(output *out, const struct stat *replaced)
{
    fail_clean_up(output_remove_unfinished);
    out->descriptor = part_create(out->target, replaced != NULL ? replaced->st_mode & 0777 : 0666, &out->temporary);
    if (out->descriptor < 0)
        failure(out->path);
    unfinished = out;
    if (replaced != NULL)
        (void)fchmod(out->descriptor, replaced->st_mode & 07777);
}

output *output_open(const char *path)
{
    struct stat about;
    if (path[0] == '\0')
        fail("the name of the file to write is empty");
    output *out = allocate(1, sizeof *out);
    int standard = output_is_standard(path);
    out->path = text_format("%s", path);
    out->target = standard ? text_format("%s", path) : part_target(path);
    int replaces = !standard && stat(out->target, &about) == 0;
    if (!standard && !replaces && errno != ENOENT)
        failure(path);
    if (replaces && !S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        fail("%s: not a regular file, so it cannot be replaced", path);
    if (replaces && access(out->target, W_OK) != 0)
        failure(path);
    if (standard)
        out->descriptor = dup(STDOUT_FILENO);
    else if (replaces && S_ISFIFO(about.st_mode))
        out->descriptor = open_pipe(out->target);
    else
        open_file(out, replaces ? &about : NULL);
    out->stream = out->descriptor >= 0 ? fopencookie(out, "wb", (cookie_io_functions_t){.write = write_bytes}) : NULL;
    if (out->stream == NULL)
        failure(path);
    return out;
}

/* To open a pipe would wait for its reader, and to close it again would be its end. */
void output_check(const char *path)
{
    struct stat about;
    if (output_is_standard(path))
        return;
    if (stat(path, &about) != 0 || !S_ISFIFO(about.st_mode))
        output_abandon(output_open(path));
    else if (access(path, W_OK) != 0)
        failure(path);
}

FILE *output_stream(output *out)
{
    return out->stream;
}

const char *output_path(const output *out)
{
    return out->path;
}

/* 0, or -1 with what a disk or the reader of a pipe shows at the close alone; one that is interrupted has closed. */
static int release(output *out)
{
    unfinished = NULL;
    fclose(out->stream);
    int result = close(out->descriptor) == 0 || errno == EINTR ? 0 : -1;
    free(out->path);
    free(out->target);
    free(out->temporary);
    free(out);
    return result;
}

void output_flush(output *out)
{
    fflush(out->stream);
    errno = out->reason;
    if (out->reason != 0)
        failure(out->path);
}

void output_commit(output *out)
{
    output_flush(out);
    if (out->temporary != NULL && (sync_file(out->descriptor) != 0 || rename(out->temporary, out->target) != 0))
        failure(out->path);
    char *path = text_format("%s", out->path);
    if (release(out) != 0)
        failure(path);
    free(path);
}

void output_abandon(output *out)
{
    if (out->temporary != NULL)
        unlink(out->temporary);
    release(out);
}

void output_remove_unfinished(void)
{
    if (unfinished != NULL)
        unlink(unfinished->temporary);
}
