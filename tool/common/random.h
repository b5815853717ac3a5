/* Random numbers of the command's own: toy data, crops and order of data, and the forward process in
 * pictures. Philox4x64-10 of Random123, keyed
 * by the seed and by what a draw is for, so that no draw depends on another. */
#ifndef COMMON_RANDOM_H
#define COMMON_RANDOM_H

#include <stdint.h>

typedef enum random_purpose {
    RANDOM_TOY = 1,        /* sample `index` of toy data */
    RANDOM_FORWARD = 2,    /* step `index` of the forward trajectory */
    RANDOM_LEAVES = 3,     /* picture `index` of dead leaves */
    RANDOM_CROP = 4,       /* crop `index` */
    RANDOM_SHUFFLE = 5,    /* exchange `index` of a shuffle */
    RANDOM_MASK = 6,       /* which pixels of sample `index` are missing */
    RANDOM_NOISE = 7,      /* noise of sample `index` */
    RANDOM_DEQUANTIZE = 8, /* noise that fills the gaps between whole numbers, of draw `index` */
} random_purpose;

typedef struct random_stream {
    uint64_t seed;
    random_purpose purpose;
} random_stream;

/* Uniform in (0, 1), number `which` of draw `index`. */
double random_uniform(random_stream stream, uint64_t index, uint64_t which);

/* Standard normal (Box-Muller). */
double random_normal(random_stream stream, uint64_t index, uint64_t which);

#endif
