#include "command.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/options.h"
#include "common/output.h"
#include "common/overwrite.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/write.h"
#include "picture/canvas.h"
#include "picture/figures.h"
#include "scoring/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many KLs for each of four draws, over which a row's standard error is taken: of pictures, whose networks are slow,
 * 20 in all, as bound has; of a table 400, in some seconds for 10 000 rows. */
#define ELBO_PICTURES "steps=5 draws=4"
#define ELBO_TABLES "steps=100 draws=4"

static const command_page page = {
    "score",
    "MODEL.safetensors DATA -o FILE [OPTION...]",
    "Scores every row of data by how unlikely it is: the bits that a model needs to encode it, -log2 p(row), in a "
    "table\n"
    "of a line for each row: bits, bits per dimension and the standard error of the bits. With anomalies known, by "
    "their\n"
    "labels or from a file of their own, also the area under the ROC curve. Data is not to be that of the training.",
    "  diffusion score mnist.safetensors t10k-images-idx3-ubyte.gz -o scores.csv\n"
    "  diffusion score mnist.safetensors t10k-images-idx3-ubyte.gz --against fashion-images.npy -o scores.csv --plot "
    "roc.png\n"
    "  diffusion score wine.safetensors wine.csv --data labels=last --anomalies 1 -o scores.csv\n"
    "  diffusion score roll.safetensors roll.csv --evaluator \"flow rtol=1e-5\" -o -\n",
    2,
    2,
};

typedef struct score_options {
    char *output, *evaluator, *data, *anomalies, *against, *against_data, *plot, *schedule;
    int force;
    run_options run;
} score_options;

static void check_options(const score_options *options)
{
    if (options->output == NULL)
        fail_usage("score: -o FILE is missing");
    if (!table_knows(options->output))
        fail_usage("score: -o %s: expected a name that ends in " TABLE_ENDINGS, options->output);
    if (options->anomalies != NULL && options->against != NULL)
        fail_usage("score: give --anomalies or --against, not both");
    if (options->against_data != NULL && options->against == NULL)
        fail_usage("score: --against-data says how to read the data of --against, which is missing");
    if (options->plot != NULL && options->anomalies == NULL && options->against == NULL)
        fail_usage("score: --plot draws how anomalies are told from the rest; say which they are with --anomalies or "
                   "--against");
    overwrite_check(options->output, options->force);
    canvas_check("--plot", options->plot, options->force);
}

static int is_of(const char *spec, const char *kind)
{
    const size_t length = strcspn(spec, " \t\r\n");
    return length == strlen(kind) && strncmp(spec, kind, length) == 0;
}

/* What the command adds to a spec of this kind, where the user says nothing. */
static const char *standard_of(const char *spec, const diffusion_model *model)
{
    int64_t shape[DATA_RANK];
    size_t rank;
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    if (is_of(spec, "elbo") && !spec_is(spec, "terms", "all", "all"))
        return rank > 1 ? ELBO_PICTURES : ELBO_TABLES;
    return is_of(spec, "flow") ? "draws=2" : "";
}

/* Of a kind that gives a log likelihood, elbo if the keys stand alone; freed by free(). */
static char *score_spec(const char *given, const diffusion_model *model)
{
    const char *text = given != NULL ? given + strspn(given, " \t\r\n") : "";
    const size_t first = strcspn(text, " \t\r\n");
    const int keys = first == 0 || memchr(text, '=', first) != NULL;
    char *own = text_format("%s%s", keys ? "elbo " : "", text);
    if (!is_of(own, "elbo") && !is_of(own, "iwae") && !is_of(own, "flow"))
        fail_usage("score: --evaluator %s, expected elbo, iwae or flow, and keys: diffusion help evaluator", text);
    char *spec = spec_complete(own, standard_of(own, model));
    free(own);
    return spec;
}

/* Unless its own keys say otherwise, it is read as DATA is, but all of it, and not with that file's labels. */
static void load_other(const subject *of, dataset *other, const score_options *options)
{
    data_options how;
    data_options_parse(&how, options->against_data != NULL ? options->against_data : options->data);
    if (options->against_data == NULL) {
        how.first = how.hold_out = 0;
        how.count = -1;
        if (how.labels != NULL && strcmp(how.labels, "none") != 0 && strcmp(how.labels, "first") != 0 &&
            strcmp(how.labels, "last") != 0) {
            free(how.labels);
            how.labels = NULL;
        }
    }
    subject_load(of, other, options->against, &how);
    data_options_release(&how);
}

static void draw_curve(const roc *curve, const char *path)
{
    char *name = isfinite(curve->error) ? text_format("area %.4f \u00b1 %.4f", curve->area, curve->error)
                                        : text_format("area %.4f", curve->area);
    const roc_figure figure = {curve->rest, curve->anomalies, curve->points, name};
    canvas_save(figure_roc(&figure), path);
    free(name);
}

static void measure_curve(roc *out, const scores *from)
{
    size_t n, m;
    double *rest = scores_of(from, 0, &n), *anomalies = scores_of(from, 1, &m);
    roc_measure(out, rest, n, anomalies, m);
    free(rest);
    free(anomalies);
}

static void finish(const subject *of, const scores *from, const dataset *const *sets, size_t count,
                   const score_options *options)
{
    roc curve = {0};
    const roc *told = from->anomalous != NULL ? &curve : NULL;
    FILE *stream = output_report(options->output);
    if (told != NULL)
        measure_curve(&curve, from);
    scores_write(from, options->output);
    if (options->plot != NULL)
        draw_curve(&curve, options->plot);
    char *remark = told != NULL ? scores_remark(of, from, told, sets, count) : NULL;
    scores_print(stream, of, from, told, remark, options->run.json);
    free(remark);
    roc_release(&curve);
}

/* All data is read, and refused if need be, before any of it is measured. */
static void run_score(const char *model_path, const char *data_path, const score_options *options)
{
    subject of;
    data_options how;
    dataset data, other = {0};
    scores all = {0};
    data_options_parse(&how, options->data);
    subject_open(&of, model_path, options->schedule);
    char *spec = score_spec(options->evaluator, of.model);
    subject_choose(&of, "--evaluator", spec);
    subject_load(&of, &data, data_path, &how);
    if (options->anomalies != NULL)
        scores_mark(&all, &data, options->anomalies, data_path);
    if (options->against != NULL) {
        load_other(&of, &other, options);
        data_uses_labels(&other, of.model, options->against);
    }
    scores_add(&all, &of, &data, data_path, options->against != NULL ? 0 : -1, options->run.quiet);
    if (options->against != NULL)
        scores_add(&all, &of, &other, options->against, 1, options->run.quiet);
    finish(&of, &all, (const dataset *const[]){&data, &other}, options->against != NULL ? 2 : 1, options);
    scores_release(&all);
    data_release(&data);
    data_release(&other);
    data_options_release(&how);
    subject_close(&of);
    free(spec);
}

int score_command(int argc, const char **argv)
{
    score_options o = {0};
    struct poptOption table[] = {
        {"output", 'o', POPT_ARG_STRING, &o.output, 0,
         "Where the scores go: .csv, .tsv, .txt (or .gz of these), .npy, or - for standard output", "FILE"},
        {"evaluator", '\0', POPT_ARG_STRING, &o.evaluator, 0,
         "What is measured: elbo (default \"elbo " ELBO_PICTURES "\", of tables \"elbo " ELBO_TABLES
         "\"), iwae or flow; see diffusion help evaluator",
         "SPEC"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read the data; see diffusion help data",
         "\"key=value...\""},
        {"anomalies", '\0', POPT_ARG_STRING, &o.anomalies, 0, "Labels of DATA whose rows are anomalies", "LABEL,..."},
        {"against", '\0', POPT_ARG_STRING, &o.against, 0,
         "Data that is anomalies, all of it, and scored behind that of DATA", "OTHER"},
        {"against-data", '\0', POPT_ARG_STRING, &o.against_data, 0,
         "How to read OTHER (default as DATA, but all of it)", "\"key=value...\""},
        {"plot", '\0', POPT_ARG_STRING, &o.plot, 0, "Draws the ROC curve", "ROC.png"},
        OPTIONS_JSON(o.run),
        OPTIONS_SCHEDULE(o.schedule),
        OPTIONS_FORCE(o.force),
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o);
    options_start(&page, &o.run);
    run_score(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
