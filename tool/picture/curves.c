/* The loss over the steps of training, and the bound's terms over the steps of the chain. */
#include "picture/figures.h"

#include "common/memory.h"
#include "common/text.h"
#include "picture/plot.h"

#include <math.h>
#include <stdlib.h>

/* A moving average over about 2 % of the run, or a fifth of what has been run so far: the start falls too fast for
 * more.
 */
static void smooth(double *out, const double *values, size_t count)
{
    double weight = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        double keep = exp(-1 / fmax(1, fmin(0.02 * (double)count, 0.2 * (double)i)));
        sum = keep * sum + (1 - keep) * values[i];
        weight = keep * weight + 1 - keep;
        out[i] = sum / weight;
    }
}

/* Whether the values are positive and span more than a decade. */
static int suits_logarithm(const double *values, size_t count)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    return low > 0 && high > 10 * low;
}

static void draw_training(const plot *p, const loss_figure *of, const double *average)
{
    char *each = of->width > 1 ? text_format("means of %zu steps", of->width) : text_format("each step");
    plot_dots(p, of->step, of->loss, of->count, blue, 0.9, of->count > 2000 ? 0.3 : 0.5);
    plot_line(p, of->step, average, of->count, orange, 1.8);
    plot_legend(p, 0, orange, 1.8, "moving average");
    plot_legend(p, 1, blue, 1.2, each);
    free(each);
}

cairo_t *figure_loss(const loss_figure *of)
{
    const double wide = of->wide;
    size_t all = of->count + of->held_count;
    double *average = allocate(of->count + 1, sizeof *average);
    smooth(average, of->loss, of->count);
    char *label = text_format("loss (%s)", of->unit);
    plot p = {canvas_create(wide, 400, 2),
              84,
              16,
              wide - 110,
              326,
              axis_fit(of->step, all, 0, "training step"),
              axis_fit(of->loss, all, suits_logarithm(of->loss, all), label)};
    p.x.low = of->first;
    p.x.high = of->end > of->first ? of->end : of->first + 1;
    plot_begin(&p);
    draw_training(&p, of, average);
    if (of->held_count > 0) {
        plot_line(&p, of->step + of->count, of->loss + of->count, of->held_count, ink, 1.4);
        plot_legend(&p, 2, ink, 1.4, "held out");
    }
    free(label);
    free(average);
    return p.cr;
}

/* KL(q(x_{t-1}|x_t,x_0) || p(x_{t-1}|x_t)), with a true minus and a true double bar. */
static const char kl_label[] = "KL(q(x_{t\u22121}|x_{t},x_{0}) \u2016 p(x_{t\u22121}|x_{t}))  (bits per sample)";

cairo_t *figure_terms(const double *bits, const double *standard_error, size_t steps, double wide)
{
    size_t count = 0;
    double *t = allocate(4 * steps + 1, sizeof *t), *known = t + steps, *low = known + steps, *high = low + steps;
    for (size_t i = 1; i < steps; i++) { /* the KLs begin at t = 2 */
        double error = isfinite(standard_error[i]) ? standard_error[i] : 0;
        if (!isfinite(bits[i]))
            continue;
        t[count] = (double)i + 1;
        known[count] = bits[i];
        low[count] = bits[i] - error;
        high[count++] = bits[i] + error;
    }
    int logarithmic = suits_logarithm(known, count);
    plot p = {canvas_create(wide, 400, 2),
              84,
              16,
              wide - 110,
              326,
              axis_fit(t, count, steps > 50, "step t"),
              axis_fit(known, count, logarithmic, kl_label)};
    if (!logarithmic && p.y.low > 0)
        p.y.low = 0;
    plot_begin(&p);
    plot_band(&p, t, low, high, count, blue);
    plot_line(&p, t, known, count, blue, 1.6);
    free(t);
    return p.cr;
}
