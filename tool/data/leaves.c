#include "data/toys.h"

#include "common/memory.h"
#include "common/random.h"

#include <math.h>
#include <stdlib.h>

typedef struct disc {
    double x, y, radius;
    unsigned char grey;
} disc;

/* The radius has the distribution function (a^-2 - r^-2) / (a^-2 - b^-2), inverted. */
static disc fall(const leaves *how, random_stream stream, uint64_t index, uint64_t number)
{
    double part = random_uniform(stream, index, 4 * number), extent = (double)how->side + 2 * how->widest;
    double inner = 1 / (how->smallest * how->smallest), outer = 1 / (how->widest * how->widest);
    return (disc){
        .radius = 1 / sqrt(inner - part * (inner - outer)),
        .x = extent * random_uniform(stream, index, 4 * number + 1) - how->widest,
        .y = extent * random_uniform(stream, index, 4 * number + 2) - how->widest,
        .grey = (unsigned char)(256 * random_uniform(stream, index, 4 * number + 3)),
    };
}

/* The first pixel whose centre is not below `at`, within 0..side. */
static size_t pixel_from(double at, size_t side)
{
    double first = ceil(at - 0.5);
    return first <= 0 ? 0 : first >= (double)side ? side : (size_t)first;
}

/* Shows the disc where nothing lies above it; returns how many pixels that is. */
static size_t show(unsigned char *pixels, unsigned char *covered, size_t side, const disc *leaf)
{
    size_t shown = 0, last = pixel_from(leaf->y + leaf->radius, side);
    for (size_t i = pixel_from(leaf->y - leaf->radius, side); i < last; i++) {
        double off = (double)i + 0.5 - leaf->y, half = leaf->radius * leaf->radius - off * off;
        half = half > 0 ? sqrt(half) : 0;
        size_t end = pixel_from(leaf->x + half, side);
        for (size_t j = pixel_from(leaf->x - half, side); j < end; j++) {
            shown += !covered[i * side + j];
            if (!covered[i * side + j])
                pixels[i * side + j] = leaf->grey;
            covered[i * side + j] = 1;
        }
    }
    return shown;
}

void toy_leaves(unsigned char *pixels, const leaves *how, uint64_t index, uint64_t seed)
{
    random_stream stream = {seed, RANDOM_LEAVES};
    size_t left = how->side * how->side;
    unsigned char *covered = allocate(left, 1);
    for (uint64_t number = 0; left > 0; number++) {
        disc leaf = fall(how, stream, index, number);
        left -= show(pixels, covered, how->side, &leaf);
    }
    free(covered);
}
