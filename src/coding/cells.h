/* A normal law in the cells of a grid, in whole numbers that no rounding makes inconsistent: cell j reaches from j -
 * 1/2 to j + 1/2, counted in the grid's width. */
#ifndef CODING_CELLS_H
#define CODING_CELLS_H

#include "coding/stack.h"

enum { CHANCES = 4096 };

/* The normal distribution function between -8 and 8, times 2^32: between its values by straight lines, so that it never
 * falls. */
typedef struct chance_table {
    uint64_t at[CHANCES + 1];
} chance_table;

void chance_table_fill(chance_table *self);

typedef struct cell_law {
    const chance_table *table;
    double middle, scale; /* the mean in cells from cell 0, and one cell in standard deviations */
    int64_t low, high;    /* the cells that it has, of which the outermost are open */
    uint32_t least;       /* added to the chance of each */
    uint32_t outside;     /* the chance of all other cells together, above theirs */
} cell_law;

/* On cells from first to last. One that draws has no chance for what it never draws; one that must tell any value has
 * some for each. Cells far from the mean are not kept apart. */
cell_law cell_law_to_draw(const chance_table *table, double middle, double scale, int64_t first, int64_t last);
cell_law cell_law_to_tell(const chance_table *table, double middle, double scale, int64_t first, int64_t last);

/* Cell j from first to last onto the stack, and off it. */
void cell_push(const cell_law *law, symbol_stack *stack, int64_t j, int64_t first, int64_t last);
int64_t cell_pop(const cell_law *law, symbol_stack *stack, int64_t first, int64_t last);

#endif
