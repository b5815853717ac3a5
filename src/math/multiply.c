#include "math/multiply.h"

#include "base/size.h"
#include "math/blas.h"
#include "math/transpose.h"
#include "math/uniform.h"

#include <string.h>

enum { PANEL_DEPTH = MULTIPLY_PANEL / MULTIPLY_COLUMNS };

/* The arguments of multiply(). */
typedef struct product {
    int transpose_a, transpose_b;
    size_t m, n, k;
    float alpha;
    const float *a;
    size_t ld_a;
    const float *b;
    size_t ld_b;
    float beta;
    float *c;
    size_t ld_c;
} product;

/* Multiplications of one product up to which the kernel set does not pack; 0: it always does. */
static size_t unpacked_limit(void)
{
    static const char *const sets[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(blas_core(), sets[i]) == 0)
            return 1000 * 1000;
    return 0;
}

/* k in parts of about the same size, multiples of 16. */
static size_t depth_of(size_t k, size_t most)
{
    size_t parts = size_divide_up(k, most);
    return parts < 2 ? k : size_round_up(size_divide_up(k, parts), 16);
}

static const float *terms_of_a(const product *of, size_t row, size_t term)
{
    return of->transpose_a ? of->a + term * of->ld_a + row : of->a + row * of->ld_a + term;
}

static float beta_of(const product *of, size_t term)
{
    return term == 0 ? of->beta : 1.0f;
}

static void multiply_packed(const product *of)
{
    const size_t depth = depth_of(of->k, MULTIPLY_DEPTH);
    size_t l = 0;
    do {
        blas_sgemm(of->transpose_a, of->transpose_b, of->m, of->n, size_lesser(depth, of->k - l), of->alpha,
                   terms_of_a(of, 0, l), of->ld_a, of->transpose_b ? of->b + l : of->b + l * of->ld_b, of->ld_b,
                   beta_of(of, l), of->c, of->ld_c);
        l += depth;
    } while (l < of->k);
}

/* Some columns of c, some terms of their sums; b is [terms, columns] here. */
static void multiply_block(const product *of, size_t column, size_t columns, size_t term, size_t terms, const float *b,
                           size_t ld_b)
{
    const size_t rows = unpacked_limit() / (columns * terms) / 16 * 16;
    for (size_t i = 0; i < of->m; i += rows)
        blas_sgemm(of->transpose_a, 0, size_lesser(rows, of->m - i), columns, terms, of->alpha, terms_of_a(of, i, term),
                   of->ld_a, b, ld_b, beta_of(of, term), of->c + i * of->ld_c + column, of->ld_c);
}

static void multiply_blocks(const product *of)
{
    const size_t depth = depth_of(of->k, MULTIPLY_DEPTH);
    for (size_t j = 0; j < of->n; j += MULTIPLY_COLUMNS)
        for (size_t l = 0; l < of->k; l += depth)
            multiply_block(of, j, size_lesser(MULTIPLY_COLUMNS, of->n - j), l, size_lesser(depth, of->k - l),
                           of->b + l * of->ld_b + j, of->ld_b);
}

/* With b turned over, a panel at a time: the kernels for b as it stands are slow. */
static void multiply_turned(const product *of, float *panel)
{
    const size_t depth = depth_of(of->k, PANEL_DEPTH);
    for (size_t l = 0; l < of->k; l += depth)
        for (size_t j = 0; j < of->n; j += MULTIPLY_COLUMNS) {
            size_t terms = size_lesser(depth, of->k - l), columns = size_lesser(MULTIPLY_COLUMNS, of->n - j);
            transpose(panel, columns, of->b + j * of->ld_b + l, of->ld_b, columns, terms);
            multiply_block(of, j, columns, l, terms, panel, columns);
        }
}

/* Whether the kernel set does best by one call. */
static int is_packed(const product *of)
{
    return unpacked_limit() == 0 || of->k == 0;
}

void multiply(int transpose_a, size_t m, size_t n, size_t k, float alpha, const float *a, size_t ld_a, const float *b,
              size_t ld_b, float beta, float *c, size_t ld_c)
{
    const product of = {transpose_a, 0, m, n, k, alpha, a, ld_a, b, ld_b, beta, c, ld_c};
    if (is_packed(&of))
        multiply_packed(&of);
    else
        multiply_blocks(&of);
}

void multiply_transposed(size_t m, size_t n, size_t k, float alpha, const float *a, size_t ld_a, const float *b,
                         size_t ld_b, float beta, float *c, size_t ld_c, float *panel)
{
    const product of = {0, 1, m, n, k, alpha, a, ld_a, b, ld_b, beta, c, ld_c};
    if (is_packed(&of))
        multiply_packed(&of);
    else
        multiply_turned(&of, panel);
}

int multiply_rows_alike(size_t n)
{
    return n % 16 == 0 && uniform_everywhere();
}
