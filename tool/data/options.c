/* The keys of --data. */
#include "data/prepare.h"

#include "common/fail.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_LARGEST = 1 << 24 };

static const char *const keys[] = {"labels",   "shape", "dequantize", "scale",   "header", "first", "count",
                                   "hold_out", "crop",  "crops",      "shuffle", "seed",   NULL};

const char *data_help(void)
{
    return "Data is read from\n"
           "    .csv .tsv .txt  (or .gz of these) one sample a line: numbers between commas, semicolons, tabs or "
           "blanks,\n"
           "                    with or without a header line; a first column without a name is an index, left out\n"
           "    .npy, .npy.gz   NumPy arrays of real or whole numbers; the first axis counts samples\n"
           "    IDX, IDX .gz    the format of MNIST (names that end in -ubyte or .idx)\n"
           "    .bin, .bin.gz   the binary batches of CIFAR-10, with their labels\n"
           "    PNG, JPEG, PGM, PPM  one image, upright by EXIF, of 8 or 16 bits without its transparency; see crop\n"
           "    a folder        of such images, all of one size, in the order of their names, or of folders of them, a "
           "class each\n"
           "\n"
           "Keys of --data\n"
           "    labels=none|first|last|PATH\n"
           "        Where the class labels are: the first or last value of every row, or a file of their own (CSV, "
           ".npy\n"
           "        or IDX, one whole number a sample). Default: last or first if a CSV header names that column "
           "label,\n"
           "        class or target; the file beside an IDX file of images (train-labels-idx1-ubyte for\n"
           "        train-images-idx3-ubyte); folders of images by class; else none. In bound and sample: as in\n"
           "        training.\n"
           "    shape=sizes\n"
           "        Shape of one sample, such as 8,8,1 (height, width, channels). Default: as the file has it; in "
           "bound\n"
           "        and sample the model's.\n"
           "    dequantize=auto|yes|no\n"
           "        Whether uniform noise fills the gaps between whole numbers, so that densities can be measured.\n"
           "        Default auto: for images, IDX, integer arrays, and whole columns of CSV files.\n"
           "    scale=auto|columns|unit|none\n"
           "        What of the training data is shifted and scaled to mean 0 and variance 1, with the noise of "
           "dequantize\n"
           "        counted in: each column by itself (columns), all values together (unit), nothing (none). Default "
           "auto:\n"
           "        columns for tables, unit for images and bytes. Binomial data (0 and 1) never is.\n"
           "    header=auto|yes|no\n"
           "        Whether the first line of a CSV file names the columns. Default auto: if it holds names and no "
           "number.\n"
           "    first=index (default 0), count=number (default all)\n"
           "        Uses these samples of the file alone.\n"
           "    hold_out=number (default 0)\n"
           "        Keeps the last samples of those back: train (which shows their loss) and info leave them out, "
           "bound "
           "and\n"
           "        parzen measure them alone.\n"
           "    crop=height,width, crops=number (default 10000)\n"
           "        Cuts random pieces out of images. With hold_out the last of them come from the lower quarter of "
           "the\n"
           "        rows and the others from the rows above, so that they share no pixel. Not with first, count, "
           "shuffle.\n"
           "    shuffle=yes|no (default no)\n"
           "        Puts the samples into a random order before first, count and hold_out choose from them: for files\n"
           "        that are sorted. Give the same in bound.\n"
           "    seed=number (default 1)\n"
           "        Of crops and shuffle.\n";
}

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

static void parse_crop(data_options *out, const char *value)
{
    int good = text_integers(out->crop, 2, value, SIZE_LARGEST) == 2 && out->crop[0] > 0 && out->crop[1] > 0;
    if (!good)
        fail_usage("--data: crop=%s, expected height,width", value);
}

static void set(data_options *out, const char *key, const char *value)
{
    static const char *const dequantize[] = {"auto", "no", "yes", NULL},
                             *const scale[] = {"auto", "columns", "unit", "none", NULL},
                             *const header[] = {"auto", "no", "yes", NULL}, *const shuffle[] = {"no", "yes", NULL};
    if (strcmp(key, "labels") == 0 && *value != '\0' && out->labels == NULL)
        out->labels = text_format("%s", strncmp(value, "file:", 5) == 0 ? value + 5 : value);
    else if (strcmp(key, "labels") == 0)
        fail_usage("--data: labels=%s, expected none, first, last or the path of a file, once", value);
    else if (strcmp(key, "shape") == 0)
        parse_shape(out, value);
    else if (strcmp(key, "dequantize") == 0)
        out->dequantize = choose(key, value, dequantize, "auto, yes or no") - 1;
    else if (strcmp(key, "scale") == 0)
        out->scale = (data_scale)choose(key, value, scale, "auto, columns, unit or none");
    else if (strcmp(key, "header") == 0)
        out->header = (header_line)choose(key, value, header, "auto, yes or no");
    else if (strcmp(key, "first") == 0)
        out->first = whole(key, value, 0);
    else if (strcmp(key, "count") == 0)
        out->count = whole(key, value, 1);
    else if (strcmp(key, "hold_out") == 0)
        out->hold_out = whole(key, value, 0);
    else if (strcmp(key, "crop") == 0)
        parse_crop(out, value);
    else if (strcmp(key, "crops") == 0)
        out->crops = whole(key, value, 1);
    else if (strcmp(key, "shuffle") == 0)
        out->shuffle = choose(key, value, shuffle, "yes or no");
    else if (!text_unsigned(&out->seed, value))
        fail_usage("--data: seed=%s, expected a whole number 0..2^64-1", value);
}

static void check_key(const char *key)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (strcmp(key, keys[i]) == 0)
            return;
    }
    const char *nearest = text_nearest(key, keys);
    if (nearest != NULL)
        fail_usage("--data: unknown key '%s', did you mean '%s'?", key, nearest);
    fail_usage(
        "--data: unknown key '%s', expected labels, shape, dequantize, scale, header, first, count, hold_out, crop, "
        "crops, shuffle or seed",
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

/* Up to the next white space. The name of a file of labels may hold some: it goes on to the next key=. */
static size_t pair_length(const char *text)
{
    size_t length = strcspn(text, white);
    if (strncmp(text, "labels=", 7) != 0)
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
    *out = (data_options){.dequantize = -1, .count = -1, .seed = 1};
    if (text == NULL)
        return;
    for (text += strspn(text, white); *text != '\0'; text += strspn(text, white)) {
        size_t length = pair_length(text), key_length = strcspn(text, "=");
        if (key_length >= length)
            fail_usage("--data: '%.*s' is not of the form key=value", (int)length, text);
        char *key = text_format("%.*s", (int)key_length, text);
        char *value = text_format("%.*s", (int)(length - key_length - 1), text + key_length + 1);
        check_key(key);
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
}
