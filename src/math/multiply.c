#include "math/multiply.h"

#include "math/blas.h"
#include "math/uniform.h"

#include <string.h>

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

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
static size_t depth_of(size_t k)
{
    size_t parts = (k + MULTIPLY_DEPTH - 1) / MULTIPLY_DEPTH;
    return parts < 2 ? k : ((k + parts - 1) / parts + 15) / 16 * 16;
}

typedef struct block {
    size_t rows, columns, depth;
} block;

static block block_of(size_t m, size_t n, size_t k)
{
    size_t limit = unpacked_limit(), depth = depth_of(k);
    if (limit == 0 || k == 0)
        return (block){m, n, depth};
    size_t columns = lesser(n, MULTIPLY_COLUMNS), rows = limit / (columns * depth) / 16 * 16;
    return (block){lesser(m, rows), columns, depth};
}

void multiply(int transpose_a, size_t m, size_t n, size_t k, const float *a, size_t row_a, const float *b, size_t row_b,
              float beta, float *c, size_t row_c)
{
    block size = block_of(m, n, k);
    for (size_t j = 0; j < n; j += size.columns)
        for (size_t i = 0; i < m; i += size.rows)
            for (size_t l = 0; l < k; l += size.depth)
                blas_sgemm(transpose_a, 0, lesser(size.rows, m - i), lesser(size.columns, n - j),
                           lesser(size.depth, k - l), 1.0f, transpose_a ? a + l * row_a + i : a + i * row_a + l, row_a,
                           b + l * row_b + j, row_b, l == 0 ? beta : 1.0f, c + i * row_c + j, row_c);
}

int multiply_rows_alike(size_t n)
{
    return n % 16 == 0 && uniform_everywhere();
}
