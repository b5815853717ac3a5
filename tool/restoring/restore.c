#include "restoring/restore.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/overwrite.h"
#include "common/progress.h"
#include "common/sampler.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/write.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT_MAX = 1000000, DRAWS_MAX = 10000 };

void restore_check(const restore_options *options, const command_page *page)
{
    if (options->output == NULL)
        fail_usage("%s: -o FILE is missing", page->name);
    if (!table_knows(options->output) && !text_ends_with(options->output, ".png"))
        fail_usage("%s: -o %s: expected a name that ends in .png, " TABLE_ENDINGS, page->name, options->output);
    options_range(page, "-n", options->count, 1, COUNT_MAX);
    options_range(page, "--draws", options->draws, 1, DRAWS_MAX);
    overwrite_check(options->output, options->force);
}

static void load_data(restoration *r, const char *path)
{
    data_options how;
    data_options_parse(&how, r->options->data);
    data_options_complete(&how, r->model);
    data_prepare(&r->data, path, &how, DATA_MEASURING);
    data_options_release(&how);
    r->dim = diffusion_model_dim(r->model);
    scaling_check_like(&r->scale, &r->data, r->model, path, r->options->noisy);
    r->count = r->data.count < (size_t)r->options->count ? r->data.count : (size_t)r->options->count;
    if (r->data.labels == NULL)
        classes_note_without(r->model, path);
    r->uses_labels = r->data.labels != NULL && data_uses_labels(&r->data, r->model, path);
}

void restore_leave_labels(restoration *r)
{
    if (r->data.labels != NULL) /* without any it has been said of the data */
        classes_note_without(r->model, "--labels none");
    r->uses_labels = 0;
}

void restore_open(restoration *r, const command_page *page, const restore_options *options, const char *model_path,
                  const char *data_path)
{
    *r = (restoration){.options = options, .page = page, .model_path = model_path, .draws = (size_t)options->draws};
    r->seed = options_seed(page, options->seed, 1);
    r->model = model_open(model_path);
    r->schedule = schedule_of(r->model, model_path, options->schedule);
    r->binomial = spec_is_binomial(diffusion_schedule_spec(r->schedule));
    scaling_recall(&r->scale, r->model);
    load_data(r, data_path);
    size_t values = multiply(r->count, r->dim, page->name);
    r->given = allocate(values, sizeof *r->given);
    r->scaled = allocate(values, sizeof *r->scaled);
    memcpy(r->given, r->data.values, values * sizeof *r->given);
}

void restore_sampler(restoration *r, const char *standards, const char *others)
{
    static const char ancestral[] = "ancestral";
    char *standard = sampler_ancestral(r->model, r->schedule);
    char *own = sampler_of(r->model, r->schedule, r->options->sampler != NULL ? r->options->sampler : standard);
    int has_keys = strncmp(own, ancestral, strlen(ancestral)) == 0; /* those of the standards */
    char *all = text_format("%s seed=%llu", has_keys ? standards : others, (unsigned long long)r->seed);
    char *spec = spec_complete(own, all);
    check_of(diffusion_sampler_create(&r->sampler, r->model, r->schedule, spec),
             r->options->sampler == NULL && diffusion_model_metadata(r->model, "sampler") != NULL ? r->model_path
                                                                                                  : NULL);
    classes_note_guidance(r->model, spec);
    free(standard);
    free(own);
    free(spec);
    free(all);
}

/* Whole numbers stand in the middle of their intervals. */
void restore_scale(restoration *r)
{
    double *middle = allocate(r->count * r->dim, sizeof *middle);
    for (size_t i = 0; i < r->count * r->dim; i++)
        middle[i] = r->given[i] + (scaling_at(&r->scale, i)->width > 0 ? 0.5 : 0);
    check(diffusion_model_from_data(r->model, middle, r->count, r->scaled));
    free(middle);
}

/* The sampler takes what is given round after round: so the labels go round too. */
void restore_run(restoration *r)
{
    progress bar;
    size_t samples = multiply(r->count, r->draws, "--draws");
    r->labels = labels_in_turn(r->data.labels, r->data.labels != NULL ? r->count : 0, samples);
    diffusion_condition *condition = r->uses_labels ? condition_of(r->labels, samples) : NULL;
    progress_begin(&bar, "step", (int64_t)samples, 0, 0, r->options->run.quiet);
    check(diffusion_sampler_set_progress(r->sampler, progress_report, &bar));
    float *drawn = allocate(multiply(samples, r->dim, "--draws"), sizeof *drawn);
    check(diffusion_sampler_run(r->sampler, condition, samples, drawn));
    progress_break();
    r->results = scaling_invert(r->model, drawn, samples * r->dim);
    free(drawn);
    diffusion_condition_free(condition);
}

void restore_close(restoration *r)
{
    free(r->labels);
    free(r->given);
    free(r->scaled);
    free(r->results);
    free(r->known);
    data_release(&r->data);
    scaling_release(&r->scale);
    diffusion_sampler_free(r->sampler);
    diffusion_schedule_free(r->schedule);
    diffusion_model_free(r->model);
}
