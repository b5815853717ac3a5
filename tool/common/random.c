#include "common/random.h"

#include <math.h>

/* The header is C++'s too and does not mind our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

static const double pi = 3.14159265358979323846;

static philox4x64_ctr_t draw(random_stream stream, uint64_t index, uint64_t which)
{
    philox4x64_ctr_t counter = {{index, which, 0, 0}};
    philox4x64_key_t key = {{stream.seed, (uint64_t)stream.purpose}};
    return philox4x64(counter, key);
}

/* The 52 upper bits, centred in their interval: never 0, never 1. */
static double unit(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

double random_uniform(random_stream stream, uint64_t index, uint64_t which)
{
    return unit(draw(stream, index, which).v[0]);
}

double random_normal(random_stream stream, uint64_t index, uint64_t which)
{
    philox4x64_ctr_t bits = draw(stream, index, which);
    return sqrt(-2 * log(unit(bits.v[0]))) * cos(2 * pi * unit(bits.v[1]));
}
