#include "restoring/mask.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/overwrite.h"
#include "common/random.h"
#include "common/text.h"
#include "data/dataset.h"
#include "data/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A flat row is a picture of height 1. */
typedef struct grid {
    size_t height, width, channels;
} grid;

static void set_pixel(uint8_t *known, const grid *g, size_t pixel, int is_known)
{
    memset(known + pixel * g->channels, is_known, g->channels);
}

/* The half between two quarters; a side of one pixel has no quarters, and is taken whole. */
static int in_middle(size_t at, size_t side)
{
    size_t half = side / 2, first = (side - half) / 2;
    return side == 1 || (at >= first && at < first + half);
}

/* Whether the half called `name` holds this pixel; of an odd side the smaller part. */
static int in_half(const char *name, const grid *g, size_t row, size_t column)
{
    if (strcmp(name, "left") == 0)
        return column < g->width / 2;
    if (strcmp(name, "right") == 0)
        return column >= g->width - g->width / 2;
    if (strcmp(name, "top") == 0)
        return row < g->height / 2;
    if (strcmp(name, "bottom") == 0)
        return row >= g->height - g->height / 2;
    return in_middle(row, g->height) && in_middle(column, g->width); /* center */
}

static void take_half(uint8_t *known, const char *name, const grid *g)
{
    static const char *const names[] = {"left", "right", "top", "bottom", "center", NULL};
    size_t i = 0;
    while (names[i] != NULL && strcmp(name, names[i]) != 0)
        i++;
    if (names[i] == NULL)
        fail_usage("inpaint: --mask half:%s, expected half:left, right, top, bottom or center", name);
    if (g->height == 1 && (strcmp(name, "top") == 0 || strcmp(name, "bottom") == 0))
        fail_usage("inpaint: --mask half:%s, but samples are rows: expected left, right or center", name);
    size_t pixels = g->height * g->width, missing = 0;
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        int is_missing = in_half(name, g, pixel / g->width, pixel % g->width);
        set_pixel(known, g, pixel, !is_missing);
        missing += (size_t)is_missing;
    }
    if (missing == 0 || missing == pixels)
        fail_usage("inpaint: --mask half:%s leaves %s of a sample of %zux%zu missing", name,
                   missing == 0 ? "nothing" : "all", g->height, g->width);
}

static void take_random(uint8_t *known, double share, const grid *g, uint64_t seed, size_t sample)
{
    random_stream stream = {seed, RANDOM_MASK};
    for (size_t pixel = 0; pixel < g->height * g->width; pixel++)
        set_pixel(known, g, pixel, random_uniform(stream, sample, pixel) >= share);
}

/* 1: white, 0: black; a colour is neither. */
static int is_white(const image *picture, const char *path, size_t pixel)
{
    size_t bright = 0;
    for (size_t c = 0; c < picture->channels; c++)
        bright += 2 * picture->pixels[pixel * picture->channels + c] >= picture->maximum;
    if (bright > 0 && bright < picture->channels)
        fail("%s: row %zu, column %zu (from 0) is a colour, expected black where pixels are known and white where they "
             "are missing",
             path, pixel / picture->width, pixel % picture->width);
    return bright > 0;
}

/* A photograph is no mask, though the edges of one may be smooth. */
static void note_greys(const image *picture, const char *path)
{
    size_t pixels = picture->height * picture->width, greys = 0;
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        uint16_t value = picture->pixels[pixel * picture->channels];
        greys += value != 0 && value != picture->maximum;
    }
    if (greys > 0)
        note("%s: %zu of %zu pixels are neither black nor white; those of half the brightness and more are taken for "
             "white",
             path, greys, pixels);
}

static void take_picture(uint8_t *known, const char *path, const grid *g)
{
    image picture;
    overwrite_spare(path);
    image_load(&picture, path, BACKGROUND_STORED);
    if (picture.height != g->height || picture.width != g->width)
        fail("%s: %zux%zu pixels, but samples have %zux%zu", path, picture.width, picture.height, g->width, g->height);
    size_t missing = 0;
    for (size_t pixel = 0; pixel < g->height * g->width; pixel++) {
        int is_known = !is_white(&picture, path, pixel);
        set_pixel(known, g, pixel, is_known);
        missing += !is_known;
    }
    if (picture.transparent)
        note("%s: the mask's transparency is left out; white is what is missing", path);
    if (missing == 0)
        fail("%s: no pixel is white, so that nothing is missing", path);
    note_greys(&picture, path);
    free(picture.pixels);
}

static double share_of(const char *text)
{
    const char *end = text;
    double share;
    if (!text_number(&share, &end) || *end != '\0' || share < 0 || share > 1)
        fail_usage("inpaint: --mask random:%s, expected a share 0..1 of missing pixels", text);
    return share;
}

void mask_make(uint8_t *known, const char *text, size_t count, const int64_t *shape, size_t rank, uint64_t seed)
{
    grid g = {1, (size_t)shape[0], 1};
    if (data_is_image(shape, rank))
        g = (grid){(size_t)shape[0], (size_t)shape[1], rank == 3 ? (size_t)shape[2] : 1};
    else if (rank > 1)
        fail("inpaint: samples of %zu axes are no pictures", rank);
    size_t dim = g.height * g.width * g.channels;
    int random = strncmp(text, "random:", 7) == 0;
    double share = random ? share_of(text + 7) : 0;
    if (strncmp(text, "half:", 5) == 0)
        take_half(known, text + 5, &g);
    else if (!random && text_ends_with(text, ".png"))
        take_picture(known, text, &g);
    else if (!random)
        fail_usage("inpaint: --mask %s, expected half:left, half:center, …, random:0.5, or a .png file", text);
    for (size_t i = 0; i < count; i++) {
        if (random)
            take_random(known + i * dim, share, &g, seed, i);
        else if (i > 0)
            memcpy(known + i * dim, known, dim);
    }
}
