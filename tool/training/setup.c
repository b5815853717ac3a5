#include "training/setup.h"

#include "common/fail.h"
#include "common/specs.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static char *own_or(const char *given, const char *standard)
{
    return text_format("%s", given != NULL ? given : standard);
}

static int spec_is(const char *spec, const char *key, const char *first, const char *second)
{
    char *value = spec_value(spec, key);
    int is = value != NULL && (strcmp(value, first) == 0 || strcmp(value, second) == 0);
    free(value);
    return is;
}

/* A model of the mean itself, or of bits, is taught by the bound; one that learns its variance needs that taught too.
 */
static const char *standard_objective(const diffusion_model *model, int binomial)
{
    const char *spec = diffusion_model_spec(model);
    if (binomial || spec_is(spec, "predict", "mean", "perturbation"))
        return "objective=bound";
    return spec_is(spec, "variance", "learned", "learned_range") ? "objective=hybrid" : "objective=simple";
}

/* The trainer's spec, complete but for what the library fills in. */
static char *trainer_spec(const training_specs *options, const diffusion_model *model, const scaling *scale,
                          int binomial)
{
    char *width = text_real(scaling_width(scale));
    char *standards =
        text_format("%s steps=5000 batch=128 rate=1e-3 ema=0.999 seed=1%s%s", standard_objective(model, binomial),
                    scaling_width(scale) > 0 ? " dequantize=" : "", scaling_width(scale) > 0 ? width : "");
    char *spec = spec_complete(options->train != NULL ? options->train : "", standards);
    if (options->steps > 0) {
        char *steps = text_format("%lld", (long long)options->steps);
        char *other = spec_replace(spec, "steps", steps);
        free(spec);
        free(steps);
        spec = other;
    }
    free(width);
    free(standards);
    return spec;
}

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

static diffusion_model *create_model(const training_specs *options, const dataset *data, int binomial)
{
    char *given = own_or(options->model, binomial ? "mlp width=64 depth=3 predict=perturbation"
                                                  : "mlp width=256 depth=4 predict=v variance=learned_range");
    char *sizes = data_shape_text(data), *shape = text_format("shape=%s", sizes);
    char *spec = spec_complete(given, shape);
    diffusion_model *model;
    check(diffusion_model_create(&model, spec, seed_of(options->train)));
    check_no_vectors(model);
    if (diffusion_model_dim(model) != data->dim)
        fail("the model's shape holds %zu values, but a sample of the data has %zu", diffusion_model_dim(model),
             data->dim);
    free(given);
    free(sizes);
    free(shape);
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
    if (text == NULL || !text_integer(&number, text, 1, INT64_MAX / 16))
        fail("the trainer's spec has %s=%s, expected a whole number of at least 1", key, text != NULL ? text : "");
    free(text);
    return number;
}

/* Of values and labels as they were read, in their order: what makes the resumed run the same run. */
static char *hash_of(const dataset *data)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, by words */
    for (size_t i = 0; i < data->count * data->dim; i++) {
        uint64_t bits;
        memcpy(&bits, &data->values[i], sizeof bits);
        hash = (hash ^ bits) * prime;
        hash ^= hash >> 32;
    }
    for (size_t i = 0; data->labels != NULL && i < data->count; i++) {
        hash = (hash ^ (uint32_t)data->labels[i]) * prime;
        hash ^= hash >> 32;
    }
    return text_format("%016llx", (unsigned long long)hash);
}

static void store_hash(const dataset *data, diffusion_model *model)
{
    char *hash = hash_of(data);
    check(diffusion_model_set_metadata(model, "data.hash", hash));
    free(hash);
}

void training_begin(training_job *job, const training_specs *options)
{
    char *schedule_spec = own_or(options->schedule, "cosine steps=1000");
    diffusion_schedule *schedule;
    check(diffusion_schedule_create(&schedule, schedule_spec));
    int binomial = spec_is_binomial(diffusion_schedule_spec(schedule));
    data_prepare(&job->data, job->path, &job->how, DATA_TRAINING);
    scaling_fit(&job->scale, &job->data, &job->how, job->path, binomial);
    diffusion_model *model = create_model(options, &job->data, binomial);
    scaling_store(&job->scale, &job->data, &job->how, model);
    store_hash(&job->data, model);
    char *spec = trainer_spec(options, model, &job->scale, binomial);
    check(diffusion_trainer_create(&job->trainer, model, schedule, spec));
    data_uses_labels(&job->data, model, job->path);
    scaling_warn(&job->scale, &job->data, job->path);
    scaling_apply(&job->scale, model, &job->data, job->path);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    free(schedule_spec);
    free(spec);
}

/* The same samples as before, or the resumed run would be another. */
static void check_same_data(const training_job *job, const diffusion_model *model)
{
    const char *samples = diffusion_model_metadata(model, "data.samples");
    char *now = text_format("%zu", job->data.count);
    if (samples != NULL && strcmp(samples, now) != 0)
        fail("%s: %s samples to train on, but the run began with %s; give the same DATA and --data as then", job->path,
             now, samples);
    const char *hash = diffusion_model_metadata(model, "data.hash");
    char *own = hash_of(&job->data);
    if (hash != NULL && strcmp(hash, own) != 0)
        fail("%s: other values, or another order of them, than the run began with; give the same DATA and --data as "
             "then",
             job->path);
    free(own);
    free(now);
}

/* Beyond the end of the decay nothing would be learnt any more. */
static void check_decay(const diffusion_trainer *trainer, int64_t steps)
{
    char *decay = spec_value(diffusion_trainer_spec(trainer), "decay");
    int decays = decay != NULL && strcmp(decay, "none") != 0;
    if (decays && steps > training_number(trainer, "steps"))
        fail_usage(
            "train: --steps %lld: the run was begun with decay=%s steps=%lld, at whose end the learning rate is 0 "
            "and stays so; train anew with the longer steps=",
            (long long)steps, decay, (long long)training_number(trainer, "steps"));
    free(decay);
}

void training_resume(training_job *job, const char *checkpoint, int64_t steps)
{
    check(diffusion_trainer_resume(&job->trainer, checkpoint));
    check_decay(job->trainer, steps);
    const diffusion_model *model = diffusion_trainer_model(job->trainer);
    check_no_vectors(model);
    data_options_complete(&job->how, model);
    data_prepare(&job->data, job->path, &job->how, DATA_TRAINING);
    check_same_data(job, model);
    scaling_recall(&job->scale, model);
    scaling_apply(&job->scale, model, &job->data, job->path);
}
