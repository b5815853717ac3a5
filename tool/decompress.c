#include "command.h"

#include "coding/coding.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/note.h"
#include "common/options.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/progress.h"
#include "common/results.h"
#include "common/text.h"
#include "data/dataset.h"
#include "data/scaling.h"
#include "data/write.h"

#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "decompress",
    "MODEL.safetensors FILE" CODING_ENDING " -o DATA [OPTION...]",
    "Brings back what diffusion compress coded, with the model that coded it. What does not come out as it went in is\n"
    "refused: a damaged file, another model, another arithmetic. A name that ends in -ubyte or .idx gets the IDX "
    "format\n"
    "of MNIST, .npy an array of bytes where the values are bytes.",
    "  diffusion decompress mnist.safetensors digits" CODING_ENDING " -o digits-idx3-ubyte\n"
    "  diffusion decompress digits.safetensors digits" CODING_ENDING " -o digits.csv\n",
    2,
    2,
};

typedef struct decompress_options {
    char *output, *labels, *schedule;
    int force;
    run_options run;
} decompress_options;

typedef struct decoded {
    size_t count;
    double *values;
    int32_t *labels; /* NULL where there are none */
} decoded;

static void decode(decoded *out, diffusion_coder *coder, const diffusion_model *model, int quiet)
{
    progress bar;
    out->count = (size_t)coding_figure(coder, "samples");
    size_t values = multiply(out->count, diffusion_model_dim(model), page.name);
    float *x0 = allocate(values, sizeof *x0);
    out->labels = allocate(out->count, sizeof *out->labels);
    progress_begin(&bar, "step", (int64_t)out->count, 0, 0, quiet);
    check(diffusion_coder_set_progress(coder, progress_report, &bar));
    check(diffusion_coder_decode(coder, x0, out->labels, out->count));
    progress_break();
    out->values = scaling_invert(model, x0, values);
    free(x0);
    size_t none = 0;
    while (none < out->count && out->labels[none] < 0)
        none++;
    if (none == out->count) {
        free(out->labels);
        out->labels = NULL;
    }
}

static void print(size_t count, size_t dim, const decompress_options *options)
{
    results to;
    if (output_is_standard(options->output) && !options->run.json)
        return;
    results_begin(&to, output_report(options->output), options->run.json);
    results_text(&to, "output", options->output, "%s: %zu sample%s of %zu value%s, as they were coded\n",
                 options->output, count, text_plural(count), dim, text_plural(dim));
    results_count(&to, "samples", count, NULL);
    results_count(&to, "dimensions", dim, NULL);
    results_end(&to);
}

/* Of whole numbers: float32 tells neighbours apart up to 2^24 alone. Freed by free(). */
static double *units_of(size_t dim)
{
    double *units = allocate(dim, sizeof *units);
    for (size_t j = 0; j < dim; j++)
        units[j] = 1;
    return units;
}

static void write_data(const decoded *data, const diffusion_model *model, const decompress_options *options)
{
    int64_t shape[DATA_RANK];
    double *units = units_of(diffusion_model_dim(model));
    table_rows as = {.values = data->values, .count = data->count, .shape = shape, .units = units};
    check(diffusion_model_shape(model, shape, DATA_RANK, &as.rank));
    table_complete(&as, model, data->labels);
    if (!table_write_whole(options->output, &as))
        table_write(options->output, &as);
    int shown = as.labels != NULL && !text_ends_with(options->output, ".npy") && !idx_knows(options->output);
    if (options->labels != NULL && data->labels != NULL)
        table_write_labels(options->labels, data->labels, data->count);
    else if (data->labels != NULL && !shown)
        note("%s: the labels that were coded too are left out; --labels FILE.npy takes them", options->output);
    print(data->count, diffusion_model_dim(model), options);
    free(units);
}

static void run_decompress(const char *model_path, const char *path, const decompress_options *options)
{
    decoded data;
    diffusion_coder *coder;
    overwrite_spare(path);
    diffusion_model *model = model_open(model_path);
    diffusion_schedule *schedule = schedule_of(model, model_path, options->schedule);
    check(diffusion_coder_load(&coder, model, schedule, path));
    decode(&data, coder, model, options->run.quiet);
    if (options->labels != NULL && data.labels == NULL)
        fail("%s: no labels were coded with the data, which --labels asks for", path);
    write_data(&data, model, options);
    free(data.values);
    free(data.labels);
    diffusion_coder_free(coder);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

static void check_options(const decompress_options *options)
{
    if (options->output == NULL)
        fail_usage("decompress: -o DATA is missing");
    if (!table_knows(options->output) && !idx_knows(options->output))
        fail_usage("decompress: -o %s: expected a name that ends in -ubyte, .idx, " TABLE_ENDINGS, options->output);
    overwrite_check(options->output, options->force);
    if (options->labels == NULL)
        return;
    if (!text_ends_with(options->labels, ".npy"))
        fail_usage("decompress: --labels %s: expected a name that ends in .npy", options->labels);
    overwrite_check(options->labels, options->force);
}

int decompress_command(int argc, const char **argv)
{
    decompress_options o = {0};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0,
         "Where the data goes: a name that ends in -ubyte or .idx, .npy, .csv, .tsv, .txt, or - for standard output",
         "DATA"},
        {"labels", '\0', POPT_ARG_STRING, &o.labels, 0,
         "Where labels go that were coded with the data, if DATA has no column for them", "FILE.npy"},
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o);
    options_start(&page, &o.run);
    run_decompress(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
