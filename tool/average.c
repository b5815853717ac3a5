#include "command.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/options.h"
#include "common/overwrite.h"
#include "common/results.h"
#include "common/snapshots.h"
#include "common/text.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>

static const double widest = 0.28867513459481287; /* 1 / sqrt(12), the mean of all */

static const command_page page = {
    "average",
    "FOLDER --width WIDTH -o MODEL.safetensors",
    "Makes the model with averaged weights of any width from the snapshots of a training (train --snapshots), as if "
    "that\n"
    "average had been kept all along (Karras et al. 2024). The width is the standard deviation of the steps averaged,\n"
    "relative to their number: 0.05 is narrow, 0.29 the mean of all.",
    "  diffusion train digits.csv.gz -o digits.safetensors --snapshots digits-snapshots\n"
    "  diffusion average digits-snapshots --width 0.08 -o digits-0.08.safetensors\n"
    "  diffusion bound digits-0.08.safetensors digits.csv.gz\n",
    1,
    1,
};

static void tell(const snapshot_list *from, double width, double error, const char *output, const run_options *run)
{
    const long long step = (long long)from->steps[from->count - 1];
    results to;
    if (run->quiet && !run->json)
        return;
    results_begin(&to, run->json ? stdout : stderr, run->json);
    results_text(&to, "output", output, "%s: width %g at step %lld, of %zu snapshots, within %.2g of its weights\n",
                 output, width, step, from->count, error);
    results_number(&to, "average_width", width, NULL);
    results_count(&to, "steps", (size_t)step, NULL);
    results_count(&to, "snapshots", from->count, NULL);
    results_number(&to, "relative_error", error, NULL);
    results_end(&to);
}

static void run_average(const snapshot_list *from, double width, const char *output, const run_options *run)
{
    diffusion_model *model;
    double error;
    check(diffusion_trainer_average(&model, (const char *const *)from->paths, from->count, width, &error));
    check(diffusion_model_save(model, output));
    tell(from, width, error, output, run);
    diffusion_model_free(model);
}

int average_command(int argc, const char **argv)
{
    char *output = NULL, *width_text = NULL;
    run_options run = {0};
    int force = 0;
    struct poptOption table[] = {
        {"width", 'w', POPT_ARG_STRING, &width_text, 0, "Of the average, above 0 and at most 0.2887", "WIDTH"},
        {"output", 'o', POPT_ARG_STRING, &output, 0, "Where the model goes", "MODEL.safetensors"},
        OPTIONS_JSON(run),
        OPTIONS_QUIET(run),
        OPTIONS_FORCE(force),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    double width;
    snapshot_list from;
    options_read(&given, &page, table, argc, argv);
    note_quiet(run.quiet);
    if (output == NULL || !text_ends_with(output, ".safetensors"))
        fail_usage("average: -o %s: expected a name that ends in .safetensors", output != NULL ? output : "is missing");
    const char *end = width_text;
    if (width_text == NULL || !text_number(&width, &end) || *end != '\0')
        fail_usage("average: --width %s: expected a number such as 0.08",
                   width_text != NULL ? width_text : "is missing");
    if (!(width > 0 && width <= widest))
        fail_usage("average: --width %g: expected more than 0 and at most %.4g", width, widest);
    snapshots_list(&from, given.values[0]);
    if (from.count == 0)
        fail("%s: holds no snapshots, as diffusion train --snapshots saves them", given.values[0]);
    overwrite_check(output, force);
    for (size_t i = 0; i < from.count; i++)
        overwrite_spare(from.paths[i]);
    run_average(&from, width, output, &run);
    snapshots_release(&from);
    options_release(&given);
    return EXIT_SUCCESS;
}
