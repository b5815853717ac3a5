#define _POSIX_C_SOURCE 200809L

#include "common/output.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    char *path;
    char *temporary;
    FILE *stream;
};

/* One at a time is enough for every command; a signal handler reads it. */
static output *volatile unfinished;

static _Noreturn void failure(const char *action, const char *path)
{
    fail("%s: cannot %s: %s", path, action, strerror(errno));
}

/* What open() would have given the file; mkstemp made it private. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

output *output_open(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        fail("%s: not a regular file, so it cannot be replaced", path);
    output *out = allocate(1, sizeof *out);
    out->path = text_format("%s", path);
    out->temporary = text_format("%s.XXXXXX", path);
    fail_clean_up(output_remove_unfinished);
    int descriptor = mkstemp(out->temporary);
    if (descriptor < 0)
        failure("write", path);
    unfinished = out;
    out->stream = fdopen(descriptor, "wb");
    if (out->stream == NULL || fchmod(descriptor, usual_mode()) != 0)
        failure("write", path);
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
    free(out->path);
    free(out->temporary);
    free(out);
}

void output_commit(output *out)
{
    if (ferror(out->stream) || fflush(out->stream) != 0 || fsync(fileno(out->stream)) != 0 || fclose(out->stream) != 0)
        failure("write", out->path);
    if (rename(out->temporary, out->path) != 0)
        failure("write", out->path);
    release(out);
}

void output_check(const char *path)
{
    output *out = output_open(path);
    fclose(out->stream);
    unlink(out->temporary);
    release(out);
}

void output_remove_unfinished(void)
{
    if (unfinished != NULL)
        unlink(unfinished->temporary);
}
