/* How far a long run is, on stderr: a bar on a terminal, now and then a line elsewhere. */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdint.h>

typedef struct progress {
    const char *unit; /* what is counted, such as "step" */
    int64_t per;      /* how many of `done` and `total` make one of it */
    int64_t first;    /* where the run began: a resumed one not at 0 */
    int64_t total;
    int quiet;
    double started;   /* seconds */
    double shown;     /* when it was last shown */
    int64_t shown_at; /* and where */
} progress;

/* `total` is in units of `done` and may be 0 where progress_report() will tell it. */
void progress_begin(progress *run, const char *unit, int64_t per, int64_t done, int64_t total, int quiet);

/* Whether it is time to show something: ten times a second on a terminal, else every 5 % or 10 s. */
int progress_due(const progress *run, int64_t done);

/* Shows it, with some words of the caller's; "" for none. */
void progress_show(progress *run, int64_t done, const char *detail);

/* Seconds since the run began. */
double progress_seconds(const progress *run);

/* Leaves a terminal's line, so that what is printed next stands alone. */
void progress_break(void);

/* A diffusion_progress_fn that shows; `user` is the progress, whose total it fills in. */
int32_t progress_report(int64_t done, int64_t total, void *user);

#endif
