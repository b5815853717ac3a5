/* Time as it passes. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* From a moment that never changes while the process lives. */
int64_t clock_nanoseconds(void);

#endif
