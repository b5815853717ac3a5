/* A folder of PNG, JPEG, PGM and PPM pictures, all of one size, in the order of their names. */
#define _POSIX_C_SOURCE 200809L

#include "data/dataset.h"
#include "data/image.h"

#include "common/fail.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);
    return length > end && strcasecmp(name + length - end, suffix) == 0;
}

static int is_picture(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && (has_suffix(entry->d_name, ".png") || has_suffix(entry->d_name, ".jpg") ||
                                       has_suffix(entry->d_name, ".jpeg") || has_suffix(entry->d_name, ".pgm") ||
                                       has_suffix(entry->d_name, ".ppm") || has_suffix(entry->d_name, ".pnm"));
}

/* By bytes, whatever the locale: the order of the samples is part of what "same data" means. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static const char *colours(size_t channels)
{
    return channels == 1 ? "grey" : "RGB";
}

static void load_picture(image *out, const char *folder, const char *name)
{
    char *path = text_format("%s/%s", folder, name);
    image_load(out, path);
    free(path);
}

static void store(dataset *out, size_t index, const image *picture)
{
    for (size_t i = 0; i < out->dim; i++)
        out->values[index * out->dim + i] = picture->pixels[i];
}

/* 16 bits seldom use their whole range: then it is that of the values. */
static void finish(dataset *out, const image *like, const char *path, size_t transparent)
{
    out->discrete = 1;
    out->bounded = like->maximum < 65535;
    out->maximum = like->maximum;
    if (transparent > 0)
        fprintf(stderr, "diffusion: note: %s: transparency is left out, in %zu of %zu images; colours are as stored\n",
                path, transparent, out->count);
}

void data_load_picture(dataset *out, const char *path)
{
    image picture;
    image_load(&picture, path);
    int64_t shape[] = {(int64_t)picture.height, (int64_t)picture.width, (int64_t)picture.channels};
    data_reserve(out, path, 1, shape, 3);
    store(out, 0, &picture);
    free(picture.pixels);
    finish(out, &picture, path, (size_t)picture.transparent);
}

void data_load_folder(dataset *out, const char *path)
{
    struct dirent **names;
    int found = scandir(path, &names, is_picture, by_name);
    if (found < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    if (found == 0)
        fail("%s: holds no PNG, JPEG, PGM or PPM images", path);
    image first = {0};
    size_t transparent = 0;
    for (int i = 0; i < found; i++) {
        image picture;
        load_picture(&picture, path, names[i]->d_name);
        if (i == 0) {
            first = picture;
            int64_t shape[] = {(int64_t)first.height, (int64_t)first.width, (int64_t)first.channels};
            data_reserve(out, path, (size_t)found, shape, 3);
        }
        if (picture.height != first.height || picture.width != first.width || picture.channels != first.channels)
            fail("%s/%s: %zux%zu %s, but %s is %zux%zu %s; all images must be alike", path, names[i]->d_name,
                 picture.width, picture.height, colours(picture.channels), names[0]->d_name, first.width, first.height,
                 colours(first.channels));
        if (picture.maximum != first.maximum)
            fail("%s/%s: values of 0..%u, but in %s of 0..%u; all images must be alike", path, names[i]->d_name,
                 picture.maximum, names[0]->d_name, first.maximum);
        transparent += (size_t)picture.transparent;
        store(out, (size_t)i, &picture);
        free(picture.pixels);
    }
    for (int i = 0; i < found; i++)
        free(names[i]);
    free(names);
    finish(out, &first, path, transparent);
}
