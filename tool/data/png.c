#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 65536 };

/* libpng's way to report: it must not return. */
static void refuse(png_structp png, png_const_charp message)
{
    fail("%s: damaged PNG file (%s)", (const char *)png_get_error_ptr(png), message);
}

static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* Palettes become RGB, few bits become 8, 16 bits lose the lower 8, transparency is dropped. */
static void set_transforms(png_structp png, png_infop info)
{
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

static void read_rows(image *out, png_structp png, const char *path)
{
    size_t row = out->width * out->channels;
    out->pixels = allocate(multiply(out->height, row, path), 1);
    png_bytep *rows = allocate(out->height, sizeof *rows);
    for (size_t y = 0; y < out->height; y++)
        rows[y] = out->pixels + y * row;
    png_read_image(png, rows);
    png_read_end(png, NULL);
    free(rows);
}

void image_load_png(image *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("%s: cannot open: %s", path, strerror(errno));
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, (png_voidp)path, refuse, ignore);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL)
        fail("%s: not enough memory", path);
    png_set_user_limits(png, SIDE_MAX, SIDE_MAX);
    png_init_io(png, file);
    png_read_info(png, info);
    set_transforms(png, info);
    out->height = png_get_image_height(png, info);
    out->width = png_get_image_width(png, info);
    out->channels = png_get_channels(png, info);
    read_rows(out, png, path);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
}
