#include "command.h"

#include "coding/coding.h"
#include "common/condition.h"
#include "common/fail.h"
#include "common/interrupt.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/progress.h"
#include "common/results.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/bins.h"
#include "data/scaling.h"
#include "latent/latent.h"

#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "compress",
    "MODEL.safetensors DATA -o FILE" CODING_ENDING " [OPTION...]",
    "Codes whole numbers (of a model trained with --data scale=grid) or bits (of the binomial process) without loss, "
    "in\n"
    "as many bits as the lower bound K says, by bits-back coding over the chain; diffusion decompress brings them "
    "back.\n"
    "It takes a pass of the network for each step of every sample; --coder \"steps=100\" takes fewer, in some more "
    "bits.\n"
    "Decoding needs the same model, version of the library and kind of processor, which the file tells.",
    "  diffusion compress mnist.safetensors t10k-images-idx3-ubyte.gz -o digits" CODING_ENDING " --coder steps=100\n"
    "  diffusion decompress mnist.safetensors digits" CODING_ENDING " -o digits.npy\n",
    2,
    2,
};

typedef struct compress_options {
    char *output, *coder, *data, *labels, *schedule;
    int force;
    run_options run;
} compress_options;

/* What the code has no symbol for. */
static void check_range(const dataset *data, const scaling *scale, const char *path)
{
    for (size_t i = 0; i < data->count * data->dim; i++) {
        const column_scaling *c = scaling_at(scale, i % data->dim);
        double value = data->values[i];
        if (value < c->minimum || value > c->maximum)
            fail("%s: value %zu of sample %zu (from 0) is %g, beyond the %g to %g that the model was trained on", path,
                 i % data->dim, i / data->dim, value, c->minimum, c->maximum);
    }
}

/* Scales the data, and completes the coder's spec with the number of its levels. Freed by free(). */
static char *place(dataset *data, const scaling *scale, const diffusion_model *model, int binomial, const char *given,
                   const char *path)
{
    if (binomial) {
        scaling_apply(scale, model, data, path);
        return text_format("%s", given != NULL ? given : "");
    }
    char *bins = bins_pairs(scale), *levels = bins != NULL ? spec_value(bins, "levels") : NULL;
    if (bins == NULL)
        fail("%s: the model was not trained on whole numbers as bins, which coding needs: train it with --data "
             "scale=grid, or on bits with a binomial schedule",
             path);
    check_range(data, scale, path);
    scaling_apply(scale, model, data, path);
    bins_stand(data, scale, bins, "--coder");
    char *pair = text_format("levels=%s", levels), *spec = spec_complete(given != NULL ? given : "", pair);
    free(pair);
    free(levels);
    free(bins);
    return spec;
}

static void put(results *to, const char *key, const char *name, double bits, double sign, double dim)
{
    const double shown = text_bits(sign * bits);
    results_number(to, key, bits, "%-40s %14.4f %14.4f\n", name, shown, text_bits(shown / dim));
}

static void report(const diffusion_coder *coder, const char *path, double dim, int json)
{
    const double labels = coding_figure(coder, "label_bits"), samples = coding_figure(coder, "samples"),
                 bytes = coding_figure(coder, "bytes");
    results to;
    results_begin(&to, stdout, json);
    results_text(&to, "output", path, "%s: %.0f sample%s of %.0f value%s in %.0f bytes\n\n", path, samples,
                 text_plural((size_t)samples), dim, text_plural((size_t)dim), bytes);
    results_number(&to, "samples", samples, NULL);
    results_number(&to, "dimensions", dim, NULL);
    results_number(&to, "bytes", bytes, NULL);
    results_line(&to, "%-40s %14s %14s\n", "", "bits/sample", "bits/dim");
    put(&to, "code_bits", "the file", coding_figure(coder, "code_bits"), 1, dim);
    put(&to, "k_bits", "-K, the bound, by the x_t drawn", coding_figure(coder, "k_bits"), -1, dim);
    put(&to, "initial_bits", "what the first samples drew with", coding_figure(coder, "initial_bits"), 1, dim);
    if (labels > 0 || json)
        put(&to, "label_bits", "labels", labels, 1, dim);
    results_end(&to);
}

static void code(const diffusion_model *model, const diffusion_schedule *schedule, const dataset *data,
                 const char *spec, int labelled, const compress_options *options)
{
    diffusion_coder *coder;
    progress bar;
    diffusion_condition *condition = condition_of(labelled ? data->labels : NULL, data->count);
    check(diffusion_coder_create(&coder, model, schedule, spec));
    progress_begin(&bar, "step", (int64_t)data->count, 0, 0, options->run.quiet);
    check(diffusion_coder_set_progress(coder, progress_report, &bar));
    check(diffusion_coder_encode(coder, data->scaled, condition, data->count));
    progress_break();
    interrupt_saving(1);
    check(diffusion_coder_save(coder, options->output));
    interrupt_saving(0);
    report(coder, options->output, (double)data->dim, options->run.json);
    diffusion_coder_free(coder);
    diffusion_condition_free(condition);
}

static void run_compress(const char *model_path, const char *data_path, const compress_options *options)
{
    data_options how;
    dataset data;
    scaling scale;
    int unlabelled = latent_is_unlabelled(page.name, options->labels);
    diffusion_model *model = model_open(model_path);
    data_options_parse(&how, options->data);
    data_options_complete(&how, model);
    diffusion_schedule *schedule = schedule_of(model, model_path, options->schedule);
    data_prepare(&data, data_path, &how, DATA_MEASURING);
    scaling_recall(&scale, model);
    scaling_check_like(&scale, &data, model, data_path, 0);
    int binomial = spec_is_binomial(diffusion_schedule_spec(schedule));
    char *keys = place(&data, &scale, model, binomial, options->coder, model_path), *spec = coding_spec(keys);
    if (unlabelled)
        classes_note_without(model, "--labels none");
    int labelled = !unlabelled && data_uses_labels(&data, model, data_path);
    code(model, schedule, &data, spec, labelled, options);
    free(keys);
    free(spec);
    data_release(&data);
    scaling_release(&scale);
    data_options_release(&how);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

int compress_command(int argc, const char **argv)
{
    compress_options o = {0};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where the code goes", "FILE" CODING_ENDING},
        {"coder", '\0', POPT_ARG_STRING, &o.coder, 0, "How to code; see diffusion help coder", "\"key=value...\""},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        LATENT_OPTION_LABELS(o.labels),
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    if (o.output == NULL || !text_ends_with(o.output, CODING_ENDING))
        fail_usage("compress: -o %s: expected a name that ends in " CODING_ENDING,
                   o.output != NULL ? o.output : "is missing");
    overwrite_check(o.output, o.force);
    options_start(&page, &o.run);
    run_compress(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
