#include "command.h"

#include "common/condition.h"
#include "common/evaluator.h"
#include "common/fail.h"
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

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "variance",
    "MODEL DATA -o MODEL2.safetensors [OPTION...]",
    "Measures, once, how large the noise is that a model sees in data, step by step, and writes the model with these\n"
    "moments. From them follow the best variance of any step (\"variance=analytic\") and the best steps for a chain "
    "of\n"
    "few (\"spacing=optimal\"): Analytic-DPM (Bao et al. 2022). Some hundred rows of the training data are enough.",
    "  diffusion variance digits.safetensors digits.csv.gz -o digits-best.safetensors\n"
    "  diffusion sample digits-best.safetensors -n 100 -o samples.png \\\n"
    "      --sampler \"ancestral steps=25 variance=analytic spacing=optimal\"\n",
    2,
    2,
};

typedef struct variance_options {
    char *moments, *data, *schedule, *output;
    run_options run;
} variance_options;

/* The data's noise of dequantisation, unless they stand in the middles of bins. */
static char *spec_of(const variance_options *options, const scaling *scale, int bins)
{
    char *own = evaluator_spec("moments", options->moments);
    char *width = text_real(bins ? 0 : scaling_width(scale)), *standard = text_format("dequantize=%s", width);
    char *spec = spec_complete(own, standard);
    free(own);
    free(width);
    free(standard);
    return spec;
}

static void store(diffusion_model *model, const diffusion_schedule *schedule, const diffusion_evaluator *evaluator)
{
    const size_t steps = (size_t)diffusion_schedule_steps(schedule);
    double *noise = allocate(2 * steps, sizeof *noise), *error = noise + steps;
    check(diffusion_evaluator_moments(evaluator, noise, error));
    check(diffusion_model_set_moments(model, schedule, noise, error, evaluator_figure(evaluator, "data_variance")));
    free(noise);
}

static void tell(const diffusion_evaluator *evaluator, const diffusion_schedule *schedule,
                 const variance_options *options)
{
    const double rows = evaluator_figure(evaluator, "rows"), error = evaluator_figure(evaluator, "mean_square_error"),
                 variance = evaluator_figure(evaluator, "data_variance");
    const int steps = (int)diffusion_schedule_steps(schedule);
    results to;
    if (options->run.quiet && !options->run.json)
        return;
    results_begin(&to, options->run.json ? stdout : stderr, options->run.json);
    results_text(&to, "output", options->output,
                 "%s: moments of T=%d, by %.0f draws each; mean square error of the noise %.5g, variance of the data "
                 "%.5g\n",
                 options->output, steps, rows, error, variance);
    results_count(&to, "steps", (size_t)steps, NULL);
    results_number(&to, "rows", rows, NULL);
    results_number(&to, "mean_square_error", error, NULL);
    results_number(&to, "data_variance", variance, NULL);
    results_end(&to);
}

static void measure(diffusion_model *model, const diffusion_schedule *schedule, const dataset *data, const char *path,
                    const char *spec, const variance_options *options)
{
    progress bar;
    diffusion_evaluator *evaluator;
    diffusion_condition *condition =
        condition_of(data_uses_labels(data, model, path) ? data->labels : NULL, data->count);
    check(diffusion_evaluator_create(&evaluator, model, schedule, spec));
    progress_begin(&bar, "draw", 1, 0, 0, options->run.quiet);
    check(diffusion_evaluator_set_progress(evaluator, progress_report, &bar));
    check(diffusion_evaluator_run(evaluator, data->scaled, condition, data->count));
    progress_break();
    store(model, schedule, evaluator);
    tell(evaluator, schedule, options);
    diffusion_evaluator_free(evaluator);
    diffusion_condition_free(condition);
}

static void run_variance(const char *model_path, const char *data_path, const variance_options *options)
{
    data_options how;
    dataset data;
    scaling scale;
    diffusion_model *model = model_open(model_path);
    data_options_parse(&how, options->data);
    data_options_complete(&how, model);
    diffusion_schedule *schedule = schedule_of(model, model_path, options->schedule);
    data_prepare(&data, data_path, &how, DATA_MEASURING);
    scaling_recall(&scale, model);
    scaling_check_like(&scale, &data, model, data_path, 0);
    scaling_apply(&scale, model, &data, data_path);
    const char *bound = diffusion_model_metadata(model, "bound");
    const int bins = bins_are_asked(bound);
    if (bins)
        bins_stand(&data, &scale, bound, "the model");
    for (size_t i = 0; i < data.count * data.dim; i++)
        data.scaled[i] += scaling_noise(&scale, i % data.dim, i / data.dim, i % data.dim);
    char *spec = spec_of(options, &scale, bins);
    measure(model, schedule, &data, data_path, spec, options);
    check(diffusion_model_save(model, options->output));
    free(spec);
    data_release(&data);
    scaling_release(&scale);
    data_options_release(&how);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

int variance_command(int argc, const char **argv)
{
    variance_options o = {0};
    int force = 0;
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where the model goes, its moments with it",
         "MODEL2.safetensors"},
        {"moments", '\0', POPT_ARG_STRING, &o.moments, 0, "How to measure; see moments in diffusion help evaluator",
         "\"key=value...\""},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read the data; see diffusion help data",
         "\"key=value...\""},
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(force),
        OPTIONS_JSON(o.run),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    if (o.output == NULL || !text_ends_with(o.output, ".safetensors"))
        fail_usage("variance: -o %s: expected a name that ends in .safetensors",
                   o.output != NULL ? o.output : "is missing");
    overwrite_check(o.output, force);
    options_start(&page, &o.run);
    run_variance(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
