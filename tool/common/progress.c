#define _DEFAULT_SOURCE /* the width of a terminal */

#include "common/progress.h"

#include "common/fail.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 20 };

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

void progress_begin(progress *run, const char *unit, int64_t per, int64_t done, int64_t total, int quiet)
{
    fail_clean_up(progress_break);
    double start = now();
    *run = (progress){unit, per, done, total, quiet, start, start, done};
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

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* "[=====     ]  50 %  ", for a terminal only */
static void format_bar(char *text, size_t size, const progress *run, int64_t done)
{
    char bar[BAR_WIDTH + 1];
    double part = run->total > 0 ? (double)done / (double)run->total : 1;
    size_t filled = (size_t)(part * BAR_WIDTH);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', filled < BAR_WIDTH ? filled : BAR_WIDTH);
    bar[BAR_WIDTH] = '\0';
    snprintf(text, size, "[%s] %3.0f %%  ", bar, 100 * part);
}

/* "  658 steps/s  12 s left", once there is a speed */
static void format_speed(char *text, size_t size, const progress *run, int64_t done)
{
    double elapsed = progress_seconds(run), speed = elapsed > 0 ? (double)(done - run->first) / elapsed : 0;
    double units = speed / (double)run->per;
    int finished = done >= run->total;
    text[0] = '\0';
    if (speed <= 0)
        return;
    char time[32];
    format_time(time, finished ? elapsed : (double)(run->total - done) / speed);
    snprintf(text, size, "  %.*f %ss/s  %s%s",
             units < 0.1  ? 4
             : units < 10 ? 2
                          : 0,
             units, run->unit, finished ? "in " : time, finished ? time : " left");
}

void progress_show(progress *run, int64_t done, const char *detail)
{
    if (run->quiet)
        return;
    char bar[64] = "", speed[96], line[512];
    if (on_terminal())
        format_bar(bar, sizeof bar, run, done);
    format_speed(speed, sizeof speed, run, done);
    snprintf(line, sizeof line, "%s%s %.*f/%lld%s%s", bar, run->unit, done % run->per != 0 ? 2 : 0,
             (double)done / (double)run->per, (long long)(run->total / run->per), detail, speed);
    if (on_terminal()) /* never wider than the terminal: a line that wraps cannot be taken back */
        fprintf(stderr, "\r\033[K%.*s", (int)terminal_width() - 1, line);
    else
        fputs(line, stderr);
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
