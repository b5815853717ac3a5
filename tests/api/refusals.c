/* Every public function with what no caller should give: NULL for each pointer in turn, 0, negative and largest
 * numbers. Each line names a status, and a sentence that names the argument; what a function returns for NULL where it
 * has no status stands in the second table. tests/api/hostile.c has the counts and the values that are not finite. */
#include "make.h"

enum { DIM = 2, T = 4, N = 3 };

static diffusion_schedule *schedule, *none_schedule;
static diffusion_model *model, *none_model;
static diffusion_trainer *trainer, *none_trainer;
static diffusion_sampler *sampler, *none_sampler;
static diffusion_evaluator *elbo, *parzen, *none_evaluator;
static diffusion_coder *coder, *none_coder;
static diffusion_condition *condition, *none_condition;
static float x[N * DIM], out[T * N * DIM];
static const double ones[N] = {1, 1, 1}, four[T] = {1, 1, 1, 1};
static double a[N * DIM], result[N * DIM];
static int32_t steps[N], zeros[N];
static int64_t indices[N], shape[4];
static uint8_t mask[N * DIM];
static size_t size;
static const char *const paths[2] = {"nosuch", NULL};

static int32_t predict(const float *from, const double *time, const diffusion_condition *of, size_t n, float *to,
                       void *user)
{
    (void)time, (void)of, (void)user;
    memcpy(to, from, n * DIM * sizeof *to);
    return 0;
}

static int32_t predict_double(const double *from, const double *time, const diffusion_condition *of, size_t n,
                              double *to, void *user)
{
    (void)time, (void)of, (void)user;
    memcpy(to, from, n * DIM * sizeof *to);
    return 0;
}

static void release(void *memory, void *user)
{
    (void)memory, (void)user;
}

#define BAD DIFFUSION_E_ARGUMENT
#define REFUSALS(ROW)                                                                                                  \
    ROW(BAD, "out is NULL", diffusion_schedule_create(NULL, "linear"))                                                 \
    ROW(BAD, "spec is NULL", diffusion_schedule_create(&none_schedule, NULL))                                          \
    ROW(DIFFUSION_E_SPEC, "", diffusion_schedule_create(&none_schedule, ""))                                           \
    ROW(BAD, "out is NULL", diffusion_schedule_create_from_betas(NULL, a, 1, ""))                                      \
    ROW(BAD, "betas is NULL", diffusion_schedule_create_from_betas(&none_schedule, NULL, 1, ""))                       \
    ROW(BAD, "steps=0", diffusion_schedule_create_from_betas(&none_schedule, a, 0, ""))                                \
    ROW(BAD, "steps=-2147483648", diffusion_schedule_create_from_betas(&none_schedule, a, INT32_MIN, ""))              \
    ROW(BAD, "schedule is NULL", diffusion_schedule_values(NULL, "beta", result))                                      \
    ROW(BAD, "quantity is NULL", diffusion_schedule_values(schedule, NULL, result))                                    \
    ROW(BAD, "out is NULL", diffusion_schedule_values(schedule, "beta", NULL))                                         \
    ROW(DIFFUSION_E_NAME, "'nosuch'", diffusion_schedule_values(schedule, "nosuch", result))                           \
    ROW(BAD, "schedule is NULL", diffusion_schedule_level(NULL, 1, result, NULL, NULL))                                \
    ROW(DIFFUSION_E_STEP, "t=-1", diffusion_schedule_level(schedule, -1, result, NULL, NULL))                          \
    ROW(DIFFUSION_E_STEP, "t=1e+300", diffusion_schedule_level(schedule, 1e300, result, NULL, NULL))                   \
    ROW(BAD, "schedule is NULL", diffusion_schedule_time(NULL, 0, result))                                             \
    ROW(BAD, "t is NULL", diffusion_schedule_time(schedule, 0, NULL))                                                  \
    ROW(BAD, "out is NULL", diffusion_model_create(NULL, "mlp shape=2", 1))                                            \
    ROW(BAD, "spec is NULL", diffusion_model_create(&none_model, NULL, 1))                                             \
    ROW(DIFFUSION_E_SPEC, "", diffusion_model_create(&none_model, "mlp shape=0", UINT64_MAX))                          \
    ROW(BAD, "out is NULL", diffusion_model_create_callback(NULL, "shape=2", predict, NULL))                           \
    ROW(BAD, "spec is NULL", diffusion_model_create_callback(&none_model, NULL, predict, NULL))                        \
    ROW(BAD, "predict is NULL", diffusion_model_create_callback(&none_model, "shape=2", NULL, NULL))                   \
    ROW(BAD, "out is NULL", diffusion_model_create_callback_double(NULL, "shape=2", predict_double, NULL))             \
    ROW(BAD, "spec is NULL", diffusion_model_create_callback_double(&none_model, NULL, predict_double, NULL))          \
    ROW(BAD, "predict is NULL", diffusion_model_create_callback_double(&none_model, "shape=2", NULL, NULL))            \
    ROW(BAD, "out is NULL", diffusion_model_load(NULL, "nosuch"))                                                      \
    ROW(BAD, "path is NULL", diffusion_model_load(&none_model, NULL))                                                  \
    ROW(DIFFUSION_E_IO, "", diffusion_model_load(&none_model, ""))                                                     \
    ROW(BAD, "model is NULL", diffusion_model_save(NULL, "never"))                                                     \
    ROW(BAD, "path is NULL", diffusion_model_save(model, NULL))                                                        \
    ROW(DIFFUSION_E_IO, "", diffusion_model_save(model, ""))                                                           \
    ROW(BAD, "out is NULL", diffusion_model_load_memory(NULL, x, sizeof x))                                            \
    ROW(BAD, "bytes is NULL", diffusion_model_load_memory(&none_model, NULL, 8))                                       \
    ROW(DIFFUSION_E_FORMAT, "", diffusion_model_load_memory(&none_model, NULL, 0))                                     \
    ROW(BAD, "model is NULL", diffusion_model_save_memory(NULL, NULL, 0, &size))                                       \
    ROW(BAD, "bytes is NULL", diffusion_model_save_memory(model, NULL, SIZE_MAX, &size))                               \
    ROW(DIFFUSION_E_SHAPE, "capacity=1", diffusion_model_save_memory(model, out, 1, &size))                            \
    ROW(BAD, "model is NULL", diffusion_model_save_diffusers(NULL, schedule, "never"))                                 \
    ROW(BAD, "schedule is NULL", diffusion_model_save_diffusers(model, NULL, "never"))                                 \
    ROW(BAD, "path is NULL", diffusion_model_save_diffusers(model, schedule, NULL))                                    \
    ROW(BAD, "model is NULL", diffusion_model_shape(NULL, shape, 4, &size))                                            \
    ROW(BAD, "shape is NULL", diffusion_model_shape(model, NULL, SIZE_MAX, &size))                                     \
    ROW(BAD, "rank is NULL", diffusion_model_shape(model, shape, 4, NULL))                                             \
    ROW(BAD, "model is NULL", diffusion_model_forward(NULL, x, a, NULL, N, out))                                       \
    ROW(BAD, "x is NULL", diffusion_model_forward(model, NULL, a, NULL, N, out))                                       \
    ROW(BAD, "time is NULL", diffusion_model_forward(model, x, NULL, NULL, N, out))                                    \
    ROW(BAD, "out is NULL", diffusion_model_forward(model, x, a, NULL, N, NULL))                                       \
    ROW(DIFFUSION_E_SHAPE, "", diffusion_model_forward(model, x, ones, condition, 1, out))                             \
    ROW(BAD, "model is NULL", diffusion_model_predict(NULL, schedule, x, steps, NULL, N, out, NULL))                   \
    ROW(BAD, "schedule is NULL", diffusion_model_predict(model, NULL, x, steps, NULL, N, out, NULL))                   \
    ROW(BAD, "x is NULL", diffusion_model_predict(model, schedule, NULL, steps, NULL, N, out, NULL))                   \
    ROW(BAD, "t is NULL", diffusion_model_predict(model, schedule, x, NULL, NULL, N, out, NULL))                       \
    ROW(BAD, "mean is NULL", diffusion_model_predict(model, schedule, x, steps, NULL, N, NULL, NULL))                  \
    ROW(DIFFUSION_E_STEP, "t[0]=0", diffusion_model_predict(model, schedule, x, zeros, NULL, N, out, NULL))            \
    ROW(DIFFUSION_E_NAME, "", diffusion_model_parameter_shape(model, "nosuch", shape, 4, &size))                       \
    ROW(BAD, "model is NULL", diffusion_model_parameter_shape(NULL, "output.bias", shape, 4, &size))                   \
    ROW(BAD, "name is NULL", diffusion_model_parameter_shape(model, NULL, shape, 4, &size))                            \
    ROW(BAD, "shape is NULL", diffusion_model_parameter_shape(model, "output.bias", NULL, 4, &size))                   \
    ROW(BAD, "rank is NULL", diffusion_model_parameter_shape(model, "output.bias", shape, 4, NULL))                    \
    ROW(BAD, "model is NULL", diffusion_model_parameter(NULL, "output.bias", x, DIM))                                  \
    ROW(BAD, "name is NULL", diffusion_model_parameter(model, NULL, x, DIM))                                           \
    ROW(BAD, "values is NULL", diffusion_model_parameter(model, "output.bias", NULL, DIM))                             \
    ROW(DIFFUSION_E_SHAPE, "", diffusion_model_parameter(model, "output.bias", x, SIZE_MAX))                           \
    ROW(BAD, "model is NULL", diffusion_model_set_parameter(NULL, "output.bias", x, DIM))                              \
    ROW(BAD, "name is NULL", diffusion_model_set_parameter(model, NULL, x, DIM))                                       \
    ROW(BAD, "values is NULL", diffusion_model_set_parameter(model, "output.bias", NULL, DIM))                         \
    ROW(DIFFUSION_E_SHAPE, "", diffusion_model_set_parameter(model, "output.bias", x, 0))                              \
    ROW(BAD, "model is NULL", diffusion_model_set_metadata(NULL, "key", "value"))                                      \
    ROW(BAD, "key is NULL", diffusion_model_set_metadata(model, NULL, "value"))                                        \
    ROW(BAD, "", diffusion_model_set_metadata(model, "", "value"))                                                     \
    ROW(BAD, "out is NULL", diffusion_trainer_create(NULL, model, schedule, ""))                                       \
    ROW(BAD, "model is NULL", diffusion_trainer_create(&none_trainer, NULL, schedule, ""))                             \
    ROW(BAD, "schedule is NULL", diffusion_trainer_create(&none_trainer, model, NULL, ""))                             \
    ROW(BAD, "spec is NULL", diffusion_trainer_create(&none_trainer, model, schedule, NULL))                           \
    ROW(DIFFUSION_E_SPEC, "rate", diffusion_trainer_create(&none_trainer, model, schedule, "rate=-1"))                 \
    ROW(BAD, "trainer is NULL", diffusion_trainer_draw(NULL, 1, 1, indices))                                           \
    ROW(BAD, "indices is NULL", diffusion_trainer_draw(trainer, 1, 1, NULL))                                           \
    ROW(BAD, "count=0", diffusion_trainer_draw(trainer, 0, 1, indices))                                                \
    ROW(BAD, "count=-9223372036854775808", diffusion_trainer_draw(trainer, INT64_MIN, 1, indices))                     \
    ROW(BAD, "count=9223372036854775807", diffusion_trainer_draw(trainer, INT64_MAX, 1, indices))                      \
    ROW(BAD, "n=0", diffusion_trainer_draw(trainer, 1, 0, indices))                                                    \
    ROW(BAD, "trainer is NULL", diffusion_trainer_step(NULL, x, NULL, N, NULL))                                        \
    ROW(BAD, "x0 is NULL", diffusion_trainer_step(trainer, NULL, NULL, N, NULL))                                       \
    ROW(BAD, "n=0", diffusion_trainer_step(trainer, x, NULL, 0, NULL))                                                 \
    ROW(BAD, "trainer is NULL", diffusion_trainer_gradient(NULL, x, NULL, N, NULL, NULL, 0))                           \
    ROW(BAD, "x0 is NULL", diffusion_trainer_gradient(trainer, NULL, NULL, N, NULL, NULL, 0))                          \
    ROW(BAD, "n=0", diffusion_trainer_gradient(trainer, x, NULL, 0, NULL, NULL, 0))                                    \
    ROW(DIFFUSION_E_SHAPE, "count=", diffusion_trainer_gradient(trainer, x, NULL, N, NULL, out, SIZE_MAX))             \
    ROW(BAD, "trainer is NULL", diffusion_trainer_loss(NULL, x, NULL, N, 0, result))                                   \
    ROW(BAD, "x0 is NULL", diffusion_trainer_loss(trainer, NULL, NULL, N, 0, result))                                  \
    ROW(BAD, "loss is NULL", diffusion_trainer_loss(trainer, x, NULL, N, 0, NULL))                                     \
    ROW(BAD, "n=0", diffusion_trainer_loss(trainer, x, NULL, 0, 0, result))                                            \
    ROW(BAD, "trainer is NULL", diffusion_trainer_change(NULL, "rate=1e-3"))                                           \
    ROW(BAD, "spec is NULL", diffusion_trainer_change(trainer, NULL))                                                  \
    ROW(DIFFUSION_E_SPEC, "rate", diffusion_trainer_change(trainer, "rate=-1"))                                        \
    ROW(BAD, "trainer is NULL", diffusion_trainer_set_metadata(NULL, "a.b", "c"))                                      \
    ROW(BAD, "key is NULL", diffusion_trainer_set_metadata(trainer, NULL, "c"))                                        \
    ROW(BAD, "model is NULL", diffusion_model_from_data(NULL, a, N, out))                                              \
    ROW(BAD, "values is NULL", diffusion_model_from_data(model, NULL, N, out))                                         \
    ROW(BAD, "x is NULL", diffusion_model_from_data(model, a, N, NULL))                                                \
    ROW(BAD, "model is NULL", diffusion_model_to_data(NULL, x, N, result))                                             \
    ROW(BAD, "x is NULL", diffusion_model_to_data(model, NULL, N, result))                                             \
    ROW(BAD, "values is NULL", diffusion_model_to_data(model, x, N, NULL))                                             \
    ROW(BAD, "model is NULL", diffusion_model_scaling(NULL, "shift", result))                                          \
    ROW(BAD, "quantity is NULL", diffusion_model_scaling(model, NULL, result))                                         \
    ROW(BAD, "values is NULL", diffusion_model_scaling(model, "shift", NULL))                                          \
    ROW(DIFFUSION_E_NAME, "'nosuch'", diffusion_model_scaling(model, "nosuch", result))                                \
    ROW(BAD, "trainer is NULL", diffusion_trainer_save(NULL, "never"))                                                 \
    ROW(BAD, "path is NULL", diffusion_trainer_save(trainer, NULL))                                                    \
    ROW(BAD, "trainer is NULL", diffusion_trainer_save_snapshot(NULL, "never"))                                        \
    ROW(BAD, "path is NULL", diffusion_trainer_save_snapshot(trainer, NULL))                                           \
    ROW(DIFFUSION_E_STATE, "post_hoc_ema", diffusion_trainer_save_snapshot(trainer, "never"))                          \
    ROW(BAD, "out is NULL", diffusion_trainer_average(NULL, paths, 1, 0.1, result))                                    \
    ROW(BAD, "snapshots is NULL", diffusion_trainer_average(&none_model, NULL, 1, 0.1, result))                        \
    ROW(BAD, "snapshots[1] is NULL", diffusion_trainer_average(&none_model, paths, 2, 0.1, result))                    \
    ROW(BAD, "count=0", diffusion_trainer_average(&none_model, paths, 0, 0.1, result))                                 \
    ROW(DIFFUSION_E_MEMORY, "", diffusion_trainer_average(&none_model, paths, SIZE_MAX, 0.1, result))                  \
    ROW(BAD, "width=0", diffusion_trainer_average(&none_model, paths, 1, 0, result))                                   \
    ROW(DIFFUSION_E_IO, "nosuch", diffusion_trainer_average(&none_model, paths, 1, 0.1, result))                       \
    ROW(BAD, "out is NULL", diffusion_trainer_resume(NULL, "nosuch"))                                                  \
    ROW(BAD, "path is NULL", diffusion_trainer_resume(&none_trainer, NULL))                                            \
    ROW(BAD, "schedule is NULL", diffusion_prediction_convert(NULL, 1, "v", "x0", a, a, N, result))                    \
    ROW(BAD, "from is NULL", diffusion_prediction_convert(schedule, 1, NULL, "x0", a, a, N, result))                   \
    ROW(BAD, "to is NULL", diffusion_prediction_convert(schedule, 1, "v", NULL, a, a, N, result))                      \
    ROW(BAD, "x is NULL", diffusion_prediction_convert(schedule, 1, "v", "x0", NULL, a, N, result))                    \
    ROW(BAD, "output is NULL", diffusion_prediction_convert(schedule, 1, "v", "x0", a, NULL, N, result))               \
    ROW(BAD, "out is NULL", diffusion_prediction_convert(schedule, 1, "v", "x0", a, a, N, NULL))                       \
    ROW(BAD, "out is NULL", diffusion_sampler_create(NULL, model, schedule, "ddim"))                                   \
    ROW(BAD, "model is NULL", diffusion_sampler_create(&none_sampler, NULL, schedule, "ddim"))                         \
    ROW(BAD, "schedule is NULL", diffusion_sampler_create(&none_sampler, model, NULL, "ddim"))                         \
    ROW(BAD, "spec is NULL", diffusion_sampler_create(&none_sampler, model, schedule, NULL))                           \
    ROW(DIFFUSION_E_SPEC, "steps", diffusion_sampler_create(&none_sampler, model, schedule, "ddim steps=-1"))          \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_noise(NULL, NULL, NULL))                                         \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_progress(NULL, NULL, NULL))                                      \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_guidance(NULL, NULL, NULL))                                      \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_start(NULL, x, N))                                               \
    ROW(BAD, "x is NULL", diffusion_sampler_set_start(sampler, NULL, N))                                               \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_start_double(NULL, a, N))                                        \
    ROW(BAD, "x is NULL", diffusion_sampler_set_start_double(sampler, NULL, N))                                        \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_known(NULL, x, mask, N))                                         \
    ROW(BAD, "x0 is NULL", diffusion_sampler_set_known(sampler, NULL, mask, N))                                        \
    ROW(BAD, "mask is NULL", diffusion_sampler_set_known(sampler, x, NULL, N))                                         \
    ROW(BAD, "sampler is NULL", diffusion_sampler_set_observed(NULL, x, 0.5, N))                                       \
    ROW(BAD, "y is NULL", diffusion_sampler_set_observed(sampler, NULL, 0.5, N))                                       \
    ROW(BAD, "noise=0", diffusion_sampler_set_observed(sampler, x, 0.0, N))                                            \
    ROW(BAD, "noise=-1", diffusion_sampler_set_observed(sampler, x, -1.0, N))                                          \
    ROW(BAD, "sampler is NULL", diffusion_sampler_run(NULL, NULL, N, out))                                             \
    ROW(BAD, "x0 is NULL", diffusion_sampler_run(sampler, NULL, N, NULL))                                              \
    ROW(BAD, "sampler is NULL", diffusion_sampler_begin(NULL, NULL, N))                                                \
    ROW(BAD, "sampler is NULL", diffusion_sampler_step(NULL))                                                          \
    ROW(DIFFUSION_E_STATE, "no chain has begun", diffusion_sampler_step(sampler))                                      \
    ROW(BAD, "sampler is NULL", diffusion_sampler_state(NULL, out, NULL))                                              \
    ROW(DIFFUSION_E_STATE, "no chain has begun", diffusion_sampler_state(sampler, out, NULL))                          \
    ROW(BAD, "sampler is NULL", diffusion_sampler_evaluations(NULL, indices, N))                                       \
    ROW(BAD, "evaluations is NULL", diffusion_sampler_evaluations(sampler, NULL, N))                                   \
    ROW(DIFFUSION_E_STATE, "no chain has begun", diffusion_sampler_evaluations(sampler, indices, N))                   \
    ROW(BAD, "out is NULL", diffusion_coder_create(NULL, model, schedule, "bits_back"))                                \
    ROW(BAD, "model is NULL", diffusion_coder_create(&none_coder, NULL, schedule, "bits_back"))                        \
    ROW(BAD, "schedule is NULL", diffusion_coder_create(&none_coder, model, NULL, "bits_back"))                        \
    ROW(BAD, "spec is NULL", diffusion_coder_create(&none_coder, model, schedule, NULL))                               \
    ROW(DIFFUSION_E_SPEC, "at most the schedule's 4",                                                                  \
        diffusion_coder_create(&none_coder, model, schedule, "bits_back steps=5"))                                     \
    ROW(BAD, "out is NULL", diffusion_coder_load(NULL, model, schedule, "nosuch"))                                     \
    ROW(BAD, "model is NULL", diffusion_coder_load(&none_coder, NULL, schedule, "nosuch"))                             \
    ROW(BAD, "schedule is NULL", diffusion_coder_load(&none_coder, model, NULL, "nosuch"))                             \
    ROW(BAD, "path is NULL", diffusion_coder_load(&none_coder, model, schedule, NULL))                                 \
    ROW(DIFFUSION_E_IO, "nosuch", diffusion_coder_load(&none_coder, model, schedule, "nosuch"))                        \
    ROW(BAD, "coder is NULL", diffusion_coder_set_progress(NULL, NULL, NULL))                                          \
    ROW(BAD, "coder is NULL", diffusion_coder_encode(NULL, x, NULL, N))                                                \
    ROW(BAD, "x0 is NULL", diffusion_coder_encode(coder, NULL, NULL, N))                                               \
    ROW(BAD, "n=0", diffusion_coder_encode(coder, x, NULL, 0))                                                         \
    ROW(DIFFUSION_E_MEMORY, "", diffusion_coder_encode(coder, x, NULL, SIZE_MAX))                                      \
    ROW(BAD, "coder is NULL", diffusion_coder_decode(NULL, out, NULL, N))                                              \
    ROW(BAD, "x0 is NULL", diffusion_coder_decode(coder, NULL, NULL, N))                                               \
    ROW(DIFFUSION_E_STATE, "nothing has been coded", diffusion_coder_decode(coder, out, NULL, N))                      \
    ROW(BAD, "coder is NULL", diffusion_coder_value(NULL, "bytes", result))                                            \
    ROW(BAD, "quantity is NULL", diffusion_coder_value(coder, NULL, result))                                           \
    ROW(BAD, "out is NULL", diffusion_coder_value(coder, "bytes", NULL))                                               \
    ROW(DIFFUSION_E_NAME, "did you mean 'k_bits'?", diffusion_coder_value(coder, "kbits", result))                     \
    ROW(DIFFUSION_E_STATE, "nothing has been coded", diffusion_coder_value(coder, "bytes", result))                    \
    ROW(BAD, "coder is NULL", diffusion_coder_save(NULL, "never"))                                                     \
    ROW(BAD, "path is NULL", diffusion_coder_save(coder, NULL))                                                        \
    ROW(DIFFUSION_E_STATE, "nothing has been coded", diffusion_coder_save(coder, "never"))                             \
    ROW(BAD, "out is NULL", diffusion_evaluator_create(NULL, model, schedule, "elbo"))                                 \
    ROW(BAD, "model is NULL", diffusion_evaluator_create(&none_evaluator, NULL, schedule, "elbo"))                     \
    ROW(BAD, "schedule is NULL", diffusion_evaluator_create(&none_evaluator, model, NULL, "elbo"))                     \
    ROW(BAD, "spec is NULL", diffusion_evaluator_create(&none_evaluator, model, schedule, NULL))                       \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_set_noise(NULL, NULL, NULL))                                     \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_set_progress(NULL, NULL, NULL))                                  \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_set_reference(NULL, x, N, DIM))                                  \
    ROW(BAD, "samples is NULL", diffusion_evaluator_set_reference(parzen, NULL, N, DIM))                               \
    ROW(BAD, "m=0", diffusion_evaluator_set_reference(parzen, x, 0, DIM))                                              \
    ROW(BAD, "dim=0", diffusion_evaluator_set_reference(parzen, x, N, 0))                                              \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_run(NULL, x, NULL, N))                                           \
    ROW(BAD, "x0 is NULL", diffusion_evaluator_run(elbo, NULL, NULL, N))                                               \
    ROW(BAD, "n=0", diffusion_evaluator_run(elbo, x, NULL, 0))                                                         \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_value(NULL, "k_bits", result))                                   \
    ROW(BAD, "quantity is NULL", diffusion_evaluator_value(elbo, NULL, result))                                        \
    ROW(BAD, "out is NULL", diffusion_evaluator_value(elbo, "k_bits", NULL))                                           \
    ROW(DIFFUSION_E_STATE, "nothing has been measured", diffusion_evaluator_value(elbo, "k_bits", result))             \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_terms(NULL, result, NULL))                                       \
    ROW(BAD, "bits is NULL", diffusion_evaluator_terms(elbo, NULL, NULL))                                              \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_samples(NULL, result, NULL, N))                                  \
    ROW(BAD, "bits is NULL", diffusion_evaluator_samples(elbo, NULL, NULL, N))                                         \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_neighbours(NULL, indices, N))                                    \
    ROW(BAD, "rows is NULL", diffusion_evaluator_neighbours(elbo, NULL, N))                                            \
    ROW(BAD, "evaluator is NULL", diffusion_evaluator_moments(NULL, result, result))                                   \
    ROW(BAD, "noise is NULL", diffusion_evaluator_moments(elbo, NULL, result))                                         \
    ROW(BAD, "error is NULL", diffusion_evaluator_moments(elbo, result, NULL))                                         \
    ROW(BAD, "model is NULL", diffusion_model_set_moments(NULL, schedule, ones, ones, 1))                              \
    ROW(BAD, "schedule is NULL", diffusion_model_set_moments(model, NULL, ones, ones, 1))                              \
    ROW(BAD, "data_variance[0]=-1", diffusion_model_set_moments(model, schedule, four, NULL, -1))                      \
    ROW(BAD, "model is NULL", diffusion_model_moments(NULL, result, result, NULL, 1, &size))                           \
    ROW(BAD, "noise is NULL", diffusion_model_moments(model, NULL, result, NULL, 1, &size))                            \
    ROW(BAD, "error is NULL", diffusion_model_moments(model, result, NULL, NULL, 1, &size))                            \
    ROW(BAD, "steps is NULL", diffusion_model_moments(model, result, result, NULL, 1, NULL))                           \
    ROW(DIFFUSION_E_SHAPE, "capacity=18446744073709551615",                                                            \
        diffusion_model_moments(model, result, result, NULL, SIZE_MAX, &size))                                         \
    ROW(BAD, "out is NULL", diffusion_condition_create(NULL, N))                                                       \
    ROW(BAD, "condition is NULL", diffusion_condition_set_labels(NULL, steps))                                         \
    ROW(BAD, "condition is NULL", diffusion_condition_set_vectors(NULL, x, DIM))                                       \
    ROW(BAD, "condition is NULL", diffusion_condition_set_observed(NULL, mask, DIM))                                   \
    ROW(BAD, "schedule is NULL", diffusion_forward_sample(NULL, steps, x, x, N, DIM, out))                             \
    ROW(BAD, "t is NULL", diffusion_forward_sample(schedule, NULL, x, x, N, DIM, out))                                 \
    ROW(BAD, "x0 is NULL", diffusion_forward_sample(schedule, steps, NULL, x, N, DIM, out))                            \
    ROW(BAD, "noise is NULL", diffusion_forward_sample(schedule, steps, x, NULL, N, DIM, out))                         \
    ROW(BAD, "xt is NULL", diffusion_forward_sample(schedule, steps, x, x, N, DIM, NULL))                              \
    ROW(DIFFUSION_E_STEP, "t=0", diffusion_forward_sample(schedule, zeros, x, x, N, DIM, out))                         \
    ROW(BAD, "schedule is NULL", diffusion_forward_step(NULL, 1, x, x, N, DIM, out))                                   \
    ROW(BAD, "previous is NULL", diffusion_forward_step(schedule, 1, NULL, x, N, DIM, out))                            \
    ROW(BAD, "noise is NULL", diffusion_forward_step(schedule, 1, x, NULL, N, DIM, out))                               \
    ROW(BAD, "xt is NULL", diffusion_forward_step(schedule, 1, x, x, N, DIM, NULL))                                    \
    ROW(DIFFUSION_E_STEP, "t=-2147483648", diffusion_forward_step(schedule, INT32_MIN, x, x, N, DIM, out))             \
    ROW(DIFFUSION_E_STEP, "t=2147483647", diffusion_forward_step(schedule, INT32_MAX, x, x, N, DIM, out))              \
    ROW(BAD, "schedule is NULL", diffusion_forward_trajectory(NULL, x, x, 1, DIM, out))                                \
    ROW(BAD, "x0 is NULL", diffusion_forward_trajectory(schedule, NULL, x, 1, DIM, out))                               \
    ROW(BAD, "noise is NULL", diffusion_forward_trajectory(schedule, x, NULL, 1, DIM, out))                            \
    ROW(BAD, "x is NULL", diffusion_forward_trajectory(schedule, x, x, 1, DIM, NULL))                                  \
    ROW(BAD, "schedule is NULL", diffusion_marginal(NULL, 1, a, N, result, result))                                    \
    ROW(BAD, "x0 is NULL", diffusion_marginal(schedule, 1, NULL, N, result, result))                                   \
    ROW(BAD, "mean is NULL", diffusion_marginal(schedule, 1, a, N, NULL, result))                                      \
    ROW(BAD, "variance is NULL", diffusion_marginal(schedule, 1, a, N, result, NULL))                                  \
    ROW(DIFFUSION_E_STEP, "t=0", diffusion_marginal(schedule, 0, a, N, result, result))                                \
    ROW(BAD, "schedule is NULL", diffusion_posterior(NULL, 2, a, a, N, result, result))                                \
    ROW(BAD, "x0 is NULL", diffusion_posterior(schedule, 2, NULL, a, N, result, result))                               \
    ROW(BAD, "xt is NULL", diffusion_posterior(schedule, 2, a, NULL, N, result, result))                               \
    ROW(BAD, "mean is NULL", diffusion_posterior(schedule, 2, a, a, N, NULL, result))                                  \
    ROW(BAD, "variance is NULL", diffusion_posterior(schedule, 2, a, a, N, result, NULL))                              \
    ROW(DIFFUSION_E_STEP, "t=5", diffusion_posterior(schedule, T + 1, a, a, N, result, result))                        \
    ROW(BAD, "mean1 is NULL", diffusion_gaussian_kl(NULL, a, a, a, N, result))                                         \
    ROW(BAD, "variance1 is NULL", diffusion_gaussian_kl(a, NULL, a, a, N, result))                                     \
    ROW(BAD, "mean2 is NULL", diffusion_gaussian_kl(a, a, NULL, a, N, result))                                         \
    ROW(BAD, "variance2 is NULL", diffusion_gaussian_kl(a, a, a, NULL, N, result))                                     \
    ROW(BAD, "nats is NULL", diffusion_gaussian_kl(a, a, a, a, N, NULL))                                               \
    ROW(BAD, "rate1 is NULL", diffusion_bernoulli_kl(NULL, a, N, result))                                              \
    ROW(BAD, "rate2 is NULL", diffusion_bernoulli_kl(a, NULL, N, result))                                              \
    ROW(BAD, "nats is NULL", diffusion_bernoulli_kl(a, a, N, NULL))                                                    \
    ROW(BAD, "x is NULL", diffusion_discretized_log_likelihood(NULL, NULL, a, a, N, 256, result))                      \
    ROW(BAD, "mean is NULL", diffusion_discretized_log_likelihood(NULL, a, NULL, a, N, 256, result))                   \
    ROW(BAD, "variance is NULL", diffusion_discretized_log_likelihood(NULL, a, a, NULL, N, 256, result))               \
    ROW(BAD, "nats is NULL", diffusion_discretized_log_likelihood(NULL, a, a, a, N, 256, NULL))                        \
    ROW(BAD, "levels=-2147483648", diffusion_discretized_log_likelihood(NULL, a, a, a, N, INT32_MIN, result))          \
    ROW(BAD, "schedule is NULL", diffusion_entropy(NULL, "step", 1, NULL, NULL, N, result))                            \
    ROW(BAD, "which is NULL", diffusion_entropy(schedule, NULL, 1, NULL, NULL, N, result))                             \
    ROW(BAD, "nats is NULL", diffusion_entropy(schedule, "step", 1, NULL, NULL, N, NULL))                              \
    ROW(DIFFUSION_E_STEP, "t=0", diffusion_entropy(schedule, "step", 0, NULL, NULL, N, result))                        \
    ROW(BAD, "schedule is NULL", diffusion_entropy_bounds(NULL, 2, result, result))                                    \
    ROW(BAD, "lower is NULL", diffusion_entropy_bounds(schedule, 2, NULL, result))                                     \
    ROW(BAD, "upper is NULL", diffusion_entropy_bounds(schedule, 2, result, NULL))                                     \
    ROW(DIFFUSION_E_STEP, "t=-1", diffusion_entropy_bounds(schedule, -1, result, result))                              \
    ROW(BAD, "topic is NULL", diffusion_help(NULL, NULL, 0, &size))                                                    \
    ROW(BAD, "text is NULL", diffusion_help("model", NULL, SIZE_MAX, &size))                                           \
    ROW(DIFFUSION_E_NAME, "''", diffusion_help("", NULL, 0, &size))                                                    \
    ROW(BAD, "threads=-2147483648", diffusion_set_threads(INT32_MIN))                                                  \
    ROW(BAD, "threads=2147483647", diffusion_set_threads(INT32_MAX))                                                   \
    ROW(BAD, "count=0", diffusion_set_parameter_limit(0))                                                              \
    ROW(BAD, "", diffusion_set_allocator(NULL, release, NULL))

static void a_bad_argument_is_refused_by_its_name(void **state)
{
    (void)state;
#define CHECK(status, sentence, call) assert_refused(call, status, sentence);
    REFUSALS(CHECK)
    assert_true(none_schedule == NULL && none_model == NULL && none_trainer == NULL && none_sampler == NULL);
    assert_true(none_evaluator == NULL && none_condition == NULL && none_coder == NULL);
    assert_int_not_equal(access("never", F_OK), 0);
}

/* Functions without a status. */
static void null_is_nothing_where_there_is_no_status(void **state)
{
    (void)state;
    diffusion_schedule_free(NULL);
    diffusion_model_free(NULL);
    diffusion_trainer_free(NULL);
    diffusion_sampler_free(NULL);
    diffusion_evaluator_free(NULL);
    diffusion_coder_free(NULL);
    diffusion_condition_free(NULL);
    assert_int_equal(diffusion_schedule_steps(NULL), 0);
    assert_int_equal(diffusion_model_dim(NULL) + diffusion_model_outputs(NULL) + diffusion_model_parameter_count(NULL),
                     0);
    assert_int_equal(diffusion_model_classes(NULL), 0);
    assert_null(diffusion_schedule_spec(NULL));
    assert_null(diffusion_model_spec(NULL));
    assert_null(diffusion_model_metadata(NULL, "key"));
    assert_null(diffusion_model_metadata(model, NULL));
    assert_null(diffusion_model_parameter_name(NULL, 0));
    assert_null(diffusion_model_parameter_name(model, SIZE_MAX));
    assert_null(diffusion_trainer_spec(NULL));
    assert_null(diffusion_trainer_metadata(NULL, "a.b"));
    assert_null(diffusion_trainer_metadata(trainer, NULL));
    assert_null(diffusion_trainer_model(NULL));
    assert_null(diffusion_trainer_schedule(NULL));
    assert_int_equal(diffusion_trainer_steps(NULL), 0);
    assert_true(diffusion_trainer_rate(NULL) == 0.0);
    assert_null(diffusion_sampler_spec(NULL));
    assert_null(diffusion_evaluator_spec(NULL));
    assert_null(diffusion_coder_spec(NULL));
    assert_string_equal(diffusion_trainer_error(NULL), "");
    assert_string_equal(diffusion_sampler_error(NULL), "");
    assert_string_equal(diffusion_evaluator_error(NULL), "");
    assert_string_equal(diffusion_coder_error(NULL), "");
    assert_int_equal(diffusion_condition_count(NULL), 0);
    assert_null(diffusion_condition_labels(NULL));
    assert_null(diffusion_condition_observed(NULL));
    size = 7;
    assert_null(diffusion_condition_vectors(NULL, &size));
    assert_int_equal(size, 0);
    assert_string_equal(diffusion_status_name(INT32_MIN), "callback");
    diffusion_set_log(NULL, x);
    assert_non_null(diffusion_last_error());
    assert_true(diffusion_threads() >= 1);
    assert_non_null(diffusion_version());
    assert_non_null(diffusion_blas_core());
    assert_non_null(diffusion_blas_threading());
}

static int make_all(void **state)
{
    (void)state;
    schedule = make_schedule("linear steps=4");
    model = make_model("mlp shape=2 width=4 depth=1", 1);
    trainer = make_trainer(model, schedule, "");
    sampler = make_sampler(model, schedule, "ancestral");
    elbo = make_evaluator(model, schedule, "elbo");
    parzen = make_evaluator(NULL, NULL, "parzen");
    coder = make_coder(model, schedule, "bits_back");
    condition = make_condition(N);
    for (size_t i = 0; i < N; i++)
        steps[i] = 1;
    for (size_t i = 0; i < (size_t)N * DIM; i++)
        a[i] = 0.5;
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    diffusion_condition_free(condition);
    diffusion_coder_free(coder);
    diffusion_evaluator_free(parzen);
    diffusion_evaluator_free(elbo);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_argument_is_refused_by_its_name),
        cmocka_unit_test(null_is_nothing_where_there_is_no_status),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
