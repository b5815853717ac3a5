#include "command.h"

#include "common/evaluator.h"
#include "common/fail.h"
#include "common/model.h"
#include "common/options.h"
#include "common/results.h"
#include "common/specs.h"
#include "common/text.h"
#include "measuring/subject.h"
#include "measuring/terms.h"
#include "picture/canvas.h"
#include "picture/figures.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOME_STEPS "20" /* more would make the error little smaller: most of it is spread over samples */

static const command_page page = {
    "bound",
    "MODEL.safetensors DATA [OPTION...]",
    "Measures a model on data that it should not have seen: the paper's lower bound K on log2 p(data), L_null (the\n"
    "same data under N(0, 1), or bits under the prior's rates) and K - L_null, in bits, with standard errors. Each\n"
    "sample's KLs are measured at " SOME_STEPS " of its steps, drawn at random, which the errors include; --exact\n"
    "takes them all.",
    "  diffusion bound roll.safetensors held-out.csv --plot kl.png\n"
    "  diffusion bound digits.safetensors digits.csv.gz --data \"hold_out=297\" --bound \"draws=4 seed=1\" --json\n",
    2,
    2,
};

typedef struct bound_options {
    char *bound, *data, *plot, *schedule;
    int force, exact;
    run_options run;
} bound_options;

typedef struct measured {
    const subject *of;
    const diffusion_evaluator *evaluator;
    size_t samples, dim;
    int given_labels; /* K is of p(x | label) */
    int dequantised;
    size_t steps, chain; /* T, and how many of them the chain visits */
    size_t kls, sampled; /* all but the lowest step's, and how many of them were measured for each draw */
} measured;

static double value_of(const measured *m, const char *quantity)
{
    return evaluator_figure(m->evaluator, quantity);
}

/* A line of the table, and its figures under the names that the library has for them. */
static void put(results *to, const measured *m, const char *name, const char *key, const char *error_key, double sign)
{
    const double bits = value_of(m, key), shown = text_bits(sign * bits), each = text_bits(shown / (double)m->dim);
    const double error = error_key != NULL ? value_of(m, error_key) : NAN;
    char *spread = isfinite(error) ? text_format("  +- %-10.4f", error) : text_format("  %-13s", "");
    results_number(to, key, bits, "%-28s %14.4f%s %14.4f\n", name, shown, spread, each);
    if (error_key != NULL)
        results_number(to, error_key, error, NULL);
    free(spread);
}

/* What the unit of the data makes of a density in the model's. */
static void put_unit_line(results *to, const measured *m, double bits)
{
    const char *direction = bits < 0 ? "higher" : "lower";
    if (m->of->scale.columns > 1)
        results_line(to,
                     "\nDensities are those of data with columns scaled by their own deviations; those of the data "
                     "itself are %.4f bits/sample %s.\n",
                     fabs(bits), direction);
    else if (m->of->scale.of[0].scale != 1)
        results_line(
            to, "\nDensities are those of data scaled by 1/%g; those of the data itself are %.4f bits/sample %s.\n",
            m->of->scale.of[0].scale, fabs(bits), direction);
}

static void put_units(results *to, const measured *m)
{
    const double k = value_of(m, "k_bits"), bits = scaling_bits(&m->of->scale, m->dim),
                 code = subject_code(m->of, k) / (double)m->dim;
    if (subject_is_discrete(m->of))
        results_line(to, "\n%.4f bits per dimension: code length of the discrete data, at most\n", code);
    else
        put_unit_line(to, m, bits);
    results_number(to, "k_bits_per_dimension", value_of(m, "k_bits_per_dimension"), NULL);
    results_number(to, "bits_per_dimension", code, NULL);
    results_number(to, "data_scale", exp2(bits / (double)m->dim), NULL);
}

static void put_sizes(results *to, const measured *m)
{
    results_count(to, "samples", m->samples, "%zu sample%s of %zu value%s%s%s\n", m->samples, text_plural(m->samples),
                  m->dim, text_plural(m->dim), m->dequantised ? ", dequantised with uniform noise" : "",
                  m->given_labels ? "; p(x) is p(x | label)" : "");
    results_count(to, "dimensions", m->dim, NULL);
    if (m->chain < m->steps)
        results_line(to, "a chain of %zu of the %zu steps\n", m->chain, m->steps);
    if (m->sampled < m->kls)
        results_line(to,
                     "%zu of the %zu KLs of steps 2..T for each draw, at random; the errors include that; --exact "
                     "takes all\n",
                     m->sampled, m->kls);
    results_count(to, "chain", m->chain, NULL);
    results_count(to, "kls", m->kls, NULL);
    results_count(to, "kls_measured", m->sampled, NULL);
}

static void print(const measured *m, int json)
{
    results to;
    results_begin(&to, stdout, json);
    put_sizes(&to, m);
    results_line(&to, "\n%-28s %14s  %-13s %14s\n", "", "bits/sample", "std. error", "bits/dim");
    put(&to, m, "K, the bound on log2 p", "k_bits", "standard_error_bits", 1);
    results_number(&to, "draw_error_bits", value_of(m, "draw_error_bits"), NULL);
    put(&to, m, "L_null, without a model", "null_bits", "null_standard_error_bits", 1);
    put(&to, m, "K - L_null", "k_minus_null_bits", "k_minus_null_standard_error_bits", 1);
    results_line(&to, "\nK is made of\n");
    put(&to, m, "  edge, E[log2 p(x_0|x_1)]", "edge_bits", NULL, 1);
    put(&to, m, "  - KLs of steps 2..T", "kl_bits", NULL, -1);
    put(&to, m, "  - KL of the prior at T", "prior_bits", NULL, -1);
    put_units(&to, m);
    results_flag(&to, "given_labels", m->given_labels);
    results_flag(&to, "dequantized", m->dequantised);
    results_end(&to);
}

static void check_exact(const char *keys)
{
    char *steps = spec_value(keys, "steps");
    if (steps != NULL && strcmp(steps, "0") != 0)
        fail_usage("bound: --exact measures every step, --bound \"steps=%s\" does not: expected one of them", steps);
    if (spec_is(keys, "terms", "sampled", "sampled"))
        fail_usage("bound: --exact measures every step, --bound \"terms=sampled\" does not: expected one of them");
    free(steps);
}

/* Unless the user says otherwise: some KLs alone. */
static char *bound_spec(const bound_options *options)
{
    char *own = evaluator_spec("elbo", options->bound);
    if (options->exact)
        check_exact(own);
    int all = options->exact || spec_is(own, "terms", "all", "all");
    char *spec = spec_complete(own, all ? "terms=all" : "steps=" SOME_STEPS);
    free(own);
    return spec;
}

/* How many steps the chain of a complete spec visits. */
static size_t chain_of(const char *spec, size_t steps)
{
    char *list = spec_value(spec, "steps_list");
    size_t chain = subject_count(spec, "chain"), listed = list != NULL && *list != '\0';
    for (const char *at = list; listed > 0 && *at != '\0'; at++)
        listed += *at == ',';
    free(list);
    return listed > 0 ? listed : chain > 0 ? chain : steps;
}

static void measure(const subject *of, const dataset *data, const bound_options *options, const char *path)
{
    size_t steps = (size_t)diffusion_schedule_steps(of->schedule);
    int labelled = data_uses_labels(data, of->model, path);
    diffusion_evaluator *evaluator = subject_evaluator(of);
    check(subject_run(evaluator, data, labelled, 0, data->count, options->run.quiet));
    size_t taken = subject_count(diffusion_evaluator_spec(evaluator), "steps");
    size_t chain = chain_of(diffusion_evaluator_spec(evaluator), steps), kls = chain - 1;
    const measured result = {
        .of = of,
        .evaluator = evaluator,
        .samples = data->count,
        .dim = data->dim,
        .given_labels = labelled,
        .dequantised = subject_is_dequantized(of),
        .steps = steps,
        .chain = chain,
        .kls = kls,
        .sampled = taken > 0 && taken < kls ? taken : kls,
    };
    if (options->plot != NULL)
        canvas_save(terms_sheet(evaluator, steps, FIGURE_WIDTH), options->plot);
    print(&result, options->run.json);
    diffusion_evaluator_free(evaluator);
}

static void run_bound(const char *model_path, const char *data_path, const bound_options *options)
{
    subject of;
    data_options how;
    dataset data;
    char *spec = bound_spec(options);
    data_options_parse(&how, options->data);
    subject_open(&of, model_path, options->schedule);
    subject_choose(&of, "--bound", spec);
    subject_load(&of, &data, data_path, &how);
    measure(&of, &data, options, data_path);
    data_release(&data);
    data_options_release(&how);
    subject_close(&of);
    free(spec);
}

int bound_command(int argc, const char **argv)
{
    bound_options o = {0};
    struct poptOption table[] = {
        {"bound", '\0', POPT_ARG_STRING, &o.bound, 0, "How to measure; see diffusion help bound", "\"key=value...\""},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read the data; see diffusion help data",
         "\"key=value...\""},
        {"exact", '\0', POPT_ARG_NONE, &o.exact, 0, "Measures every step for every sample, not " SOME_STEPS " of them",
         NULL},
        {"plot", '\0', POPT_ARG_STRING, &o.plot, 0, "Draws the KL of every step", "KL.png"},
        OPTIONS_JSON(o.run),
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    canvas_check("--plot", o.plot, o.force);
    options_start(&page, &o.run);
    run_bound(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
