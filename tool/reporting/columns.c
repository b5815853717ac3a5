/* Tables: what the columns of samples are, beside those of data. */
#include "reporting/sections.h"

#include "reporting/page.h"

#include "common/memory.h"
#include "common/text.h"
#include "picture/distributions.h"

#include <math.h>
#include <stdlib.h>

enum { HISTOGRAMS_MOST = 12, QUANTILES_MOST = 40, PAIRS_MOST = 4, CORRELATED_MOST = 64, LEVELS = 5 };

static const double levels[LEVELS] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* One column of rows, in new memory. */
static double *column_of(const double *rows, size_t count, size_t dim, size_t column)
{
    double *out = allocate(count + 1, sizeof *out);
    for (size_t i = 0; i < count; i++)
        out[i] = rows[i * dim + column];
    return out;
}

static double *data_column(const report_job *job, size_t column)
{
    return column_of(job->table, job->table_count, job->drawn.dim, column);
}

static double *samples_column(const report_job *job, size_t column)
{
    return column_of(job->samples, job->drawn.count, job->drawn.dim, column);
}

static int is_whole(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != floor(values[i]))
            return 0;
    return 1;
}

static const char *colours(const report_job *job)
{
    return job->table_count > 0 ? "Blue: data; orange: samples." : "Of the samples; with DATA, of both.";
}

/* ---- histograms ---- */

static void put_histogram(FILE *to, const report_job *job, size_t column)
{
    double *data = data_column(job, column), *samples = samples_column(job, column);
    char *label = report_label(job, column);
    const histogram_figure figure = {
        {data, job->table_count}, {samples, job->drawn.count}, label, is_whole(samples, job->drawn.count), 300, 210};
    page_figure(to, figure_histogram(&figure), PAGE_PLOT, label, NULL);
    free(data);
    free(samples);
    free(label);
}

static void put_histograms(FILE *to, const report_job *job)
{
    const size_t dim = job->drawn.dim, shown = dim < HISTOGRAMS_MOST ? dim : HISTOGRAMS_MOST;
    page_heading(to, "Histograms");
    page_grid_begin(to);
    for (size_t j = 0; j < shown; j++)
        put_histogram(to, job, j);
    page_grid_end(to);
    page_text(to,
              "Shares of the rows%s. %s What lies beyond an end, 1 %% of a long tail at most, stands in the bar there.",
              shown < dim ? ", of the first columns" : "", colours(job));
}

/* ---- means of many columns ---- */

static double *means_of(const double *rows, size_t count, size_t dim)
{
    double *out = allocate(dim, sizeof *out);
    for (size_t i = 0; i < count * dim; i++)
        out[i % dim] += rows[i] / (double)count;
    return out;
}

static void put_profile(FILE *to, const report_job *job)
{
    const size_t dim = job->drawn.dim;
    double *data = job->table_count > 0 ? means_of(job->table, job->table_count, dim) : NULL;
    double *samples = means_of(job->samples, job->drawn.count, dim);
    const char *label = job->is_binomial ? "share of ones" : "mean";
    const profile_figure figure = {data, samples, dim, label, 520};
    page_heading(to, job->is_binomial ? "Ones of every column" : "Means of the columns");
    page_figure(to, figure_profile(&figure), PAGE_PLOT, label, colours(job));
    free(data);
    free(samples);
}

/* ---- pairs ---- */

typedef struct pair {
    size_t i, j;
    double r; /* of the data, or of the samples alone */
} pair;

/* Pearson's correlation; 0 where a column is constant. */
static double correlation(const double *rows, size_t count, size_t dim, size_t i, size_t j)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t k = 0; k < count; k++) {
        x += rows[k * dim + i] / (double)count;
        y += rows[k * dim + j] / (double)count;
    }
    for (size_t k = 0; k < count; k++) {
        const double dx = rows[k * dim + i] - x, dy = rows[k * dim + j] - y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Those most correlated in the data, the most so first; returns how many. */
static size_t choose_pairs(pair *out, const report_job *job)
{
    const size_t dim = job->drawn.dim, most = dim < CORRELATED_MOST ? dim : CORRELATED_MOST;
    const double *rows = job->table_count > 0 ? job->table : job->samples;
    const size_t rows_count = job->table_count > 0 ? job->table_count : job->drawn.count;
    size_t count = 0;
    for (size_t i = 0; i < most; i++)
        for (size_t j = i + 1; j < most; j++) {
            pair now = {i, j, correlation(rows, rows_count, dim, i, j)};
            for (size_t k = 0; k < count; k++)
                if (fabs(now.r) > fabs(out[k].r)) {
                    const pair other = out[k];
                    out[k] = now;
                    now = other;
                }
            if (count < PAIRS_MOST)
                out[count++] = now;
        }
    return count;
}

static void put_pair(FILE *to, const report_job *job, const pair *of)
{
    double *data_x = data_column(job, of->i), *data_y = data_column(job, of->j);
    double *samples_x = samples_column(job, of->i), *samples_y = samples_column(job, of->j);
    char *x = report_label(job, of->i), *y = report_label(job, of->j), *caption;
    const pair_figure figure = {
        {data_x, data_y, job->table_count}, {samples_x, samples_y, job->drawn.count}, x, y, 280};
    const double r = correlation(job->samples, job->drawn.count, job->drawn.dim, of->i, of->j);
    caption = job->table_count > 0 ? text_format("Correlation %.3f in data, %.3f in samples", of->r, r)
                                   : text_format("Correlation %.3f", r);
    char *alternative = text_format("%s and %s", x, y);
    page_figure(to, figure_pair(&figure), PAGE_PLOT, alternative, caption);
    free(alternative);
    free(caption);
    free(x);
    free(y);
    free(data_x);
    free(data_y);
    free(samples_x);
    free(samples_y);
}

static void put_pairs(FILE *to, const report_job *job)
{
    pair pairs[PAIRS_MOST];
    const size_t count = choose_pairs(pairs, job);
    page_heading(to, count > 1 ? "Pairs that hang together most" : "The pair");
    page_grid_begin(to);
    for (size_t i = 0; i < count; i++)
        put_pair(to, job, &pairs[i]);
    page_grid_end(to);
}

/* ---- quantiles ---- */

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Between two values of a sorted column in proportion. */
static double quantile(const double *sorted, size_t count, double level)
{
    const double at = level * (double)(count - 1), below = floor(at);
    const size_t i = (size_t)below;
    return i + 1 < count ? sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]) : sorted[count - 1];
}

/* So many that values far from 0 are told apart. */
static int digits_of(const double *sorted, size_t count)
{
    enum { LEAST = 5, MOST = 12 };
    const double spread = quantile(sorted, count, levels[LEVELS - 1]) - quantile(sorted, count, levels[0]);
    const double largest = fmax(fabs(sorted[0]), fabs(sorted[count - 1]));
    const double digits = spread > 0 ? ceil(log10(largest / spread)) + 4 : LEAST;
    return digits > MOST ? MOST : digits > LEAST ? (int)digits : LEAST;
}

/* Takes the values. */
static void put_quantiles_of(FILE *to, const char *name, const char *of, double *values, size_t count)
{
    char *cells[LEVELS + 3] = {text_format("%s", name), text_format("%s", of)};
    qsort(values, count, sizeof *values, ascending);
    const int digits = digits_of(values, count);
    for (size_t k = 0; k < LEVELS; k++)
        cells[2 + k] = text_format("%.*g", digits, quantile(values, count, levels[k]));
    page_row(to, (const char *const *)cells);
    for (size_t k = 0; k < LEVELS + 2; k++)
        free(cells[k]);
    free(values);
}

static void put_quantiles(FILE *to, const report_job *job)
{
    static const char *const head[] = {"column", "of", "5 %", "25 %", "50 %", "75 %", "95 %", NULL};
    const size_t dim = job->drawn.dim;
    page_heading(to, "Quantiles");
    page_table_begin(to, head);
    for (size_t j = 0; j < dim && j < QUANTILES_MOST; j++) {
        char *name = report_name(job, j);
        if (job->table_count > 0)
            put_quantiles_of(to, name, "data", data_column(job, j), job->table_count);
        put_quantiles_of(to, job->table_count > 0 ? "" : name, "samples", samples_column(job, j), job->drawn.count);
        free(name);
    }
    page_table_end(to);
    if (dim > QUANTILES_MOST)
        page_text(to, "The first %d of %zu columns.", (int)QUANTILES_MOST, dim);
}

void section_columns(FILE *to, const report_job *job)
{
    if (job->is_image)
        return;
    page_section(to, "Columns");
    if (job->table_count > 0)
        page_text(to, "%zu rows of data, beside %zu samples.", job->table_count, job->drawn.count);
    if (job->is_binomial || job->drawn.dim > HISTOGRAMS_MOST)
        put_profile(to, job);
    if (job->is_binomial)
        return;
    put_histograms(to, job);
    if (job->drawn.dim > 1)
        put_pairs(to, job);
    put_quantiles(to, job);
}
