#include "common/memory.h"
#include "common/output.h"
#include "common/text.h"
#include "data/write.h"
#include "picture/tiles.h"
#include "restoring/restore.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The brightness is the training data's range, else that of what was drawn. */
static tiles tiles_for(const restoration *r)
{
    double low, high;
    scaling_range(&r->scale, &low, &high);
    if (!isfinite(low) || !isfinite(high)) {
        low = high = r->results[0];
        for (size_t i = 0; i < r->draws * r->count * r->dim; i++) {
            low = fmin(low, r->results[i]);
            high = fmax(high, r->results[i]);
        }
    }
    return tiles_of(r->data.shape, r->data.rank, low, high);
}

/* What is not there is grey. */
static void copy_shown(float *to, const double *from, size_t count, const tiles *as)
{
    float grey = (float)(0.5 * (as->black + as->white));
    for (size_t i = 0; i < count; i++)
        to[i] = isnan(from[i]) ? grey : (float)from[i];
}

static const char *const names[] = {"true", "given", "drawn"};
enum { NAMES = sizeof names / sizeof names[0] };

void restore_check_picture(const restoration *r, int blind)
{
    size_t lines = r->draws + (blind ? 1 : 2);
    if (table_knows(r->options->output))
        return;
    tiles as = tiles_of(r->data.shape, r->data.rank, 0, 1);
    int rows = as.height == 1;
    tiles_check(&as, multiply(lines, r->count, "--draws"), rows ? 1 : r->count, rows ? TILES_PLAIN : TILES_NAMED);
}

/* Images stand in columns; rows of cells, which are wide, below one another. */
static void write_picture(const restoration *r, int blind)
{
    tiles as = tiles_for(r);
    size_t lines = r->draws + (blind ? 1 : 2), values = r->count * r->dim;
    int rows = as.height == 1;
    float *all = allocate(multiply(lines, values, "--draws"), sizeof *all);
    for (size_t line = 0; line < lines; line++) {
        size_t kind = blind ? line + 1 : line;
        const double *from = kind == 0 ? r->data.values : kind == 1 ? r->given : r->results + (kind - 2) * values;
        for (size_t i = 0; i < r->count; i++)
            copy_shown(all + (rows ? i * lines + line : line * r->count + i) * r->dim, from + i * r->dim, r->dim, &as);
    }
    cairo_t *sheet =
        rows ? tiles_sheet(&as, all, lines * r->count, 1)
             : tiles_sheet_lines(&as, all, lines * r->count, r->count, names + blind, (size_t)(NAMES - blind));
    canvas_save(sheet, r->options->output);
    free(all);
}

void restore_write(const restoration *r, int blind)
{
    const char *path = r->options->output;
    if (table_knows(path)) {
        double *units = scaling_units(&r->scale, r->dim);
        table_rows as = {.values = r->results,
                         .count = r->draws * r->count,
                         .shape = r->data.shape,
                         .rank = r->data.rank,
                         .units = units,
                         .exact = r->known,
                         .exact_rows = r->count};
        table_complete(&as, r->model, r->labels);
        table_write(path, &as);
        free(units);
    } else {
        write_picture(r, blind);
    }
}

void restore_print(restoration *r)
{
    results_begin(&r->out, output_report(r->options->output), r->options->run.json);
}

/* The mean squared error in words; freed by free(). */
static char *error_text(const restoration *r, double mean, double decibels)
{
    if (r->binomial)
        return text_format("%12.4f of the bits are wrong", mean);
    if (r->scale.columns > 1)
        return text_format("%12.6g mean squared error, in variances of the columns", mean);
    return isfinite(decibels) ? text_format("%12.6g mean squared error, peak signal to noise %.2f dB", mean, decibels)
                              : text_format("%12.6g mean squared error", mean);
}

static void put_error(restoration *r, const char *key, const char *name, double mean)
{
    double low, high;
    scaling_range(&r->scale, &low, &high);
    const double range = high - low;
    const int plain = !r->binomial && r->scale.columns == 1 && isfinite(range) && range > 0 && mean > 0;
    const double decibels = plain ? 10 * log10(range * range / mean) : NAN;
    char *text = error_text(r, mean, decibels);
    results_line(&r->out, "%-28s %s\n", name, text);
    results_object(&r->out, key);
    results_number(&r->out, r->binomial ? "wrong_bits" : "mean_square_error", mean, NULL);
    if (plain)
        results_number(&r->out, "peak_signal_to_noise_db", decibels, NULL);
    results_close(&r->out);
    free(text);
}

void restore_error(restoration *r, const char *key, const char *name, const double *values, size_t rounds,
                   const uint8_t *known)
{
    double sum = 0, measured = 0;
    size_t size = r->count * r->dim;
    for (size_t i = 0; i < rounds * size; i++) {
        if (known != NULL && known[i % size])
            continue;
        double error = values[i] - r->data.values[i % size];
        if (r->scale.columns > 1)
            error /= scaling_at(&r->scale, i)->scale;
        sum += error * error;
        measured += 1;
    }
    put_error(r, key, name, sum / measured);
}

void restore_error_of_mean(restoration *r, const uint8_t *known)
{
    if (r->draws == 1 || r->binomial)
        return;
    size_t size = r->count * r->dim;
    double *means = allocate(size, sizeof *means);
    for (size_t i = 0; i < size; i++) {
        double sum = 0;
        for (size_t draw = 0; draw < r->draws; draw++)
            sum += r->results[draw * size + i];
        means[i] = sum / (double)r->draws;
    }
    restore_error(r, "mean_of_draws", "mean of the draws", means, 1, known);
    free(means);
}
