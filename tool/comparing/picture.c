#include "comparing/picture.h"

#include "common/fail.h"
#include "common/memory.h"
#include "picture/distributions.h"
#include "picture/tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 49, POINTS = 5000 }; /* shown at most */

static tiles shown(const sets *of)
{
    const column_scaling *c = scaling_at(&of->scale, 0);
    return tiles_of(of->shape, of->rank, (of->minimum - c->shift) / c->scale, (of->maximum - c->shift) / c->scale);
}

void picture_check(const sets *of)
{
    if (of->dim < 2)
        fail_usage("compare: --picture: rows of one value make none, expected images, or tables of two columns");
    if (of->rank == 1)
        return;
    const tiles as = shown(of);
    tiles_check(&as, of->count < IMAGES ? of->count : IMAGES, 0, TILES_BESIDE);
}

cairo_t *picture_images(const sets *of, const int64_t *nearest, size_t most, double widest)
{
    const size_t count = of->count < most ? of->count : most;
    tiles as = shown(of);
    if (widest > 0)
        as.factor = fmin(as.factor, widest / (double)(as.height > as.width ? as.height : as.width));
    float *data = allocate(count * of->dim, sizeof *data);
    for (size_t i = 0; i < count; i++)
        memcpy(data + i * of->dim, of->data + (size_t)nearest[i] * of->dim, of->dim * sizeof *data);
    cairo_t *sheet = tiles_sheet_beside(&as, data, of->samples, count, 0);
    free(data);
    return sheet;
}

/* The first two columns of the first rows, in their own units. */
static double *take_points(const sets *of, const float *rows, size_t count)
{
    double *points = allocate(2 * count, sizeof *points);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < 2; j++) {
            const column_scaling *c = scaling_at(&of->scale, j);
            points[j * count + i] = (double)rows[i * of->dim + j] * c->scale + c->shift;
        }
    return points;
}

static cairo_t *sheet_of_points(const sets *of)
{
    const size_t n = of->count < POINTS ? of->count : POINTS, m = of->data_count < n ? of->data_count : n;
    double *data = take_points(of, of->data, m), *samples = take_points(of, of->samples, n);
    const pair_figure figure = {{data, data + m, m}, {samples, samples + n, n}, "x_{1}", "x_{2}", 400};
    cairo_t *sheet = figure_pair(&figure);
    free(data);
    free(samples);
    return sheet;
}

cairo_t *picture_sheet(const sets *of, const int64_t *nearest)
{
    if (of->rank == 1)
        return sheet_of_points(of);
    return picture_images(of, nearest, IMAGES, 0);
}
