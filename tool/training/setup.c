#include "training/setup.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/note.h"
#include "common/specs.h"
#include "common/text.h"
#include "training/choice.h"
#include "training/history.h"
#include "training/sameness.h"
#include "training/scale.h"

#include <stdlib.h>
#include <string.h>

/* The model's first parameters follow from the seed of the training. */
static uint64_t seed_of(const char *train)
{
    uint64_t seed = 1;
    char *text = spec_value(train != NULL ? train : "", "seed");
    if (text != NULL && !text_unsigned(&seed, text))
        fail_usage("--train: seed=%s, expected a whole number 0..2^64-1", text);
    free(text);
    return seed;
}

/* Data files hold labels but no vectors, and a model trained on zeros would not tell. */
static void check_no_vectors(const diffusion_model *model)
{
    char *width = spec_value(diffusion_model_spec(model), "condition");
    if (width != NULL && strcmp(width, "0") != 0)
        fail_usage("train: the model takes vectors (condition=%s), which data files do not have", width);
    free(width);
}

static diffusion_model *create_model(const training_specs *options, const training_job *job,
                                     const diffusion_schedule *schedule)
{
    char *spec = choose_model(options, &job->data, job->path, schedule, job->how.scale != SCALE_NONE);
    diffusion_model *model;
    check(diffusion_model_create(&model, spec, seed_of(options->train)));
    check_no_vectors(model);
    if (diffusion_model_dim(model) != job->data.dim)
        fail("the model's shape holds %zu values, but a sample of the data has %zu", diffusion_model_dim(model),
             job->data.dim);
    free(spec);
    return model;
}

int training_uses_labels(const training_job *job)
{
    return data_uses_labels(&job->data, diffusion_trainer_model(job->trainer), job->path);
}

int64_t training_number(const diffusion_trainer *trainer, const char *key)
{
    char *text = spec_value(diffusion_trainer_spec(trainer), key);
    int64_t number;
    if (text == NULL || !text_integer(&number, text, 0, INT64_MAX / 16))
        fail("the trainer's spec has %s=%s, expected a whole number", key, text != NULL ? text : "");
    free(text);
    return number;
}

static void load(training_job *job)
{
    data_prepare_both(&job->data, &job->held, job->path, &job->how);
}

/* What trainer and data need of each other, new or not. */
static void begin_with(training_job *job, const training_specs *options, diffusion_model *model,
                       const diffusion_schedule *schedule, int binomial)
{
    data_uses_labels(&job->data, model, job->path); /* by the names of classes that a model to begin from has */
    scaling_store(&job->scale, &job->data, &job->how, model);
    sameness_store(&job->data, model);
    history_forget(model);
    const int grid = job->how.scale == SCALE_GRID;
    char *spec = choose_trainer(options, model, &job->scale, grid, binomial);
    choose_bound(model, &job->scale, spec, grid);
    check(diffusion_trainer_create(&job->trainer, model, schedule, spec));
    if (!binomial)
        scaling_warn(&job->scale, &job->data, job->path);
    scale_apply(job, model);
    curve_begin(&job->losses, 0);
    free(spec);
}

void training_begin(training_job *job, const training_specs *options)
{
    diffusion_schedule *schedule;
    check(diffusion_schedule_create(&schedule, options->schedule != NULL ? options->schedule : "cosine steps=1000"));
    const int binomial = spec_is_binomial(diffusion_schedule_spec(schedule));
    load(job);
    scaling_fit(&job->scale, &job->data, &job->how, job->path, binomial);
    diffusion_model *model = create_model(options, job, schedule);
    begin_with(job, options, model, schedule, binomial);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

void training_tune(training_job *job, const training_specs *options)
{
    diffusion_model *model = model_open(options->init);
    diffusion_schedule *schedule = schedule_of(model, options->init, options->schedule);
    const int binomial = spec_is_binomial(diffusion_schedule_spec(schedule));
    check_no_vectors(model);
    data_options_complete(&job->how, model);
    load(job);
    scale_tune(job, model, binomial);
    begin_with(job, options, model, schedule, binomial);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* The keys of --train, with --steps among them; NULL for none. */
static char *changes_of(const training_specs *options)
{
    const char *given = options->train != NULL ? options->train : "";
    if (options->steps == 0)
        return *given != '\0' ? text_format("%s", given) : NULL;
    char *steps = text_format("%lld", (long long)options->steps), *all = spec_replace(given, "steps", steps);
    free(steps);
    return all;
}

/* As if they had been so from the beginning; so a rate that had fallen to 0 may rise again. */
static void change(diffusion_trainer *trainer, const training_specs *options)
{
    char *changes = changes_of(options);
    double before = diffusion_trainer_rate(trainer);
    if (changes != NULL)
        check(diffusion_trainer_change(trainer, changes));
    char *steps = changes != NULL ? spec_value(changes, "steps") : NULL;
    if (steps != NULL && training_number(trainer, "steps") < diffusion_trainer_steps(trainer))
        fail_usage("train: %s%s: the run has taken %lld steps already",
                   options->steps > 0 ? "--steps " : "steps=", steps, (long long)diffusion_trainer_steps(trainer));
    free(steps);
    if (training_number(trainer, "steps") == 0)
        fail_usage("train: --resume %s: the program that began the run did not say how long it is to be, which takes "
                   "--steps N",
                   options->resume);
    double after = diffusion_trainer_rate(trainer);
    if (after != before && diffusion_trainer_steps(trainer) > 0)
        note("the learning rate goes on at %.3g, no longer at %.3g", after, before);
    free(changes);
}

/* Those of a checkpoint that another program wrote are not there. */
static void recall_losses(training_job *job)
{
    int64_t steps = diffusion_trainer_steps(job->trainer);
    const char *text = diffusion_trainer_metadata(job->trainer, "losses");
    if (text == NULL || !curve_read(&job->losses, text) || curve_end(&job->losses) != steps)
        curve_begin(&job->losses, steps);
}

void training_resume(training_job *job, const training_specs *options)
{
    check(diffusion_trainer_resume(&job->trainer, options->resume));
    change(job->trainer, options);
    recall_losses(job);
    const diffusion_model *model = diffusion_trainer_model(job->trainer);
    check_no_vectors(model);
    data_options_complete(&job->how, model);
    load(job);
    sameness_check(&job->data, model, job->path);
    scale_resume(job, model);
    scale_apply(job, model);
}

void training_release(training_job *job)
{
    diffusion_trainer_free(job->trainer);
    data_release(&job->data);
    data_release(&job->held);
    scaling_release(&job->scale);
    data_options_release(&job->how);
}
