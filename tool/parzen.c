#include "command.h"

#include "common/evaluator.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/options.h"
#include "common/progress.h"
#include "common/results.h"
#include "common/text.h"
#include "data/scaling.h"
#include "sampling/samples.h"

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "parzen",
    "SAMPLES|MODEL.safetensors DATA --validation DATA2|--bandwidth S [OPTION...]",
    "Scores samples, or a model by its samples, as the literature's tables do: the log density of DATA under a "
    "Gaussian\n"
    "around every sample, in bits per sample of the data. It depends on the unit of the data: the published figures "
    "of\n"
    "MNIST (10000 samples) are for pixels of 0..1, --scale 0..1. Prefer diffusion bound for a model.",
    "  diffusion parzen mnist.safetensors t10k-images-idx3-ubyte.gz --scale 0..1 --sampler \"ancestral seed=1\" \\\n"
    "      --validation train-images-idx3-ubyte.gz --validation-data \"first=59000 count=1000\"\n"
    "  diffusion parzen samples.npy held-out.csv --bandwidth 0.2\n",
    2,
    2,
};

/* The range searched for the bandwidth, in standard deviations of the samples' values. */
static const double narrowest = 1e-3, widest = 3;

typedef struct parzen_options {
    char *data, *validation, *validation_data, *scale, *sampler, *schedule;
    long long samples;
    double bandwidth; /* 0: chosen by validation */
    run_options run;
} parzen_options;

typedef struct parzen_result {
    size_t samples, points, validated, dim;
    double bandwidth, bits, error; /* the error is NaN for one point */
    double divisor;                /* of the values, by --scale */
    int at_end;                    /* the chosen bandwidth is at an end of the range */
} parzen_result;

static void check_options(const parzen_options *options)
{
    int given = options->bandwidth != 0;
    if (given == (options->validation != NULL))
        fail_usage("parzen: give either --bandwidth S or --validation DATA2 to choose it by");
    if (given && !(options->bandwidth > 0 && options->bandwidth <= 1e30))
        fail_usage("parzen: --bandwidth %g, expected a number above 0", options->bandwidth);
    if (options->validation_data != NULL && options->validation == NULL)
        fail_usage("parzen: --validation-data says how to read the data of --validation, which is missing");
    if (options->scale != NULL && strcmp(options->scale, "0..1") != 0 && strcmp(options->scale, "none") != 0)
        fail_usage("parzen: --scale %s, expected 0..1 or none", options->scale);
    options_range(&page, "--samples", options->samples, 1, SAMPLES_MOST);
}

static void load(dataset *out, const char *path, const char *keys, const dataset *like)
{
    data_options how;
    data_options_parse(&how, keys);
    data_prepare(out, path, &how, DATA_MEASURING);
    data_options_release(&how);
    if (like != NULL)
        samples_check_like(out, path, like);
}

static void map_values(dataset *data, double shift, double divisor)
{
    for (size_t i = 0; i < data->count * data->dim; i++)
        data->values[i] = (data->values[i] - shift) / divisor;
}

/* The mean of each column; freed by free(). Distances are what counts, and float32 keeps these near 0 alone. */
static double *centre_of(const dataset *data)
{
    double *centre = allocate(data->dim, sizeof *centre), variance;
    for (size_t j = 0; j < data->dim; j++)
        data_moments(data, j, &centre[j], &variance);
    return centre;
}

static float *narrow(const dataset *data, const double *centre)
{
    float *values = allocate(data->count * data->dim, sizeof *values);
    for (size_t i = 0; i < data->count * data->dim; i++)
        values[i] = (float)(data->values[i] - centre[i % data->dim]);
    return values;
}

/* Measures the data against the samples; the caller frees the evaluator. */
static diffusion_evaluator *run_window(const char *spec, const dataset *samples, const dataset *data, int quiet)
{
    diffusion_evaluator *window;
    progress bar;
    double *centre = centre_of(samples);
    check(diffusion_evaluator_create(&window, NULL, NULL, spec));
    float *from = narrow(samples, centre), *to = narrow(data, centre);
    check(diffusion_evaluator_set_reference(window, from, samples->count, samples->dim));
    progress_begin(&bar, "round", (int64_t)data->count, 0, 0, quiet);
    check(diffusion_evaluator_set_progress(window, progress_report, &bar));
    check(diffusion_evaluator_run(window, to, NULL, data->count));
    progress_break();
    free(centre);
    free(from);
    free(to);
    return window;
}

static void choose_bandwidth(parzen_result *result, const dataset *samples, const dataset *validation, int quiet)
{
    double mean, variance;
    data_moments(samples, samples->dim, &mean, &variance);
    double deviation = variance > 0 ? sqrt(variance) : 1;
    double low = narrowest * deviation, high = widest * deviation;
    char *minimum = text_real(low), *maximum = text_real(high);
    char *spec = text_format("parzen bandwidth=0 minimum=%s maximum=%s", minimum, maximum);
    diffusion_evaluator *window = run_window(spec, samples, validation, quiet);
    result->bandwidth = evaluator_figure(window, "bandwidth");
    result->validated = validation->count;
    result->at_end = result->bandwidth <= low || result->bandwidth >= high;
    diffusion_evaluator_free(window);
    free(spec);
    free(minimum);
    free(maximum);
}

static void measure(parzen_result *result, const dataset *samples, const dataset *data, int quiet)
{
    char *bandwidth = text_real(result->bandwidth), *spec = text_format("parzen bandwidth=%s", bandwidth);
    diffusion_evaluator *window = run_window(spec, samples, data, quiet);
    result->bits = evaluator_figure(window, "log_density_bits");
    result->error = evaluator_figure(window, "standard_error_bits");
    result->samples = samples->count;
    result->points = data->count;
    result->dim = data->dim;
    diffusion_evaluator_free(window);
    free(spec);
    free(bandwidth);
}

static void print(const parzen_result *r, int json)
{
    static const double nats_per_bit = 0.693147180559945309417232121458;
    results to;
    char *scaled = r->divisor != 1 ? text_format(", scaled by 1/%.9g", r->divisor) : text_format("%s", "");
    char *chosen = r->validated > 0 ? text_format("chosen on %zu points of validation%s", r->validated,
                                                  r->at_end ? ", at an end of the range that was searched" : "")
                                    : text_format("given");
    char *error = isfinite(r->error) ? text_format("  +- %.4f", r->error) : text_format("%s", "");
    results_begin(&to, stdout, json);
    results_count(&to, "samples", r->samples, "%zu sample%s, %zu point%s of %zu value%s%s\n", r->samples,
                  text_plural(r->samples), r->points, text_plural(r->points), r->dim, text_plural(r->dim), scaled);
    results_count(&to, "points", r->points, NULL);
    results_count(&to, "validation_points", r->validated, NULL);
    results_count(&to, "dimensions", r->dim, NULL);
    results_number(&to, "bandwidth", r->bandwidth, "bandwidth        %14.6g  %s\n", r->bandwidth, chosen);
    results_number(&to, "bits", r->bits, "log2 likelihood  %14.4f%s  bits/sample (%.4f nats)\n", r->bits, error,
                   r->bits * nats_per_bit);
    results_number(&to, "standard_error_bits", r->error, NULL);
    results_number(&to, "data_scale", r->divisor, NULL);
    results_end(&to);
    free(scaled);
    free(chosen);
    free(error);
}

static void run_parzen(const char *samples_path, const char *data_path, const parzen_options *options)
{
    dataset samples, data, validation = {0};
    parzen_result result = {.bandwidth = options->bandwidth, .divisor = 1};
    load(&data, data_path, options->data, NULL);
    if (options->validation != NULL)
        load(&validation, options->validation, options->validation_data, &data);
    const samples_source source = {page.name, options->samples, options->sampler,  options->schedule,
                                   data_path, options->data,    options->run.quiet};
    samples_load(&samples, samples_path, &source, &data);
    if (options->scale != NULL && strcmp(options->scale, "0..1") == 0) {
        result.divisor = data.maximum - data.minimum;
        if (!(result.divisor > 0))
            fail("%s: every value is %g, so there is no range to scale to 0..1", data_path, data.minimum);
        map_values(&samples, data.minimum, result.divisor);
        map_values(&validation, data.minimum, result.divisor);
        map_values(&data, data.minimum, result.divisor);
    }
    if (options->validation != NULL)
        choose_bandwidth(&result, &samples, &validation, options->run.quiet);
    measure(&result, &samples, &data, options->run.quiet);
    print(&result, options->run.json);
    data_release(&samples);
    data_release(&data);
    data_release(&validation);
}

int parzen_command(int argc, const char **argv)
{
    parzen_options o = {.samples = 10000};
    struct poptOption table[] = {
        {"validation", '\0', POPT_ARG_STRING, &o.validation, 0, "Data under which the bandwidth is to be likeliest",
         "DATA2"},
        {"bandwidth", '\0', POPT_ARG_DOUBLE, &o.bandwidth, 0,
         "Standard deviation of each Gaussian, in the unit that --scale makes", "S"},
        {"scale", '\0', POPT_ARG_STRING, &o.scale, 0,
         "0..1: the range of DATA (0..255 for bytes) becomes 0..1; none (default)", "0..1|none"},
        {"samples", '\0', POPT_ARG_LONGLONG, &o.samples, 0,
         "Draws so many, or takes the first of a file (default "
         "10000)",
         "N"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0,
         "Solver for a model (default that of diffusion sample); see diffusion help sampler", "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        {"validation-data", '\0', POPT_ARG_STRING, &o.validation_data, 0, "How to read DATA2", "\"key=value...\""},
        OPTIONS_JSON(o.run),
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o);
    options_start(&page, &o.run);
    run_parzen(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
