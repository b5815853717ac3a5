#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/output.h"
#include "common/sampler.h"
#include "common/text.h"
#include "data/write.h"
#include "latent/latent.h"
#include "restoring/restore.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "encode",
    "MODEL.safetensors DATA -o FILE [OPTION...]",
    "Takes data upwards to the noise that a deterministic solver makes them of, a row for each sample in the\n"
    "model's own units. diffusion sample --latents with the same solver, steps and spacing brings them back.",
    "  diffusion encode digits.safetensors digits.csv.gz -n 100 -o latents.npy\n"
    "  diffusion encode digits.safetensors digits.csv.gz -o latents.csv --sampler \"heun steps=50\"\n"
    "  diffusion sample digits.safetensors --latents latents.npy --labels none -o again.png\n",
    2,
    2,
};

enum { COUNT_MAX = 1000000 };

/* Latents that are not as noise of the chain's last level are tell of a model that does not know the data. */
static void report(restoration *r, const diffusion_sampler *sampler, const double *latents)
{
    const size_t values = r->count * r->dim;
    double sum = 0, squares = 0, t, signal, sigma;
    check(diffusion_sampler_state(sampler, NULL, &t));
    check(diffusion_schedule_level(r->schedule, t, &signal, &sigma, NULL));
    for (size_t i = 0; i < values; i++)
        sum += latents[i];
    for (size_t i = 0; i < values; i++)
        squares += (latents[i] - sum / (double)values) * (latents[i] - sum / (double)values);
    const double mean = sum / (double)values, deviation = sqrt(squares / (double)values), noise = hypot(signal, sigma);
    restore_print(r);
    results_count(&r->out, "samples", r->count,
                  "%zu sample%s of %zu value%s at t = %g: mean %.4g, standard deviation %.4g (of noise: 0, %.4g)\n",
                  r->count, text_plural(r->count), r->dim, text_plural(r->dim), t, mean, deviation, noise);
    results_count(&r->out, "dimensions", r->dim, NULL);
    results_number(&r->out, "t", t, NULL);
    results_number(&r->out, "mean", mean, NULL);
    results_number(&r->out, "standard_deviation", deviation, NULL);
    results_number(&r->out, "noise_standard_deviation", noise, NULL);
    results_end(&r->out);
}

static void write_latents(restoration *r, const double *latents)
{
    table_rows as = {.values = latents, .count = r->count, .shape = r->data.shape, .rank = r->data.rank};
    table_complete(&as, r->model, r->uses_labels ? r->data.labels : NULL);
    table_write(r->options->output, &as);
}

static void run_encode(const char *model_path, const char *data_path, const restore_options *options, int unlabelled)
{
    restoration r;
    char *given = options->sampler != NULL ? latent_encoder(page.name, options->sampler) : NULL;
    restore_open(&r, &page, options, model_path, data_path);
    char *standard = latent_decoder(r.schedule), *spec = given != NULL ? given : latent_encoder(page.name, standard);
    if (unlabelled)
        restore_leave_labels(&r);
    restore_scale(&r);
    r.sampler = sampler_open(r.model, r.schedule, model_path, spec, options->run.quiet);
    float *x = allocate(r.count * r.dim, sizeof *x);
    double *latents = allocate(r.count * r.dim, sizeof *latents);
    latent_run(r.sampler, r.scaled, r.uses_labels ? r.data.labels : NULL, r.count, x, options->run.quiet);
    for (size_t i = 0; i < r.count * r.dim; i++)
        latents[i] = (double)x[i];
    write_latents(&r, latents);
    report(&r, r.sampler, latents);
    free(x);
    free(latents);
    free(spec);
    free(standard);
    restore_close(&r);
}

static void check_options(const restore_options *o)
{
    if (o->output != NULL && !table_knows(o->output))
        fail_usage("%s: -o %s: expected a name that ends in " TABLE_ENDINGS, page.name, o->output);
    restore_check(o, &page);
}

int encode_command(int argc, const char **argv)
{
    restore_options o = {.count = COUNT_MAX, .draws = 1};
    char *labels = NULL;
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0,
         "Where the noise goes: .npy, .csv, .tsv, .txt, or - for standard output", "FILE"},
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples of DATA to take (default all)", "N"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0,
         "The solver whose noise is wanted: ddim or heun (default \"" LATENT_DECODER "\")", "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        LATENT_OPTION_LABELS(labels),
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
    run_encode(given.values[0], given.values[1], &o, latent_is_unlabelled(page.name, labels));
    options_release(&given);
    return EXIT_SUCCESS;
}
