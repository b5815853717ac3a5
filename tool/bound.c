#include "command.h"

#include "common/evaluator.h"
#include "common/fail.h"
#include "common/model.h"
#include "common/options.h"
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
    "Measures a model on data that it should not have seen: the paper's lower bound K on log2 p(data), L_null (the "
    "same\n"
    "data under the prior p(x_T) as a model) and K - L_null, in bits, with standard errors. Each sample's KLs are\n"
    "measured at " SOME_STEPS " of its steps, drawn at random, which the errors include; --exact takes them all.",
    "  diffusion bound roll.safetensors held-out.csv --plot kl.png\n"
    "  diffusion bound digits.safetensors digits.csv.gz --data \"hold_out=297\" --bound \"draws=4 seed=1\" --json\n",
    2,
    2,
};

typedef struct bound_options {
    char *bound, *data, *plot, *schedule;
    int json, force, exact;
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

static void print_line(const measured *m, const char *name, double bits, double error)
{
    printf("%-28s %14.4f", name, bits);
    if (isfinite(error))
        printf("  +- %-10.4f", error);
    else
        printf("  %-13s", "");
    printf(" %14.4f\n", bits / (double)m->dim);
}

/* In bits per dimension. Columns of their own scales are dequantised here, so that the library does not know of it. */
static double code_length(const measured *m)
{
    if (m->of->scale.columns == 1)
        return value_of(m, "bits_per_dimension");
    return (scaling_bits(&m->of->scale, m->dim) - value_of(m, "k_bits")) / (double)m->dim;
}

static void print_text(const measured *m)
{
    double none = NAN;
    printf("%zu samples of %zu values%s%s\n", m->samples, m->dim,
           m->dequantised ? ", dequantised with uniform noise" : "", m->given_labels ? "; p(x) is p(x | label)" : "");
    if (m->chain < m->steps)
        printf("a chain of %zu of the %zu steps\n", m->chain, m->steps);
    if (m->sampled < m->kls)
        printf(
            "%zu of the %zu KLs of steps 2..T for each draw, at random; the errors include that; --exact takes all\n",
            m->sampled, m->kls);
    putchar('\n');
    printf("%-28s %14s  %-13s %14s\n", "", "bits/sample", "std. error", "bits/dim");
    print_line(m, "K, the bound on log2 p", value_of(m, "k_bits"), value_of(m, "standard_error_bits"));
    print_line(m, "L_null, the prior alone", value_of(m, "null_bits"), value_of(m, "null_standard_error_bits"));
    print_line(m, "K - L_null", value_of(m, "k_minus_null_bits"), value_of(m, "k_minus_null_standard_error_bits"));
    puts("\nK is made of");
    print_line(m, "  edge, E[log2 p(x_0|x_1)]", value_of(m, "edge_bits"), none);
    print_line(m, "  - KLs of steps 2..T", -value_of(m, "kl_bits"), none);
    print_line(m, "  - KL of the prior at T", -value_of(m, "prior_bits"), none);
    double bits = scaling_bits(&m->of->scale, m->dim);
    if (subject_is_discrete(m->of))
        printf("\n%.4f bits per dimension: code length of the discrete data, at most\n", code_length(m));
    else if (m->of->scale.columns > 1)
        printf(
            "\nDensities are those of data with columns scaled by their own deviations; those of the data itself are "
            "%.4f bits/sample %s.\n",
            fabs(bits), bits < 0 ? "higher" : "lower");
    else if (m->of->scale.of[0].scale != 1)
        printf("\nDensities are those of data scaled by 1/%g; those of the data itself are %.4f bits/sample lower.\n",
               m->of->scale.of[0].scale, bits);
}

/* JSON has no NaN and no infinity. */
static void print_number(const char *name, double value)
{
    if (isfinite(value))
        printf("  \"%s\": %.17g,\n", name, value);
    else
        printf("  \"%s\": null,\n", name);
}

static void print_json(const measured *m)
{
    static const char *const quantities[] = {
        "k_bits",
        "standard_error_bits",
        "draw_error_bits",
        "null_bits",
        "null_standard_error_bits",
        "k_minus_null_bits",
        "k_minus_null_standard_error_bits",
        "edge_bits",
        "kl_bits",
        "prior_bits",
        "k_bits_per_dimension",
    };
    printf("{\n  \"samples\": %zu,\n  \"dimensions\": %zu,\n", m->samples, m->dim);
    printf("  \"chain\": %zu,\n  \"kls\": %zu,\n  \"kls_measured\": %zu,\n", m->chain, m->kls, m->sampled);
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        print_number(quantities[i], value_of(m, quantities[i]));
    print_number("bits_per_dimension", code_length(m));
    print_number("data_scale", exp2(scaling_bits(&m->of->scale, m->dim) / (double)m->dim));
    printf("  \"given_labels\": %s,\n", m->given_labels ? "true" : "false");
    printf("  \"dequantized\": %s\n}\n", m->dequantised ? "true" : "false");
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
        .dequantised = scaling_dequantizes(&of->scale) && !of->binned,
        .steps = steps,
        .chain = chain,
        .kls = kls,
        .sampled = taken > 0 && taken < kls ? taken : kls,
    };
    if (options->plot != NULL)
        canvas_save(terms_sheet(evaluator, steps, FIGURE_WIDTH), options->plot);
    if (options->json)
        print_json(&result);
    else
        print_text(&result);
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
        {"json", '\0', POPT_ARG_NONE, &o.json, 0, "Prints JSON", NULL},
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
