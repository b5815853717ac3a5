#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* flock */

#include "training/log.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void log_check(const char *path, int force)
{
    if (path == NULL)
        return;
    if (!text_ends_with(path, ".jsonl") && strcmp(path, "-") != 0)
        fail_usage("--log %s: expected a name that ends in .jsonl, or - for standard output", path);
    overwrite_check(path, force);
}

static _Noreturn void failure(const training_log *of)
{
    fail("%s: cannot write: %s", of->path, strerror(errno));
}

/* ---- the log of a run that goes on ---- */

/* The number behind "key": in a line; 0 if there is none. */
static int number_of(double *value, const char *line, const char *key)
{
    char *name = text_format("\"%s\": ", key);
    const char *found = strstr(line, name), *text = found != NULL ? found + strlen(name) : NULL;
    free(name);
    return text != NULL && text_number(value, &text);
}

/* Whether the line belongs to the run up to `step`; one that was cut off, or lies beyond, does not. */
static int is_kept(training_log *log, const char *line, int64_t step, double *last)
{
    double at;
    if (strchr(line, '\n') == NULL)
        return 0;
    if (!number_of(&at, line, "step"))
        fail("%s: not the log of a training: %.60s", log->path, line);
    if (at > (double)step || !number_of(&log->before, line, "seconds"))
        return 0;
    *last = at;
    return 1;
}

static void note_gap(const training_log *log, double last, int64_t step)
{
    if (last < (double)step)
        note("%s: ends at step %.0f, and the run goes on from %lld", log->path, last, (long long)step);
}

/* Reads what is there, and where the lines to keep end. */
static int64_t read_so_far(training_log *log, int64_t step)
{
    FILE *file = fopen(log->path, "rb");
    char *line = NULL;
    size_t room = 0;
    int64_t end = 0;
    double last = 0;
    ssize_t length;
    if (file == NULL)
        fail("%s: cannot read: %s", log->path, strerror(errno));
    while ((length = getline(&line, &room, file)) > 0 && is_kept(log, line, step, &last))
        end += length;
    fclose(file);
    free(line);
    note_gap(log, last, step);
    return end;
}

/* ---- writing ---- */

static int open_log(const training_log *log)
{
    int descriptor;
    do
        descriptor = output_is_standard(log->path) ? dup(STDOUT_FILENO)
                                                   : open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* Two at once would mix their lines. It is let go with the descriptor; where the file system has no locks, it is not
 * held. */
static void hold(const training_log *log)
{
    if (flock(log->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        fail("%s: another training writes it, expected another name", log->path);
}

void log_begin(training_log *out, const char *path, int64_t step)
{
    struct stat about;
    *out = (training_log){.path = path, .descriptor = -1};
    if (path == NULL)
        return;
    int is_file = !output_is_standard(path) && (stat(path, &about) != 0 || S_ISREG(about.st_mode));
    out->descriptor = open_log(out);
    if (out->descriptor < 0)
        failure(out);
    if (!is_file)
        return;
    hold(out);
    if (ftruncate(out->descriptor, step > 0 ? read_so_far(out, step) : 0) != 0)
        failure(out);
}

/* A line that the disk has no room for leaves nothing of itself. */
static void write_line(training_log *to, const char *line)
{
    size_t length = strlen(line), done = 0;
    while (done < length) {
        ssize_t put = write(to->descriptor, line + done, length - done);
        if (put >= 0) {
            done += (size_t)put;
        } else if (errno != EINTR) {
            int reason = errno;
            off_t end = lseek(to->descriptor, 0, SEEK_END);
            if (end >= (off_t)done && done > 0 && ftruncate(to->descriptor, end - (off_t)done) != 0)
                reason = errno;
            errno = reason;
            failure(to);
        }
    }
}

static void append_number(char **line, const char *key, double value)
{
    char *number = text_real(value);
    text_append(line, ", \"%s\": %s", key, number);
    free(number);
}

void log_write(training_log *to, const log_entry *entry)
{
    if (to->path == NULL)
        return;
    char *line = text_format("{\"step\": %lld", (long long)entry->step);
    append_number(&line, "loss", entry->loss);
    if (!isnan(entry->held_out))
        append_number(&line, "held_out", entry->held_out);
    append_number(&line, "rate", entry->rate);
    text_append(&line, ", \"seconds\": %.6f, \"samples_per_second\": %.1f}\n", to->before + entry->seconds,
                entry->speed);
    write_line(to, line);
    free(line);
}

/* Pipes cannot be. */
void log_sync(const training_log *of)
{
    if (of->path != NULL && fsync(of->descriptor) != 0 && errno != EINVAL && errno != EROFS && errno != EINTR)
        failure(of);
}

void log_end(training_log *of)
{
    if (of->path != NULL && close(of->descriptor) != 0 && errno != EINTR)
        failure(of);
}
