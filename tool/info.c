#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/options.h"
#include "common/tame.h"
#include "common/text.h"
#include "data/scaling.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "info",
    "[MODEL|DATA] [OPTION...]",
    "Describes a model, a checkpoint or a diffusers folder (spec, schedule, parameters, metadata), data (shape, "
    "range,\n"
    "moments, labels), or, without an argument, this installation.",
    "  diffusion info\n"
    "  diffusion info digits.safetensors\n"
    "  diffusion info ddpm-pipeline\n"
    "  diffusion info digits.csv.gz --data \"labels=last shape=8,8,1\"\n",
    0,
    1,
};

static void describe_installation(void)
{
    printf("libdiffusion   %s\n", diffusion_version());
    printf("BLAS kernels   %s (OpenBLAS, threads: %s)\n", diffusion_blas_core(), diffusion_blas_threading());
    printf("threads        %d\n", (int)diffusion_threads());
}

/* "256,64" and the number of values. */
static size_t shape_of(const diffusion_model *model, const char *name, char **text)
{
    int64_t shape[8];
    size_t rank, count = 1;
    check(diffusion_model_parameter_shape(model, name, shape, 8, &rank));
    *text = text_format("%s", rank == 0 ? "scalar" : "");
    for (size_t i = 0; i < rank && i < 8; i++) {
        text_append(text, "%s%lld", i > 0 ? "," : "", (long long)shape[i]);
        count *= (size_t)shape[i];
    }
    return count;
}

static void describe_parameters(const diffusion_model *model)
{
    size_t tensors = diffusion_model_parameter_count(model), total = 0;
    int widest = 28;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            printf("parameters     %zu in %zu tensors\n", total, tensors);
        for (size_t i = 0; i < tensors; i++) {
            const char *name = diffusion_model_parameter_name(model, i);
            char *shape;
            size_t count = shape_of(model, name, &shape);
            if (pass == 1)
                printf("  %-*s %-16s %10zu\n", widest, name, shape, count);
            total += pass == 0 ? count : 0;
            widest = strlen(name) > (size_t)widest ? (int)strlen(name) : widest;
            free(shape);
        }
    }
}

static void print_text(const char *name, const char *text)
{
    char *shown = text_format("%s", text);
    tame(shown);
    printf("%s%s\n", name, shown);
    free(shown);
}

static void describe_metadata(const diffusion_model *model)
{
    static const char *const keys[] = {"sampler",         "bound",        "data.kind",        "data.shape",
                                       "data.samples",    "data.labels",  "data.labels.seen", "data.label",
                                       "data.classes",    "data.columns", "data.shift",       "data.scale",
                                       "data.dequantize", "data.levels",  "data.minimum",     "data.maximum",
                                       "average_width",   "training",     "training.steps"};
    puts("metadata");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = diffusion_model_metadata(model, keys[i]);
        if (value == NULL)
            continue;
        printf("  %-28s", keys[i]);
        print_text(" ", value);
    }
}

static void describe_moments(const diffusion_model *model)
{
    size_t steps;
    double data_variance;
    check(diffusion_model_moments(model, NULL, NULL, &data_variance, 0, &steps));
    if (steps > 0)
        printf("moments        of T=%zu, for variance=analytic and spacing=optimal; variance of the data %.5g\n", steps,
               data_variance);
}

static void describe_model(const char *path)
{
    diffusion_model *model = model_open(path);
    const char *schedule = diffusion_model_metadata(model, "schedule");
    print_text("model          ", diffusion_model_spec(model));
    print_text("schedule       ", schedule != NULL ? schedule : "(none stored)");
    describe_moments(model);
    describe_parameters(model);
    describe_metadata(model);
    diffusion_model_free(model);
}

static void describe_labels(const dataset *data)
{
    int32_t most = 0;
    for (size_t i = 0; i < data->count; i++)
        most = data->labels[i] > most ? data->labels[i] : most;
    size_t classes = (size_t)most + 1;
    size_t *counts = allocate(classes, sizeof *counts);
    for (size_t i = 0; i < data->count; i++)
        counts[data->labels[i]]++;
    printf("labels         0..%d\n", (int)most);
    for (size_t i = 0; i < classes && classes <= 100; i++)
        printf("  %-12zu %zu samples\n", i, counts[i]);
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

/* Of a table each column has a scale of its own. */
static void describe_columns(const dataset *data)
{
    enum { SHOWN = 64 };
    printf("  %-6s %14s %14s %14s %14s\n", "column", "mean", "deviation", "minimum", "maximum");
    for (size_t j = 0; j < data->dim && j < SHOWN; j++) {
        double mean, variance, minimum, maximum;
        data_moments(data, j, &mean, &variance);
        column_extremes(data, j, &minimum, &maximum);
        printf("  %-6zu %14.9g %14.6g %14.9g %14.9g%s%s%s%s\n", data_column_number(data, j), mean, sqrt(variance),
               minimum, maximum, data_is_whole(data, j) ? "  whole" : "", minimum == maximum ? "  constant" : "",
               data->names != NULL ? "  " : "", data->names != NULL ? data->names[j] : "");
    }
    if (data->dim > SHOWN)
        printf("  and %zu more\n", data->dim - SHOWN);
}

static void describe_data(const char *path, const char *how)
{
    data_options options;
    dataset data;
    double mean, variance;
    data_options_parse(&options, how);
    data_prepare(&data, path, &options, DATA_TRAINING);
    data_moments(&data, data.dim, &mean, &variance);
    char *shape = data_shape_text(&data);
    printf("samples        %zu\n", data.count);
    printf("shape          %s\n", shape);
    printf("values         %s, %.9g..%.9g\n", data.discrete ? "whole numbers" : "real numbers", data.minimum,
           data.maximum);
    printf("mean           %.9g\n", mean);
    printf("variance       %.9g\n", variance);
    if (data.rank == 1 && data.dim > 1)
        describe_columns(&data);
    if (data.labels != NULL)
        describe_labels(&data);
    free(shape);
    data_release(&data);
    data_options_release(&options);
}

int info_command(int argc, const char **argv)
{
    char *how = NULL;
    struct poptOption table[] = {
        {"data", '\0', POPT_ARG_STRING, &how, 0, "How to read data; see diffusion help data", "\"key=value...\""},
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    const char *path = given.values[0];
    if (path == NULL)
        describe_installation();
    else if (path_is_model(path))
        describe_model(path);
    else
        describe_data(path, how);
    options_release(&given);
    return EXIT_SUCCESS;
}
