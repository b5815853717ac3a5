/* The receiver operating characteristic of scores. */
#include "picture/figures.h"

#include "picture/plot.h"

enum { LOWEST = 21 }; /* row of the legend, where no curve worth the name goes */

cairo_t *figure_roc(const roc_figure *of)
{
    static const double diagonal[] = {0, 1}, side = 400;
    plot p = {canvas_create(490, 470, 2),
              72,
              16,
              side,
              side,
              {0, 1, 0, "share of the data above the threshold", 0},
              {0, 1, 0, "share of the anomalies above it", 0}};
    plot_begin(&p);
    plot_line(&p, diagonal, diagonal, 2, between, 1.2);
    plot_line(&p, of->rest, of->anomalies, of->points, blue, 1.8);
    plot_legend(&p, LOWEST, blue, 1.8, of->name);
    return p.cr;
}
