#include "model/model.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "model/parameterization.h"
#include "network/table.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* What follows from the options: sizes. A sample must fit an int, in which BLAS counts, with room to spare. */
static diffusion_status derive_sizes(struct diffusion_model *model)
{
    const model_options *options = &model->options;
    model->dim = 1;
    for (size_t i = 0; i < options->shape.rank; i++)
        if (!size_multiply(&model->dim, model->dim, (size_t)options->shape.size[i]) || model->dim > INT_MAX / 16)
            return error_set(DIFFUSION_E_SPEC,
                             "model: the sizes of shape make more than %d values, expected at most that many",
                             INT_MAX / 16);
    model->outputs = parameterization_learns_variance(options) ? 2 * model->dim : model->dim;
    model->classes = (size_t)options->classes;
    return DIFFUSION_OK;
}

static diffusion_status create(struct diffusion_model **out, const spec_grammar *grammar, const char *spec)
{
    struct diffusion_model *model = memory_allocate(1, sizeof *model);
    if (model == NULL)
        return DIFFUSION_E_MEMORY;
    model->references = 1;
    pthread_mutex_init(&model->lock, NULL);
    diffusion_status status = spec_parse(grammar, spec, &model->options, &model->kind);
    if (status == DIFFUSION_OK) {
        model->grammar = grammar;
        status = derive_sizes(model);
    }
    if (status == DIFFUSION_OK && (model->spec = spec_format(grammar, model->kind, &model->options)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    return status;
}

diffusion_status model_create_shell(struct diffusion_model **out, const char *spec)
{
    struct diffusion_model *model = NULL;
    diffusion_status status = create(&model, model_grammar(), spec);
    if (status != DIFFUSION_OK)
        return status;
    const network_task task = {.dim = model->dim,
                               .outputs = model->outputs,
                               .classes = model->classes,
                               .vectors = (size_t)model->options.condition,
                               .shape = model->options.shape};
    model->options.of_network = 1;
    status = network_kind_at(model->kind)->create(&model->network, &model->options.network, task);
    if (status == DIFFUSION_OK && model->network->last_step > 0 && !parameterization_tells_step(&model->options))
        status = error_set(DIFFUSION_E_SPEC,
                           "model: time=log_snr does not say which step's weights to take, expected time=step");
    if (status == DIFFUSION_OK)
        *out = model;
    else
        model_release(model);
    return status;
}

diffusion_status model_allocate(struct diffusion_model *model)
{
    model->parameters = memory_allocate(model->network->size, sizeof *model->parameters);
    return model->parameters != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static size_t parameter_limit = (size_t)1 << 30;

diffusion_status diffusion_set_parameter_limit(size_t count)
{
    if (count == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "set_parameter_limit: count=0, expected at least 1");
    parameter_limit = count;
    return DIFFUSION_OK;
}

static diffusion_status check_limit(const struct diffusion_model *model)
{
    if (model_size(model) > parameter_limit)
        return error_set(DIFFUSION_E_MEMORY,
                         "model: %zu parameters, expected at most %zu (diffusion_set_parameter_limit() raises it)",
                         model_size(model), parameter_limit);
    return DIFFUSION_OK;
}

diffusion_status model_create(struct diffusion_model **out, const char *spec, uint64_t seed)
{
    struct diffusion_model *model = NULL;
    diffusion_status status = model_create_shell(&model, spec);
    if (status == DIFFUSION_OK)
        status = check_limit(model);
    if (status == DIFFUSION_OK)
        status = model_allocate(model);
    if (status != DIFFUSION_OK) {
        model_release(model);
        return status;
    }
    model->network->methods->initialise(model->network, model->parameters, seed);
    *out = model;
    return DIFFUSION_OK;
}

diffusion_status model_create_callback(struct diffusion_model **out, const char *spec, diffusion_predict_fn *predict,
                                       diffusion_predict_double_fn *predict_double, void *user)
{
    struct diffusion_model *model = NULL;
    diffusion_status status = create(&model, model_callback_grammar(), spec);
    if (status != DIFFUSION_OK)
        return status;
    model->predict = predict;
    model->predict_double = predict_double;
    model->user = user;
    *out = model;
    return DIFFUSION_OK;
}

diffusion_status model_copy(struct diffusion_model **out, const struct diffusion_model *model)
{
    struct diffusion_model *copy = NULL;
    diffusion_status status = model_create_shell(&copy, model->spec);
    if (status == DIFFUSION_OK)
        status = model_allocate(copy);
    if (status == DIFFUSION_OK)
        status = metadata_copy(&copy->metadata, &model->metadata);
    if (status != DIFFUSION_OK) {
        model_release(copy);
        return status;
    }
    memcpy(copy->parameters, model->parameters, model_size(model) * sizeof *copy->parameters);
    *out = copy;
    return DIFFUSION_OK;
}

static diffusion_status make_prepared(struct diffusion_model *model)
{
    const network_class *methods = model->network->methods;
    float *prepared = memory_allocate(methods->prepared_size(model->network), sizeof *prepared);
    if (prepared == NULL)
        return DIFFUSION_E_MEMORY;
    methods->prepare(model->network, prepared, model->parameters);
    model->prepared = prepared;
    return DIFFUSION_OK;
}

diffusion_status model_prepare(const struct diffusion_model *shared, const float **prepared)
{
    struct diffusion_model *model = (struct diffusion_model *)shared; /* what is remembered changes no result */
    diffusion_status status = DIFFUSION_OK;
    *prepared = NULL;
    if (model->network->methods->prepare == NULL)
        return DIFFUSION_OK;
    pthread_mutex_lock(&model->lock);
    if (model->prepared == NULL)
        status = make_prepared(model);
    *prepared = model->prepared;
    pthread_mutex_unlock(&model->lock);
    return status;
}

void model_changed(struct diffusion_model *model)
{
    memory_release(model->prepared);
    model->prepared = NULL;
    model_take_moments(model, NULL);
}

void model_take_moments(struct diffusion_model *model, noise_moments *moments)
{
    moments_free(model->moments);
    model->moments = moments;
}

diffusion_status model_check_moments(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                     const char *object, const char *what)
{
    if (model->moments == NULL)
        return error_set(DIFFUSION_E_STATE,
                         "%s: %s needs the model's moments, which have not been measured since its parameters changed "
                         "(evaluator moments; diffusion variance)",
                         object, what);
    if (!moments_suit(model->moments, schedule))
        return error_set(DIFFUSION_E_STATE, "%s: %s, but the model's moments were measured with another schedule",
                         object, what);
    return DIFFUSION_OK;
}

diffusion_status model_check_variance(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                      const char *object, int32_t asked)
{
    diffusion_status status = DIFFUSION_OK;
    if (variance_is_asked((variance_asked)asked))
        status = schedule_check_additive(schedule, object, "a variance other than the model's");
    if (status == DIFFUSION_OK && variance_reads_moments((variance_asked)asked))
        status = model_check_moments(model, schedule, object, "variance=analytic");
    return status;
}

buffer model_take_spare(const struct diffusion_model *shared)
{
    struct diffusion_model *model = (struct diffusion_model *)shared;
    pthread_mutex_lock(&model->lock);
    buffer taken = model->spare;
    model->spare = (buffer){NULL, 0};
    pthread_mutex_unlock(&model->lock);
    return taken;
}

void model_leave_spare(const struct diffusion_model *shared, buffer memory)
{
    struct diffusion_model *model = (struct diffusion_model *)shared;
    pthread_mutex_lock(&model->lock);
    buffer other = model->spare.bytes < memory.bytes ? model->spare : memory;
    if (model->spare.bytes < memory.bytes)
        model->spare = memory;
    pthread_mutex_unlock(&model->lock);
    buffer_release(&other);
}

const struct diffusion_model *model_retain(const struct diffusion_model *model)
{
    __atomic_fetch_add(&((struct diffusion_model *)model)->references, 1, __ATOMIC_RELAXED);
    return model;
}

void model_release(const struct diffusion_model *shared)
{
    struct diffusion_model *model = (struct diffusion_model *)shared;
    if (model == NULL || __atomic_sub_fetch(&model->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    network_free(model->network);
    memory_release(model->parameters);
    memory_release(model->prepared);
    buffer_release(&model->spare);
    pthread_mutex_destroy(&model->lock);
    metadata_release(&model->metadata);
    moments_free(model->moments);
    if (model->grammar != NULL)
        spec_release(model->grammar, model->kind, &model->options);
    memory_release(model->spec);
    memory_release(model);
}

size_t model_size(const struct diffusion_model *model)
{
    return model->network != NULL ? model->network->size : 0;
}

/* The largest step that the network can take. */
static int32_t last_step(const struct diffusion_model *model)
{
    int32_t last = model->network != NULL ? model->network->last_step : 0;
    return last > 0 ? last : NETWORK_STEPS;
}

diffusion_status model_check_schedule(const struct diffusion_model *model, int32_t last)
{
    if (last > last_step(model))
        return error_set(DIFFUSION_E_STEP, "model: steps=%d, but the schedule has %d steps; expected at least as many",
                         (int)last_step(model), (int)last);
    return DIFFUSION_OK;
}

/* Log SNRs may be any number of that size. */
diffusion_status model_check_time(const struct diffusion_model *model, const char *function, const double *time,
                                  size_t n)
{
    const int steps = parameterization_tells_step(&model->options);
    const double last = last_step(model), least = steps ? 1.0 : -last;
    const double most = model->network != NULL && model->network->last_step > 0 ? nextafter(last + 0.5, last) : last;
    for (size_t i = 0; i < n; i++)
        if (!(time[i] >= least && time[i] <= most))
            return error_set(DIFFUSION_E_STEP, "%s: time[%zu]=%g, expected %g..%g%s", function, i, time[i], least, last,
                             most > last ? ", the steps that the network has weights of" : "");
    return DIFFUSION_OK;
}

static diffusion_status check_labels(const struct diffusion_model *model, const char *function, const int32_t *labels,
                                     size_t n)
{
    for (size_t i = 0; labels != NULL && i < n; i++) {
        if (labels[i] >= -1 && labels[i] < (int64_t)model->classes)
            continue;
        if (model->classes == 0)
            return error_set(DIFFUSION_E_LABEL, "%s: labels[%zu]=%d, but the model has no classes (expected -1)",
                             function, i, (int)labels[i]);
        return error_set(DIFFUSION_E_LABEL, "%s: labels[%zu]=%d, expected -1..%zu", function, i, (int)labels[i],
                         model->classes - 1);
    }
    return DIFFUSION_OK;
}

diffusion_status model_check_condition(const struct diffusion_model *model, const char *function,
                                       const struct diffusion_condition *condition, size_t n, observed_use use)
{
    const size_t width = (size_t)model->options.condition;
    if (condition == NULL)
        return DIFFUSION_OK;
    if (condition->n != n)
        return error_set(DIFFUSION_E_SHAPE, "%s: the condition is of %zu samples, expected %zu", function, condition->n,
                         n);
    if (condition->vectors != NULL && condition->width != width)
        return error_set(DIFFUSION_E_SHAPE, "%s: vectors of %zu values, expected %zu, the model's condition=", function,
                         condition->width, width);
    if (condition->observed != NULL && condition->dim != model->dim)
        return error_set(DIFFUSION_E_SHAPE, "%s: observed has %zu values to a sample, expected %zu", function,
                         condition->dim, model->dim);
    if (condition->observed != NULL && model->network != NULL && use == OBSERVED_BY_NETWORK)
        return error_set(DIFFUSION_E_ARGUMENT,
                         "%s: the condition says which values are observed, which this model's network does not read",
                         function);
    return check_labels(model, function, condition->labels, n);
}

const char *model_variance(const struct diffusion_model *model)
{
    return variance_name((variance_kind)model->options.variance);
}
