/* The scaling as texts: metadata of a model, and warnings. */
#include "data/column_list.h"
#include "data/csv.h"
#include "data/scaling.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list with commas has one number for each column, a single number is for all values. */
static const struct {
    const char *key;
    size_t offset;
} lists[] = {
    {"data.shift", offsetof(column_scaling, shift)},      {"data.scale", offsetof(column_scaling, scale)},
    {"data.dequantize", offsetof(column_scaling, width)}, {"data.minimum", offsetof(column_scaling, minimum)},
    {"data.maximum", offsetof(column_scaling, maximum)},
};

enum { LISTS = sizeof lists / sizeof lists[0] };

static double *field(const scaling *scale, size_t column, size_t list)
{
    return (double *)(void *)((char *)&scale->of[column] + lists[list].offset);
}

static void store_list(const scaling *scale, size_t list, diffusion_model *model)
{
    size_t room = scale->columns * 32, used = 0;
    char *all = allocate(room, 1);
    for (size_t j = 0; j < scale->columns; j++) {
        char *text = text_real(*field(scale, j, list));
        used += (size_t)snprintf(all + used, room - used, "%s%s", j > 0 ? "," : "", text);
        free(text);
    }
    check(diffusion_model_set_metadata(model, lists[list].key, all));
    free(all);
}

static void store_real(diffusion_model *model, const char *key, double value)
{
    char *text = text_real(value);
    check(diffusion_model_set_metadata(model, key, text));
    free(text);
}

/* Takes the text; NULL removes what another training may have left. */
static void store_names(diffusion_model *model, const char *key, const char *what, char *text)
{
    diffusion_status status = diffusion_model_set_metadata(model, key, text);
    if (status == DIFFUSION_E_ARGUMENT)
        note("the names of the %s are not UTF-8, and not kept", what);
    else
        check(status);
    free(text);
}

/* NULL for a file of their own, which is of no use with other data. */
static const char *label_place_of(const dataset *data, const data_options *options)
{
    static const char *const places[] = {"none", "first", "last"};
    if (data->labels == NULL)
        return "none";
    for (size_t i = 0; options->labels != NULL && i < sizeof places / sizeof places[0]; i++)
        if (strcmp(options->labels, places[i]) == 0)
            return places[i];
    if (options->labels != NULL || data->header == LABELS_BESIDE)
        return NULL;
    return data->header == LABELS_LAST ? "last" : "first";
}

/* The labels that occur, "1,2", where not all of so many classes do: nothing is known of the others. NULL where all do;
 * freed by free(). */
static char *labels_seen(const dataset *data, size_t classes)
{
    size_t seen = 0, used = 0, room = classes * 8 + 1;
    char *occurs = allocate(classes + 1, 1), *list = allocate(room, 1);
    for (size_t i = 0; data->labels != NULL && i < data->count; i++)
        occurs[data->labels[i]] = 1;
    for (size_t k = 0; k < classes; k++) {
        if (occurs[k])
            used += (size_t)snprintf(list + used, room - used, "%s%zu", seen++ > 0 ? "," : "", k);
    }
    free(occurs);
    if (seen > 0 && seen < classes)
        return list;
    free(list);
    return NULL;
}

static void store_labels(const dataset *data, const data_options *options, diffusion_model *model)
{
    const int32_t classes = diffusion_model_classes(model);
    char *seen = labels_seen(data, (size_t)(classes > data->classes ? classes : data->classes));
    check(diffusion_model_set_metadata(model, "data.labels", label_place_of(data, options)));
    check(diffusion_model_set_metadata(model, "data.labels.seen", seen));
    store_names(model, "data.label", "columns", data->label != NULL ? text_format("%s", data->label) : NULL);
    store_names(model, "data.classes", "classes",
                data->class_names != NULL ? text_format("%s", data->class_names) : NULL);
    free(seen);
}

void scaling_store(const scaling *scale, const dataset *data, const data_options *options, diffusion_model *model)
{
    char *shape = data_shape_text(data);
    check(diffusion_model_set_metadata(model, "data.shape", shape));
    check(
        diffusion_model_set_metadata(model, "data.kind", data_is_image(data->shape, data->rank) ? "images" : "table"));
    for (size_t list = 0; list < LISTS; list++)
        store_list(scale, list, model);
    if (scaling_width(scale) > 0)
        store_real(model, "data.levels", scale->of[0].maximum - scale->of[0].minimum + 1);
    store_real(model, "data.samples", (double)data->count);
    store_names(model, "data.columns", "columns", data->names != NULL ? csv_join(data->names, data->dim) : NULL);
    check(diffusion_model_set_metadata(model, "data.background",
                                       options->background != BACKGROUND_AUTO
                                           ? image_background_names[options->background - BACKGROUND_WHITE]
                                           : NULL));
    store_labels(data, options, model);
    free(shape);
}

/* Whether any list has numbers of each column's own. */
static int has_columns(const diffusion_model *model)
{
    int has = 0;
    for (size_t list = 0; list < LISTS; list++) {
        const char *text = diffusion_model_metadata(model, lists[list].key);
        has |= text != NULL && strchr(text, ',') != NULL;
    }
    return has;
}

void scaling_recall(scaling *out, const diffusion_model *model)
{
    size_t dim = diffusion_model_dim(model);
    double *values = allocate(dim, sizeof *values);
    *out = (scaling){.columns = has_columns(model) ? dim : 1};
    out->of = allocate(out->columns, sizeof *out->of);
    for (size_t list = 0; list < LISTS; list++) {
        check(diffusion_model_scaling(model, lists[list].key + strlen("data."), values));
        for (size_t j = 0; j < out->columns; j++)
            *field(out, j, list) = values[j];
    }
    free(values);
}

/* Whether a column that is not dequantised takes a few values again and again. */
static int is_discrete(const dataset *data, size_t column)
{
    enum { FEW = 20, REPEATED = 10 };
    double seen[FEW];
    size_t distinct = 0;
    for (size_t i = 0; i < data->count; i++) {
        double value = data->values[i * data->dim + column];
        size_t k = 0;
        while (k < distinct && seen[k] != value)
            k++;
        if (k == FEW)
            return 0;
        if (k == distinct)
            seen[distinct++] = value;
    }
    return data->count >= REPEATED * distinct;
}

static int is_heavy(const column_scaling *c)
{
    static const double far = 12; /* standard deviations: of a million Gaussian values none is beyond 5 */
    return fmax(c->shift - c->minimum, c->maximum - c->shift) > far * c->scale;
}

void scaling_warn(const scaling *scale, const dataset *data, const char *path)
{
    static const char *const what[] = {
        "constant",
        "whole numbers over a range so wide that float32 cannot tell neighbours apart, taken for real numbers",
        "a few values over and over, so that a density has no bound; only whole numbers are dequantised",
        "heavy-tailed, with values more than 12 standard deviations from the mean; consider their logarithms",
    };
    enum { KINDS = sizeof what / sizeof what[0] };
    column_list found[KINDS] = {{0}};
    if (scale->columns < data->dim && !scaling_dequantizes(scale) && data->discrete && !scaling_tells_apart(scale->of))
        note("%s: %s", path, what[1]);
    for (size_t j = 0; j < scale->columns && scale->columns == data->dim; j++) {
        const column_scaling *c = &scale->of[j];
        int constant = c->minimum == c->maximum, real = !constant && c->width == 0;
        int is[KINDS] = {constant, real && data_is_whole(data, j) && !scaling_tells_apart(c),
                         real && is_discrete(data, j), is_heavy(c)};
        for (size_t kind = 0; kind < KINDS; kind++)
            if (is[kind])
                column_list_add(&found[kind], data_column_number(data, j), data->names != NULL ? data->names[j] : NULL);
    }
    for (size_t kind = 0; kind < KINDS; kind++)
        column_list_say(&found[kind], path, what[kind]);
}
