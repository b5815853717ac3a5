#include "data/toys.h"

#include "common/random.h"

#include <math.h>

void toy_swiss_roll(float *values, size_t count, double noise, uint64_t seed)
{
    random_stream stream = {seed, RANDOM_TOY};
    for (size_t i = 0; i < count; i++) {
        double r = ROLL_INNER * (1 + (ROLL_GROWTH - 1) * random_uniform(stream, i, 0));
        values[2 * i] = (float)(r * cos(r) + noise * random_normal(stream, i, 1));
        values[2 * i + 1] = (float)(r * sin(r) + noise * random_normal(stream, i, 2));
    }
}

void toy_heartbeat(float *values, size_t count, uint64_t seed)
{
    random_stream stream = {seed, RANDOM_TOY};
    for (size_t i = 0; i < count; i++) {
        int phase = (int)(HEARTBEAT_PERIOD * random_uniform(stream, i, 0));
        for (int bin = 0; bin < HEARTBEAT_LENGTH; bin++)
            values[i * HEARTBEAT_LENGTH + (size_t)bin] = bin % HEARTBEAT_PERIOD == phase;
    }
}
