/* A folder of PNG, JPEG, PGM and PPM pictures, all of one size, in the order of their names, or of folders
 * of them, a class each; or one picture. */
#include "data/csv.h"
#include "data/dataset.h"
#include "data/image.h"
#include "data/listing.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/overwrite.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>

static void load_picture(image *out, const char *path, const data_format *format)
{
    image_load(out, path, format->background);
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

static void say_transparency(const char *path, image_background background, size_t transparent, size_t count)
{
    if (transparent == 0)
        return;
    if (background == BACKGROUND_STORED)
        note("%s: transparency is left out, in %zu of %zu images; colours are as stored", path, transparent, count);
    else
        note("%s: what is transparent is laid on %s, in %zu of %zu images; --data background= chooses", path,
             background == BACKGROUND_BLACK ? "black" : "white", transparent, count);
}

/* 16 bits seldom use their whole range: then it is that of the values. */
static void finish(dataset *out, const image *like, const char *path, size_t animated)
{
    out->discrete = 1;
    out->bounded = like->maximum < 65535;
    out->maximum = like->maximum;
    if (animated > 0)
        note("%s: the first picture of an animation is taken, in %zu of %zu images", path, animated, out->count);
}

void data_load_picture(dataset *out, const data_file *file, const data_format *format)
{
    image picture;
    image_parse(&picture, file, format->background);
    if (format->resize[0] > 0)
        image_resize(&picture, (size_t)format->resize[0], (size_t)format->resize[1]);
    int64_t shape[] = {(int64_t)picture.height, (int64_t)picture.width, (int64_t)picture.channels};
    data_reserve(out, file->path, 1, shape, 3);
    store(out, 0, &picture);
    free(picture.pixels);
    say_transparency(file->path, format->background, (size_t)picture.transparent, 1);
    finish(out, &picture, file->path, (size_t)picture.animated);
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
        note("%s: %zu of %zu images are grey, and taken for RGB as the others are", path, grey, count);
}

/* "10" comes before "2". */
static void say_numbers(const listing *list, const char *path)
{
    for (size_t i = 0; i < list->class_count; i++) {
        int64_t number;
        if (!text_integer(&number, list->classes[i], INT64_MIN, INT64_MAX) || number == (int64_t)i)
            continue;
        note("%s: classes are numbered from 0 in the order of the folders' names, so that %zu is that of the folder %s",
             path, i, list->classes[i]);
        return;
    }
}

static void take_classes(dataset *out, const listing *list, const char *path)
{
    if (list->class_count < 2) /* one alone tells nothing */
        return;
    say_numbers(list, path);
    out->labels = allocate(out->count, sizeof *out->labels);
    for (size_t i = 0, class = 0; i < out->count; i++) {
        class += i == list->ends[class];
        out->labels[i] = (int32_t) class;
    }
    out->class_names = csv_join(list->classes, list->class_count);
    out->header = LABELS_BESIDE;
}

void data_load_folder(dataset *out, const char *path, const data_format *format)
{
    listing list;
    listing_read(&list, path);
    overwrite_keep_out(path, list.class_count > 0);
    image *pictures = allocate(list.count, sizeof *pictures);
    size_t grey = 0, transparent = 0, animated = 0;
    for (size_t i = 0; i < list.count; i++) {
        load_picture(&pictures[i], list.pictures[i], format);
        check_like(&pictures[i], list.pictures[i], &pictures[0], list.pictures[0]);
        grey += pictures[i].channels == 1;
        transparent += (size_t)pictures[i].transparent;
        animated += (size_t)pictures[i].animated;
    }
    int64_t shape[] = {(int64_t)pictures[0].height, (int64_t)pictures[0].width, grey == list.count ? 1 : 3};
    data_reserve(out, path, list.count, shape, 3);
    for (size_t i = 0; i < list.count; i++) {
        store(out, i, &pictures[i]);
        free(pictures[i].pixels);
    }
    take_classes(out, &list, path);
    say_colours(path, grey, list.count);
    say_transparency(path, format->background, transparent, list.count);
    finish(out, &pictures[0], path, animated);
    listing_release(&list);
    free(pictures);
}
