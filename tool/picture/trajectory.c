/* The paper's figure 1: the data diffuses from left to right (upper rows), the model brings it back from right to left
 * (lower rows). */
#include "picture/figures.h"

#include "picture/scatter.h"

#include "common/text.h"

#include <stdlib.h>

static const char *const names[] = {"forward, q", "reverse, p"};
static const double title_size = 12;

static void draw_time(cairo_t *cr, double x, double y, int32_t t, int32_t steps)
{
    char *text = text_format(t == steps ? "t = T = %d" : "t = %d", (int)t);
    canvas_colour(cr, ink, 1);
    label_draw(cr, x, y, title_size, LABEL_CENTRE, text);
    free(text);
}

/* State `column` of the picture, t rising, of either process. */
static const float *state_at(const trajectory *of, int row, size_t column, size_t dim)
{
    const float *all = row == 0 ? of->forward : of->reverse;
    return all + (of->columns - 1 - column) * of->count * dim;
}

void figure_trajectory_plane(const trajectory *of, const char *path)
{
    const double side = 210, gap = 14, left = 66, top = 30;
    double wide = (double)of->columns * (side + gap);
    cairo_t *cr = canvas_create(left + wide, top + 2 * (side + gap) + 34, 2);
    for (int row = 0; row < 2; row++) {
        double y = top + row * (side + gap);
        for (size_t column = 0; column < of->columns; column++) {
            double x = left + (double)column * (side + gap);
            plot p = {cr,
                      x,
                      y,
                      side,
                      side,
                      {-3.2, 3.2, 0, row == 1 ? "x_{1}" : NULL, row == 0},
                      {-3.2, 3.2, 0, column == 0 ? "x_{2}" : NULL, column > 0}};
            plot_begin(&p);
            scatter_draw(&p, state_at(of, row, column, 2), of->count, row == 0 ? blue : orange);
            if (row == 0)
                draw_time(cr, x + side / 2, top - 10, of->t[of->columns - 1 - column], of->steps);
        }
        canvas_colour(cr, ink, 1);
        label_draw_upwards(cr, 14, y + side / 2, title_size, names[row]);
    }
    canvas_save(cr, path);
}

void figure_trajectory_tiles(const trajectory *of, const tiles *as, const char *path)
{
    const double gap = 4, space = 18, left = 30, top = 28;
    size_t dim = as->height * as->width * as->channels;
    double wide = (double)as->width * as->factor + gap, high = (double)as->height * as->factor + gap;
    double block = (double)of->count * high;
    cairo_t *cr = canvas_create(left + (double)of->columns * wide, top + 2 * block + space, 2);
    for (int row = 0; row < 2; row++) {
        double y = top + row * (block + space);
        canvas_colour(cr, between, 1);
        cairo_rectangle(cr, left, y, (double)of->columns * wide - gap, block - gap);
        cairo_fill(cr);
        for (size_t column = 0; column < of->columns; column++) {
            const float *state = state_at(of, row, column, dim);
            double x = left + (double)column * wide;
            for (size_t i = 0; i < of->count; i++)
                tile_draw(cr, as, x, y + (double)i * high, state + i * dim);
            if (row == 0)
                draw_time(cr, x + (wide - gap) / 2, top - 10, of->t[of->columns - 1 - column], of->steps);
        }
        canvas_colour(cr, ink, 1);
        label_draw_upwards(cr, 18, y + (block - gap) / 2, title_size, names[row]);
    }
    canvas_save(cr, path);
}
