/* A loop over rows that takes long: in tiles, on all threads, with a word on progress about once a second. */
#ifndef EVALUATE_ROW_LOOP_H
#define EVALUATE_ROW_LOOP_H

#include "evaluate/evaluator.h"

typedef struct row_loop {
    const struct diffusion_evaluator *self; /* whose progress is reported */
    size_t rows, tile;                      /* in all, and of one task */
    size_t cost;                            /* of a tile in nanoseconds, by a generous estimate */
    size_t scratch;                         /* floats that a task works with */
    void (*run)(void *context, size_t first, size_t rows, float *scratch);
    void *context;
    int64_t done, total; /* progress in rows: of loops before this one, and of all */
} row_loop;

/* Adds the rows to loop->done. Tasks may multiply. */
diffusion_status row_loop_run(row_loop *loop);

#endif
