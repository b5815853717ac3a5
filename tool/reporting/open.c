/* Model and data of a report. */
#include "reporting/job.h"

#include "reporting/escape.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/overwrite.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/csv.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_IMAGES = 100, ROWS_TABLE = 1000, SHOWN = 2000 };

static const uint64_t seed = 1; /* of which rows are taken */

/* So many of the rows that K is taken of, at random; they are scaled. */
static void take_rows(report_job *job)
{
    const dataset *from = job->held.count > 0 ? &job->held : &job->training;
    const size_t most = job->is_image ? ROWS_IMAGES : ROWS_TABLE;
    data_copy(&job->rows, from, 0, from->count, job->data_path);
    if (from->count > most) {
        data_shuffle(&job->rows, seed);
        job->rows.count = most;
    }
    data_measure(&job->rows);
    data_uses_labels(&job->rows, job->of.model, job->data_path);
    subject_scale(&job->of, &job->rows, job->data_path);
}

/* Rows for histograms and quantiles: of all data, held out or not. */
static void take_table(report_job *job)
{
    dataset some;
    data_copy(&some, &job->training, 0, job->training.count, job->data_path);
    if (some.count > SHOWN) {
        data_shuffle(&some, seed);
        some.count = SHOWN;
    }
    job->table_count = some.count;
    job->table = some.values;
    some.values = NULL;
    data_release(&some);
}

static void load(report_job *job)
{
    data_options how;
    data_options_parse(&how, job->options->data);
    data_options_complete(&how, job->of.model);
    data_prepare_both(&job->training, &job->held, job->data_path, &how);
    scaling_check_like(&job->of.scale, &job->training, job->of.model, job->data_path, 0);
    job->given = job->training.count;
    job->given_held = job->held.count;
    take_rows(job);
    if (!job->is_image)
        take_table(job);
    data_options_release(&how);
}

void report_open(report_job *job, const report_options *options, const char *model, const char *data)
{
    int64_t shape[DATA_RANK];
    size_t rank;
    *job = (report_job){.options = options, .model_path = model, .data_path = data};
    if (data != NULL)
        overwrite_spare(data);
    subject_open(&job->of, model, options->schedule);
    check(diffusion_model_shape(job->of.model, shape, DATA_RANK, &rank));
    job->is_image = data_is_image(shape, rank);
    job->is_binomial = spec_is_binomial(diffusion_schedule_spec(job->of.schedule));
    history_recall(&job->trained, job->of.model, model);
    subject_choose(&job->of, "report", "elbo");
    if (data != NULL)
        load(job);
}

/* Field `index` of a line of CSV; NULL if it has fewer, else freed by free(). */
static char *field_of(const char *line, size_t index)
{
    csv_text text = {.path = "data.columns", .at = line, .line = 1, .separator = ','};
    size_t at = 0;
    int more = 1;
    while (more) {
        more = csv_field(&text);
        if (at++ == index)
            return text.field;
    }
    free(text.field);
    return NULL;
}

char *report_name(const report_job *job, size_t column)
{
    const char *line = diffusion_model_metadata(job->of.model, "data.columns");
    char *name = line != NULL ? field_of(line, column) : NULL;
    if (name != NULL && *name != '\0')
        return name;
    free(name);
    return text_format("column %zu", column + 1);
}

char *report_label(const report_job *job, size_t column)
{
    enum { LONGEST = 28 };
    char *name = report_name(job, column), *label = escape_label(name, LONGEST);
    free(name);
    return label;
}

void report_close(report_job *job)
{
    if (job->has_figures) {
        figures_release(&job->compared);
        sets_release(&job->all);
    }
    if (job->has_way)
        record_release(&job->way);
    diffusion_evaluator_free(job->bound);
    diffusion_condition_free(job->drawn.condition);
    free(job->drawn.labels);
    free(job->drawn.values);
    free(job->samples);
    free(job->sampler);
    free(job->no_bound);
    free(job->table);
    data_release(&job->rows);
    data_release(&job->training);
    data_release(&job->held);
    history_release(&job->trained);
    subject_close(&job->of);
}
