#include "picture/tiles.h"

#include "common/fail.h"
#include "common/text.h"
#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>

static const double image_side = 96, row_side = 640; /* pixels that a sample should be wide, about */
enum { ROW_FACTOR_MAX = 16 };

tiles tiles_of(const int64_t *shape, size_t rank, double black, double white)
{
    tiles as = {1, (size_t)shape[0], 1, black, white, 1};
    if (data_is_image(shape, rank)) {
        as.height = (size_t)shape[0];
        as.width = (size_t)shape[1];
        as.channels = rank == 3 ? (size_t)shape[2] : 1;
    } else if (rank > 1) {
        fail("samples of %zu axes are no pictures: expected shape height,width or height,width,1 or height,width,3, or "
             "an output that ends in .csv or .npy",
             rank);
    }
    double side = (double)(as.width > as.height ? as.width : as.height);
    as.factor = floor(fmax(1, rank == 1 ? fmin(ROW_FACTOR_MAX, row_side / side) : image_side / side));
    return as;
}

/* NaN is shown as black: it does not compare. */
static uint32_t brightness(const tiles *as, float value)
{
    double part = as->white > as->black ? (value - as->black) / (as->white - as->black) : 0;
    return part >= 1 ? 255 : part > 0 ? (uint32_t)lround(255 * part) : 0;
}

static uint32_t pixel(const tiles *as, const float *value)
{
    uint32_t red = brightness(as, value[0]);
    if (as->channels == 1)
        return red << 16 | red << 8 | red;
    return red << 16 | brightness(as, value[1]) << 8 | brightness(as, value[2]);
}

void tile_draw(cairo_t *cr, const tiles *as, double x, double y, const float *values)
{
    cairo_surface_t *small = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)as->width, (int)as->height);
    cairo_surface_flush(small);
    unsigned char *rows = cairo_image_surface_get_data(small);
    size_t stride = (size_t)cairo_image_surface_get_stride(small);
    for (size_t i = 0; rows != NULL && i < as->height; i++) {
        uint32_t *row = (uint32_t *)(void *)(rows + i * stride);
        for (size_t j = 0; j < as->width; j++)
            row[j] = pixel(as, values + (i * as->width + j) * as->channels);
    }
    cairo_surface_mark_dirty(small);
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, as->factor, as->factor);
    cairo_set_source_surface(cr, small, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), as->factor < 1 ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_surface_destroy(small);
}

typedef struct block {
    size_t columns, rows;
    double gap, cell_width, cell_height, width, height;
} block;

static block block_of(const tiles *as, size_t count, size_t columns)
{
    block b = {.columns = columns, .gap = as->height == 1 ? 1 : 4};
    if (columns == 0)
        b.columns = as->height == 1 ? 1 : (size_t)ceil(sqrt((double)count));
    if (b.columns > count)
        b.columns = count;
    b.rows = (count + b.columns - 1) / b.columns;
    b.cell_width = (double)as->width * as->factor + b.gap;
    b.cell_height = (double)as->height * as->factor + b.gap;
    b.width = (double)b.columns * b.cell_width + b.gap;
    b.height = (double)b.rows * b.cell_height + b.gap;
    return b;
}

static void block_draw(cairo_t *cr, const block *b, const tiles *as, double x, double y, const float *values,
                       size_t count)
{
    size_t dim = as->height * as->width * as->channels;
    canvas_colour(cr, between, 1);
    cairo_rectangle(cr, x, y, b->width, b->height);
    cairo_fill(cr);
    for (size_t i = 0; i < count; i++)
        tile_draw(cr, as, x + b->gap + (double)(i % b->columns) * b->cell_width,
                  y + b->gap + (double)(i / b->columns) * b->cell_height, values + i * dim);
}

static const double names_width = 24, names_size = 13, titles_height = 26, titles_size = 14, space = 16;

typedef struct sheet {
    double width, height;
} sheet;

static sheet sheet_of(const block *b, tiles_layout layout)
{
    if (layout == TILES_BESIDE)
        return (sheet){2 * b->width + space, titles_height + b->height};
    if (layout == TILES_HEADED)
        return (sheet){b->width, titles_height + b->height};
    return (sheet){b->width + (layout == TILES_NAMED ? names_width : 0), b->height};
}

void tiles_check(const tiles *as, size_t count, size_t columns, tiles_layout layout)
{
    block b = block_of(as, count, columns);
    sheet size = sheet_of(&b, layout);
    canvas_check_size(size.width, size.height, 1);
}

static cairo_t *create(const block *b, tiles_layout layout)
{
    sheet size = sheet_of(b, layout);
    return canvas_create(size.width, size.height, 1);
}

cairo_t *tiles_sheet(const tiles *as, const float *values, size_t count, size_t columns)
{
    block b = block_of(as, count, columns);
    cairo_t *cr = create(&b, TILES_PLAIN);
    block_draw(cr, &b, as, 0, 0, values, count);
    return cr;
}

cairo_t *tiles_sheet_lines(const tiles *as, const float *values, size_t count, size_t columns, const char *const *names,
                           size_t named)
{
    block b = block_of(as, count, columns);
    cairo_t *cr = create(&b, TILES_NAMED);
    block_draw(cr, &b, as, names_width, 0, values, count);
    canvas_colour(cr, ink, 1);
    for (size_t i = 0; i < named && i < b.rows; i++)
        label_draw_upwards(cr, names_width - 7, (double)i * b.cell_height + (b.cell_height + b.gap) / 2, names_size,
                           names[i]);
    return cr;
}

static void draw_heading(cairo_t *cr, const block *b, size_t column, const char *name)
{
    char *text = text_format("%s", name);
    while (*text != '\0' && label_width(cr, titles_size, text) > b->cell_width - b->gap)
        text_shorten(text);
    label_draw(cr, b->gap + ((double)column + 0.5) * b->cell_width, titles_height - 8, titles_size, LABEL_CENTRE, text);
    free(text);
}

cairo_t *tiles_sheet_columns(const tiles *as, const float *values, size_t count, size_t columns, char *const *names)
{
    block b = block_of(as, count, columns);
    cairo_t *cr = create(&b, TILES_HEADED);
    block_draw(cr, &b, as, 0, titles_height, values, count);
    canvas_colour(cr, ink, 1);
    for (size_t i = 0; i < b.columns; i++)
        draw_heading(cr, &b, i, names[i]);
    return cr;
}

cairo_t *tiles_sheet_beside(const tiles *as, const float *data, const float *samples, size_t count, size_t columns)
{
    block b = block_of(as, count, columns);
    cairo_t *cr = create(&b, TILES_BESIDE);
    block_draw(cr, &b, as, 0, titles_height, data, count);
    block_draw(cr, &b, as, b.width + space, titles_height, samples, count);
    canvas_colour(cr, ink, 1);
    label_draw(cr, b.width / 2, titles_height - 8, titles_size, LABEL_CENTRE, "data");
    label_draw(cr, b.width + space + b.width / 2, titles_height - 8, titles_size, LABEL_CENTRE, "samples");
    return cr;
}
