/* The paper's toy data (section 3.1). Sample i depends on (seed, i) alone. */
#ifndef DATA_TOYS_H
#define DATA_TOYS_H

#include <stddef.h>
#include <stdint.h>

enum { HEARTBEAT_LENGTH = 20, HEARTBEAT_PERIOD = 5 };

/* Values [count, 2]: r (cos r, sin r) + noise N(0, 1), the angle and radius r uniform in 1.5 pi..4.5 pi. */
void toy_swiss_roll(float *values, size_t count, double noise, uint64_t seed);

/* Values [count, 20]: a 1 in every fifth bin, at one of 5 phases with equal chance; 0 elsewhere. */
void toy_heartbeat(float *values, size_t count, uint64_t seed);

#endif
