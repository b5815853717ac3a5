#include "comparing/picture.h"

#include "common/fail.h"
#include "common/memory.h"
#include "picture/plot.h"
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

static size_t images_of(const sets *of)
{
    return of->count < IMAGES ? of->count : IMAGES;
}

void picture_check(const sets *of)
{
    if (of->dim < 2)
        fail_usage("compare: --picture: rows of one value make none, expected images, or tables of two columns");
    if (of->rank == 1)
        return;
    const tiles as = shown(of);
    tiles_check(&as, images_of(of), 0, TILES_BESIDE);
}

static void save_images(const sets *of, const int64_t *nearest, const char *path)
{
    const size_t count = images_of(of);
    const tiles as = shown(of);
    float *data = allocate(count * of->dim, sizeof *data);
    for (size_t i = 0; i < count; i++)
        memcpy(data + i * of->dim, of->data + (size_t)nearest[i] * of->dim, of->dim * sizeof *data);
    tiles_save_beside(&as, data, of->samples, count, 0, path);
    free(data);
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

static void save_points(const sets *of, const char *path)
{
    static const double side = 400, radius = 1.4, opacity = 0.5;
    const size_t n = of->count < POINTS ? of->count : POINTS, m = of->data_count < n ? of->data_count : n;
    double *data = take_points(of, of->data, m), *samples = take_points(of, of->samples, n);
    double *both = allocate(2 * (n + m), sizeof *both);
    for (size_t j = 0; j < 2; j++) {
        memcpy(both + j * (n + m), data + j * m, m * sizeof *both);
        memcpy(both + j * (n + m) + m, samples + j * n, n * sizeof *both);
    }
    plot p = {canvas_create(480, 470, 2),
              62,
              16,
              side,
              side,
              axis_fit(both, n + m, 0, "x_{1}"),
              axis_fit(both + n + m, n + m, 0, "x_{2}")};
    plot_begin(&p);
    plot_dots(&p, data, data + m, m, orange, radius, opacity);
    plot_dots(&p, samples, samples + n, n, blue, radius, opacity);
    plot_legend(&p, 0, orange, 3, "data");
    plot_legend(&p, 1, blue, 3, "samples");
    canvas_save(p.cr, path);
    free(data);
    free(samples);
    free(both);
}

void picture_save(const sets *of, const int64_t *nearest, const char *path)
{
    if (of->rank == 1)
        save_points(of, path);
    else
        save_images(of, nearest, path);
}
