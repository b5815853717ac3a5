#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <png.h>
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

/* Few bits become 8, transparency a channel; colours of a palette stay numbers, for libpng lets those pass that the
 * palette lacks. */
static void set_transforms(png_structp png, png_infop info)
{
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE)
        png_set_packing(png);
    else
        png_set_expand(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* A pixel of the image, so opaque (0..maximum), over its background. */
static void lay(image *on, size_t index, unsigned opacity)
{
    const unsigned most = on->maximum, behind = on->background == BACKGROUND_BLACK ? 0 : most;
    uint16_t *pixel = on->pixels + index * on->channels;
    on->transparent = on->transparent || opacity < most;
    for (size_t c = 0; c < on->channels && on->background != BACKGROUND_STORED; c++)
        pixel[c] = (uint16_t)((pixel[c] * opacity + behind * (most - opacity) + most / 2) / most);
}

/* Of one or two bytes, most significant first. */
static unsigned sample_at(const unsigned char *bytes, size_t index, size_t size)
{
    return size == 2 ? (unsigned)bytes[2 * index] << 8 | bytes[2 * index + 1] : bytes[index];
}

static void read_pixels(image *out, png_structp png, png_infop info, const unsigned char *bytes)
{
    const size_t stored = png_get_channels(png, info), size = png_get_bit_depth(png, info) / 8;
    out->maximum = size == 2 ? 65535 : 255;
    out->channels = stored - (stored % 2 == 0); /* the last of 2 or 4 is opacity */
    out->pixels = allocate(out->height * out->width, out->channels * sizeof *out->pixels);
    for (size_t i = 0; i < out->height * out->width; i++) {
        for (size_t c = 0; c < out->channels; c++)
            out->pixels[i * out->channels + c] = (uint16_t)sample_at(bytes, i * stored + c, size);
        if (stored > out->channels)
            lay(out, i, sample_at(bytes, i * stored + out->channels, size));
    }
}

static void read_colours(image *out, png_structp png, png_infop info, const unsigned char *bytes)
{
    png_colorp palette;
    png_bytep opacity = NULL;
    int colours = 0, clear = 0;
    png_get_PLTE(png, info, &palette, &colours);
    png_get_tRNS(png, info, &opacity, &clear, NULL);
    out->channels = 3;
    out->pixels = allocate(out->height * out->width, out->channels * sizeof *out->pixels);
    for (size_t i = 0; i < out->height * out->width; i++) {
        if (bytes[i] >= colours)
            png_error(png, "a pixel has a colour that the palette lacks");
        const png_color *colour = &palette[bytes[i]];
        const uint16_t pixel[] = {colour->red, colour->green, colour->blue};
        memcpy(out->pixels + 3 * i, pixel, sizeof pixel);
        if (bytes[i] < clear)
            lay(out, i, opacity[bytes[i]]);
    }
}

static void read_rows(image *out, png_structp png, png_infop info, const char *path)
{
    size_t row = png_get_rowbytes(png, info);
    unsigned char *bytes = allocate(multiply(out->height, row, path), 1);
    png_bytep *rows = allocate(out->height, sizeof *rows);
    for (size_t y = 0; y < out->height; y++)
        rows[y] = bytes + y * row;
    png_read_image(png, rows);
    png_read_end(png, info);
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE)
        read_colours(out, png, info, bytes);
    else
        read_pixels(out, png, info, bytes);
    free(rows);
    free(bytes);
}

static void turn(image *out, png_structp png, png_infop info)
{
    png_bytep exif;
    png_uint_32 size;
    if (png_get_eXIf_1(png, info, &size, &exif) != 0)
        image_turn(out, image_orientation(exif, size));
}

/* What is left of the file. */
typedef struct rest {
    const char *at;
    size_t size;
} rest;

static void read_bytes(png_structp png, png_bytep to, size_t count)
{
    rest *from = png_get_io_ptr(png);
    if (count > from->size)
        png_error(png, "it is cut off");
    memcpy(to, from->at, count);
    from->at += count;
    from->size -= count;
}

/* libpng makes room for what a chunk says of its length before it looks whether it is there. Returns whether there are
 * further pictures, which it passes over. */
static int check_chunks(const data_file *file)
{
    enum { SIGNATURE = 8, HEADER = 8, CHECKSUM = 4 };
    int animated = 0;
    const unsigned char *bytes = (const unsigned char *)file->bytes;
    size_t at = SIGNATURE, length = 0;
    for (int last = 0; !last; at += HEADER + length + CHECKSUM) {
        if (file->size < at + HEADER + CHECKSUM)
            fail("%s: damaged PNG file (it is cut off)", file->path);
        length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 | (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length > file->size - at - HEADER - CHECKSUM)
            fail("%s: damaged PNG file (it is cut off)", file->path);
        last = memcmp(bytes + at + 4, "IEND", 4) == 0;
        animated = animated || memcmp(bytes + at + 4, "fdAT", 4) == 0;
    }
    return animated;
}

enum { PACKED_MOST = 1032 }; /* bytes that deflate packs into one */

void image_parse_png(image *out, const data_file *file)
{
    rest from = {file->bytes, file->size};
    out->animated = check_chunks(file);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, (png_voidp)file->path, refuse, ignore);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL)
        fail("%s: not enough memory", file->path);
    png_set_user_limits(png, SIDE_MAX, SIDE_MAX);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT); /* it would leave out how a camera was held */
    png_set_read_fn(png, &from, read_bytes);
    png_read_info(png, info);
    out->height = png_get_image_height(png, info);
    out->width = png_get_image_width(png, info);
    data_check_size(file, out->height, png_get_rowbytes(png, info), PACKED_MOST);
    set_transforms(png, info);
    read_rows(out, png, info, file->path);
    turn(out, png, info);
    png_destroy_read_struct(&png, &info, NULL);
}
