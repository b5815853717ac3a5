/* Whole numbers as the middles of bins over -1..1 (edge=discretized), in place of noise between them. */
#ifndef DATA_BINS_H
#define DATA_BINS_H

#include "data/scaling.h"

/* Whether a spec says so. NULL is no spec. */
int bins_are_asked(const char *spec);

/* "edge=discretized levels=…" where the scale is that of such bins (--data scale=grid, or bytes of a folder of
 * diffusers), freed by free(); NULL where it is not. */
char *bins_pairs(const scaling *scale);

/* Moves scaled data, at the lower ends of its bins, to their middles; ends the command, naming the option that asks,
 * where it is in no such bins. */
void bins_stand(dataset *data, const scaling *scale, const char *spec, const char *option);

#endif
