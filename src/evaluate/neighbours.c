#include "evaluate/neighbours.h"

#include "base/size.h"

#include <math.h>

static void look_at(const neighbours *of, size_t i, size_t from, size_t columns, const float *product, double *nearest)
{
    const centred *a = of->rows, *b = of->others;
    for (size_t j = from; j < from + columns; j++) {
        const double squares = a->square[i] + b->square[j], rough = squares - 2.0 * (double)product[j - from];
        if ((isfinite(rough) && rough - distances_bound(squares, a->dim) >= *nearest) || (a == b && i == j))
            continue; /* a product beyond float32 tells nothing */
        const double square = distances_direct(a->rows + i * a->dim, b->rows + j * b->dim, a->dim);
        if (square < *nearest) {
            *nearest = square;
            of->index[i] = j;
        }
    }
}

static void find_rows(void *context, size_t first, size_t rows, float *product)
{
    const neighbours *of = context;
    const size_t others = of->others->count;
    for (size_t i = first; i < first + rows; i++)
        of->square[i] = INFINITY;
    for (size_t from = 0; from < others; from += DISTANCES_COLUMNS) {
        const size_t columns = size_lesser(DISTANCES_COLUMNS, others - from);
        distances_multiply(product, of->rows, first, rows, of->others, from, columns);
        for (size_t i = 0; i < rows; i++)
            look_at(of, first + i, from, columns, product + i * DISTANCES_COLUMNS, &of->square[first + i]);
    }
}

diffusion_status neighbours_find(neighbours *of, row_loop *loop)
{
    loop->rows = of->rows->count;
    loop->tile = DISTANCES_ROWS;
    loop->cost = 2 * DISTANCES_ROWS * of->others->count * (of->rows->dim + 64);
    loop->scratch = (size_t)DISTANCES_ROWS * DISTANCES_COLUMNS;
    loop->run = find_rows;
    loop->context = of;
    return row_loop_run(loop);
}
