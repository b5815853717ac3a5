/* The nearest of many rows, exactly: what products leave in doubt is measured in double. */
#ifndef EVALUATE_NEIGHBOURS_H
#define EVALUATE_NEIGHBOURS_H

#include "evaluate/distances.h"
#include "evaluate/row_loop.h"

typedef struct neighbours {
    const centred *rows;   /* for each of these */
    const centred *others; /* the nearest of these; other than itself where they are the same */
    double *square;        /* [rows->count]: its squared distance */
    size_t *index;         /* [rows->count]: which it is, the first of equal ones */
} neighbours;

/* Progress is that of `loop`, of which self, done and total are to be set. */
diffusion_status neighbours_find(neighbours *of, row_loop *loop);

#endif
