#include "command.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/options.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/text.h"
#include "reporting/sections.h"
#include "sampling/samples.h"

#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "report",
    "MODEL.safetensors [DATA] -o FILE.html [OPTION...]",
    "Writes one page about a model, with all its pictures within: what it is, how it was trained, what it draws, the\n"
    "way from noise to sample, and beside DATA how well it knows that: K and its terms, samples against data, the "
    "data\n"
    "nearest to samples, columns and pairs of columns. Rows held out (--data hold_out=) are what K is measured on.",
    "  diffusion report digits.safetensors digits.csv.gz --data hold_out=297 -o digits.html\n"
    "  diffusion report roll.safetensors -o roll.html --sampler \"ddim steps=50\"\n",
    1,
    2,
};

static void check_options(const report_options *options, const char *data)
{
    if (options->output == NULL)
        fail_usage("report: -o FILE.html is missing");
    if (!text_ends_with(options->output, ".html"))
        fail_usage("report: -o %s: expected a name that ends in .html", options->output);
    if (options->count != COUNT_UNSET)
        options_range(&page, "-n", options->count, 2, SAMPLES_MOST);
    if (options->data != NULL && data == NULL)
        fail_usage("report: --data says how to read DATA, which is missing");
    overwrite_check(options->output, options->force);
}

static void run_report(const char *model, const char *data, const report_options *options)
{
    report_job job;
    report_open(&job, options, model, data);
    report_draw(&job);
    report_measure(&job);
    output *out = output_open(options->output);
    report_write(output_stream(out), &job);
    output_commit(out);
    report_close(&job);
    if (!options->run.quiet)
        fprintf(stderr, "%s: written\n", options->output);
}

int report_command(int argc, const char **argv)
{
    report_options o = {.count = COUNT_UNSET};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where the page goes", "FILE.html"},
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples to draw (default 100 images or 1000 rows)", "N"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0,
         "Solver (default that of diffusion sample); see diffusion help sampler", "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o, given.values[1]);
    options_start(&page, &o.run);
    run_report(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
