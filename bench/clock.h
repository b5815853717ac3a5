/* What every bench program needs: the time, and the best of many short runs. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Seconds of the monotonic clock. */
static inline double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef int clock_work_fn(void *context);

/* The smallest mean time of one call, in seconds, over groups of calls that fill about a twentieth of `seconds` each:
 * short enough that some group runs undisturbed, long enough for the clock. A first call is not timed: memory is new to
 * it. Negative if a call fails. */
static inline double clock_best(clock_work_fn *work, void *context, double seconds)
{
    if (work(context) != 0)
        return -1.0;
    double begin = clock_seconds();
    int64_t group = 1;
    double best = -1.0;
    do {
        double before = clock_seconds();
        for (int64_t i = 0; i < group; i++)
            if (work(context) != 0)
                return -1.0;
        double one = (clock_seconds() - before) / (double)group;
        if (best < 0.0 || one < best)
            best = one;
        int64_t fitting = (int64_t)(seconds / 20.0 / one);
        group = fitting > 1 ? fitting : 1;
    } while (clock_seconds() - begin < seconds);
    return best;
}

#endif
