/* Whether data is of the kind that a model was trained on: what has as many values is not yet the same. */
#include "data/column_list.h"
#include "data/csv.h"
#include "data/scaling.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a line of names whether all are in the other list too, which is as long. */
static int are_the_same(const char *line, char *const *names, size_t count)
{
    csv_text text = {.path = "data.columns", .at = line, .line = 1, .separator = ','};
    size_t fields = 0, found = 0;
    int more = 1;
    while (more) {
        size_t j = 0;
        more = csv_field(&text);
        while (j < count && strcmp(names[j], text.field) != 0)
            j++;
        found += j < count;
        fields++;
    }
    free(text.field);
    return fields == count && found == count;
}

/* A file of the same columns in another order may have the labels at the other end. */
static void check_label(const dataset *data, const char *label, const char *path)
{
    if (data->label == NULL || label == NULL || strcmp(data->label, label) == 0)
        return;
    for (size_t j = 0; j < data->dim; j++)
        if (strcmp(data->names[j], label) == 0)
            fail("%s: the labels would be the column %.60s, but the model was trained on those of %.60s, which is "
                 "another column here: --data labels=first or last says where they are",
                 path, data->label, label);
    note("%s: the column %.60s is taken, by its place, for the labels, which were the column %.60s in training", path,
         data->label, label);
}

/* Names that are numbers, as years are, in a text that is read without the first line for a header. A single 0 may be
 * anything. */
static int begins_with_names(const dataset *data, const char *line)
{
    if (data->numbers == NULL || data->dim < 2)
        return 0;
    csv_text text = {.path = "data.columns", .at = line, .line = 1, .separator = ','};
    size_t j = 0;
    int same = 1, more = 1;
    while (more && same && j < data->dim) {
        more = csv_field(&text);
        const char *at = text.field;
        double value;
        same = text_number(&value, &at) && *at == '\0' && value == data->values[j++];
    }
    free(text.field);
    return same && !more && j == data->dim;
}

void scaling_check_names(const dataset *data, const char *line, const char *path, const char *whose)
{
    if (line == NULL)
        return;
    if (data->names == NULL && begins_with_names(data, line))
        fail("%s: its first sample holds the names of the columns of %s, %.200s: put them in quotes, or give --data "
             "header=yes",
             path, whose, line);
    if (data->names == NULL)
        return;
    char *own = csv_join(data->names, data->dim);
    if (strcmp(own, line) != 0 && are_the_same(line, data->names, data->dim))
        fail("%s: the columns are those of %s in another order: %.200s, expected %.200s", path, whose, own, line);
    if (strcmp(own, line) != 0)
        note("%s: columns %.200s are taken, by their order, for those of %s, %.200s", path, own, whose, line);
    free(own);
}

void scaling_check_columns(const dataset *data, const diffusion_model *model, const char *path)
{
    check_label(data, diffusion_model_metadata(model, "data.label"), path);
    scaling_check_names(data, diffusion_model_metadata(model, "data.columns"), path, "the model");
}

/* Dequantised data is of whole numbers; that of a user who had others dequantised may begin and end anywhere. */
static void check_whole(const scaling *scale, const dataset *data, const char *path)
{
    for (size_t i = 0; i < data->count * data->dim; i++) {
        const column_scaling *c = scaling_at(scale, i);
        int whole = c->width > 0 && c->minimum == floor(c->minimum) && c->maximum == floor(c->maximum);
        if (whole && data->values[i] != floor(data->values[i]))
            fail("%s: value %zu of sample %zu (from 0) is %.9g, but the model's data are whole numbers, %.9g..%.9g",
                 path, i % data->dim, i / data->dim, data->values[i], c->minimum, c->maximum);
    }
}

/* Far outside the range that training saw, or all of it in a corner, where a few samples may well be. */
static int is_unlike(const column_scaling *c, double minimum, double maximum, size_t count)
{
    enum { FEW = 8 };
    static const double far = 10, corner = 1.0 / 64;
    double range = c->maximum - c->minimum, own = maximum - minimum;
    if (!isfinite(range))
        return 0;
    if (range == 0)
        return minimum != c->minimum || maximum != c->maximum;
    return minimum < c->minimum - far * range || maximum > c->maximum + far * range ||
           (count >= FEW && own > 0 && own < corner * range);
}

/* `whose` is what the scale is of. */
static void say_unlike(const scaling *scale, const dataset *data, const char *path, const char *whose)
{
    column_list list = {0};
    const column_scaling *c = scale->of;
    if (scale->columns == 1 && is_unlike(c, data->minimum, data->maximum, data->count * data->dim))
        note("%s: values of %.9g..%.9g, beside %.9g..%.9g of %s: of another unit?", path, data->minimum, data->maximum,
             c->minimum, c->maximum, whose);
    for (size_t j = 0; j < scale->columns && scale->columns > 1; j++) {
        double minimum, maximum;
        data_range(data, j, &minimum, &maximum);
        if (is_unlike(&scale->of[j], minimum, maximum, data->count))
            column_list_add(&list, data_column_number(data, j), data->names != NULL ? data->names[j] : NULL);
    }
    char *what = text_format("quite another range than that of %s: of another unit?", whose);
    column_list_say(&list, path, what);
    free(what);
}

void scaling_check_like(const scaling *scale, const dataset *data, const diffusion_model *model, const char *path,
                        int noisy)
{
    scaling_check_columns(data, model, path);
    if (!noisy)
        check_whole(scale, data, path);
    say_unlike(scale, data, path, "the model's data");
    classes_note_unseen(model, data->labels, data->count, path);
}

void scaling_note_unit(const dataset *data, const dataset *like, const char *path)
{
    scaling scale = {.columns = like->rank == 1 && !like->bounded ? like->dim : 1};
    scale.of = allocate(scale.columns, sizeof *scale.of);
    for (size_t j = 0; j < scale.columns; j++) {
        column_scaling *c = &scale.of[j];
        *c = (column_scaling){.minimum = like->minimum, .maximum = like->maximum};
        if (scale.columns > 1)
            data_range(like, j, &c->minimum, &c->maximum);
        if (c->minimum == c->maximum) /* of no unit that could be told */
            c->maximum = HUGE_VAL;
    }
    say_unlike(&scale, data, path, "what it is compared with");
    scaling_release(&scale);
}

void scaling_check_bits(const dataset *data, const char *path)
{
    for (size_t i = 0; i < data->count * data->dim; i++) {
        if (data->values[i] != 0 && data->values[i] != 1)
            fail("%s: value %zu of sample %zu (from 0) is %g, expected 0 or 1 for the binomial kernel", path,
                 i % data->dim, i / data->dim, data->values[i]);
    }
}

int scaling_is_the_same(const scaling *a, const scaling *b)
{
    int same = a->columns == b->columns;
    for (size_t j = 0; same && j < a->columns; j++)
        same = a->of[j].shift == b->of[j].shift && a->of[j].scale == b->of[j].scale && a->of[j].width == b->of[j].width;
    return same;
}
