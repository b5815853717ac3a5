#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"
#include "restoring/mask.h"
#include "restoring/restore.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "inpaint",
    "MODEL.safetensors DATA -o FILE [OPTION...]",
    "Hides a part of each sample and draws it anew, given the rest, which stays exactly as it is. A picture has a "
    "column\n"
    "for each sample: the original, what was given, the results. More particles come nearer to the model's "
    "conditional\n"
    "distribution, at their price.",
    "  diffusion inpaint digits.safetensors digits.csv.gz --data hold_out=297 -o inpainted.png --mask half:bottom\n"
    "  diffusion inpaint digits.safetensors digits.csv.gz -n 4 --draws 6 -o inpainted.png --mask random:0.5 \\\n"
    "      --sampler \"ancestral particles=64\"\n",
    2,
    2,
};

/* What is missing is shown as such, and filled with anything for the sampler, which does not look at it. */
static void hide(restoration *r)
{
    restore_scale(r);
    for (size_t i = 0; i < r->count * r->dim; i++)
        if (!r->known[i])
            r->given[i] = NAN;
}

/* Scaling and its inverse may cost the last bit: what was known is what it was. */
static void keep_known(restoration *r)
{
    size_t size = r->count * r->dim;
    for (size_t i = 0; i < r->draws * size; i++)
        if (r->known[i % size])
            r->results[i] = r->data.values[i % size];
}

static void report(restoration *r)
{
    const uint8_t *known = r->known;
    size_t size = r->count * r->dim, missing = 0;
    float *mean = allocate(size, sizeof *mean);
    for (size_t i = 0; i < size; i++) {
        missing += !known[i];
        mean[i] = 0;
    }
    double *blank = scaling_invert(r->model, mean, size);
    restore_print(r);
    results_count(&r->out, "samples", r->count, "%zu sample%s, %zu of %zu values missing, %zu draw%s of each\n",
                  r->count, text_plural(r->count), missing, size, r->draws, text_plural(r->draws));
    results_count(&r->out, "dimensions", r->dim, NULL);
    results_count(&r->out, "missing", missing, NULL);
    results_count(&r->out, "draws", r->draws, NULL);
    if (missing > 0) {
        if (!r->binomial)
            restore_error(r, "mean_of_data", "the mean of all data", blank, 1, known);
        restore_error(r, "results", "results", r->results, r->draws, known);
        restore_error_of_mean(r, known);
    }
    results_end(&r->out);
    free(mean);
    free(blank);
}

static void run_inpaint(const char *model_path, const char *data_path, const restore_options *options, const char *mask)
{
    restoration r;
    restore_open(&r, &page, options, model_path, data_path);
    restore_check_picture(&r, 0);
    r.known = allocate(multiply(r.count, r.dim, "-n"), 1);
    mask_make(r.known, mask, r.count, r.data.shape, r.data.rank, r.seed);
    restore_sampler(&r, "particles=16", "");
    hide(&r);
    check(diffusion_sampler_set_known(r.sampler, r.scaled, r.known, r.count));
    restore_run(&r);
    keep_known(&r);
    restore_write(&r, 0);
    report(&r);
    restore_close(&r);
}

int inpaint_command(int argc, const char **argv)
{
    restore_options o = {.count = 8, .draws = 1};
    char *mask = NULL;
    struct poptOption table[] = {
        RESTORE_OPTIONS(o, "Solver, any kind (default \"ancestral particles=16\", of 100 steps for a unet that learns "
                           "its variance); see diffusion help sampler"),
        {"mask", '\0', POPT_ARG_STRING, &mask, 0,
         "What is missing: half:left|right|top|bottom|center, random:SHARE, or a PNG, white where it is (default "
         "half:center)",
         "MASK"},
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    restore_check(&o, &page);
    options_start(&page, &o.run);
    run_inpaint(given.values[0], given.values[1], &o, mask != NULL ? mask : "half:center");
    options_release(&given);
    return EXIT_SUCCESS;
}
