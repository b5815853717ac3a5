#include "picture/plot.h"

#include "common/text.h"

#include <math.h>
#include <stdlib.h>

static const double text_size = 11, label_size = 12, tick_length = 4;

static double part(const axis *a, double value)
{
    if (a->logarithmic)
        return log(value / a->low) / log(a->high / a->low);
    return (value - a->low) / (a->high - a->low);
}

static double place_x(const plot *p, double value)
{
    return p->left + p->width * part(&p->x, value);
}

static double place_y(const plot *p, double value)
{
    return p->top + p->height * (1 - part(&p->y, value));
}

static int is_inside(const plot *p, double x, double y)
{
    return x >= p->x.low && x <= p->x.high && y >= p->y.low && y <= p->y.high; /* false for NaN */
}

static void stroke_line(cairo_t *cr, double x1, double y1, double x2, double y2)
{
    cairo_move_to(cr, x1, y1);
    cairo_line_to(cr, x2, y2);
    cairo_stroke(cr);
}

static void draw_x_ticks(const plot *p)
{
    tick ticks[TICKS_MAX];
    size_t count = ticks_of(ticks, &p->x);
    double bottom = p->top + p->height;
    for (size_t i = 0; i < count; i++) {
        double x = place_x(p, ticks[i].value);
        if (ticks[i].major) {
            canvas_colour(p->cr, pale, 1);
            stroke_line(p->cr, x, p->top, x, bottom);
        }
        canvas_colour(p->cr, ink, 1);
        stroke_line(p->cr, x, bottom, x, bottom + (ticks[i].major ? tick_length : tick_length / 2));
        if (!p->x.bare)
            label_draw(p->cr, x, bottom + tick_length + text_size + 1, text_size, LABEL_CENTRE, ticks[i].name);
    }
}

/* How far the numbers reach to the left. */
static double widest_number(const plot *p)
{
    tick ticks[TICKS_MAX];
    const size_t count = p->y.bare ? 0 : ticks_of(ticks, &p->y);
    double widest = 0;
    for (size_t i = 0; i < count; i++)
        widest = fmax(widest, label_width(p->cr, text_size, ticks[i].name));
    return widest;
}

static double label_place(const plot *p, double widest)
{
    return p->left - tick_length - widest - label_size;
}

/* Numbers as wide as -600000 leave the label its place at the cost of the plot. */
static void make_room(plot *p, double widest)
{
    const double missing = p->y.label != NULL ? label_size - label_place(p, widest) : 0;
    p->left += fmax(missing, 0);
    p->width -= fmax(missing, 0);
}

static void draw_y_ticks(const plot *p)
{
    tick ticks[TICKS_MAX];
    size_t count = ticks_of(ticks, &p->y);
    for (size_t i = 0; i < count; i++) {
        double y = place_y(p, ticks[i].value);
        if (ticks[i].major) {
            canvas_colour(p->cr, pale, 1);
            stroke_line(p->cr, p->left, y, p->left + p->width, y);
        }
        canvas_colour(p->cr, ink, 1);
        stroke_line(p->cr, p->left, y, p->left - (ticks[i].major ? tick_length : tick_length / 2), y);
        if (!p->y.bare)
            label_draw(p->cr, p->left - tick_length - 3, y + 0.36 * text_size, text_size, LABEL_RIGHT, ticks[i].name);
    }
}

/* Of an axis whose numbers count from elsewhere than 0, that too: "t − 1.7e+09"; freed by free(). */
static char *title_of(const axis *a)
{
    const double origin = a->bare ? 0 : axis_origin(a);
    if (origin == 0)
        return text_format("%s", a->label);
    char *number = text_real(fabs(origin)),
         *title = text_format("%s %s %s", a->label, origin < 0 ? "+" : "\u2212", number);
    free(number);
    return title;
}

void plot_begin(plot *p)
{
    const double widest = widest_number(p);
    make_room(p, widest);
    cairo_set_line_width(p->cr, 0.8);
    draw_x_ticks(p);
    draw_y_ticks(p);
    canvas_colour(p->cr, ink, 1);
    cairo_rectangle(p->cr, p->left, p->top, p->width, p->height);
    cairo_stroke(p->cr);
    char *x = p->x.label != NULL ? title_of(&p->x) : NULL, *y = p->y.label != NULL ? title_of(&p->y) : NULL;
    if (x != NULL)
        label_draw(p->cr, p->left + p->width / 2, p->top + p->height + tick_length + 2.6 * label_size + 2, label_size,
                   LABEL_CENTRE, x);
    if (y != NULL)
        label_draw_upwards(p->cr, label_place(p, widest), p->top + p->height / 2, label_size, y);
    free(x);
    free(y);
}

static void clip(const plot *p)
{
    cairo_save(p->cr);
    cairo_rectangle(p->cr, p->left, p->top, p->width, p->height);
    cairo_clip(p->cr);
}

void plot_line(const plot *p, const double *x, const double *y, size_t count, colour c, double width)
{
    clip(p);
    canvas_colour(p->cr, c, 1);
    cairo_set_line_width(p->cr, width);
    cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(part(&p->x, x[i])) || !isfinite(part(&p->y, y[i])))
            cairo_new_sub_path(p->cr); /* a gap */
        else
            cairo_line_to(p->cr, place_x(p, x[i]), place_y(p, y[i]));
    }
    cairo_stroke(p->cr);
    cairo_restore(p->cr);
}

void plot_dots(const plot *p, const double *x, const double *y, size_t count, colour c, double radius, double opacity)
{
    clip(p);
    canvas_colour(p->cr, c, opacity);
    for (size_t i = 0; i < count; i++) {
        if (!is_inside(p, x[i], y[i]))
            continue;
        cairo_arc(p->cr, place_x(p, x[i]), place_y(p, y[i]), radius, 0, 6.28318530717958647692);
        cairo_fill(p->cr);
    }
    cairo_restore(p->cr);
}

/* A shaft, and a head that keeps its size until the shaft is shorter than that. */
static void draw_arrow(cairo_t *cr, double x, double y, double dx, double dy)
{
    double length = hypot(dx, dy), head = fmin(4, 0.6 * length);
    if (length < 0.3)
        return;
    double ux = dx / length, uy = dy / length, tip_x = x + dx, tip_y = y + dy;
    stroke_line(cr, x, y, tip_x - 0.8 * head * ux, tip_y - 0.8 * head * uy);
    cairo_move_to(cr, tip_x, tip_y);
    cairo_line_to(cr, tip_x - head * (ux + 0.45 * uy), tip_y - head * (uy - 0.45 * ux));
    cairo_line_to(cr, tip_x - head * (ux - 0.45 * uy), tip_y - head * (uy + 0.45 * ux));
    cairo_fill(cr);
}

void plot_arrows(const plot *p, const double *x, const double *y, const double *dx, const double *dy, size_t count,
                 colour c)
{
    clip(p);
    canvas_colour(p->cr, c, 1);
    cairo_set_line_width(p->cr, 1);
    for (size_t i = 0; i < count; i++) {
        double from_x = place_x(p, x[i]), from_y = place_y(p, y[i]);
        draw_arrow(p->cr, from_x, from_y, place_x(p, x[i] + dx[i]) - from_x, place_y(p, y[i] + dy[i]) - from_y);
    }
    cairo_restore(p->cr);
}

void plot_band(const plot *p, const double *x, const double *low, const double *high, size_t count, colour c)
{
    clip(p);
    canvas_colour(p->cr, c, 0.25);
    for (size_t i = 0; i < count; i++)
        cairo_line_to(p->cr, place_x(p, x[i]), place_y(p, fmin(fmax(high[i], p->y.low), p->y.high)));
    for (size_t i = count; i-- > 0;)
        cairo_line_to(p->cr, place_x(p, x[i]), place_y(p, fmin(fmax(low[i], p->y.low), p->y.high)));
    cairo_fill(p->cr);
    cairo_restore(p->cr);
}

void plot_legend(const plot *p, int row, colour c, double width, const char *text)
{
    double y = p->top + 16 + 17 * row, right = p->left + p->width - 10;
    double from = right - label_width(p->cr, text_size, text) - 30;
    cairo_set_source_rgba(p->cr, 1, 1, 1, 0.85);
    cairo_rectangle(p->cr, from - 5, y - 12, right - from + 10, 17);
    cairo_fill(p->cr);
    canvas_colour(p->cr, c, 1);
    cairo_set_line_width(p->cr, width);
    stroke_line(p->cr, from, y - 4, from + 22, y - 4);
    canvas_colour(p->cr, ink, 1);
    label_draw(p->cr, right, y, text_size, LABEL_RIGHT, text);
}
