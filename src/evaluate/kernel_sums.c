#include "evaluate/kernel_sums.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/size.h"
#include "base/sort.h"
#include "base/vector.h"
#include "math/exponential.h"

#include <math.h>

static const double tolerance = 1e-4;  /* what rounding may do to the exponent of the narrowest kernel */
static const double negligible = 60.0; /* exp(-negligible) is nothing, and no less to exponential() */
static const double largest = 1e37;    /* squares whose product float32 can hold */

typedef struct sums_work {
    const kernel_sums *of;
    const centred *rows, *others;
    double narrowest, widest; /* 2 s^2 */
    double *out;
} sums_work;

/* distance = (square + squares - 2 product) scale, in place of the product. */
VECTOR_CLONES static void take_distances(float *product, double square, const double *squares, double scale,
                                         size_t columns)
{
    VECTOR_LOOP for (size_t j = 0; j < columns; j++)
    {
        const double distance = square + squares[j] - 2.0 * (double)product[j];
        product[j] = (float)(distance < 0.0 ? 0.0 : distance * scale);
    }
}

enum { SUMS = 16 }; /* at once, each of every 16th term */

/* The sum of exp(-scale distance) over `columns`, a multiple of SUMS. */
VECTOR_CLONES static double sum_kernel(const float *distance, float scale, size_t columns)
{
    double sums[SUMS] = {0}, sum = 0.0;
    for (size_t j = 0; j < columns; j += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            sums[k] += (double)exponential(-scale * distance[j + k]);
    for (size_t k = 0; k < SUMS; k++)
        sum += sums[k];
    return sum;
}

/* Where rounding would be seen in a kernel that is not negligible, or the product was too large: without the formula.
 */
static void mend_distances(const sums_work *work, size_t i, size_t from, size_t columns, float *distance)
{
    const centred *a = work->rows, *b = work->others;
    const double unit = work->of->unit * work->of->unit;
    for (size_t j = 0; j < columns; j++) {
        const double squares = a->square[i] + b->square[from + j], blur = distances_blur(squares, a->dim);
        const int near = (double)distance[j] * unit - blur < negligible * work->widest;
        if (!(squares <= largest) || (blur > tolerance * work->narrowest && near))
            distance[j] = (float)(distances_direct(a->rows + i * a->dim, b->rows + (from + j) * b->dim, a->dim) / unit);
    }
}

static double add_kernels(const sums_work *work, size_t i, size_t from, size_t columns, float *product)
{
    const centred *a = work->rows, *b = work->others;
    const kernel_sums *of = work->of;
    double most = 0.0, sum = 0.0;
    for (size_t j = 0; j < columns; j++)
        most = fmax(most, a->square[i] + b->square[from + j]);
    take_distances(product, a->square[i], b->square + from, 1.0 / (of->unit * of->unit), columns);
    if (!(most <= largest) || distances_blur(most, a->dim) > tolerance * work->narrowest)
        mend_distances(work, i, from, columns, product);
    if (a == b && i >= from && i < from + columns)
        product[i - from] = INFINITY; /* not with itself */
    for (size_t j = columns; j % SUMS != 0; j++)
        product[j] = INFINITY;
    for (size_t k = 0; k < of->count; k++)
        sum += sum_kernel(product, (float)(0.5 / (of->widths[k] * of->widths[k])), size_round_up(columns, SUMS));
    return sum / (double)of->count;
}

static void sum_rows(void *context, size_t first, size_t rows, float *product)
{
    const sums_work *work = context;
    const size_t others = work->others->count;
    for (size_t i = first; i < first + rows; i++)
        work->out[i] = 0.0;
    for (size_t from = 0; from < others; from += DISTANCES_COLUMNS) {
        const size_t columns = size_lesser(DISTANCES_COLUMNS, others - from);
        distances_multiply(product, work->rows, first, rows, work->others, from, columns);
        for (size_t i = 0; i < rows; i++)
            work->out[first + i] += add_kernels(work, first + i, from, columns, product + i * DISTANCES_COLUMNS);
    }
}

diffusion_status kernel_sums_take(const kernel_sums *of, double *out, const centred *rows, const centred *others,
                                  row_loop *loop)
{
    sums_work work = {of, rows, others, INFINITY, 0.0, out};
    for (size_t k = 0; k < of->count; k++) {
        const double twice = 2.0 * of->widths[k] * of->widths[k] * of->unit * of->unit;
        work.narrowest = fmin(work.narrowest, twice);
        work.widest = fmax(work.widest, twice);
    }
    loop->rows = rows->count;
    loop->tile = DISTANCES_ROWS;
    loop->cost = 2 * DISTANCES_ROWS * others->count * (rows->dim + 64);
    loop->scratch = (size_t)DISTANCES_ROWS * DISTANCES_COLUMNS;
    loop->run = sum_rows;
    loop->context = &work;
    return row_loop_run(loop);
}

/* ---- the median ---- */

enum { MEDIAN_ROWS = 1000 };

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Squared distances between rows that differ, [rows (rows - 1) / 2] at most; how many. */
static size_t measure_pairs(double *square, const centred *of, size_t rows)
{
    const float *chosen[MEDIAN_ROWS];
    size_t count = 0;
    for (size_t i = 0; i < rows; i++) {
        chosen[i] = of->rows + rng_permute(i, of->count, (rng_stream){0, RNG_SUBSET, 0, 0}) * of->dim;
        for (size_t j = 0; j < i; j++) {
            square[count] = distances_direct(chosen[i], chosen[j], of->dim);
            count += square[count] > 0.0;
        }
    }
    return count;
}

diffusion_status kernel_sums_median(double *out, const centred *of)
{
    const size_t rows = size_lesser(of->count, MEDIAN_ROWS);
    double *square = memory_allocate(rows * rows / 2, sizeof *square);
    if (square == NULL)
        return DIFFUSION_E_MEMORY;
    const size_t count = measure_pairs(square, of, rows);
    if (count > 0) {
        sort_items(square, count, sizeof *square, compare);
        *out = sqrt(square[count / 2]);
    }
    memory_release(square);
    if (count == 0)
        return error_set(DIFFUSION_E_ARGUMENT,
                         "evaluator_run: the %zu rows of the reference are all alike, so no width of a kernel follows "
                         "from them",
                         of->count);
    return DIFFUSION_OK;
}
