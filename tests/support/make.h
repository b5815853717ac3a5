/* Objects made in one line by tests: a failure to make one fails the test. Public headers only. */
#ifndef SUPPORT_MAKE_H
#define SUPPORT_MAKE_H

#include "test.h"

#include <stdlib.h>

static inline diffusion_schedule *make_schedule(const char *spec)
{
    diffusion_schedule *schedule = NULL;
    assert_ok(diffusion_schedule_create(&schedule, spec));
    return schedule;
}

static inline diffusion_model *make_model(const char *spec, uint64_t seed)
{
    diffusion_model *model = NULL;
    assert_ok(diffusion_model_create(&model, spec, seed));
    return model;
}

static inline diffusion_model *make_callback(const char *spec, diffusion_predict_fn *predict, void *user)
{
    diffusion_model *model = NULL;
    assert_ok(diffusion_model_create_callback(&model, spec, predict, user));
    return model;
}

static inline diffusion_model *make_callback_double(const char *spec, diffusion_predict_double_fn *predict, void *user)
{
    diffusion_model *model = NULL;
    assert_ok(diffusion_model_create_callback_double(&model, spec, predict, user));
    return model;
}

static inline diffusion_trainer *make_trainer(diffusion_model *model, const diffusion_schedule *schedule,
                                              const char *spec)
{
    diffusion_trainer *trainer = NULL;
    assert_ok(diffusion_trainer_create(&trainer, model, schedule, spec));
    return trainer;
}

static inline diffusion_sampler *make_sampler(const diffusion_model *model, const diffusion_schedule *schedule,
                                              const char *spec)
{
    diffusion_sampler *sampler = NULL;
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, spec));
    return sampler;
}

static inline diffusion_evaluator *make_evaluator(const diffusion_model *model, const diffusion_schedule *schedule,
                                                  const char *spec)
{
    diffusion_evaluator *evaluator = NULL;
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, spec));
    return evaluator;
}

/* One figure of an evaluator's last run. */
static inline double figure(const diffusion_evaluator *evaluator, const char *quantity)
{
    double number = -777;
    assert_ok(diffusion_evaluator_value(evaluator, quantity, &number));
    return number;
}

static inline diffusion_coder *make_coder(const diffusion_model *model, const diffusion_schedule *schedule,
                                          const char *spec)
{
    diffusion_coder *coder = NULL;
    assert_ok(diffusion_coder_create(&coder, model, schedule, spec));
    return coder;
}

/* One figure of what a coder has coded. */
static inline double coder_figure(const diffusion_coder *coder, const char *quantity)
{
    double number = -777;
    assert_ok(diffusion_coder_value(coder, quantity, &number));
    return number;
}

static inline diffusion_condition *make_condition(size_t n)
{
    diffusion_condition *condition = NULL;
    assert_ok(diffusion_condition_create(&condition, n));
    return condition;
}

/* Conditions of n samples with labels alone; NULL for NULL. */
static inline diffusion_condition *make_labels(const int32_t *labels, size_t n)
{
    diffusion_condition *condition = labels != NULL ? make_condition(n) : NULL;
    if (labels != NULL)
        assert_ok(diffusion_condition_set_labels(condition, labels));
    return condition;
}

/* The raw output at times and labels, which may be NULL. */
static inline void make_output(float *out, const diffusion_model *model, const float *x, const double *time,
                               const int32_t *labels, size_t n)
{
    diffusion_condition *condition = make_labels(labels, n);
    assert_ok(diffusion_model_forward(model, x, time, condition, n, out));
    diffusion_condition_free(condition);
}

/* Steps as networks are told of them. */
static inline void make_times(double *time, const int32_t *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        time[i] = t[i];
}

/* Numbers in -1..1 from a linear congruential generator: a test's own data, not the library's draws. */
static inline float make_number(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(int32_t)*state * 0x1p-31f;
}

static inline void make_numbers(float *values, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        values[i] = make_number(&seed);
}

/* Middles of `levels` bins over -1..1, as coders and discretized evaluators have them. */
static inline float make_level(int level, int levels)
{
    return (float)(-1.0 + 2.0 * level / (levels - 1));
}

static inline void make_levels(float *values, size_t count, int levels, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        const int at = (int)((double)(make_number(&seed) + 1.0f) / 2.0 * levels);
        values[i] = make_level(at < levels ? at : levels - 1, levels);
    }
}

static inline size_t parameter_size(const diffusion_model *model, size_t index)
{
    int64_t shape[4];
    size_t rank, count = 1;
    assert_ok(diffusion_model_parameter_shape(model, diffusion_model_parameter_name(model, index), shape, 4, &rank));
    for (size_t j = 0; j < rank; j++)
        count *= (size_t)shape[j];
    return count;
}

/* The number of values in all parameters. */
static inline size_t model_parameters(const diffusion_model *model)
{
    size_t total = 0;
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++)
        total += parameter_size(model, i);
    return total;
}

/* All parameters one after another, which the caller frees. */
static inline float *model_weights(const diffusion_model *model)
{
    float *all = malloc(model_parameters(model) * sizeof *all), *at = all;
    assert_non_null(all);
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        assert_ok(
            diffusion_model_parameter(model, diffusion_model_parameter_name(model, i), at, parameter_size(model, i)));
        at += parameter_size(model, i);
    }
    return all;
}

/* Gives every parameter a value, those of the last layer too, which begin at 0. */
static inline void fill_weights(diffusion_model *model, uint32_t seed)
{
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        size_t count = parameter_size(model, i);
        float *values = malloc(count * sizeof *values);
        assert_non_null(values);
        make_numbers(values, count, seed + (uint32_t)i);
        for (size_t j = 0; j < count; j++)
            values[j] *= 0.5f;
        assert_ok(diffusion_model_set_parameter(model, diffusion_model_parameter_name(model, i), values, count));
        free(values);
    }
}

/* The same bits. */
static inline void assert_same(const void *got, const void *truth, size_t bytes)
{
    const unsigned char *a = got, *b = truth;
    for (size_t i = 0; i < bytes; i++)
        if (a[i] != b[i])
            fail_msg("bytes differ from byte %zu of %zu on: %02x, expected %02x", i, bytes, a[i], b[i]);
}

/* What a whole test program works on. */
typedef struct world {
    diffusion_schedule *schedule;
    diffusion_model *model;
} world;

static inline int make_world_of(void **state, const char *schedule, const char *model)
{
    static world self;
    self.schedule = make_schedule(schedule);
    self.model = make_model(model, 1);
    fill_weights(self.model, 4);
    *state = &self;
    return 0;
}

static inline int free_world(void **state)
{
    world *self = *state;
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
    return 0;
}

#endif
