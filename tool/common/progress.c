#define _POSIX_C_SOURCE 200809L

#include "common/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

static int line_open; /* a bar stands on the terminal's line */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int on_terminal(void)
{
    static int known = -1;
    if (known < 0)
        known = isatty(STDERR_FILENO);
    return known;
}

void progress_begin(progress *run, const char *unit, int64_t done, int64_t total, int quiet)
{
    double start = now();
    *run = (progress){unit, done, total, quiet, start, start, done};
}

int progress_due(const progress *run, int64_t done)
{
    if (run->quiet)
        return 0;
    if (done >= run->total)
        return 1;
    double waited = now() - run->shown;
    if (on_terminal())
        return waited >= 0.1;
    return waited >= 10 || (waited >= 1 && done - run->shown_at >= (run->total + 19) / 20);
}

/* "3 h 07 min", "4 min 05 s", "12 s" */
static void format_time(char text[32], double seconds)
{
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(text, 32, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(text, 32, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(text, 32, "%ld s", s);
}

static void show_bar(const progress *run, int64_t done)
{
    char bar[BAR_WIDTH + 1];
    double part = run->total > 0 ? (double)done / (double)run->total : 1;
    size_t filled = (size_t)(part * BAR_WIDTH);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', filled < BAR_WIDTH ? filled : BAR_WIDTH);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r\033[K[%s] %3.0f %%  ", bar, 100 * part);
}

void progress_show(progress *run, int64_t done, const char *detail)
{
    if (run->quiet)
        return;
    double elapsed = progress_seconds(run);
    double speed = elapsed > 0 ? (double)(done - run->first) / elapsed : 0;
    if (on_terminal())
        show_bar(run, done);
    fprintf(stderr, "%s %lld/%lld%s", run->unit, (long long)done, (long long)run->total, detail);
    if (speed > 0) {
        int finished = done >= run->total;
        char time[32];
        format_time(time, finished ? elapsed : (double)(run->total - done) / speed);
        fprintf(stderr, "  %.*f %ss/s  %s%s", speed < 10 ? 2 : 0, speed, run->unit, finished ? "in " : time,
                finished ? time : " left");
    }
    line_open = 1;
    if (!on_terminal() || done >= run->total)
        progress_break();
    fflush(stderr);
    run->shown = now();
    run->shown_at = done;
}

double progress_seconds(const progress *run)
{
    return now() - run->started;
}

void progress_break(void)
{
    if (line_open)
        fputc('\n', stderr);
    line_open = 0;
}

int32_t progress_report(int64_t done, int64_t total, void *user)
{
    progress *run = user;
    run->total = total;
    if (progress_due(run, done))
        progress_show(run, done, "");
    return 0;
}
