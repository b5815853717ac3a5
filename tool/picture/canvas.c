#include "picture/canvas.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/text.h"

#include <math.h>
#include <string.h>

enum { SIDE_MAX = 32767 }; /* cairo's own limit */

const colour ink = {0.10, 0.10, 0.12}, pale = {0.87, 0.87, 0.89}, blue = {0.0, 0.447, 0.698},
             orange = {0.835, 0.369, 0.0}, between = {0.7, 0.7, 0.7};

void canvas_check_size(double width, double height, double scale)
{
    double pixels_wide = ceil(width * scale), pixels_high = ceil(height * scale);
    if (pixels_wide > SIDE_MAX || pixels_high > SIDE_MAX)
        fail("a picture of %.0f by %.0f pixels is too large, expected at most %d; draw fewer samples, or other columns",
             pixels_wide, pixels_high, SIDE_MAX);
}

cairo_t *canvas_create(double width, double height, double scale)
{
    double pixels_wide = ceil(width * scale), pixels_high = ceil(height * scale);
    canvas_check_size(width, height, scale);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)pixels_wide, (int)pixels_high);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface); /* the context keeps it */
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        fail("cannot make a picture of %.0f by %.0f pixels: %s", pixels_wide, pixels_high,
             cairo_status_to_string(cairo_status(cr)));
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, scale, scale);
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    return cr;
}

void canvas_colour(cairo_t *cr, colour c, double opacity)
{
    cairo_set_source_rgba(cr, c.red, c.green, c.blue, opacity);
}

static cairo_status_t write_bytes(void *stream, const unsigned char *bytes, unsigned length)
{
    return fwrite(bytes, 1, length, stream) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

void canvas_save(cairo_t *cr, const char *path)
{
    output *out = output_open(path);
    cairo_status_t status = cairo_status(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(cairo_get_target(cr), write_bytes, output_stream(out));
    output_flush(out);
    if (status != CAIRO_STATUS_SUCCESS)
        fail("%s: cannot write the picture: %s", path, cairo_status_to_string(status));
    output_commit(out);
    cairo_destroy(cr);
}

typedef struct bytes {
    unsigned char *at;
    size_t capacity, size;
} bytes;

static cairo_status_t append_bytes(void *all, const unsigned char *more, unsigned length)
{
    bytes *to = all;
    to->at = grow(to->at, &to->capacity, to->size + length, 1);
    memcpy(to->at + to->size, more, length);
    to->size += length;
    return CAIRO_STATUS_SUCCESS;
}

unsigned char *canvas_png(cairo_t *cr, size_t *size)
{
    bytes all = {0};
    cairo_status_t status = cairo_status(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(cairo_get_target(cr), append_bytes, &all);
    if (status != CAIRO_STATUS_SUCCESS)
        fail("cannot make a picture: %s", cairo_status_to_string(status));
    cairo_destroy(cr);
    *size = all.size;
    return all.at;
}

void canvas_check(const char *option, const char *path, int force)
{
    if (path == NULL)
        return;
    if (!text_ends_with(path, ".png"))
        fail_usage("%s %s: expected a name that ends in .png", option, path);
    overwrite_check(path, force);
}
