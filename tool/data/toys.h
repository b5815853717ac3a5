/* The paper's toy data (section 3.1). Sample i depends on (seed, i) alone. */
#ifndef DATA_TOYS_H
#define DATA_TOYS_H

#include <stddef.h>
#include <stdint.h>

enum { HEARTBEAT_LENGTH = 20, HEARTBEAT_PERIOD = 5 };

/* bench/paper/truth.c computes the entropies of these very distributions. */
#define ROLL_INNER 4.71238898038468985769 /* 1.5 pi */
#define ROLL_GROWTH 3.0                   /* the outer radius, 4.5 pi, over the inner one */
#define ROLL_NOISE 0.5                    /* unless --noise says otherwise */

/* Values [count, 2]: r (cos r, sin r) + noise N(0, 1), the angle and radius r uniform in 1.5 pi..4.5 pi. */
void toy_swiss_roll(float *values, size_t count, double noise, uint64_t seed);

/* Values [count, 20]: a 1 in every fifth bin, at one of 5 phases with equal chance; 0 elsewhere. */
void toy_heartbeat(float *values, size_t count, uint64_t seed);

/* Dead leaves (Lee, Mumford, Huang 2001): discs that hide one another, in the order in which they are seen from above.
 */
typedef struct leaves {
    size_t side;             /* of the square picture, in pixels */
    double smallest, widest; /* radii in pixels, of density proportional to r^-3 between them: no size is special */
} leaves;

/* One picture, [side, side]: grey levels 0..255 with equal chance, a pixel the level of the topmost disc over its
 * centre. Centres are uniform where a disc can reach the picture; discs fall until every pixel is covered, so that this
 * is an exact draw of the infinite collage. */
void toy_leaves(unsigned char *pixels, const leaves *how, uint64_t index, uint64_t seed);

#endif
