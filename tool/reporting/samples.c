/* What the model draws, and the way from noise to it. */
#include "reporting/sections.h"

#include "reporting/escape.h"
#include "reporting/page.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"
#include "picture/distributions.h"
#include "picture/figures.h"
#include "picture/scatter.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES_MOST = 100, LINES_MOST = 8, ROWS_SHOWN = 8, COLUMNS_SHOWN = 8, BITS_SHOWN = 20 };

/* The first samples as the picture has them, in new memory. */
static float *shown(const report_job *job, size_t count)
{
    const size_t values = count * job->drawn.dim;
    float *out = allocate(values, sizeof *out);
    for (size_t i = 0; i < values; i++)
        out[i] = (float)job->samples[i];
    return out;
}

static cairo_t *sheet_of_classes(const sampling *s, const tiles *as, const float *values, size_t count)
{
    char **names = sampling_class_names(s);
    for (size_t i = 0; i < s->columns; i++) {
        char *label = escape_label(names[i], strlen(names[i]));
        free(names[i]);
        names[i] = label;
    }
    cairo_t *sheet = tiles_sheet_columns(as, values, count, s->columns, names);
    for (size_t i = 0; i < s->columns; i++)
        free(names[i]);
    free(names);
    return sheet;
}

static void put_images(FILE *to, const report_job *job)
{
    const sampling *s = &job->drawn;
    size_t count = s->count < IMAGES_MOST ? s->count : IMAGES_MOST;
    if (s->columns > 0 && count > s->columns * LINES_MOST)
        count = s->columns * LINES_MOST;
    float *values = shown(job, count);
    const tiles as = sampling_tiles(s, values, count * s->dim);
    cairo_t *sheet = s->columns > 0 ? sheet_of_classes(s, &as, values, count) : tiles_sheet(&as, values, count, 0);
    page_figure(to, sheet, PAGE_IMAGE, "Samples", s->columns > 0 ? "A column for each class." : NULL);
    free(values);
}

static void put_bits(FILE *to, const report_job *job)
{
    const sampling *s = &job->drawn;
    const size_t count = s->count < BITS_SHOWN ? s->count : BITS_SHOWN;
    float *values = shown(job, count);
    const tiles as = sampling_tiles(s, values, count * s->dim);
    page_figure(to, tiles_sheet(&as, values, count, 0), PAGE_IMAGE, "Samples", "A sample a row; white is 1.");
    free(values);
}

static void release(char **cells, size_t count)
{
    for (size_t j = 0; j < count; j++)
        free(cells[j]);
}

static void put_rows(FILE *to, const report_job *job)
{
    const sampling *s = &job->drawn;
    const size_t columns = s->dim < COLUMNS_SHOWN ? s->dim : COLUMNS_SHOWN;
    char *cells[COLUMNS_SHOWN + 1] = {NULL};
    for (size_t j = 0; j < columns; j++)
        cells[j] = report_name(job, j);
    page_table_begin(to, (const char *const *)cells);
    release(cells, columns);
    for (size_t i = 0; i < s->count && i < ROWS_SHOWN; i++) {
        for (size_t j = 0; j < columns; j++)
            cells[j] = text_format("%.7g", job->samples[i * s->dim + j]);
        page_row(to, (const char *const *)cells);
        release(cells, columns);
    }
    page_table_end(to);
    if (s->dim > COLUMNS_SHOWN)
        page_text(to, "The first %d of %zu columns.", (int)COLUMNS_SHOWN, s->dim);
}

void section_samples(FILE *to, const report_job *job)
{
    page_section(to, "Samples");
    page_text(to, "%zu were drawn by %s. These are the first.", job->drawn.count, job->sampler);
    if (job->is_image)
        put_images(to, job);
    else if (job->is_binomial)
        put_bits(to, job);
    else
        put_rows(to, job);
}

/* ---- the way ---- */

/* The first two columns of a state of either process, or of all of them; [moments, count, 2]. */
static float *first_two(const record *way, const float *states)
{
    float *out = allocate(2 * way->moments * way->count, sizeof *out);
    for (size_t i = 0; i < way->moments * way->count; i++)
        memcpy(out + 2 * i, states + i * way->dim, 2 * sizeof *out);
    return out;
}

static void put_plane(FILE *to, const record *way, int32_t steps)
{
    float *forward = first_two(way, way->forward), *reverse = first_two(way, way->reverse);
    const trajectory of = {way->moments, way->t, forward, reverse, way->count, steps};
    page_figure(to, figure_trajectory_plane(&of, NULL), PAGE_WIDE, "Data dissolving and samples emerging",
                "The first two columns, in the model's units: data dissolving from left to right (above), samples "
                "emerging from right to left (below).");
    free(forward);
    free(reverse);
}

/* Of one column, a histogram at each moment. */
static void put_line(FILE *to, const record *way)
{
    double *forward = allocate(2 * way->count, sizeof *forward), *reverse = forward + way->count;
    page_grid_begin(to);
    for (size_t moment = way->moments; moment-- > 0;) {
        for (size_t i = 0; i < way->count; i++) {
            forward[i] = way->forward[moment * way->count + i];
            reverse[i] = way->reverse[moment * way->count + i];
        }
        char *label = text_format("t = %g", way->t[moment]);
        const histogram_figure figure = {{forward, way->count}, {reverse, way->count}, label, 0, 300, 210};
        page_figure(to, figure_histogram(&figure), PAGE_PLOT, label, NULL);
        free(label);
    }
    page_grid_end(to);
    page_text(to, "Blue: data dissolving, with rising t; orange: samples emerging, with falling t.");
    free(forward);
}

void section_way(FILE *to, report_job *job)
{
    const sampling *s = &job->drawn;
    record *way = &job->way;
    if (!job->has_way || (!job->is_image && s->rank > 1))
        return;
    const float *start = job->data_path != NULL ? job->rows.scaled : s->values;
    page_section(to, "From noise to sample");
    if (job->is_image || job->is_binomial || sampling_is_plane(s)) {
        page_figure(to, sampling_trajectory(s, way, start), job->is_image || job->is_binomial ? PAGE_IMAGE : PAGE_WIDE,
                    "The forward and the reverse process",
                    job->data_path != NULL ? "Above, data dissolves into noise; below, samples come out of noise."
                                           : "Above, samples dissolve into noise; below, they come out of noise.");
        return;
    }
    record_forward(way, s->schedule, start, 1);
    record_normalise(way, s->schedule);
    if (s->dim == 1)
        put_line(to, way);
    else
        put_plane(to, way, diffusion_schedule_steps(s->schedule));
}
