#define _POSIX_C_SOURCE 200809L

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
    char *path;      /* as it was given */
    char *target;    /* what it names */
    char *temporary; /* NULL for a stream */
    FILE *stream;    /* held until the file has its name */
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

/* A file that is replaced keeps its permissions, where the file system has any; a new one has what the umask leaves. */
static void open_file(output *out, const struct stat *replaced)
{
    fail_clean_up(output_remove_unfinished);
    int descriptor = part_create(out->target, replaced != NULL ? replaced->st_mode & 0777 : 0666, &out->temporary);
    if (descriptor < 0)
        failure(out->path);
    unfinished = out;
    if (replaced != NULL)
        (void)fchmod(descriptor, replaced->st_mode & 07777);
    out->stream = fdopen(descriptor, "wb");
}

output *output_open(const char *path)
{
    struct stat about;
    if (path[0] == '\0')
        fail("the name of the file to write is empty");
    output *out = allocate(1, sizeof *out);
    int standard = output_is_standard(path), descriptor = standard ? dup(STDOUT_FILENO) : -1;
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
        out->stream = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    else if (replaces && S_ISFIFO(about.st_mode))
        out->stream = fopen(out->target, "wb");
    else
        open_file(out, replaces ? &about : NULL);
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

static void release(output *out)
{
    unfinished = NULL;
    if (out->stream != NULL)
        fclose(out->stream);
    free(out->path);
    free(out->target);
    free(out->temporary);
    free(out);
}

/* What a disk or the reader of a pipe did not take may show at the close alone. */
static int end_stream(output *out)
{
    FILE *stream = out->stream;
    int failed = ferror(stream);
    out->stream = NULL;
    return fclose(stream) == 0 && !failed;
}

static int end_file(const output *out)
{
    return !ferror(out->stream) && fflush(out->stream) == 0 && fsync(fileno(out->stream)) == 0 &&
           rename(out->temporary, out->target) == 0;
}

void output_commit(output *out)
{
    if (!(out->temporary == NULL ? end_stream(out) : end_file(out)))
        failure(out->path);
    release(out);
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
