#include "command.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/note.h"
#include "common/options.h"
#include "common/results.h"
#include "common/tame.h"
#include "common/text.h"
#include "describing/data.h"

#include <diffusion.h>
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

static void describe_installation(results *to)
{
    results_text(to, "version", diffusion_version(), "libdiffusion   %s\n", diffusion_version());
    results_text(to, "blas_core", diffusion_blas_core(), "BLAS kernels   %s (OpenBLAS, threads: %s)\n",
                 diffusion_blas_core(), diffusion_blas_threading());
    results_text(to, "blas_threading", diffusion_blas_threading(), NULL);
    results_count(to, "threads", (size_t)diffusion_threads(), "threads        %d\n", (int)diffusion_threads());
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

static int widest_name(const diffusion_model *model)
{
    int widest = 28;
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        const int length = (int)strlen(diffusion_model_parameter_name(model, i));
        widest = length > widest ? length : widest;
    }
    return widest;
}

static void describe_parameters(results *to, const diffusion_model *model)
{
    const size_t tensors = diffusion_model_parameter_count(model), total = model_parameters(model);
    const int widest = widest_name(model);
    results_count(to, "parameters", total, "parameters     %zu in %zu tensors\n", total, tensors);
    results_object(to, "tensors");
    for (size_t i = 0; i < tensors; i++) {
        const char *name = diffusion_model_parameter_name(model, i);
        char *shape;
        const size_t count = shape_of(model, name, &shape);
        results_text(to, name, shape, "  %-*s %-16s %10zu\n", widest, name, shape, count);
        free(shape);
    }
    results_close(to);
}

/* A text of a file, which must not command a terminal. */
static void put_text(results *to, const char *key, const char *name, const char *text)
{
    char *shown = text_format("%s", text);
    tame(shown);
    results_text(to, key, text, "%s%s\n", name, shown);
    free(shown);
}

static void describe_metadata(results *to, const diffusion_model *model)
{
    static const char *const keys[] = {"sampler",      "bound",           "data.kind",    "data.shape",
                                       "data.samples", "data.background", "data.labels",  "data.labels.seen",
                                       "data.label",   "data.classes",    "data.columns", "data.shift",
                                       "data.scale",   "data.dequantize", "data.levels",  "data.minimum",
                                       "data.maximum", "average_width",   "training",     "training.steps"};
    results_line(to, "metadata\n");
    results_object(to, "metadata");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = diffusion_model_metadata(model, keys[i]);
        char *name = text_format("  %-28s ", keys[i]);
        if (value != NULL)
            put_text(to, keys[i], name, value);
        free(name);
    }
    results_close(to);
}

static void describe_moments(results *to, const diffusion_model *model)
{
    size_t steps;
    double data_variance;
    check(diffusion_model_moments(model, NULL, NULL, &data_variance, 0, &steps));
    if (steps > 0)
        results_count(to, "moments", steps,
                      "moments        of T=%zu, for variance=analytic and spacing=optimal; variance of the data %.5g\n",
                      steps, data_variance);
    if (steps > 0)
        results_number(to, "data_variance", data_variance, NULL);
}

static void describe_model(results *to, const char *path)
{
    diffusion_model *model = model_open(path);
    const char *schedule = diffusion_model_metadata(model, "schedule");
    put_text(to, "model", "model          ", diffusion_model_spec(model));
    if (schedule != NULL)
        put_text(to, "schedule", "schedule       ", schedule);
    else
        results_text(to, "schedule", NULL, "schedule       (none stored)\n");
    describe_moments(to, model);
    describe_parameters(to, model);
    describe_metadata(to, model);
    diffusion_model_free(model);
}

int info_command(int argc, const char **argv)
{
    char *how = NULL;
    run_options run = {0};
    results to;
    struct poptOption table[] = {
        {"data", '\0', POPT_ARG_STRING, &how, 0, "How to read data; see diffusion help data", "\"key=value...\""},
        OPTIONS_JSON(run),
        OPTIONS_QUIET(run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    note_quiet(run.quiet);
    const char *path = given.values[0];
    results_begin(&to, stdout, run.json);
    if (path == NULL)
        describe_installation(&to);
    else if (path_is_model(path))
        describe_model(&to, path);
    else
        describe_data(&to, path, how);
    results_end(&to);
    options_release(&given);
    return EXIT_SUCCESS;
}
