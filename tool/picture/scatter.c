#include "picture/scatter.h"

#include "common/memory.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>

/* Many points are drawn small and thin, so that their density shows. */
static void draw_dots(const plot *p, const double *x, const double *y, size_t count, colour c)
{
    double crowd = (double)count / 1000 * 160000 / (p->width * p->height);
    double radius = crowd < 1 ? 1.6 : crowd < 10 ? 1.2 : 0.8;
    plot_dots(p, x, y, count, c, radius, fmax(0.15, fmin(0.8, 1.2 / sqrt(crowd))));
}

void scatter_draw(const plot *p, const float *values, size_t count, colour c)
{
    double *x = allocate(2 * count, sizeof *x), *y = x + count;
    for (size_t i = 0; i < count; i++) {
        x[i] = values[2 * i];
        y[i] = values[2 * i + 1];
    }
    draw_dots(p, x, y, count, c);
    free(x);
}

/* The axis that covers less is widened about its middle. */
static void equalise(axis *a, double range)
{
    double middle = (a->low + a->high) / 2;
    a->low = middle - range / 2;
    a->high = middle + range / 2;
}

cairo_t *scatter_sheet(const double *values, size_t count)
{
    double *x = allocate(2 * count, sizeof *x), *y = x + count;
    for (size_t i = 0; i < count; i++) {
        x[i] = values[2 * i];
        y[i] = values[2 * i + 1];
    }
    plot p = {canvas_create(480, 470, 2),    62, 16, 400, 400, axis_fit(x, count, 0, "x_{1}"),
              axis_fit(y, count, 0, "x_{2}")};
    double range = fmax(p.x.high - p.x.low, p.y.high - p.y.low);
    equalise(&p.x, range);
    equalise(&p.y, range);
    plot_begin(&p);
    draw_dots(&p, x, y, count, blue);
    free(x);
    return p.cr;
}

/* ---- samples among data ---- */

typedef struct points {
    double *x, *y; /* [count] each */
    size_t count;
} points;

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* One column is spread by rank, as its distribution function. */
static points points_of(const double *values, size_t count, size_t dim)
{
    points p = {allocate(2 * count, sizeof *p.x), NULL, count};
    p.y = p.x + count;
    for (size_t i = 0; i < count; i++) {
        p.x[i] = values[i * dim];
        p.y[i] = dim > 1 ? values[i * dim + 1] : ((double)i + 0.5) / (double)count;
    }
    if (dim == 1)
        qsort(p.x, count, sizeof *p.x, ascending);
    return p;
}

/* Fitted to the data, with some room: so that one picture can be compared with the next. */
static axis axis_of_data(const double *values, size_t count, const char *label)
{
    axis a = axis_fit(values, count, 0, label);
    equalise(&a, 1.3 * (a.high - a.low));
    return a;
}

static size_t count_outside(const points *of, const plot *p)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        count += !(of->x[i] >= p->x.low && of->x[i] <= p->x.high && of->y[i] >= p->y.low && of->y[i] <= p->y.high);
    return count;
}

cairo_t *scatter_sheet_beside(const double *data, const double *samples, size_t count, size_t dim,
                              const scatter_names *names)
{
    points given = points_of(data, count, dim), drawn = points_of(samples, count, dim);
    const char *x = names->x != NULL ? names->x : "x_{1}", *y = names->y != NULL ? names->y : "x_{2}";
    plot p = {canvas_create(490, 470, 2),
              72,
              16,
              400,
              400,
              axis_of_data(given.x, count, x),
              axis_of_data(given.y, count, dim > 1 ? y : "share below")};
    plot_begin(&p);
    plot_dots(&p, given.x, given.y, count, blue, 1.6, 0.6);
    plot_dots(&p, drawn.x, drawn.y, count, orange, 1.6, 0.8);
    size_t outside = count_outside(&drawn, &p);
    char *note = outside > 0 ? text_format("samples, %zu of %zu outside", outside, count) : text_format("samples");
    plot_legend(&p, 0, blue, 2.4, "data");
    plot_legend(&p, 1, orange, 2.4, note);
    free(note);
    free(given.x);
    free(drawn.x);
    return p.cr;
}
