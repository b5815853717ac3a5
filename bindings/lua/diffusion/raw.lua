-- Declarations of libdiffusion 0.1.0. Written from abi.json by generate.py; do not edit.
local ffi = require("ffi")

local raw = { version = "0.1.0", status = {} }

raw.status.OK = 0
raw.status.E_ARGUMENT = -10
raw.status.E_SPEC = -11
raw.status.E_SHAPE = -12
raw.status.E_STEP = -13
raw.status.E_KERNEL = -14
raw.status.E_NAME = -15
raw.status.E_STATE = -16
raw.status.E_LABEL = -17
raw.status.E_MEMORY = -20
raw.status.E_IO = -30
raw.status.E_FORMAT = -31
raw.status.E_CONTENT = -32
raw.status.E_NONFINITE = -40

ffi.cdef[[
typedef int32_t diffusion_status;
typedef struct diffusion_coder diffusion_coder;
typedef struct diffusion_condition diffusion_condition;
typedef struct diffusion_evaluator diffusion_evaluator;
typedef struct diffusion_model diffusion_model;
typedef struct diffusion_sampler diffusion_sampler;
typedef struct diffusion_schedule diffusion_schedule;
typedef struct diffusion_trainer diffusion_trainer;
typedef int32_t diffusion_predict_fn(const float *x, const double *time, const diffusion_condition *condition,
    size_t n, float *out, void *user);
typedef int32_t diffusion_predict_double_fn(const double *x, const double *time, const diffusion_condition *condition,
    size_t n, double *out, void *user);
typedef void *diffusion_allocate_fn(size_t size, void *user);
typedef void diffusion_release_fn(void *memory, void *user);
typedef void diffusion_log_fn(const char *level, const char *message, void *user);
typedef int32_t diffusion_progress_fn(int64_t done, int64_t total, void *user);
typedef int32_t diffusion_noise_fn(double *values, size_t count, int64_t sample, int32_t step, void *user);
typedef int32_t diffusion_guidance_fn(const double *x, double t, size_t n, double *gradient, void *user);
diffusion_status diffusion_coder_create(diffusion_coder **out, const diffusion_model *model,
    const diffusion_schedule *schedule, const char *spec);
diffusion_status diffusion_coder_load(diffusion_coder **out, const diffusion_model *model,
    const diffusion_schedule *schedule, const char *path);
diffusion_status diffusion_coder_set_progress(diffusion_coder *coder, diffusion_progress_fn *progress, void *user);
diffusion_status diffusion_coder_encode(diffusion_coder *coder, const float *x0, const diffusion_condition *condition,
    size_t n);
diffusion_status diffusion_coder_decode(diffusion_coder *coder, float *x0, int32_t *labels, size_t n);
diffusion_status diffusion_coder_value(const diffusion_coder *coder, const char *quantity, double *out);
diffusion_status diffusion_coder_save(diffusion_coder *coder, const char *path);
const char *diffusion_coder_spec(const diffusion_coder *coder);
const char *diffusion_coder_error(const diffusion_coder *coder);
void diffusion_coder_free(diffusion_coder *coder);
diffusion_status diffusion_condition_create(diffusion_condition **out, size_t n);
diffusion_status diffusion_condition_set_labels(diffusion_condition *condition, const int32_t *labels);
diffusion_status diffusion_condition_set_vectors(diffusion_condition *condition, const float *vectors, size_t width);
diffusion_status diffusion_condition_set_observed(diffusion_condition *condition, const uint8_t *observed, size_t dim);
size_t diffusion_condition_count(const diffusion_condition *condition);
const int32_t *diffusion_condition_labels(const diffusion_condition *condition);
const float *diffusion_condition_vectors(const diffusion_condition *condition, size_t *width);
const uint8_t *diffusion_condition_observed(const diffusion_condition *condition);
void diffusion_condition_free(diffusion_condition *condition);
diffusion_status diffusion_evaluator_create(diffusion_evaluator **out, const diffusion_model *model,
    const diffusion_schedule *schedule, const char *spec);
diffusion_status diffusion_evaluator_set_noise(diffusion_evaluator *evaluator, diffusion_noise_fn *noise, void *user);
diffusion_status diffusion_evaluator_set_progress(diffusion_evaluator *evaluator, diffusion_progress_fn *progress,
    void *user);
diffusion_status diffusion_evaluator_set_reference(diffusion_evaluator *evaluator, const float *samples, size_t m,
    size_t dim);
diffusion_status diffusion_evaluator_run(diffusion_evaluator *evaluator, const float *x0,
    const diffusion_condition *condition, size_t n);
diffusion_status diffusion_evaluator_value(const diffusion_evaluator *evaluator, const char *quantity, double *out);
diffusion_status diffusion_evaluator_terms(const diffusion_evaluator *evaluator, double *bits, double *standard_error);
diffusion_status diffusion_evaluator_samples(const diffusion_evaluator *evaluator, double *bits,
    double *standard_error, size_t count);
diffusion_status diffusion_evaluator_neighbours(const diffusion_evaluator *evaluator, int64_t *rows, size_t count);
diffusion_status diffusion_evaluator_moments(const diffusion_evaluator *evaluator, double *noise, double *error);
const char *diffusion_evaluator_spec(const diffusion_evaluator *evaluator);
const char *diffusion_evaluator_error(const diffusion_evaluator *evaluator);
void diffusion_evaluator_free(diffusion_evaluator *evaluator);
diffusion_status diffusion_model_create(diffusion_model **out, const char *spec, uint64_t seed);
diffusion_status diffusion_model_create_callback(diffusion_model **out, const char *spec,
    diffusion_predict_fn *predict, void *user);
diffusion_status diffusion_model_create_callback_double(diffusion_model **out, const char *spec,
    diffusion_predict_double_fn *predict, void *user);
diffusion_status diffusion_model_load(diffusion_model **out, const char *path);
diffusion_status diffusion_model_save(const diffusion_model *model, const char *path);
diffusion_status diffusion_model_load_memory(diffusion_model **out, const void *bytes, size_t size);
diffusion_status diffusion_model_save_memory(const diffusion_model *model, void *bytes, size_t capacity,
    size_t *needed);
diffusion_status diffusion_model_save_diffusers(const diffusion_model *model, const diffusion_schedule *schedule,
    const char *path);
size_t diffusion_model_dim(const diffusion_model *model);
size_t diffusion_model_outputs(const diffusion_model *model);
int32_t diffusion_model_classes(const diffusion_model *model);
diffusion_status diffusion_model_shape(const diffusion_model *model, int64_t *shape, size_t capacity, size_t *rank);
const char *diffusion_model_spec(const diffusion_model *model);
diffusion_status diffusion_model_forward(const diffusion_model *model, const float *x, const double *time,
    const diffusion_condition *condition, size_t n, float *out);
diffusion_status diffusion_prediction_convert(const diffusion_schedule *schedule, double t, const char *from,
    const char *to, const double *x, const double *output, size_t count, double *out);
diffusion_status diffusion_model_predict(const diffusion_model *model, const diffusion_schedule *schedule,
    const float *x, const int32_t *t, const diffusion_condition *condition, size_t n, float *mean, float *variance);
size_t diffusion_model_parameter_count(const diffusion_model *model);
const char *diffusion_model_parameter_name(const diffusion_model *model, size_t index);
diffusion_status diffusion_model_parameter_shape(const diffusion_model *model, const char *name, int64_t *shape,
    size_t capacity, size_t *rank);
diffusion_status diffusion_model_parameter(const diffusion_model *model, const char *name, float *values, size_t count);
diffusion_status diffusion_model_set_parameter(diffusion_model *model, const char *name, const float *values,
    size_t count);
const char *diffusion_model_metadata(const diffusion_model *model, const char *key);
diffusion_status diffusion_model_set_metadata(diffusion_model *model, const char *key, const char *value);
void diffusion_model_free(diffusion_model *model);
diffusion_status diffusion_model_set_moments(diffusion_model *model, const diffusion_schedule *schedule,
    const double *noise, const double *error, double data_variance);
diffusion_status diffusion_model_moments(const diffusion_model *model, double *noise, double *error,
    double *data_variance, size_t capacity, size_t *steps);
diffusion_status diffusion_forward_sample(const diffusion_schedule *schedule, const int32_t *t, const float *x0,
    const float *noise, size_t n, size_t dim, float *xt);
diffusion_status diffusion_forward_step(const diffusion_schedule *schedule, int32_t t, const float *previous,
    const float *noise, size_t n, size_t dim, float *xt);
diffusion_status diffusion_forward_trajectory(const diffusion_schedule *schedule, const float *x0, const float *noise,
    size_t n, size_t dim, float *x);
diffusion_status diffusion_marginal(const diffusion_schedule *schedule, int32_t t, const double *x0, size_t count,
    double *mean, double *variance);
diffusion_status diffusion_posterior(const diffusion_schedule *schedule, int32_t t, const double *x0, const double *xt,
    size_t count, double *mean, double *variance);
diffusion_status diffusion_gaussian_kl(const double *mean1, const double *variance1, const double *mean2,
    const double *variance2, size_t count, double *nats);
diffusion_status diffusion_bernoulli_kl(const double *rate1, const double *rate2, size_t count, double *nats);
diffusion_status diffusion_discretized_log_likelihood(const char *cdf, const double *x, const double *mean,
    const double *variance, size_t count, int32_t levels, double *nats);
diffusion_status diffusion_entropy(const diffusion_schedule *schedule, const char *which, int32_t t,
    const double *first, const double *second, size_t count, double *nats);
diffusion_status diffusion_entropy_bounds(const diffusion_schedule *schedule, int32_t t, double *lower, double *upper);
diffusion_status diffusion_set_allocator(diffusion_allocate_fn *allocate, diffusion_release_fn *release, void *user);
diffusion_status diffusion_set_parameter_limit(size_t count);
void diffusion_set_log(diffusion_log_fn *log, void *user);
diffusion_status diffusion_set_threads(int32_t threads);
int32_t diffusion_threads(void);
diffusion_status diffusion_help(const char *topic, char *text, size_t capacity, size_t *needed);
diffusion_status diffusion_sampler_create(diffusion_sampler **out, const diffusion_model *model,
    const diffusion_schedule *schedule, const char *spec);
diffusion_status diffusion_sampler_set_noise(diffusion_sampler *sampler, diffusion_noise_fn *noise, void *user);
diffusion_status diffusion_sampler_set_progress(diffusion_sampler *sampler, diffusion_progress_fn *progress,
    void *user);
diffusion_status diffusion_sampler_set_start(diffusion_sampler *sampler, const float *x, size_t n);
diffusion_status diffusion_sampler_set_start_double(diffusion_sampler *sampler, const double *x, size_t n);
diffusion_status diffusion_sampler_set_known(diffusion_sampler *sampler, const float *x0, const uint8_t *mask,
    size_t n);
diffusion_status diffusion_sampler_set_observed(diffusion_sampler *sampler, const float *y, double noise, size_t n);
diffusion_status diffusion_sampler_set_guidance(diffusion_sampler *sampler, diffusion_guidance_fn *gradient,
    void *user);
diffusion_status diffusion_sampler_run(diffusion_sampler *sampler, const diffusion_condition *condition, size_t n,
    float *x0);
diffusion_status diffusion_sampler_begin(diffusion_sampler *sampler, const diffusion_condition *condition, size_t n);
diffusion_status diffusion_sampler_step(diffusion_sampler *sampler);
diffusion_status diffusion_sampler_state(const diffusion_sampler *sampler, float *x, double *t);
diffusion_status diffusion_sampler_evaluations(const diffusion_sampler *sampler, int64_t *evaluations, size_t n);
const char *diffusion_sampler_spec(const diffusion_sampler *sampler);
const char *diffusion_sampler_error(const diffusion_sampler *sampler);
void diffusion_sampler_free(diffusion_sampler *sampler);
diffusion_status diffusion_model_from_data(const diffusion_model *model, const double *values, size_t n, float *x);
diffusion_status diffusion_model_to_data(const diffusion_model *model, const float *x, size_t n, double *values);
diffusion_status diffusion_model_scaling(const diffusion_model *model, const char *quantity, double *values);
diffusion_status diffusion_schedule_create(diffusion_schedule **out, const char *spec);
diffusion_status diffusion_schedule_create_from_betas(diffusion_schedule **out, const double *betas, int32_t steps,
    const char *spec);
int32_t diffusion_schedule_steps(const diffusion_schedule *schedule);
const char *diffusion_schedule_spec(const diffusion_schedule *schedule);
diffusion_status diffusion_schedule_values(const diffusion_schedule *schedule, const char *quantity, double *out);
diffusion_status diffusion_schedule_level(const diffusion_schedule *schedule, double t, double *signal, double *sigma,
    double *log_snr);
diffusion_status diffusion_schedule_time(const diffusion_schedule *schedule, double log_snr, double *t);
void diffusion_schedule_free(diffusion_schedule *schedule);
const char *diffusion_status_name(diffusion_status status);
const char *diffusion_last_error(void);
diffusion_status diffusion_trainer_create(diffusion_trainer **out, diffusion_model *model,
    const diffusion_schedule *schedule, const char *spec);
diffusion_status diffusion_trainer_draw(const diffusion_trainer *trainer, int64_t count, size_t n, int64_t *indices);
diffusion_status diffusion_trainer_step(diffusion_trainer *trainer, const float *x0,
    const diffusion_condition *condition, size_t n, double *loss);
diffusion_status diffusion_trainer_gradient(diffusion_trainer *trainer, const float *x0,
    const diffusion_condition *condition, size_t n, double *loss, float *gradient, size_t count);
diffusion_status diffusion_trainer_loss(diffusion_trainer *trainer, const float *x0,
    const diffusion_condition *condition, size_t n, uint64_t first, double *loss);
diffusion_status diffusion_trainer_change(diffusion_trainer *trainer, const char *spec);
int64_t diffusion_trainer_steps(const diffusion_trainer *trainer);
double diffusion_trainer_rate(const diffusion_trainer *trainer);
const char *diffusion_trainer_spec(const diffusion_trainer *trainer);
diffusion_status diffusion_trainer_set_metadata(diffusion_trainer *trainer, const char *key, const char *value);
const char *diffusion_trainer_metadata(const diffusion_trainer *trainer, const char *key);
diffusion_status diffusion_trainer_save(const diffusion_trainer *trainer, const char *path);
diffusion_status diffusion_trainer_save_snapshot(const diffusion_trainer *trainer, const char *path);
diffusion_status diffusion_trainer_average(diffusion_model **out, const char *const *snapshots, size_t count,
    double width, double *error);
diffusion_status diffusion_trainer_resume(diffusion_trainer **out, const char *path);
const diffusion_model *diffusion_trainer_model(const diffusion_trainer *trainer);
const diffusion_schedule *diffusion_trainer_schedule(const diffusion_trainer *trainer);
const char *diffusion_trainer_error(const diffusion_trainer *trainer);
void diffusion_trainer_free(diffusion_trainer *trainer);
const char *diffusion_version(void);
const char *diffusion_blas_core(void);
const char *diffusion_blas_threading(void);
]]

return raw
