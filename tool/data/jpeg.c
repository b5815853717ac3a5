#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

/* libjpeg's way to report: it must not return. client_data is the path. */
static void refuse(j_common_ptr jpeg)
{
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    fail("%s: damaged JPEG file (%s)", (const char *)jpeg->client_data, message);
}

/* It fills what is missing with grey and only warns: for data that is as bad as an error. */
static void refuse_warning(j_common_ptr jpeg, int level)
{
    if (level < 0)
        refuse(jpeg);
}

void image_load_jpeg(image *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("%s: cannot open: %s", path, strerror(errno));
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = refuse;
    errors.emit_message = refuse_warning;
    jpeg.client_data = (void *)path;
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    out->height = jpeg.output_height;
    out->width = jpeg.output_width;
    out->channels = (size_t)jpeg.output_components;
    size_t row = out->width * out->channels;
    out->pixels = allocate(multiply(out->height, row, path), 1);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW line = out->pixels + jpeg.output_scanline * row;
        jpeg_read_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    fclose(file);
}
