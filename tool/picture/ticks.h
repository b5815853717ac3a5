/* The marks along an axis. */
#ifndef PICTURE_TICKS_H
#define PICTURE_TICKS_H

#include "picture/plot.h"

enum { TICKS_MAX = 128, TICK_NAME = 40 };

typedef struct tick {
    double value;
    int major;
    char name[TICK_NAME]; /* "" for a minor one */
} tick;

/* At most TICKS_MAX. */
size_t ticks_of(tick *out, const axis *a);

#endif
