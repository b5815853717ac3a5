#include "command.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/text.h"
#include "comparing/picture.h"
#include "comparing/report.h"
#include "picture/canvas.h"

#include <stdlib.h>

static const command_page page = {
    "compare",
    "SAMPLES|MODEL.safetensors DATA [OPTION...]",
    "Compares samples, or those of a model, with data, by measures that need no network: the sliced Wasserstein\n"
    "distance, the squared maximum mean discrepancy, the share of rows whose nearest neighbour is of their own kind "
    "(0.5\n"
    "where nothing tells them apart), and how near samples come to the data, which finds what was learnt by heart. "
    "Each\n"
    "stands beside its floor, that of as many rows of data held out, with standard errors, in standard deviations of\n"
    "the data.",
    "  diffusion compare samples.npy train-images-idx3-ubyte.gz --held-out t10k-images-idx3-ubyte.gz\n"
    "  diffusion compare digits.safetensors digits.csv.gz --data \"labels=last hold_out=297\" --samples 297 \\\n"
    "      --sampler \"dpmsolver++ steps=10\" --picture beside.png\n",
    2,
    2,
};

typedef struct compare_options {
    char *held_out, *data, *sampler, *schedule, *picture;
    char *share_text;
    double share; /* 0 where not given */
    long long samples;
    int force;
    run_options run;
} compare_options;

static void read_share(compare_options *options)
{
    const char *end = options->share_text;
    if (end != NULL &&
        (!text_number(&options->share, &end) || *end != '\0' || !(options->share > 0 && options->share < 1)))
        fail_usage("compare: --hold-out-share %s, expected a number between 0 and 1", options->share_text);
}

static void check_options(const compare_options *options)
{
    if (options->share_text != NULL && options->held_out != NULL)
        fail_usage("compare: give --held-out or --hold-out-share, not both");
    options_range(&page, "--samples", options->samples, 2, SAMPLES_MOST);
    canvas_check("--picture", options->picture, options->force);
}

static void run_compare(const char *samples_path, const char *data_path, const compare_options *options)
{
    const sets_source source = {.samples = samples_path,
                                .data = data_path,
                                .held_out = options->held_out,
                                .share = options->share,
                                .drawn = {page.name, options->samples, options->sampler, options->schedule, data_path,
                                          options->data, options->run.quiet}};
    sets all;
    figures f;
    sets_load(&all, &source);
    if (options->picture != NULL)
        picture_check(&all);
    figures_measure(&f, &all, options->run.quiet);
    if (options->picture != NULL)
        canvas_save(picture_sheet(&all, f.nearest), options->picture);
    report_print(&all, &f, options->run.json);
    figures_release(&f);
    sets_release(&all);
}

int compare_command(int argc, const char **argv)
{
    compare_options o = {.samples = 10000};
    struct poptOption table[] = {
        {"held-out", '\0', POPT_ARG_STRING, &o.held_out, 0,
         "Data that the model has not seen, for the floor; read as DATA is, but all of it", "FILE"},
        {"hold-out-share", '\0', POPT_ARG_STRING, &o.share_text, 0,
         "Without such data, the share of DATA's rows that is taken for it, at random (default as many as there are "
         "samples, at most half)",
         "S"},
        {"samples", '\0', POPT_ARG_LONGLONG, &o.samples, 0,
         "Draws so many, or takes the first of a file (default 10000)", "N"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0,
         "Solver for a model (default that of diffusion sample); see diffusion help sampler", "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0,
         "How to read DATA, with hold_out= what of it is held out; see diffusion help data", "\"key=value...\""},
        {"picture", '\0', POPT_ARG_STRING, &o.picture, 0,
         "Draws samples beside the data nearest to them, or the first two columns of both", "FILE.png"},
        OPTIONS_JSON(o.run),
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    read_share(&o);
    check_options(&o);
    options_start(&page, &o.run);
    run_compare(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
