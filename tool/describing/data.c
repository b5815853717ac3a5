#include "describing/data.h"

#include "common/memory.h"
#include "common/tame.h"
#include "common/text.h"
#include "data/prepare.h"
#include "data/scaling.h"

#include <math.h>
#include <stdlib.h>

/* That folders, or a file, have given the classes. */
static void put_class_names(results *to, const dataset *data, size_t classes)
{
    if (data->class_names == NULL || !to->json)
        return;
    results_list(to, "class_names");
    for (size_t i = 0; i < classes; i++) {
        char *name = data_class_name(data->class_names, (int32_t)i);
        results_text(to, NULL, name, NULL);
        free(name);
    }
    results_close(to);
}

/* Of very many classes people are told the number alone. */
static void describe_labels(results *to, const dataset *data)
{
    enum { SHOWN = 100 };
    int32_t most = 0;
    for (size_t i = 0; i < data->count; i++)
        most = data->labels[i] > most ? data->labels[i] : most;
    size_t classes = (size_t)most + 1;
    size_t *counts = allocate(classes, sizeof *counts);
    for (size_t i = 0; i < data->count; i++)
        counts[data->labels[i]]++;
    results_count(to, "classes", classes, "labels         0..%d\n", (int)most);
    results_list(to, "samples_of_classes");
    for (size_t i = 0; i < classes && (to->json || classes <= SHOWN); i++) {
        char *name = data_class_name(data->class_names, (int32_t)i);
        tame(name);
        results_count(to, NULL, counts[i], "  %-12zu %zu sample%s%s%s\n", i, counts[i], text_plural(counts[i]),
                      data->class_names != NULL ? "  " : "", data->class_names != NULL ? name : "");
        free(name);
    }
    results_close(to);
    put_class_names(to, data, classes);
    free(counts);
}

static void column_extremes(const dataset *data, size_t column, double *minimum, double *maximum)
{
    *minimum = *maximum = data->values[column];
    for (size_t i = column; i < data->count * data->dim; i += data->dim) {
        *minimum = data->values[i] < *minimum ? data->values[i] : *minimum;
        *maximum = data->values[i] > *maximum ? data->values[i] : *maximum;
    }
}

static void describe_column(results *to, const dataset *data, size_t j)
{
    const size_t number = data_column_number(data, j);
    const char *name = data->names != NULL ? data->names[j] : NULL;
    const int whole = data_is_whole(data, j);
    double mean, variance, minimum, maximum;
    data_moments(data, j, &mean, &variance);
    column_extremes(data, j, &minimum, &maximum);
    results_object(to, NULL);
    results_count(to, "column", number, "  %-6zu %14.9g %14.6g %14.9g %14.9g%s%s%s%s\n", number, mean, sqrt(variance),
                  minimum, maximum, whole ? "  whole" : "", minimum == maximum ? "  constant" : "",
                  name != NULL ? "  " : "", name != NULL ? name : "");
    results_text(to, "name", name, NULL);
    results_number(to, "mean", mean, NULL);
    results_number(to, "standard_deviation", sqrt(variance), NULL);
    results_number(to, "minimum", minimum, NULL);
    results_number(to, "maximum", maximum, NULL);
    results_flag(to, "whole", whole);
    results_close(to);
}

/* Of a table each column has a scale of its own. */
static void describe_columns(results *to, const dataset *data)
{
    enum { SHOWN = 64 };
    const size_t shown = to->json || data->dim < SHOWN ? data->dim : SHOWN;
    results_line(to, "  %-6s %14s %14s %14s %14s\n", "column", "mean", "deviation", "minimum", "maximum");
    results_list(to, "columns");
    for (size_t j = 0; j < shown; j++)
        describe_column(to, data, j);
    results_close(to);
    if (data->dim > shown)
        results_line(to, "  and %zu more\n", data->dim - shown);
}

void describe_data(results *to, const char *path, const char *how)
{
    data_options options;
    dataset data;
    double mean, variance;
    data_options_parse(&options, how);
    data_prepare(&data, path, &options, DATA_TRAINING);
    data_moments(&data, data.dim, &mean, &variance);
    char *shape = data_shape_text(&data);
    results_count(to, "samples", data.count, "samples        %zu\n", data.count);
    results_text(to, "shape", shape, "shape          %s\n", shape);
    results_flag(to, "whole", data.discrete);
    results_number(to, "minimum", data.minimum, "values         %s, %.9g..%.9g\n",
                   data.discrete ? "whole numbers" : "real numbers", data.minimum, data.maximum);
    results_number(to, "maximum", data.maximum, NULL);
    results_number(to, "mean", mean, "mean           %.9g\n", mean);
    results_number(to, "variance", variance, "variance       %.9g\n", variance);
    if (data.rank == 1 && data.dim > 1)
        describe_columns(to, &data);
    if (data.labels != NULL)
        describe_labels(to, &data);
    free(shape);
    data_release(&data);
    data_options_release(&options);
}
