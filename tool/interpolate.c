#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/sampler.h"
#include "common/text.h"
#include "latent/between.h"
#include "latent/latent.h"
#include "latent/way.h"

#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "interpolate",
    "MODEL.safetensors DATA --between I,J[,...] -o FILE [OPTION...]",
    "Goes from one sample of DATA to another by way of the noise that a deterministic solver makes them of:\n"
    "on the arc between the two, decoded at equal distances, with the label of the nearer one. A picture has\n"
    "a line for each pair, between the samples themselves.",
    "  diffusion interpolate digits.safetensors digits.csv.gz --between 0,1 -o between.png\n"
    "  diffusion interpolate digits.safetensors digits.csv.gz --between 3,14,15,92 --count 12 -o between.png\n"
    "  diffusion interpolate roll.safetensors roll.csv --between 0,9 -o way.csv --sampler \"heun steps=50\"\n",
    2,
    2,
};

enum { COUNT_MAX = 10000, ROWS_MAX = 1000000 };

typedef struct way_options {
    restore_options restore;
    char *between, *labels;
    long long count;
} way_options;

static void read_points(way *w, const char *text)
{
    if (text == NULL)
        fail_usage("%s: --between I,J is missing", page.name);
    w->points = text_integers(w->at, WAY_POINTS, text, ROWS_MAX);
    if (w->points < 2)
        fail_usage("%s: --between %s: expected two or more samples of DATA, counted from 0, with commas between them",
                   page.name, text);
}

static void check_points(const way *w, const char *path)
{
    for (size_t k = 0; k < w->points; k++)
        if ((size_t)w->at[k] >= w->r.count)
            fail("%s: holds %zu samples, so --between %lld is none of them", path, w->r.count, (long long)w->at[k]);
}

/* The data at the points, as the model has them, with their labels. */
static float *take_points(way *w)
{
    const size_t dim = w->r.dim;
    float *rows = allocate(w->points * dim, sizeof *rows);
    w->labels = w->r.uses_labels ? allocate(w->points, sizeof *w->labels) : NULL;
    for (size_t k = 0; k < w->points; k++) {
        memcpy(rows + k * dim, w->r.scaled + (size_t)w->at[k] * dim, dim * sizeof *rows);
        if (w->labels != NULL)
            w->labels[k] = w->r.data.labels[w->at[k]];
    }
    return rows;
}

static void label_way(way *w)
{
    if (w->labels == NULL)
        return;
    w->way_labels = allocate(w->rows, sizeof *w->way_labels);
    for (size_t i = 0; i < w->rows; i++) {
        const size_t pair = i / w->count, step = i % w->count;
        w->way_labels[i] = w->labels[2 * step < w->count ? pair : pair + 1];
    }
}

/* Up by one solver, down by the other. */
static void follow(way *w, const char *model_path, const char *decoder, const char *encoder)
{
    restoration *r = &w->r;
    const int quiet = r->options->run.quiet;
    float *ends = take_points(w), *latents = allocate(w->rows * r->dim, sizeof *latents);
    r->sampler = sampler_open(r->model, r->schedule, model_path, encoder, quiet);
    latent_run(r->sampler, ends, w->labels, w->points, ends, quiet);
    diffusion_sampler_free(r->sampler);
    between_fill(latents, ends, w->points, w->count, r->dim);
    label_way(w);
    r->sampler = sampler_open(r->model, r->schedule, model_path, decoder, quiet);
    latent_run(r->sampler, latents, w->way_labels, w->rows, latents, quiet);
    w->values = scaling_invert(r->model, latents, w->rows * r->dim);
    free(ends);
    free(latents);
}

/* Before anything is read. */
static void check_sampler(const char *spec)
{
    latent_check_decoder(page.name, spec);
    if (spec != NULL)
        free(latent_encoder(page.name, spec));
}

static void run_interpolate(const char *model_path, const char *data_path, const way_options *options)
{
    way w = {.count = (size_t)options->count};
    const int unlabelled = latent_is_unlabelled(page.name, options->labels);
    read_points(&w, options->between);
    w.rows = (w.points - 1) * w.count;
    restore_open(&w.r, &page, &options->restore, model_path, data_path);
    char *decoder =
        options->restore.sampler == NULL ? latent_decoder(w.r.schedule) : text_format("%s", options->restore.sampler);
    char *encoder = latent_encoder(page.name, decoder);
    if (unlabelled)
        restore_leave_labels(&w.r);
    check_points(&w, data_path);
    way_check_picture(&w);
    restore_scale(&w.r);
    follow(&w, model_path, decoder, encoder);
    way_write(&w);
    way_report(&w);
    free(encoder);
    free(decoder);
    free(w.labels);
    free(w.way_labels);
    free(w.values);
    restore_close(&w.r);
}

int interpolate_command(int argc, const char **argv)
{
    way_options o = {.restore = {.count = ROWS_MAX, .draws = 1}, .count = 8};
    struct poptOption table[] = {
        {"between", '\0', POPT_ARG_STRING, &o.between, 0, "Samples of DATA, counted from 0: each to the next",
         "I,J,..."},
        {"count", '\0', POPT_ARG_LONGLONG, &o.count, 0, "Samples on the way, with both ends (default 8)", "N"},
        {"output", 'o', POPT_ARG_STRING, &o.restore.output, 0,
         "Where they go: .png, .csv, .tsv, .txt, .npy, or - for standard output", "FILE"},
        {"sampler", '\0', POPT_ARG_STRING, &o.restore.sampler, 0,
         "The solver: ddim or heun (default \"" LATENT_DECODER "\")", "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.restore.data, 0, "How to read DATA; see diffusion help data",
         "\"key=value...\""},
        LATENT_OPTION_LABELS(o.labels),
        OPTIONS_SCHEDULE(o.restore.schedule),
        OPTIONS_FORCE(o.restore.force),
        OPTIONS_JSON(o.restore.run),
        OPTIONS_RUN(o.restore.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    restore_check(&o.restore, &page);
    options_range(&page, "--count", o.count, 2, COUNT_MAX);
    check_sampler(o.restore.sampler);
    options_start(&page, &o.restore.run);
    run_interpolate(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
