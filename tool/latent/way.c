#include "latent/way.h"

#include "common/memory.h"
#include "common/output.h"
#include "data/write.h"
#include "picture/scatter.h"
#include "picture/tiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void write_table(const way *w)
{
    const restoration *r = &w->r;
    double *units = scaling_units(&r->scale, r->dim);
    table_rows as = {
        .values = w->values, .count = w->rows, .shape = r->data.shape, .rank = r->data.rank, .units = units};
    table_complete(&as, r->model, w->way_labels);
    table_write(r->options->output, &as);
    free(units);
}

static int is_plane(const way *w)
{
    return w->r.data.rank == 1 && w->r.dim == 2;
}

static tiles tiles_for(const way *w)
{
    double low, high;
    scaling_range(&w->r.scale, &low, &high);
    if (!isfinite(low) || !isfinite(high)) {
        low = w->r.data.minimum;
        high = w->r.data.maximum;
    }
    return tiles_of(w->r.data.shape, w->r.data.rank, low, high);
}

/* Rows of cells, which are wide, stand below one another. */
static size_t columns_of(const way *w)
{
    const tiles as = tiles_for(w);
    return as.height == 1 ? 1 : w->count + 2;
}

void way_check_picture(const way *w)
{
    const tiles as = tiles_for(w);
    if (!table_knows(w->r.options->output) && !is_plane(w))
        tiles_check(&as, (w->points - 1) * (w->count + 2), columns_of(w), TILES_PLAIN);
}

static void put(float *to, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

static void write_picture(const way *w)
{
    const size_t dim = w->r.dim, line = w->count + 2;
    const tiles as = tiles_for(w);
    float *all = allocate((w->points - 1) * line * dim, sizeof *all);
    for (size_t k = 0; k + 1 < w->points; k++) {
        float *to = all + k * line * dim;
        put(to, w->r.data.values + (size_t)w->at[k] * dim, dim);
        put(to + dim, w->values + k * w->count * dim, w->count * dim);
        put(to + (line - 1) * dim, w->r.data.values + (size_t)w->at[k + 1] * dim, dim);
    }
    canvas_save(tiles_sheet(&as, all, (w->points - 1) * line, columns_of(w)), w->r.options->output);
    free(all);
}

static void write_plane(const way *w)
{
    canvas_save(scatter_sheet(w->values, w->rows), w->r.options->output);
}

void way_write(const way *w)
{
    if (table_knows(w->r.options->output))
        write_table(w);
    else if (is_plane(w))
        write_plane(w);
    else
        write_picture(w);
}

/* Of the ends of each pair. */
void way_report(way *w)
{
    restoration *r = &w->r;
    double sum = 0;
    for (size_t k = 0; k + 1 < w->points; k++)
        for (size_t side = 0; side < 2; side++) {
            const double *got = w->values + (k * w->count + side * (w->count - 1)) * r->dim;
            const double *data = r->data.values + (size_t)w->at[k + side] * r->dim;
            for (size_t j = 0; j < r->dim; j++) {
                const double error = (got[j] - data[j]) / scaling_at(&r->scale, j)->scale;
                sum += error * error;
            }
        }
    const double back = sqrt(sum / (double)(2 * (w->points - 1) * r->dim));
    restore_print(r);
    results_count(
        &r->out, "samples", w->rows,
        "%zu samples between %zu of the data, whose own come back with an error of %.3g of the data's standard "
        "deviation\n",
        w->rows, w->points, back);
    results_count(&r->out, "points", w->points, NULL);
    results_number(&r->out, "relative_error", back, NULL);
    results_end(&r->out);
}
