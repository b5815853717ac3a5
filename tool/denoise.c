#include "command.h"

#include "common/fail.h"
#include "common/random.h"
#include "common/text.h"
#include "restoring/restore.h"

#include <math.h>
#include <stdlib.h>

static const command_page page = {
    "denoise",
    "MODEL.safetensors DATA --noise SIGMA -o FILE [OPTION...]",
    "Adds Gaussian noise to samples (to bits: flips some) and draws what they may have been. A picture has a column "
    "for\n"
    "each sample: the original, what was given, the results. With --noisy DATA is noisy already.",
    "  diffusion denoise digits.safetensors digits.csv.gz --data hold_out=297 --noise 4 -o denoised.png\n"
    "  diffusion denoise digits.safetensors digits.csv.gz -n 100 --draws 16 --noise 4 -o denoised.npy\n",
    2,
    2,
};

typedef struct denoise_options {
    restore_options restore;
    char *noise;
} denoise_options;

static void add_noise(restoration *r, double noise)
{
    random_stream stream = {r->seed, RANDOM_NOISE};
    for (size_t i = 0; i < r->count; i++)
        for (size_t j = 0; j < r->dim; j++) {
            double *value = &r->given[i * r->dim + j];
            double unit = r->scale.columns > 1 ? scaling_at(&r->scale, j)->scale : 1;
            if (!r->binomial)
                *value += noise * unit * random_normal(stream, i, j);
            else if (random_uniform(stream, i, j) < noise)
                *value = 1 - *value;
        }
}

/* Units of the data; of a table with scales of its columns, those; or a probability for bits. */
static double noise_of(const char *text)
{
    double noise = 0;
    const char *end = text;
    if (text == NULL)
        fail_usage("denoise: --noise SIGMA is missing");
    if (!text_number(&noise, &end) || *end != '\0' || !(noise > 0))
        fail_usage("denoise: --noise %s, expected a standard deviation above 0, for bits a probability", text);
    return noise;
}

/* In the model's units; of bits the probability. */
static double variance_of(const restoration *r, double noise, const char *text)
{
    const double deviation = r->scale.columns > 1 ? noise : noise / r->scale.of[0].scale;
    const double variance = r->binomial ? noise : deviation * deviation;
    if (r->binomial && noise >= 1)
        fail_usage("denoise: --noise %s, expected a probability above 0 and below 1, the data being bits", text);
    if (!(variance > 0 && variance < INFINITY))
        fail_usage("denoise: --noise %s, which is a variance of %g in the model's units, expected a finite one above 0",
                   text, variance);
    return variance;
}

static void run_denoise(const char *model_path, const char *data_path, const denoise_options *options)
{
    restoration r;
    double noise = noise_of(options->noise);
    restore_open(&r, &page, &options->restore, model_path, data_path);
    const double variance = variance_of(&r, noise, options->noise);
    restore_check_picture(&r, options->restore.noisy);
    if (!options->restore.noisy)
        add_noise(&r, noise);
    restore_scale(&r);
    restore_sampler(&r, r.binomial ? "posterior=annealed particles=16" : "posterior=exact", "posterior=exact");
    check(diffusion_sampler_set_observed(r.sampler, r.scaled, variance, r.count));
    restore_run(&r);
    restore_write(&r, options->restore.noisy);
    restore_print(&r);
    results_count(&r.out, "samples", r.count, "%zu sample%s of %zu value%s, %zu draw%s of each\n", r.count,
                  text_plural(r.count), r.dim, text_plural(r.dim), r.draws, text_plural(r.draws));
    results_count(&r.out, "dimensions", r.dim, NULL);
    results_count(&r.out, "draws", r.draws, NULL);
    if (!options->restore.noisy) {
        restore_error(&r, "noisy", "noisy", r.given, 1, NULL);
        restore_error(&r, "results", "results", r.results, r.draws, NULL);
        restore_error_of_mean(&r, NULL);
    }
    results_end(&r.out);
    restore_close(&r);
}

int denoise_command(int argc, const char **argv)
{
    denoise_options o = {.restore = {.count = 8, .draws = 1}};
    struct poptOption table[] = {
        RESTORE_OPTIONS(o.restore,
                        "Solver, any kind (default \"ancestral posterior=exact\", of 100 steps for a unet that "
                        "learns its variance; for bits \"ancestral posterior=annealed particles=16\"); "
                        "see diffusion help sampler"),
        {"noise", '\0', POPT_ARG_STRING, &o.noise, 0,
         "Standard deviation of the noise, in units of the data, for tables of a column's deviation; for bits the "
         "probability of a flip",
         "SIGMA"},
        {"noisy", '\0', POPT_ARG_NONE, &o.restore.noisy, 0, "DATA is noisy already: add none", NULL},
        OPTIONS_JSON(o.restore.run),
        OPTIONS_RUN(o.restore.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    restore_check(&o.restore, &page);
    options_start(&page, &o.restore.run);
    run_denoise(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
