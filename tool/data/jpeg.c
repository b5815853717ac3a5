#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

/* libjpeg's way to report: it must not return. client_data is the path. */
static void refuse(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    int code = jpeg->err->msg_code, sound = code == JERR_ARITH_NOTIMPL || code == JERR_SOF_UNSUPPORTED ||
                                            code == JERR_BAD_PRECISION || code == JERR_CONVERSION_NOTIMPL;
    fail("%s: %s (%s)", (const char *)jpeg->client_data, sound ? "JPEG file of a kind not read" : "damaged JPEG file",
         message);
}

/* It fills what is missing with grey and only warns: for data that is as bad as an error. */
static void refuse_warning(j_common_ptr jpeg, int level)
{
    if (level < 0)
        refuse(jpeg);
}

/* Segments of application 1 begin with their name. */
static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    static const char name[] = "Exif\0"; /* and the zero of the text */
    for (jpeg_saved_marker_ptr at = jpeg->marker_list; at != NULL; at = at->next) {
        if (at->marker == JPEG_APP0 + 1 && at->data_length > sizeof name && memcmp(at->data, name, sizeof name) == 0)
            return image_orientation(at->data + sizeof name, at->data_length - sizeof name);
    }
    return 1;
}

/* Row after row, each sample of one byte. */
static void read_rows(image *out, struct jpeg_decompress_struct *jpeg)
{
    size_t row = out->width * out->channels;
    unsigned char *line = allocate(row, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint16_t *pixels = out->pixels + jpeg->output_scanline * row;
        jpeg_read_scanlines(jpeg, &line, 1);
        for (size_t i = 0; i < row; i++)
            pixels[i] = line[i];
    }
    free(line);
}

/* A block of 8 x 8 takes a bit at least, arithmetic coding some sixty times less. */
enum { PACKED_MOST = 64 * 8 * 64 };

void image_parse_jpeg(image *out, const data_file *file)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    const char *path = file->path;
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = refuse;
    errors.emit_message = refuse_warning;
    jpeg.client_data = (void *)path;
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, (const unsigned char *)file->bytes, file->size);
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&jpeg, TRUE);
    if (jpeg.num_components == 4)
        fail("%s: a JPEG file of CMYK, expected grey or RGB", path);
    data_check_size(file, jpeg.image_height, jpeg.image_width, PACKED_MOST);
    jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    out->height = jpeg.output_height;
    out->width = jpeg.output_width;
    out->channels = (size_t)jpeg.output_components;
    size_t row = out->width * out->channels;
    out->pixels = allocate(multiply(out->height, row, path), sizeof *out->pixels);
    read_rows(out, &jpeg);
    int orientation = orientation_of(&jpeg);
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    image_turn(out, orientation);
}
