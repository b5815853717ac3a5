#define _POSIX_C_SOURCE 200809L

#include "benching/timing.h"

#include <time.h>

enum { LEAST = 3, MOST = 10000 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

timing timing_of(void (*run)(void *user), void *user, double seconds)
{
    timing out = {0};
    run(user); /* memory, threads and clocks are as they will be */
    const double began = now();
    while (out.times < LEAST || (out.times < MOST && now() - began < seconds)) {
        const double start = now();
        run(user);
        const double taken = now() - start;
        out.seconds = out.times == 0 || taken < out.seconds ? taken : out.seconds;
        out.times++;
    }
    return out;
}
