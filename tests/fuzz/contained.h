/* A piece of the tool inside the target's own process: where it would end the process, it comes back here. */
#ifndef FUZZ_CONTAINED_H
#define FUZZ_CONTAINED_H

#include "fuzz.h"

/* Runs it; -1 if it came through, else the exit status, with what it had on its hands released. What it said on
 * stderr is in `said`, of `size` bytes. */
int contained(void (*run)(void *with), void *with, char *said, size_t size);

#endif
