#include "picture/distributions.h"

#include "common/memory.h"
#include "common/text.h"
#include "picture/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

typedef struct range {
    double low, high;
} range;

/* Of data and samples together; of heavy tails only 99 % of them. */
static range range_of(const double *data, size_t n, const double *samples, size_t m)
{
    static const double tail = 0.005, heavy = 2;
    const size_t count = n + m;
    double *all = allocate(count + 1, sizeof *all);
    if (n > 0)
        memcpy(all, data, n * sizeof *all);
    if (m > 0)
        memcpy(all + n, samples, m * sizeof *all);
    qsort(all, count, sizeof *all, ascending);
    range whole = {all[0], all[count > 0 ? count - 1 : 0]};
    const double from = all[(size_t)(tail * (double)count)], to = all[(size_t)((1 - tail) * (double)count)];
    if (to > from && whole.high - whole.low > heavy * (to - from))
        whole = (range){from, to};
    free(all);
    return whole;
}

/* ---- histograms ---- */

enum { BINS = 40 };

typedef struct bins {
    double low, width;
    size_t count; /* at most BINS */
} bins;

/* Whole numbers have a bin each where they are few. */
static bins bins_of(const histogram_figure *of)
{
    const range r = range_of(of->data.values, of->data.count, of->samples.values, of->samples.count);
    if (of->whole && r.high - r.low < BINS)
        return (bins){floor(r.low) - 0.5, 1, (size_t)(floor(r.high) - floor(r.low)) + 1};
    if (!(r.high > r.low))
        return (bins){r.low - 0.5, 1, 1};
    return (bins){r.low, (r.high - r.low) / BINS, BINS};
}

/* The share in each bin. */
static void fill(double *shares, const bins *b, const column_values *from)
{
    for (size_t i = 0; i < b->count; i++)
        shares[i] = 0;
    for (size_t i = 0; i < from->count; i++) {
        const double at = floor((from->values[i] - b->low) / b->width);
        const size_t bin = at > 0 ? (size_t)fmin(at, (double)b->count - 1) : 0;
        shares[bin] += 1 / (double)from->count;
    }
}

/* The outline of the bars: four corners a bin. */
static void trace(double *x, double *y, const bins *b, const double *shares)
{
    for (size_t i = 0; i < b->count; i++)
        for (size_t corner = 0; corner < 4; corner++) {
            x[4 * i + corner] = b->low + b->width * (double)(i + (corner > 1));
            y[4 * i + corner] = corner == 1 || corner == 2 ? shares[i] : 0;
        }
}

static void draw_bars(const plot *p, const bins *b, const double *shares, colour c)
{
    double x[4 * BINS], y[4 * BINS], zero[4 * BINS] = {0};
    const size_t corners = 4 * b->count;
    trace(x, y, b, shares);
    plot_band(p, x, zero, y, corners, c);
    plot_line(p, x, y, corners, c, 1.3);
}

cairo_t *figure_histogram(const histogram_figure *of)
{
    double data[BINS], samples[BINS], most = 0;
    const bins b = bins_of(of);
    fill(data, &b, &of->data);
    fill(samples, &b, &of->samples);
    for (size_t i = 0; i < b.count; i++)
        most = fmax(most, fmax(data[i], samples[i]));
    const double room = 0.02 * b.width * (double)b.count;
    plot p = {canvas_create(of->wide, of->high, 2),
              44,
              10,
              of->wide - 56,
              of->high - 56,
              {b.low - room, b.low + b.width * (double)b.count + room, 0, of->label, 0},
              {0, most > 0 ? 1.12 * most : 1, 0, NULL, 0}};
    plot_begin(&p);
    draw_bars(&p, &b, data, blue);
    draw_bars(&p, &b, samples, orange);
    return p.cr;
}

/* ---- pairs ---- */

static axis axis_of(const double *data, size_t n, const double *samples, size_t m, const char *label)
{
    const range r = range_of(data, n, samples, m);
    return axis_fit((const double[]){r.low, r.high}, 2, 0, label);
}

static size_t outside(const plot *p, const pair_values *of)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        count += !(of->x[i] >= p->x.low && of->x[i] <= p->x.high && of->y[i] >= p->y.low && of->y[i] <= p->y.high);
    return count;
}

static void put_legend(const plot *p, int row, colour c, const char *name, const pair_values *of)
{
    const size_t out = outside(p, of);
    char *text = out > 0 ? text_format("%s, %zu of %zu outside", name, out, of->count) : text_format("%s", name);
    plot_legend(p, row, c, 3, text);
    free(text);
}

cairo_t *figure_pair(const pair_figure *of)
{
    static const double radius = 1.4, opacity = 0.5;
    const pair_values *d = &of->data, *s = &of->samples;
    plot p = {canvas_create(of->side + 80, of->side + 70, 2),
              62,
              16,
              of->side,
              of->side,
              axis_of(d->x, d->count, s->x, s->count, of->x),
              axis_of(d->y, d->count, s->y, s->count, of->y)};
    plot_begin(&p);
    plot_dots(&p, d->x, d->y, d->count, blue, radius, opacity);
    plot_dots(&p, s->x, s->y, s->count, orange, radius, opacity);
    if (d->count > 0)
        put_legend(&p, 0, blue, "data", d);
    put_legend(&p, d->count > 0, orange, "samples", s);
    return p.cr;
}

/* ---- profiles ---- */

cairo_t *figure_profile(const profile_figure *of)
{
    static const double radius = 2.2;
    const double *data = of->data != NULL ? of->data : of->samples;
    double *column = allocate(of->count, sizeof *column);
    for (size_t j = 0; j < of->count; j++)
        column[j] = (double)j + 1;
    plot p = {canvas_create(of->wide, 300, 2),
              62,
              16,
              of->wide - 80,
              236,
              axis_fit(column, of->count, 0, "column"),
              axis_of(data, of->count, of->samples, of->count, of->label)};
    plot_begin(&p);
    if (of->data != NULL) {
        plot_line(&p, column, of->data, of->count, blue, 1.2);
        plot_dots(&p, column, of->data, of->count, blue, radius, 1);
    }
    plot_line(&p, column, of->samples, of->count, orange, 1.2);
    plot_dots(&p, column, of->samples, of->count, orange, radius, 1);
    free(column);
    return p.cr;
}
