/* How long something takes: the best of several times, which other work on the machine disturbs least. */
#ifndef BENCHING_TIMING_H
#define BENCHING_TIMING_H

#include <stddef.h>

typedef struct timing {
    double seconds; /* of the best */
    size_t times;
} timing;

/* Runs it once, and then again and again for so many seconds, three times at least. */
timing timing_of(void (*run)(void *user), void *user, double seconds);

#endif
