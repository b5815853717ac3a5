/* A folder of PNG, JPEG, PGM and PPM pictures, all of one size, in the order of their names; or of folders of them, a
 * class each. */
#define _POSIX_C_SOURCE 200809L

#include "data/csv.h"
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
#include <strings.h>
#include <sys/stat.h>

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

static void check_alike(const char *path, const char *name, const image *picture, const char *first_name,
                        const image *first)
{
    if (picture->height != first->height || picture->width != first->width || picture->channels != first->channels)
        fail("%s/%s: %zux%zu %s, but %s is %zux%zu %s; all images must be alike", path, name, picture->width,
             picture->height, colours(picture->channels), first_name, first->width, first->height,
             colours(first->channels));
    if (picture->maximum != first->maximum)
        fail("%s/%s: values of 0..%u, but in %s of 0..%u; all images must be alike", path, name, picture->maximum,
             first_name, first->maximum);
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

/* Pictures as they are listed: names within the folder, with the class of each. */
typedef struct listing {
    char **names;
    int32_t *classes;
    size_t count, names_room, classes_room;
} listing;

/* Those of the folder `path`/`within`, or of `path` itself. */
static size_t list_pictures(listing *out, const char *path, const char *within, int32_t class)
{
    struct dirent **entries;
    char *folder = text_format("%s%s%s", path, *within != '\0' ? "/" : "", within);
    int found = scandir(folder, &entries, is_picture, by_name);
    if (found < 0)
        fail("%s: cannot open: %s", folder, strerror(errno));
    for (int i = 0; i < found; i++) {
        out->names = grow(out->names, &out->names_room, out->count + 1, sizeof *out->names);
        out->classes = grow(out->classes, &out->classes_room, out->count + 1, sizeof *out->classes);
        out->names[out->count] = text_format("%s%s%s", within, *within != '\0' ? "/" : "", entries[i]->d_name);
        out->classes[out->count++] = class;
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return (size_t)found;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int is_folder(const char *path, const char *name)
{
    struct stat about;
    char *whole = text_format("%s/%s", path, name);
    int is = stat(whole, &about) == 0 && S_ISDIR(about.st_mode);
    free(whole);
    return is;
}

/* Each folder within that holds pictures is a class, by the order of their names; returns those names. */
static char **list_classes(listing *out, const char *path, size_t *classes)
{
    struct dirent **entries;
    char **names = NULL;
    size_t room = 0;
    int found = scandir(path, &entries, is_visible, by_name);
    for (int i = 0; i < found; i++) {
        if (is_folder(path, entries[i]->d_name) &&
            list_pictures(out, path, entries[i]->d_name, (int32_t)*classes) > 0) {
            names = grow(names, &room, *classes + 1, sizeof *names);
            names[(*classes)++] = text_format("%s", entries[i]->d_name);
        }
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
    return names;
}

static void load_all(dataset *out, const char *path, char *const *names, size_t count)
{
    image first = {0};
    size_t transparent = 0;
    for (size_t i = 0; i < count; i++) {
        image picture;
        load_picture(&picture, path, names[i]);
        if (i == 0) {
            first = picture;
            int64_t shape[] = {(int64_t)first.height, (int64_t)first.width, (int64_t)first.channels};
            data_reserve(out, path, count, shape, 3);
        }
        check_alike(path, names[i], &picture, names[0], &first);
        transparent += (size_t)picture.transparent;
        store(out, i, &picture);
        free(picture.pixels);
    }
    finish(out, &first, path, transparent);
}

void data_load_folder(dataset *out, const char *path)
{
    listing all = {0};
    size_t classes = 0;
    char **class_names = list_pictures(&all, path, "", 0) == 0 ? list_classes(&all, path, &classes) : NULL;
    if (all.count == 0)
        fail("%s: holds no PNG, JPEG, PGM or PPM images, nor folders of them", path);
    if (classes > DATA_CLASSES_MAX)
        fail("%s: holds %zu folders of images, expected at most %d", path, classes, DATA_CLASSES_MAX);
    load_all(out, path, all.names, all.count);
    if (classes > 1) { /* one alone tells nothing */
        out->labels = all.classes;
        out->class_names = csv_join(class_names, classes);
        out->header = LABELS_BESIDE;
    } else {
        free(all.classes);
    }
    for (size_t i = 0; i < all.count; i++)
        free(all.names[i]);
    for (size_t i = 0; i < classes; i++)
        free(class_names[i]);
    free(all.names);
    free(class_names);
}
