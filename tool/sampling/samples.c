#include "sampling/samples.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/progress.h"
#include "common/sampler.h"
#include "common/text.h"
#include "data/csv.h"
#include "data/prepare.h"
#include "data/scaling.h"

#include <diffusion.h>
#include <stdlib.h>
#include <string.h>

static void run(float *out, size_t count, const diffusion_model *model, diffusion_sampler *sampler, int quiet)
{
    progress bar;
    int32_t *labels = labels_of_all(model, count);
    diffusion_condition *condition = condition_of(labels, count);
    progress_begin(&bar, "step", (int64_t)count, 0, 0, quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, condition, count, out));
    progress_break();
    diffusion_condition_free(condition);
    free(labels);
}

static void check_data(const dataset *data, const char *data_path, const diffusion_model *model, const char *path)
{
    scaling scale;
    int64_t shape[DATA_RANK];
    size_t rank;
    if (data->dim != diffusion_model_dim(model))
        fail("%s: the model makes samples of %zu values, the data has %zu", path, diffusion_model_dim(model),
             data->dim);
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    data_check_shape(data, data_path, shape, rank, "the model", "--data shape= takes them for it all the same");
    scaling_recall(&scale, model);
    scaling_check_like(&scale, data, model, data_path, 0);
    scaling_release(&scale);
}

/* What `diffusion sample MODEL -n COUNT --sampler SPEC --schedule SPEC` would write, all classes in turn. */
static void draw_from_model(dataset *out, const char *path, const samples_source *source, const dataset *like)
{
    int64_t shape[DATA_RANK];
    size_t rank;
    diffusion_model *model = model_open(path);
    diffusion_schedule *schedule = schedule_of(model, path, source->schedule);
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    check_data(like, source->beside, model, path);
    *out = (dataset){0};
    data_reserve(out, path, (size_t)source->count, shape, rank);
    out->scaled = allocate(out->count * out->dim, sizeof *out->scaled);
    diffusion_sampler *drawer = sampler_open(model, schedule, path, source->sampler, source->quiet);
    run(out->scaled, out->count, model, drawer, source->quiet);
    diffusion_sampler_free(drawer);
    check(diffusion_model_to_data(model, out->scaled, out->count, out->values));
    data_measure(out);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

void samples_check_like(const dataset *data, const char *path, const dataset *like)
{
    if (data->dim != like->dim)
        fail("%s: a sample has %zu values, those to be compared with it have %zu", path, data->dim, like->dim);
    data_check_shape(data, path, like->shape, like->rank, "what they are compared with",
                     "--data shape= with the number of values alone compares value by value");
    char *names = like->names != NULL ? csv_join(like->names, like->dim) : NULL;
    scaling_check_names(data, names, path, "what it is compared with");
    scaling_note_unit(data, like, path);
    free(names);
}

/* Samples of a model of classes have the column of labels that its data had. */
static void take_label_column(dataset *samples, const char *path, const char *keys, size_t dim)
{
    data_options how;
    data_options_parse(&how, keys);
    int column = how.labels != NULL && (strcmp(how.labels, "first") == 0 || strcmp(how.labels, "last") == 0);
    if (column && samples->rank == 1 && samples->dim == dim + 1 && samples->labels == NULL)
        data_take_labels(samples, path, how.labels);
    data_options_release(&how);
}

static void load_file(dataset *out, const char *path, const samples_source *source, const dataset *like)
{
    data_options how;
    data_options_parse(&how, NULL);
    if (like->labels == NULL && like->header != LABELS_NONE) /* the column that its header names is data */
        how.labels = text_format("none");
    data_prepare(out, path, &how, DATA_MEASURING);
    data_options_release(&how);
    take_label_column(out, path, source->data, like->dim);
    samples_check_like(out, path, like);
    if (out->count > (size_t)source->count)
        out->count = (size_t)source->count;
}

void samples_load(dataset *out, const char *path, const samples_source *source, const dataset *like)
{
    if (!path_is_model(path)) {
        if (source->sampler != NULL || source->schedule != NULL)
            fail_usage("%s: --sampler and --schedule are for a model, %s is a file of samples", source->command, path);
        load_file(out, path, source, like);
        return;
    }
    draw_from_model(out, path, source, like);
}
