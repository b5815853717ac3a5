/* A folder of PNG, JPEG, PGM and PPM pictures, all of one size, in the order of their names; or one of them. */
#define _POSIX_C_SOURCE 200809L

#include "data/dataset.h"
#include "data/image.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_picture(const char *name)
{
    static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pgm", ".ppm", ".pnm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (name[0] != '.' && text_ends_with(name, suffixes[i]))
            return 1;
    }
    return 0;
}

/* By bytes, whatever the locale: the order of the samples is part of what "same data" means. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_picture(image *out, const char *path, const data_format *format)
{
    image_load(out, path);
    if (format->resize[0] > 0)
        image_resize(out, (size_t)format->resize[0], (size_t)format->resize[1]);
}

/* Grey among colours is a colour too. */
static void store(dataset *out, size_t index, const image *picture)
{
    size_t channels = out->dim / (picture->height * picture->width), repeat = channels / picture->channels;
    for (size_t i = 0; i < out->dim; i++)
        out->values[index * out->dim + i] = picture->pixels[i / repeat];
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

void data_load_picture(dataset *out, const data_file *file, const data_format *format)
{
    image picture;
    image_parse(&picture, file);
    if (format->resize[0] > 0)
        image_resize(&picture, (size_t)format->resize[0], (size_t)format->resize[1]);
    int64_t shape[] = {(int64_t)picture.height, (int64_t)picture.width, (int64_t)picture.channels};
    data_reserve(out, file->path, 1, shape, 3);
    store(out, 0, &picture);
    free(picture.pixels);
    finish(out, &picture, file->path, (size_t)picture.transparent);
}

/* What a folder holds. */
typedef struct listing {
    char **pictures; /* [count], their paths */
    size_t count, capacity;
    char **kinds; /* [left], of the entries left out: ".gif", "folder", … */
    size_t left, left_capacity;
} listing;

/* Of what is no picture. */
static char *kind_of(const char *path, const char *name)
{
    struct stat about;
    const char *dot = strrchr(name, '.');
    char *whole = text_format("%s/%s", path, name);
    int folder = stat(whole, &about) == 0 && S_ISDIR(about.st_mode);
    free(whole);
    if (name[0] == '.')
        return text_format("hidden");
    if (folder)
        return text_format("folder");
    return dot != NULL ? text_format("%.12s", dot) : text_format("without an ending");
}

static void list_folder(listing *out, const char *path)
{
    struct dirent **entries;
    int found = scandir(path, &entries, NULL, by_name);
    if (found < 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        if (is_picture(name)) {
            out->pictures = grow(out->pictures, &out->capacity, out->count + 1, sizeof *out->pictures);
            out->pictures[out->count++] = text_format("%s/%s", path, name);
        } else if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            out->kinds = grow(out->kinds, &out->left_capacity, out->left + 1, sizeof *out->kinds);
            out->kinds[out->left++] = kind_of(path, name);
        }
        free(entries[i]);
    }
    free(entries);
}

/* "3 .webp, 1 folder, 2 hidden"; in the order of the first of each; freed by free(). */
static char *left_out(const listing *list)
{
    char *text = text_format("%s", "");
    for (size_t i = 0; i < list->left; i++) {
        size_t same = 0, before = 0;
        for (size_t j = 0; j < list->left; j++) {
            same += strcmp(list->kinds[i], list->kinds[j]) == 0;
            before += j < i && strcmp(list->kinds[i], list->kinds[j]) == 0;
        }
        if (before == 0)
            text_append(&text, "%s%zu %s", *text != '\0' ? ", " : "", same, list->kinds[i]);
    }
    return text;
}

static void check_listing(const listing *list, const char *path)
{
    char *left = left_out(list);
    if (list->count == 0)
        fail("%s: holds no PNG, JPEG, PGM or PPM images%s%s", path, list->left > 0 ? ", but " : "", left);
    if (list->left > 0)
        fprintf(stderr, "diffusion: note: %s: %zu images are read, what else is there is not: %s\n", path, list->count,
                left);
    free(left);
}

/* Grey and RGB go together, as RGB. */
static void check_like(const image *picture, const char *path, const image *first, const char *first_path)
{
    if (picture->height != first->height || picture->width != first->width)
        fail("%s: %zux%zu pixels, but %s has %zux%zu; all images must be of one size: --data resize=height,width makes "
             "them so",
             path, picture->width, picture->height, first_path, first->width, first->height);
    if (picture->maximum != first->maximum)
        fail("%s: values of 0..%u, but in %s of 0..%u; all images must be alike", path, picture->maximum, first_path,
             first->maximum);
}

static void say_colours(const char *path, size_t grey, size_t count)
{
    if (grey > 0 && grey < count)
        fprintf(stderr, "diffusion: note: %s: %zu of %zu images are grey, and taken for RGB as the others are\n", path,
                grey, count);
}

void data_load_folder(dataset *out, const char *path, const data_format *format)
{
    listing list = {0};
    list_folder(&list, path);
    check_listing(&list, path);
    image *pictures = allocate(list.count, sizeof *pictures);
    size_t grey = 0, transparent = 0;
    for (size_t i = 0; i < list.count; i++) {
        load_picture(&pictures[i], list.pictures[i], format);
        check_like(&pictures[i], list.pictures[i], &pictures[0], list.pictures[0]);
        grey += pictures[i].channels == 1;
        transparent += (size_t)pictures[i].transparent;
    }
    int64_t shape[] = {(int64_t)pictures[0].height, (int64_t)pictures[0].width, grey == list.count ? 1 : 3};
    data_reserve(out, path, list.count, shape, 3);
    for (size_t i = 0; i < list.count; i++) {
        store(out, i, &pictures[i]);
        free(pictures[i].pixels);
        free(list.pictures[i]);
    }
    for (size_t i = 0; i < list.left; i++)
        free(list.kinds[i]);
    free(list.kinds);
    free(list.pictures);
    say_colours(path, grey, list.count);
    finish(out, &pictures[0], path, transparent);
    free(pictures);
}
