#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/output.h"
#include "common/progress.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/prepare.h"
#include "data/write.h"
#include "picture/figures.h"
#include "picture/scatter.h"
#include "sampling/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "sample",
    "MODEL.safetensors [DATA] [OPTION...]",
    "Draws from a model, in the units of the data that it was trained on. A picture shows images side by side, points "
    "of\n"
    "the plane, or rows; a trajectory shows the forward process (of DATA, else of the samples) above the reverse one.",
    "  diffusion sample digits.safetensors -n 64 -o samples.png --sampler \"ancestral steps=100 seed=7\"\n"
    "  diffusion sample digits.safetensors -n 30 --labels 0,1,2 --columns 3 -o samples.png\n"
    "  diffusion sample roll.safetensors -n 100000 -o samples.npy\n"
    "  diffusion sample roll.safetensors roll.csv -n 2000 --trajectory trajectory.png\n",
    1,
    2,
};

enum { COUNT_MAX = 100000000, COLUMNS_MAX = 10000, LABELS_MAX = 1024 };

typedef struct sample_options {
    char *output, *sampler, *labels, *trajectory, *data;
    long long count, columns;
    run_options run;
} sample_options;

/* A model, what it was trained with, and what is drawn of it. */
typedef struct sampling {
    const sample_options *options;
    diffusion_model *model;
    diffusion_schedule *schedule;
    scaling scale;
    int64_t shape[DATA_RANK];
    size_t rank, dim, count;
    int32_t *labels; /* [count], or NULL */
    float *values;   /* [count, dim], in the model's units until they are inverted */
} sampling;

/* Sample i gets label i of the list, over and over; without a list all classes take turns. */
static void set_labels(sampling *s)
{
    int32_t classes = diffusion_model_classes(s->model);
    const char *text = s->options->labels;
    if (classes == 0 && text != NULL)
        fail_usage("sample: --labels %s: this model has no classes", text);
    if (classes == 0 || (text != NULL && strcmp(text, "none") == 0))
        return;
    int64_t list[LABELS_MAX];
    size_t listed = text != NULL ? text_integers(list, LABELS_MAX, text, classes - 1) : 0;
    if (text != NULL && listed == 0)
        fail_usage("sample: --labels %s: expected classes 0..%d with commas between them, or none", text,
                   (int)classes - 1);
    s->labels = allocate(s->count, sizeof *s->labels);
    for (size_t i = 0; i < s->count; i++)
        s->labels[i] = listed > 0 ? (int32_t)list[i % listed] : (int32_t)(i % (size_t)classes);
}

static int is_plane(const sampling *s)
{
    return s->rank == 1 && s->dim == 2;
}

/* The brightness of pictures: the data's range, else that of what is drawn. */
static tiles tiles_for(const sampling *s, const float *values, size_t count)
{
    double low = s->scale.minimum, high = s->scale.maximum;
    if (!isfinite(low) || !isfinite(high)) {
        low = high = values[0];
        for (size_t i = 0; i < count; i++) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    return tiles_of(s->shape, s->rank, low, high);
}

static void invert(const sampling *s, float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)scaling_invert(&s->scale, values[i]);
}

/* The samples whose forward process is shown: real ones, or those drawn. */
static float *forward_start(const sampling *s, const char *data_path, size_t *count)
{
    float *start;
    if (data_path == NULL) {
        start = allocate(*count * s->dim, sizeof *start);
        memcpy(start, s->values, *count * s->dim * sizeof *start);
        return start;
    }
    data_options how;
    dataset data;
    data_options_parse(&how, s->options->data);
    data_options_complete(&how, s->model);
    data_prepare(&data, data_path, &how, DATA_MEASURING);
    scaling_apply(&s->scale, &data);
    if (data.count < *count)
        fail("%s: holds %zu samples, the trajectory shows %zu; draw fewer with -n", data_path, data.count, *count);
    start = data.values;
    data.values = NULL;
    data_release(&data);
    data_options_release(&how);
    return start;
}

static void draw_trajectory(const sampling *s, record *r, const char *data_path)
{
    float *start = forward_start(s, data_path, &r->count);
    record_forward(r, s->schedule, start, 1);
    trajectory of = {r->moments, r->t, r->forward, r->reverse, r->count};
    if (is_plane(s)) {
        figure_trajectory_plane(&of, s->options->trajectory);
    } else {
        size_t values = r->moments * r->count * r->dim;
        invert(s, r->forward, values);
        invert(s, r->reverse, values);
        tiles as = tiles_for(s, r->reverse + (r->moments - 1) * r->count * r->dim, r->count * r->dim);
        if (s->rank == 1) /* rows stand side by side here, so they are smaller */
            as.factor = (int)fmax(1, fmin(8, 160.0 / (double)s->dim));
        figure_trajectory_tiles(&of, &as, s->options->trajectory);
    }
    free(start);
}

/* The points of the plane are all shown; of rows 20, of images 4. */
static void begin_record(record *r, const sampling *s)
{
    size_t most = is_plane(s) ? s->count : data_is_image(s->shape, s->rank) ? 4 : 20;
    size_t moments = is_plane(s) ? 3 : s->rank == 1 ? 4 : 7;
    record_create(r, moments, s->count < most ? s->count : most, s->dim, diffusion_schedule_steps(s->schedule));
}

/* What diffusion_sampler_run() does, with a look at every state. */
static void run_recorded(sampling *s, diffusion_sampler *sampler, record *r)
{
    progress bar;
    int32_t t, first;
    check(diffusion_sampler_begin(sampler, s->labels, s->count));
    check(diffusion_sampler_state(sampler, NULL, &first));
    progress_begin(&bar, "step", 0, first, s->options->run.quiet);
    record_reverse(r, sampler, s->values);
    do {
        check(diffusion_sampler_step(sampler));
        check(diffusion_sampler_state(sampler, NULL, &t));
        record_reverse(r, sampler, s->values);
        progress_report(first - t, first, &bar);
    } while (t > 0);
    check(diffusion_sampler_state(sampler, s->values, NULL));
}

static void run_plain(sampling *s, diffusion_sampler *sampler)
{
    progress bar;
    progress_begin(&bar, "step", 0, diffusion_schedule_steps(s->schedule), s->options->run.quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, s->labels, s->count, s->values));
}

static void draw_samples(sampling *s, const char *data_path)
{
    diffusion_sampler *sampler;
    const char *spec = s->options->sampler != NULL ? s->options->sampler : "ancestral";
    check(diffusion_sampler_create(&sampler, s->model, s->schedule, spec));
    s->values = allocate(multiply(s->count, s->dim, "-n"), sizeof *s->values);
    if (s->options->trajectory != NULL) {
        record r;
        begin_record(&r, s);
        run_recorded(s, sampler, &r);
        progress_break();
        draw_trajectory(s, &r, data_path);
        record_release(&r);
    } else {
        run_plain(s, sampler);
        progress_break();
    }
    diffusion_sampler_free(sampler);
}

static void write_samples(sampling *s)
{
    const char *path = s->options->output;
    if (path == NULL)
        return;
    invert(s, s->values, s->count * s->dim);
    if (table_knows(path)) {
        table_write(path, s->values, s->count, s->shape, s->rank);
    } else if (is_plane(s)) {
        scatter_save(s->values, s->count, path);
    } else {
        tiles as = tiles_for(s, s->values, s->count * s->dim);
        tiles_save(&as, s->values, s->count, (size_t)s->options->columns, path);
    }
}

static void run_sample(const char *model_path, const char *data_path, const sample_options *options)
{
    sampling s = {.options = options, .count = (size_t)options->count};
    check(diffusion_model_load(&s.model, model_path));
    s.schedule = schedule_of(s.model, model_path);
    s.dim = diffusion_model_dim(s.model);
    check(diffusion_model_shape(s.model, s.shape, DATA_RANK, &s.rank));
    scaling_recall(&s.scale, s.model);
    set_labels(&s);
    draw_samples(&s, data_path);
    write_samples(&s);
    free(s.labels);
    free(s.values);
    diffusion_schedule_free(s.schedule);
    diffusion_model_free(s.model);
}

static void check_options(const sample_options *options, const char *data_path)
{
    if (options->output == NULL && options->trajectory == NULL)
        fail_usage("sample: -o FILE or --trajectory FILE is missing");
    if (options->output != NULL && !table_knows(options->output) && !text_ends_with(options->output, ".png"))
        fail_usage("sample: -o %s: expected a name that ends in .png, .csv, .csv.gz or .npy", options->output);
    if (data_path != NULL && options->trajectory == NULL)
        fail_usage("sample: '%s' is data, which only --trajectory shows", data_path);
    options_range(&page, "-n", options->count, 1, COUNT_MAX);
    options_range(&page, "--columns", options->columns, 0, COLUMNS_MAX);
    if (options->output != NULL)
        output_check(options->output);
    canvas_check("--trajectory", options->trajectory);
}

int sample_command(int argc, const char **argv)
{
    sample_options o = {.count = 64};
    struct poptOption table[] = {
        {"count", 'n', POPT_ARG_LONGLONG, &o.count, 0, "Samples (default 64)", "N"},
        {"output", 'o', POPT_ARG_STRING, &o.output, 0, "Where they go: .png, .csv, .csv.gz or .npy", "FILE"},
        {"sampler", '\0', POPT_ARG_STRING, &o.sampler, 0, "Solver (default ancestral); see diffusion help sampler",
         "SPEC"},
        {"labels", '\0', POPT_ARG_STRING, &o.labels, 0, "Classes that the samples take in turn (default all), or none",
         "0,1,..."},
        {"columns", '\0', POPT_ARG_LONGLONG, &o.columns, 0, "Columns of the picture", "N"},
        {"trajectory", '\0', POPT_ARG_STRING, &o.trajectory, 0, "Draws the way from noise to sample", "FILE.png"},
        {"data", '\0', POPT_ARG_STRING, &o.data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""},
        OPTIONS_RUN(o.run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    check_options(&o, given.values[1]);
    options_start(&page, &o.run);
    run_sample(given.values[0], given.values[1], &o);
    options_release(&given);
    return EXIT_SUCCESS;
}
