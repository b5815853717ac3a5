/* The paper's figure 1: the data diffuses from left to right (upper rows), the model brings it back from right to left
 * (lower rows); of points of the plane, where the model moves them. */
#include "picture/figures.h"

#include "picture/scatter.h"

#include "common/memory.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>

static const char *const names[] = {"forward, q", "reverse, p", "drift, f_{μ}(x, t) − x"};
static const double title_size = 12;

static void draw_time(cairo_t *cr, double x, double y, double t, int32_t steps)
{
    char *text = text_format(t < steps ? "t = %.5g" : "t = T = %.5g", t);
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

typedef struct panels {
    double side, gap, left, top;
    int rows;
} panels;

/* Only the outer panels have numbers at their ticks. */
static plot panel_at(cairo_t *cr, const panels *all, int row, size_t column)
{
    int lowest = row == all->rows - 1;
    plot p = {cr,
              all->left + (double)column * (all->side + all->gap),
              all->top + row * (all->side + all->gap),
              all->side,
              all->side,
              {-FIGURE_PLANE, FIGURE_PLANE, 0, lowest ? "x_{1}" : NULL, !lowest},
              {-FIGURE_PLANE, FIGURE_PLANE, 0, column == 0 ? "x_{2}" : NULL, column > 0}};
    plot_begin(&p);
    return p;
}

/* Arrows as long as shows their directions: the longest of a panel spans two cells. */
static void draw_drift(const plot *p, const drift_field *field, const float *drift)
{
    double *x = allocate(4 * field->count, sizeof *x), *y = x + field->count;
    double *dx = y + field->count, *dy = dx + field->count, longest = 0;
    for (size_t i = 0; i < field->count; i++)
        longest = fmax(longest, hypot(drift[2 * i], drift[2 * i + 1]));
    double scale = longest > 0 ? 2 * field->cell / longest : 0;
    for (size_t i = 0; i < field->count; i++) {
        x[i] = field->x[2 * i];
        y[i] = field->x[2 * i + 1];
        dx[i] = scale * drift[2 * i];
        dy[i] = scale * drift[2 * i + 1];
    }
    plot_arrows(p, x, y, dx, dy, field->count, ink);
    free(x);
}

cairo_t *figure_trajectory_plane(const trajectory *of, const drift_field *drift)
{
    const panels all = {.side = 210, .gap = 14, .left = 66, .top = 30, .rows = drift != NULL ? 3 : 2};
    double wide = (double)of->columns * (all.side + all.gap);
    cairo_t *cr = canvas_create(all.left + wide, all.top + all.rows * (all.side + all.gap) + 34, 2);
    for (int row = 0; row < all.rows; row++) {
        for (size_t column = 0; column < of->columns; column++) {
            plot p = panel_at(cr, &all, row, column);
            if (row < 2)
                scatter_draw(&p, state_at(of, row, column, 2), of->count, row == 0 ? blue : orange);
            else
                draw_drift(&p, drift, drift->drift + (of->columns - 1 - column) * drift->count * 2);
            if (row == 0)
                draw_time(cr, p.left + all.side / 2, all.top - 10, of->t[of->columns - 1 - column], of->steps);
        }
        canvas_colour(cr, ink, 1);
        label_draw_upwards(cr, 14, all.top + row * (all.side + all.gap) + all.side / 2, title_size, names[row]);
    }
    return cr;
}

/* Of rows of tiles. */
static const double gap = 4, space = 18, left = 30, top = 28;
enum { SCALE = 2 };

static double sheet_width(const tiles *as, size_t columns)
{
    return left + (double)columns * ((double)as->width * as->factor + gap);
}

static double sheet_height(const tiles *as, size_t count)
{
    return top + 2 * (double)count * ((double)as->height * as->factor + gap) + space;
}

void figure_trajectory_check(const tiles *as, size_t columns, size_t count)
{
    canvas_check_size(sheet_width(as, columns), sheet_height(as, count), SCALE);
}

cairo_t *figure_trajectory_tiles(const trajectory *of, const tiles *as)
{
    size_t dim = as->height * as->width * as->channels;
    double wide = (double)as->width * as->factor + gap, high = (double)as->height * as->factor + gap;
    double block = (double)of->count * high;
    cairo_t *cr = canvas_create(sheet_width(as, of->columns), sheet_height(as, of->count), SCALE);
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
    return cr;
}
