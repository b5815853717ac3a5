#include "training/curve.h"

#include "common/memory.h"
#include "common/specs.h"
#include "common/text.h"
#include "picture/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void curve_begin(curve *out, int64_t first)
{
    *out = (curve){.first = first, .width = 1};
}

/* Makes one mean of two; the last may be of fewer steps, or have no other. */
static void halve(curve *c)
{
    const double last = (double)c->last, width = (double)c->width;
    const size_t whole = c->count / 2, odd = c->count % 2;
    for (size_t i = 0; i < whole; i++) {
        const double a = c->means[2 * i], b = c->means[2 * i + 1];
        c->means[i] = 2 * i + 2 < c->count ? (a + b) / 2 : (width * a + last * b) / (width + last);
    }
    if (odd)
        c->means[whole] = c->means[c->count - 1];
    else
        c->last += c->width;
    c->count = whole + odd;
    c->width *= 2;
}

void curve_shorten(curve *of, size_t most)
{
    while (of->count > most)
        halve(of);
}

void curve_add(curve *to, double loss)
{
    if (to->count == CURVE_MOST && to->last == to->width)
        halve(to);
    if (to->count == 0 || to->last == to->width) {
        to->means[to->count++] = 0;
        to->last = 0;
    }
    double *mean = &to->means[to->count - 1];
    *mean += (loss - *mean) / (double)++to->last;
}

/* Of too many, every other one is left out. */
void curve_add_held(curve *to, int64_t step, double loss)
{
    if (to->held_count == CURVE_MOST) {
        to->held_count /= 2;
        for (size_t i = 0; i < to->held_count; i++)
            to->held[i] = to->held[2 * i + 1];
    }
    to->held[to->held_count++] = (curve_point){step, loss};
}

int64_t curve_end(const curve *of)
{
    return of->first + (of->count > 0 ? (int64_t)(of->count - 1) * of->width + of->last : 0);
}

/* ---- text ---- */

/* What has been written of a text, in room for all of it. */
typedef struct writer {
    char *text;
    size_t room, used;
} writer;

static void put(writer *to, double value)
{
    char *number = text_real(value);
    to->used += (size_t)snprintf(to->text + to->used, to->room - to->used, "%s%s", to->used > 0 ? "," : "", number);
    free(number);
}

/* "first,width,last,count,means…,step,loss,step,loss…" */
char *curve_text(const curve *of)
{
    enum { HEAD = 4, LONGEST = 32 };
    writer to = {.room = (HEAD + of->count + 2 * of->held_count) * LONGEST};
    to.text = allocate(to.room, 1);
    const double head[HEAD] = {(double)of->first, (double)of->width, (double)of->last, (double)of->count};
    for (size_t i = 0; i < HEAD; i++)
        put(&to, head[i]);
    for (size_t i = 0; i < of->count; i++)
        put(&to, of->means[i]);
    for (size_t i = 0; i < of->held_count; i++) {
        put(&to, (double)of->held[i].step);
        put(&to, of->held[i].loss);
    }
    return to.text;
}

/* The next number; a comma goes before all but the first. */
static int next(double *value, const char **text, int first)
{
    if (!first && *(*text)++ != ',')
        return 0;
    return text_number(value, text);
}

static int is_count(double value, double most)
{
    return value >= 0 && value <= most && value == floor(value);
}

int curve_read(curve *out, const char *text)
{
    enum { HEAD = 4 };
    static const double steps_most = 1e15;
    double head[HEAD];
    for (size_t i = 0; i < HEAD; i++)
        if (!next(&head[i], &text, i == 0) || !is_count(head[i], steps_most))
            return 0;
    if (head[1] < 1 || head[2] > head[1] || head[3] > CURVE_MOST || head[1] * head[3] > steps_most)
        return 0;
    *out = (curve){(int64_t)head[0], (int64_t)head[1], (int64_t)head[2], (size_t)head[3], 0, {0}, {{0, 0}}};
    for (size_t i = 0; i < out->count; i++)
        if (!next(&out->means[i], &text, 0))
            return 0;
    while (*text != '\0') {
        double step, loss;
        if (out->held_count == CURVE_MOST || !next(&step, &text, 0) || !is_count(step, steps_most) ||
            !next(&loss, &text, 0))
            return 0;
        out->held[out->held_count++] = (curve_point){(int64_t)step, loss};
    }
    return 1;
}

/* ---- picture ---- */

static const char *unit_of(const char *spec)
{
    if (spec_is(spec, "objective", "bound", "bound"))
        return "nats per dimension";
    return spec_is(spec, "weight", "none", "none") ? "mean square per dimension" : "weighted mean square per dimension";
}

cairo_t *curve_sheet(const curve *of, const char *spec, double wide)
{
    size_t points = of->count + of->held_count;
    double *step = allocate(2 * points + 1, sizeof *step), *loss = step + points;
    for (size_t i = 0; i < of->count; i++) {
        int64_t steps = i + 1 < of->count ? of->width : of->last;
        step[i] = (double)(of->first + (int64_t)i * of->width) + 0.5 * (double)(steps + 1);
        loss[i] = of->means[i];
    }
    for (size_t i = 0; i < of->held_count; i++) {
        step[of->count + i] = (double)of->held[i].step;
        loss[of->count + i] = of->held[i].loss;
    }
    const loss_figure figure = {.step = step,
                                .loss = loss,
                                .count = of->count,
                                .held_count = of->held_count,
                                .first = (double)of->first,
                                .end = (double)curve_end(of),
                                .width = (size_t)of->width,
                                .unit = unit_of(spec),
                                .wide = wide};
    cairo_t *sheet = figure_loss(&figure);
    free(step);
    return sheet;
}
