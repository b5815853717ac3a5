/* The keys of --data. */
#include "data/prepare.h"

#include "common/fail.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_LARGEST = 1 << 24 };

static const char *const keys[] = {"labels",  "shape", "dequantize", "scale", "header",     "drop",
                                   "missing", "array", "first",      "count", "hold_out",   "resize",
                                   "crop",    "crops", "shuffle",    "seed",  "background", NULL};

static int choose(const char *key, const char *value, const char *const *names, const char *expected)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(value, names[i]) == 0)
            return i;
    }
    fail_usage("--data: %s=%s, expected %s", key, value, expected);
}

static int64_t whole(const char *key, const char *value, int64_t minimum)
{
    int64_t number;
    if (!text_integer(&number, value, minimum, INT64_MAX))
        fail_usage("--data: %s=%s, expected a whole number of at least %lld", key, value, (long long)minimum);
    return number;
}

static void parse_shape(data_options *out, const char *value)
{
    int good = (out->rank = text_integers(out->shape, DATA_RANK, value, SIZE_LARGEST)) > 0;
    for (size_t i = 0; i < out->rank; i++)
        good = good && out->shape[i] > 0;
    if (!good)
        fail_usage("--data: shape=%s, expected 1 to %d comma-separated sizes", value, DATA_RANK);
}

/* Of crop and resize. */
static void parse_sides(int64_t *sides, const char *key, const char *value)
{
    int good = text_integers(sides, 2, value, SIZE_LARGEST) == 2 && sides[0] > 0 && sides[1] > 0;
    if (!good)
        fail_usage("--data: %s=%s, expected height,width", key, value);
}

static void parse_text(char **out, const char *key, const char *value)
{
    if (*value == '\0')
        fail_usage("--data: %s=, expected a name", key);
    *out = text_format("%s", value);
}

/* Keys of numbers and words; 0 if it is none of these. */
static int set_choice(data_options *out, const char *key, const char *value)
{
    static const char *const dequantize[] = {"auto", "no", "yes", NULL}, *const scale[] = {"auto", "columns", "unit",
                                                                                           "grid", "none",    NULL},
                             *const header[] = {"auto", "no", "yes", NULL}, *const shuffle[] = {"no", "yes", NULL},
                             *const missing[] = {"refuse", "skip", NULL};
    if (strcmp(key, "dequantize") == 0)
        out->dequantize = choose(key, value, dequantize, "auto, yes or no") - 1;
    else if (strcmp(key, "scale") == 0)
        out->scale = (data_scale)choose(key, value, scale, "auto, columns, unit, grid or none");
    else if (strcmp(key, "header") == 0)
        out->header = (header_line)choose(key, value, header, "auto, yes or no");
    else if (strcmp(key, "missing") == 0)
        out->skip_missing = choose(key, value, missing, "refuse or skip");
    else if (strcmp(key, "background") == 0)
        out->background =
            BACKGROUND_WHITE + (image_background)choose(key, value, image_background_names, "white, black or stored");
    else if (strcmp(key, "shuffle") == 0)
        out->shuffle = choose(key, value, shuffle, "yes or no");
    else
        return 0;
    return 1;
}

static void set(data_options *out, const char *key, const char *value)
{
    if (set_choice(out, key, value))
        return;
    if (strcmp(key, "labels") == 0 && *value != '\0')
        out->labels = text_format("%s", strncmp(value, "file:", 5) == 0 ? value + 5 : value);
    else if (strcmp(key, "labels") == 0)
        fail_usage("--data: labels=, expected none, first, last or the path of a file");
    else if (strcmp(key, "shape") == 0)
        parse_shape(out, value);
    else if (strcmp(key, "first") == 0)
        out->first = whole(key, value, 0);
    else if (strcmp(key, "count") == 0)
        out->count = whole(key, value, 1);
    else if (strcmp(key, "hold_out") == 0)
        out->hold_out = whole(key, value, 0);
    else if (strcmp(key, "crop") == 0)
        parse_sides(out->crop, key, value);
    else if (strcmp(key, "resize") == 0)
        parse_sides(out->resize, key, value);
    else if (strcmp(key, "drop") == 0)
        parse_text(&out->drop, key, value);
    else if (strcmp(key, "array") == 0)
        parse_text(&out->array, key, value);
    else if (strcmp(key, "crops") == 0)
        out->crops = whole(key, value, 1);
    else if (!text_unsigned(&out->seed, value))
        fail_usage("--data: seed=%s, expected a whole number 0..2^64-1", value);
}

/* `given` has a bit for each key that stands before this one. */
static void check_key(const char *key, uint32_t *given)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (strcmp(key, keys[i]) != 0)
            continue;
        if ((*given >> i & 1) != 0)
            fail_usage("--data: key '%s' is given twice", key);
        *given |= UINT32_C(1) << i;
        return;
    }
    const char *nearest = text_nearest(key, keys);
    if (nearest != NULL)
        fail_usage("--data: unknown key '%s', did you mean '%s'?", key, nearest);
    fail_usage("--data: unknown key '%s', expected labels, shape, dequantize, scale, header, drop, missing, array, "
               "first, count, "
               "hold_out, resize, crop, crops, shuffle, seed or background",
               key);
}

enum { CROPS = 10000 }; /* unless crops says otherwise */

static void check_crop_keys(data_options *out)
{
    int cropped = out->crop[0] > 0;
    if (!cropped && out->crops > 0)
        fail_usage("--data: crops=%lld, but crop=height,width is missing", (long long)out->crops);
    if (cropped && (out->first > 0 || out->count >= 0 || out->shuffle))
        fail_usage("--data: crop does not go with first, count or shuffle");
    if (cropped && out->crops == 0)
        out->crops = CROPS;
}

static const char white[] = " \t\r\n";

/* Up to the next white space. Names of files, columns and arrays may hold some: these go on to the next key=. */
static size_t pair_length(const char *text)
{
    size_t length = strcspn(text, white);
    if (strncmp(text, "labels=", 7) != 0 && strncmp(text, "drop=", 5) != 0 && strncmp(text, "array=", 6) != 0)
        return length;
    for (;;) {
        const char *next = text + length + strspn(text + length, white);
        size_t word = strcspn(next, white);
        if (word == 0 || memchr(next, '=', word) != NULL)
            return length;
        length = (size_t)(next - text) + word;
    }
}

void data_options_parse(data_options *out, const char *text)
{
    uint32_t given = 0;
    *out = (data_options){.dequantize = -1, .count = -1, .seed = 1};
    if (text == NULL)
        return;
    for (text += strspn(text, white); *text != '\0'; text += strspn(text, white)) {
        size_t length = pair_length(text), key_length = strcspn(text, "=");
        if (key_length >= length)
            fail_usage("--data: '%.*s' is not of the form key=value", (int)length, text);
        char *key = text_format("%.*s", (int)key_length, text);
        char *value = text_format("%.*s", (int)(length - key_length - 1), text + key_length + 1);
        check_key(key, &given);
        set(out, key, value);
        free(key);
        free(value);
        text += length;
    }
    check_crop_keys(out);
}

void data_options_release(data_options *options)
{
    free(options->labels);
    free(options->drop);
    free(options->array);
}
