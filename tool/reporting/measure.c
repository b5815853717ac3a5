/* Samples of a report, and its figures. */
#include "reporting/job.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/progress.h"
#include "common/sampler.h"
#include "common/specs.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_IMAGES = 100, COUNT_TABLE = 1000, COLUMNS_MOST = 20 };

static void say(const report_job *job, const char *what, size_t count)
{
    if (!job->options->run.quiet)
        fprintf(stderr, "%s %zu %s\n", what, count, job->is_image ? "images" : "rows");
}

/* ---- samples ---- */

/* Images 3 at 7 moments, rows of bits 20 and points of the plane all at some. */
static void begin_way(report_job *job)
{
    const sampling *s = &job->drawn;
    const size_t most = job->is_image ? 3 : job->is_binomial ? 20 : s->count;
    const size_t moments = job->is_image ? 7 : job->is_binomial ? 4 : sampling_is_plane(s) ? 3 : 5;
    size_t count = s->count < most ? s->count : most;
    if (job->data_path != NULL && job->rows.count < count)
        count = job->rows.count;
    record_create(&job->way, moments, count, s->dim, diffusion_schedule_steps(s->schedule));
}

static void run(report_job *job, diffusion_sampler *sampler)
{
    sampling *s = &job->drawn;
    progress bar;
    job->has_way = sampling_has_states(s, job->options->sampler);
    if (job->has_way) {
        begin_way(job);
        sampling_record(s, sampler, &job->way);
        return;
    }
    progress_begin(&bar, "step", (int64_t)s->count, 0, 0, job->options->run.quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, s->condition, s->count, s->values));
    progress_break();
}

/* A column for each class where they are few. */
static void choose_columns(report_job *job)
{
    size_t classes;
    free(classes_seen(job->of.model, &classes));
    if (classes > 0 && classes <= COLUMNS_MOST && classes <= job->drawn.count)
        job->drawn.columns = classes;
}

void report_draw(report_job *job)
{
    sampling *s = &job->drawn;
    const long long standard = job->is_image ? COUNT_IMAGES : COUNT_TABLE;
    job->how = (sample_options){.per_class = COUNT_UNSET,
                                .count = job->options->count != COUNT_UNSET ? job->options->count : standard,
                                .run = job->options->run};
    *s = (sampling){.options = &job->how,
                    .model = job->of.model,
                    .schedule = job->of.schedule,
                    .scale = job->of.scale,
                    .dim = diffusion_model_dim(job->of.model),
                    .widest = job->is_image ? REPORT_WIDEST : 0};
    check(diffusion_model_shape(s->model, s->shape, DATA_RANK, &s->rank));
    sampling_choose_labels(s);
    choose_columns(job);
    s->condition = condition_of(s->labels, s->count);
    s->values = allocate(multiply(s->count, s->dim, "-n"), sizeof *s->values);
    job->sampler = sampler_of(s->model, s->schedule, job->options->sampler);
    diffusion_sampler *sampler = sampler_open(s->model, s->schedule, job->model_path, job->options->sampler, 1);
    say(job, "drawing", s->count);
    run(job, sampler);
    diffusion_sampler_free(sampler);
    job->samples = scaling_invert(s->model, s->values, s->count * s->dim);
}

/* ---- the bound ---- */

/* Every KL where that takes some seconds, else some of them for each row. */
static void choose_terms(report_job *job)
{
    static const double work_most = 1e12; /* multiplications, about */
    const double work = (double)job->rows.count * diffusion_schedule_steps(job->of.schedule) *
                        (double)model_parameters(job->of.model) * (job->is_image ? (double)job->drawn.dim : 1);
    char *spec = spec_complete(job->of.spec, work > work_most ? "steps=20" : "terms=all");
    free(job->of.spec);
    job->of.spec = spec;
}

/* Not every schedule has one: the page says why. */
static void measure_bound(report_job *job)
{
    const int labelled = data_uses_labels(&job->rows, job->of.model, job->data_path);
    choose_terms(job);
    diffusion_status status = diffusion_evaluator_create(&job->bound, job->of.model, job->of.schedule, job->of.spec);
    if (status == DIFFUSION_OK) {
        say(job, "measuring K on", job->rows.count);
        status = subject_run(job->bound, &job->rows, labelled, 0, job->rows.count, job->options->run.quiet);
    }
    if (status == DIFFUSION_OK)
        return;
    job->no_bound = text_format("%s", diffusion_last_error());
    diffusion_evaluator_free(job->bound);
    job->bound = NULL;
}

/* ---- against data ---- */

static void compare(report_job *job)
{
    static const size_t fewest = 4;
    const sets_source source = {.samples = job->model_path, .data = job->data_path};
    dataset samples = {0};
    data_options plain;
    if (job->given + job->given_held < fewest || (job->given_held > 0 && job->given_held < 2) || job->given < 2 ||
        job->drawn.count < 2)
        return;
    data_options_parse(&plain, NULL);
    data_reserve(&samples, job->model_path, job->drawn.count, job->drawn.shape, job->drawn.rank);
    memcpy(samples.values, job->samples, samples.count * samples.dim * sizeof *samples.values);
    data_measure(&samples);
    sets_make(&job->all, &job->training, &job->held, &samples, &plain, &source);
    data_options_release(&plain);
    say(job, "comparing with", job->all.data_count);
    figures_measure(&job->compared, &job->all, job->options->run.quiet);
    job->has_figures = 1;
}

void report_measure(report_job *job)
{
    if (job->data_path == NULL)
        return;
    measure_bound(job);
    compare(job);
}
