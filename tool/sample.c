#include "command.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/note.h"
#include "common/options.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/progress.h"
#include "common/results.h"
#include "common/sampler.h"
#include "common/text.h"
#include "data/write.h"
#include "latent/latent.h"
#include "picture/canvas.h"
#include "picture/scatter.h"
#include "sampling/sampling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "sample",
    "MODEL.safetensors [DATA] [OPTION...]",
    "Draws from a model, in the units of the data that it was trained on. A picture shows images or rows side by "
    "side,\n"
    "to the left of them as many of DATA if that is given, or points of the plane; a trajectory shows the forward\n"
    "process (of DATA, else of the samples) above the reverse one, and for the plane, in the model's units, where "
    "the\n"
    "model moves points.\n"
    "With --latents the noise is given, such as diffusion encode makes of data.",
    "  diffusion sample digits.safetensors -n 64 -o samples.png --sampler \"ancestral steps=100 seed=7\"\n"
    "  diffusion sample digits.safetensors -n 30 --labels 0,1,2 --columns 3 -o samples.png\n"
    "  diffusion sample mnist.safetensors --n-per-class 8 -o classes.png --sampler \"ddim steps=50\"\n"
    "  diffusion sample roll.safetensors -n 100000 -o samples.npy\n"
    "  diffusion sample ddpm-pipeline -n 16 -o samples.png --sampler \"ddim steps=50\"\n"
    "  diffusion sample roll.safetensors roll.csv -n 2000 --trajectory trajectory.png\n",
    1,
    2,
};

static void run_plain(sampling *s, diffusion_sampler *sampler)
{
    progress bar;
    progress_begin(&bar, "step", (int64_t)s->count, 0, 0, s->options->run.quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, s->condition, s->count, s->values));
}

/* What a solver asked of the network, which an adaptive one chooses for each sample by itself; JSON has the rest of
 * what was drawn too. */
static void tell(const sampling *s, const diffusion_sampler *sampler, const char *spec)
{
    const run_options *run = &s->options->run;
    int64_t *asked = allocate(s->count, sizeof *asked), least = INT64_MAX, most = 0;
    results to;
    check(diffusion_sampler_evaluations(sampler, asked, s->count));
    for (size_t i = 0; i < s->count; i++) {
        least = asked[i] < least ? asked[i] : least;
        most = asked[i] > most ? asked[i] : most;
    }
    free(asked);
    if (!run->json && least == most)
        note_line("evaluations of the network: %lld a sample", (long long)least);
    else if (!run->json)
        note_line("evaluations of the network: %lld to %lld a sample", (long long)least, (long long)most);
    if (!run->json)
        return;
    results_begin(&to, output_report(s->options->output), 1);
    results_text(&to, "output", s->options->output, NULL);
    results_text(&to, "sampler", spec, NULL);
    results_count(&to, "samples", s->count, NULL);
    results_count(&to, "dimensions", s->dim, NULL);
    results_count(&to, "evaluations_least", (size_t)least, NULL);
    results_count(&to, "evaluations_most", (size_t)most, NULL);
    results_end(&to);
}

static void draw_samples(sampling *s, const char *model_path)
{
    char *standard = s->latents.count > 0 ? latent_decoder(s->schedule) : NULL;
    const char *given = s->options->sampler != NULL ? s->options->sampler : standard;
    if (s->options->trajectory != NULL)
        sampling_check_recorded(s, given);
    diffusion_sampler *sampler = sampler_open(s->model, s->schedule, model_path, given, s->options->run.quiet);
    if (s->latents.count > 0)
        latent_give(sampler, &s->latents, s->count);
    s->values = allocate(multiply(s->count, s->dim, "-n"), sizeof *s->values);
    if (s->options->trajectory != NULL) {
        sampling_run_recorded(s, sampler);
    } else {
        run_plain(s, sampler);
        progress_break();
    }
    char *spec = sampler_of(s->model, s->schedule, given);
    tell(s, sampler, spec);
    free(spec);
    diffusion_sampler_free(sampler);
    free(standard);
}

/* A column for each class, under its name. */
static void write_classes(const sampling *s, const tiles *as)
{
    char **names = sampling_class_names(s);
    canvas_save(tiles_sheet_columns(as, s->values, s->count, s->columns, names), s->options->output);
    for (size_t i = 0; i < s->columns; i++)
        free(names[i]);
    free(names);
}

/* Samples as pictures, and beside them as many of the data. */
static void write_pictures(sampling *s)
{
    tiles as = sampling_tiles(s, s->values, s->count * s->dim);
    if (s->options->per_class > 0) {
        write_classes(s, &as);
        return;
    }
    if (s->data == NULL) {
        canvas_save(tiles_sheet(&as, s->values, s->count, s->columns), s->options->output);
        return;
    }
    scaling_invert_floats(s->model, s->data, s->count * s->dim);
    canvas_save(tiles_sheet_beside(&as, s->data, s->values, s->count, s->columns), s->options->output);
}

static void write_table(const sampling *s, const char *path)
{
    double *values = scaling_invert(s->model, s->values, s->count * s->dim);
    double *units = scaling_units(&s->scale, s->dim);
    char *labels_path = sampling_labels_path(s->options);
    table_rows as = {.values = values, .count = s->count, .shape = s->shape, .rank = s->rank, .units = units};
    table_complete(&as, s->model, s->labels);
    if (s->options->per_class > 0)
        as.labels = s->labels;
    table_write(path, &as);
    if (labels_path != NULL)
        table_write_labels(labels_path, s->labels, s->count);
    free(labels_path);
    free(values);
    free(units);
}

static void write_samples(sampling *s)
{
    const char *path = s->options->output;
    if (path == NULL)
        return;
    if (table_knows(path)) {
        write_table(s, path);
        return;
    }
    if (sampling_is_plane(s)) {
        double *points = scaling_invert(s->model, s->values, s->count * s->dim);
        canvas_save(scatter_sheet(points, s->count), path);
        free(points);
        return;
    }
    scaling_invert_floats(s->model, s->values, s->count * s->dim);
    write_pictures(s);
}

/* Rather now than after the samples have been drawn. */
static void check_picture(const sampling *s, const char *data_path)
{
    int picture = s->options->output != NULL && text_ends_with(s->options->output, ".png");
    if (!picture && s->options->trajectory == NULL)
        return;
    tiles as = tiles_of(s->shape, s->rank, 0, 1);
    tiles_layout layout = s->options->per_class > 0 ? TILES_HEADED : data_path != NULL ? TILES_BESIDE : TILES_PLAIN;
    if (picture && !sampling_is_plane(s))
        tiles_check(&as, s->count, s->columns, layout);
}

/* As many as are shown, before the samples are drawn: of data that is refused they would be lost. */
static void load_data(sampling *s, const char *path)
{
    const sample_options *options = s->options;
    int beside = options->output != NULL && text_ends_with(options->output, ".png") && !sampling_is_plane(s) &&
                 options->per_class == COUNT_UNSET;
    if (path != NULL)
        s->data = sampling_load(s, path, beside ? s->count : sampling_recorded(s));
}

/* All that are given, or as many of them as are asked for. */
static void load_latents(sampling *s)
{
    const char *path = s->options->latents;
    if (path == NULL)
        return;
    latent_load(&s->latents, path, s->model);
    if (s->options->count != COUNT_UNSET && s->latents.count < (size_t)s->options->count)
        fail("%s: holds %zu rows, fewer than -n %lld", path, s->latents.count, s->options->count);
}

static void run_sample(const char *model_path, const char *data_path, const sample_options *options)
{
    sampling s = {.options = options};
    s.model = model_open(model_path);
    s.schedule = schedule_of(s.model, model_path, options->schedule);
    s.dim = diffusion_model_dim(s.model);
    check(diffusion_model_shape(s.model, s.shape, DATA_RANK, &s.rank));
    load_latents(&s);
    sampling_choose_labels(&s);
    check_picture(&s, data_path);
    if (data_path != NULL && options->trajectory == NULL && sampling_is_plane(&s))
        fail_usage("sample: '%s' is data, which for points of the plane only --trajectory shows", data_path);
    scaling_recall(&s.scale, s.model);
    s.condition = condition_of(s.labels, s.count);
    load_data(&s, data_path);
    draw_samples(&s, model_path);
    write_samples(&s);
    diffusion_condition_free(s.condition);
    free(s.labels);
    free(s.values);
    free(s.data);
    data_release(&s.latents);
    scaling_release(&s.scale);
    diffusion_schedule_free(s.schedule);
    diffusion_model_free(s.model);
}

static void check_per_class(const sample_options *options, const char *data_path)
{
    if (options->per_class == COUNT_UNSET)
        return;
    options_range(&page, "--n-per-class", options->per_class, 1, COUNT_MAX);
    if (options->count != COUNT_UNSET || options->columns != 0)
        fail_usage("sample: --n-per-class says how many samples and columns there are, so -n and --columns are out of "
                   "place");
    if (options->latents != NULL)
        fail_usage("sample: --n-per-class with --latents, expected one of them");
    if (data_path != NULL && options->trajectory == NULL)
        fail_usage("sample: '%s' is data, which is not shown beside the classes of --n-per-class", data_path);
    if (options->output != NULL && output_is_standard(options->output) && text_ends_with(options->output, ".npy"))
        fail_usage("sample: -o %s: --n-per-class writes the labels into a file beside, expected the name of a file",
                   options->output);
}

static void check_options(const sample_options *options, const char *data_path)
{
    if (options->output == NULL && options->trajectory == NULL)
        fail_usage("sample: -o FILE or --trajectory FILE is missing");
    if (options->output != NULL && !table_knows(options->output) && !text_ends_with(options->output, ".png"))
        fail_usage("sample: -o %s: expected a name that ends in .png, " TABLE_ENDINGS, options->output);
    if (data_path != NULL && options->trajectory == NULL && !text_ends_with(options->output, ".png"))
        fail_usage("sample: '%s' is data, which only a picture or --trajectory shows", data_path);
    if (options->data != NULL && data_path == NULL)
        fail_usage("sample: --data says how to read DATA, which is missing");
    if (options->count != COUNT_UNSET)
        options_range(&page, "-n", options->count, 1, COUNT_MAX);
    latent_check_decoder(page.name, options->sampler);
    options_range(&page, "--columns", options->columns, 0, COLUMNS_MAX);
    check_per_class(options, data_path);
    if (options->output != NULL)
        overwrite_check(options->output, options->force);
    char *labels_path = sampling_labels_path(options);
    if (labels_path != NULL)
        overwrite_check(labels_path, options->force);
    free(labels_path);
    canvas_check("--trajectory", options->trajectory, options->force);
    if (data_path != NULL)
        overwrite_spare(data_path);
}

int sample_command(int argc, const char **argv)
{
    sample_options o = {.count = COUNT_UNSET, .per_class = COUNT_UNSET};
    struct poptOption table[] = {
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples (default 64, or all of --latents)", "N"},
        {"output", 'o', POPT_ARG_STRING, &o.output, 0,
         "Where they go: .png, .csv, .tsv, .txt, .npy, or - for standard output", "FILE"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0,
         "Solver (default the model's own; for a unet without one \"" SAMPLER_FAST
         "\", of thirteen solvers the nearest to data at few evaluations; else ancestral); see diffusion help sampler",
         "SPEC"},
        {"latents", '\0', POPT_ARG_STRING, &o.latents, 0,
         "The noise to begin at, in the model's units, as diffusion encode writes it (default solver then "
         "\"" LATENT_DECODER "\")",
         "FILE"},
        {"labels", '\0', POPT_ARG_STRING, &o.labels, 0, "Classes that the samples take in turn (default all), or none",
         "0,1,..."},
        {"n-per-class", '\0', POPT_ARG_LONGLONG, &o.per_class, 0,
         "So many samples of each class (of --labels): a column for each in a picture, their labels in the last column "
         "of a table, or beside FILE.npy in FILE-labels.npy",
         "N"},
        {"columns", '\0', POPT_ARG_LONGLONG, &o.columns, 0, "Columns of the picture", "N"},
        {"trajectory", '\0', POPT_ARG_STRING, &o.trajectory, 0, "Draws the way from noise to sample", "FILE.png"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o, given.values[1]);
    options_start(&page, &o.run);
    run_sample(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
