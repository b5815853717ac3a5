#define _POSIX_C_SOURCE 200809L

#include "data/write.h"

#include "common/fail.h"
#include "common/output.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void folder_begin(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return;
    if (errno != EEXIST)
        fail("%s: cannot make the folder: %s", path, strerror(errno));
    DIR *folder = opendir(path);
    if (folder == NULL)
        fail("%s: cannot open: %s", path, strerror(errno));
    int entries = 0;
    while (readdir(folder) != NULL)
        entries++;
    closedir(folder);
    if (entries > 2) /* . and .. */
        fail("%s: the folder is not empty", path);
}

static void write_picture(const char *path, const unsigned char *pixels, size_t height, size_t width)
{
    png_image picture = {.version = PNG_IMAGE_VERSION,
                         .width = (png_uint_32)width,
                         .height = (png_uint_32)height,
                         .format = PNG_FORMAT_GRAY};
    output *out = output_open(path);
    int written = png_image_write_to_stdio(&picture, output_stream(out), 0, pixels, 0, NULL);
    output_flush(out);
    if (!written)
        fail("%s: cannot write the picture: %s", path, picture.message);
    output_commit(out);
}

void folder_write(const char *path, const unsigned char *pixels, size_t count, size_t height, size_t width)
{
    for (size_t i = 0; i < count; i++) {
        char *name = text_format("%s/%05zu.png", path, i);
        write_picture(name, pixels + i * height * width, height, width);
        free(name);
    }
}
