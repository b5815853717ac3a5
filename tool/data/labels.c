/* Where labels come from: a column, a file of their own, the format. */
#define _POSIX_C_SOURCE 200809L

#include "data/csv.h"
#include "data/prepare.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `why` says, if not the user, what made it a label. */
static int32_t label_of(double value, size_t sample, const char *path, const char *why)
{
    if (value != floor(value) || value < 0 || value >= DATA_CLASSES_MAX)
        fail("%s: the label of sample %zu (from 0) is %g, expected a whole number 0..%d%s", path, sample, value,
             DATA_CLASSES_MAX - 1, why);
    return (int32_t)value;
}

/* Takes a column out of flat rows; the values move up in place. */
static void take_column(dataset *data, const char *path, int last, const char *why)
{
    if (data->rank != 1 || data->dim < 2)
        fail("%s: labels=%s needs rows of at least two values", path, last ? "last" : "first");
    size_t dim = data->dim - 1;
    data->labels = allocate(data->count, sizeof *data->labels);
    for (size_t i = 0; i < data->count; i++) {
        double *row = data->values + i * data->dim;
        data->labels[i] = label_of(row[last ? dim : 0], i, path, why);
        memmove(data->values + i * dim, row + !last, dim * sizeof *row);
    }
    if (data->names != NULL) {
        data->label = data->names[last ? dim : 0];
        memmove(data->names, data->names + !last, dim * sizeof *data->names);
    }
    if (data->numbers != NULL)
        memmove(data->numbers, data->numbers + !last, dim * sizeof *data->numbers);
    if (data->whole != NULL)
        memmove(data->whole, data->whole + !last, dim);
    data->discrete = data->whole != NULL ? memchr(data->whole, 0, dim) == NULL : data->discrete;
    data->dim = dim;
    data->shape[0] = (int64_t)dim;
}

static void take_named(dataset *data, const char *path)
{
    int last = data->header == LABELS_LAST;
    take_column(data, path, last, "; the header names this column as the labels, --data labels=none keeps it as data");
    note("%s: the %s column, %s, is taken for the labels; --data labels=none keeps it as data", path,
         last ? "last" : "first", data->label);
}

static void load_labels(dataset *data, const char *path, const char *labels_path)
{
    dataset labels;
    static const char array[] = "array:"; /* of the same archive */
    data_format format = {0};
    if (strncmp(labels_path, array, sizeof array - 1) == 0) {
        format.array = labels_path + sizeof array - 1;
        labels_path = path;
    }
    data_load(&labels, labels_path, &format);
    if (labels.dim != 1 || labels.count != data->count)
        fail("%s: holds %zu rows of %zu values, expected one label for each of the %zu samples of %s; --data "
             "labels=none does without",
             labels_path, labels.count, labels.dim, data->count, path);
    data->labels = allocate(data->count, sizeof *data->labels);
    for (size_t i = 0; i < data->count; i++)
        data->labels[i] = label_of(labels.values[i], i, labels_path, "");
    data_release(&labels);
}

/* The name with `word` for the last `with` of it; NULL if it has none. Freed by free(). */
static char *exchange(const char *name, const char *with, const char *word)
{
    const char *at = NULL;
    for (const char *next = name; (next = strstr(next, with)) != NULL; next++)
        at = next;
    if (at == NULL)
        return NULL;
    return text_format("%.*s%s%s", (int)(at - name), name, word, at + strlen(with));
}

static char *if_there(char *path)
{
    if (path == NULL || access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* "train-images-idx3-ubyte.gz" goes with "train-labels-idx1-ubyte.gz", packed or not; NULL if it is not there. */
static char *labels_beside(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    char *labels = exchange(base, "images", "labels"), *name = labels != NULL ? exchange(labels, "idx3", "idx1") : NULL;
    char *plain = name != NULL ? text_without(name, ".gz") : NULL, *found = NULL;
    for (int packed = 0; plain != NULL && found == NULL && packed < 2; packed++)
        found = if_there(text_format("%.*s%s%s", (int)(base - path), path, plain, packed ? ".gz" : ""));
    free(labels);
    free(name);
    free(plain);
    return found;
}

static void take_beside(dataset *data, const char *path)
{
    char *beside = labels_beside(path);
    if (beside == NULL)
        return;
    load_labels(data, path, beside);
    data->header = LABELS_BESIDE;
    free(beside);
}

/* The format's own. */
static void drop_labels(dataset *data)
{
    free(data->labels);
    free(data->class_names);
    data->labels = NULL;
    data->class_names = NULL;
    data->header = LABELS_NONE;
}

static void take_labels(dataset *data, const char *path, const char *labels)
{
    if (data->labels != NULL && labels != NULL && strcmp(labels, "first") != 0)
        drop_labels(data);
    if (data->labels != NULL)
        return;
    if (labels == NULL && data->header != LABELS_NONE)
        take_named(data, path);
    else if (labels == NULL)
        take_beside(data, path);
    else if (strcmp(labels, "none") == 0)
        return;
    else if (strcmp(labels, "last") == 0 || strcmp(labels, "first") == 0)
        take_column(data, path, labels[0] == 'l', "");
    else
        load_labels(data, path, labels);
}

void data_take_labels(dataset *data, const char *path, const char *labels)
{
    take_labels(data, path, labels);
    for (size_t i = 0; data->labels != NULL && i < data->count; i++)
        data->classes = data->labels[i] >= data->classes ? data->labels[i] + 1 : data->classes;
}

char *data_class_name(const char *names, int32_t label)
{
    csv_text text = {.path = "data.classes", .at = names, .line = 1, .separator = ','};
    char *name = NULL;
    int more = names != NULL;
    for (int32_t i = 0; more && name == NULL; i++) {
        more = csv_field(&text);
        if (i == label && *text.field != '\0')
            name = text_format("%s", text.field);
    }
    free(text.field);
    return name != NULL ? name : text_format("%d", (int)label);
}

/* Classes of other names are other classes, whatever their numbers. */
static void check_class_names(const dataset *data, const diffusion_model *model, const char *path)
{
    const char *trained = diffusion_model_metadata(model, "data.classes");
    if (data->class_names != NULL && trained != NULL && strcmp(data->class_names, trained) != 0)
        fail("%s: its classes are %.200s, but the model's are %.200s", path, data->class_names, trained);
}

int data_uses_labels(const dataset *data, const diffusion_model *model, const char *path)
{
    int32_t classes = diffusion_model_classes(model);
    if (classes == 0)
        return 0;
    if (data->labels == NULL)
        fail("%s: has no labels, but the model has classes=%d; say where they are with --data labels=first|last|PATH",
             path, (int)classes);
    check_class_names(data, model, path);
    for (size_t i = 0; i < data->count; i++) {
        if (data->labels[i] >= classes)
            fail("%s: the label of sample %zu (from 0) is %d, but the model has classes=%d", path, i,
                 (int)data->labels[i], (int)classes);
    }
    return 1;
}
