#include "picture/scatter.h"

#include "common/memory.h"

#include <math.h>
#include <stdlib.h>

/* Many points are drawn small and thin, so that their density shows. */
void scatter_draw(const plot *p, const float *values, size_t count, colour c)
{
    double *x = allocate(2 * count, sizeof *x), *y = x + count;
    for (size_t i = 0; i < count; i++) {
        x[i] = values[2 * i];
        y[i] = values[2 * i + 1];
    }
    double crowd = (double)count / 1000 * 160000 / (p->width * p->height);
    double radius = crowd < 1 ? 1.6 : crowd < 10 ? 1.2 : 0.8;
    plot_dots(p, x, y, count, c, radius, fmax(0.15, fmin(0.8, 1.2 / sqrt(crowd))));
    free(x);
}

/* The axis that covers less is widened about its middle. */
static void equalise(axis *a, double range)
{
    double middle = (a->low + a->high) / 2;
    a->low = middle - range / 2;
    a->high = middle + range / 2;
}

void scatter_save(const float *values, size_t count, const char *path)
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
    scatter_draw(&p, values, count, blue);
    canvas_save(p.cr, path);
    free(x);
}
