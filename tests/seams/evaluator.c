/* The seam of evaluators: the mean square error of the x_0 that a model sees at one step. */
#include "gaussian_data.h"
#include "help.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "evaluate/evaluator.h"
#include "model/predictor.h"

typedef struct denoising_options {
    uint64_t seed;
    int64_t step;
} denoising_options;
SPEC_OWN(denoising_options);

static const spec_key keys[] = {
    {"step", SPEC_INTEGER, offsetof(denoising_options, step), NULL, 1, 100000, NULL, "the step looked at"},
    {"seed", SPEC_UNSIGNED, offsetof(denoising_options, seed), "0", 0, 0, NULL, "seed of the noise"},
};

typedef struct denoising_figures {
    double *error; /* [n], mean square over a sample's values */
} denoising_figures;

static void release(void *state)
{
    memory_release(((denoising_figures *)state)->error);
}

static const denoising_options *options_of(const struct diffusion_evaluator *self)
{
    return (const denoising_options *)&self->options.own;
}

static diffusion_status open_denoising(struct diffusion_evaluator *self)
{
    if (self->model == NULL || self->schedule == NULL)
        return error_set(DIFFUSION_E_ARGUMENT, "evaluator_create: denoising needs a model and a schedule");
    diffusion_status status = schedule_check_step(self->schedule, "evaluator", (int32_t)options_of(self)->step);
    if (status == DIFFUSION_OK)
        status = schedule_check_additive(self->schedule, "evaluator", "denoising");
    return status == DIFFUSION_OK ? parameterization_check(&self->model->options, self->schedule) : status;
}

/* What one run works with. */
typedef struct denoising_run {
    predictor predictor;
    double *x0, *xt, *seen, *epsilon; /* [n, dim] */
    const reverse_step **at;          /* [n] */
    double *error;                    /* [n] */
} denoising_run;

static diffusion_status reserve(denoising_run *run, size_t n, size_t dim)
{
    int complete = (run->x0 = memory_allocate(n, dim * sizeof(double))) != NULL &&
                   (run->xt = memory_allocate(n, dim * sizeof(double))) != NULL &&
                   (run->seen = memory_allocate(n, dim * sizeof(double))) != NULL &&
                   (run->epsilon = memory_allocate(n, dim * sizeof(double))) != NULL &&
                   (run->at = memory_allocate(n, sizeof *run->at)) != NULL &&
                   (run->error = memory_allocate(n, sizeof(double))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static diffusion_status diffuse(struct diffusion_evaluator *self, denoising_run *run, const float *data, size_t n)
{
    const size_t dim = self->model->dim;
    const kernel *of = &self->schedule->kernel;
    const int32_t t = (int32_t)options_of(self)->step;
    diffusion_status status = kernel_check_values(of, "evaluator", "x0", data, n * dim);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++) {
        double *x0 = run->x0 + i * dim, *xt = run->xt + i * dim;
        if (self->noise != NULL)
            status = self->noise(xt, dim, (int64_t)i, t, self->noise_user);
        else
            of->methods->noise(xt, 1, dim, (rng_stream){options_of(self)->seed, RNG_BOUND, (uint64_t)t, i});
        for (size_t j = 0; j < dim; j++)
            x0[j] = (double)data[i * dim + j];
        kernel_diffuse_data(of, xt, &self->schedule->levels[t], x0, xt, dim);
    }
    return status;
}

static void take_errors(denoising_run *run, size_t n, size_t dim)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < dim; j++)
            run->error[i] += pow(run->seen[i * dim + j] - run->x0[i * dim + j], 2.0) / (double)dim;
}

static diffusion_status run_denoising(struct diffusion_evaluator *self, const float *x0,
                                      const struct diffusion_condition *condition, size_t n)
{
    denoising_run run = {.error = NULL};
    const reverse_step at = reverse_step_at(&self->model->options, self->schedule, (int32_t)options_of(self)->step);
    denoising_figures *figures = self->state;
    diffusion_status status = model_check_condition(self->model, "evaluator", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = predictor_open(&run.predictor, self->model, self->schedule);
    if (status == DIFFUSION_OK)
        status = reserve(&run, n, self->model->dim);
    if (status == DIFFUSION_OK)
        status = diffuse(self, &run, x0, n);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        run.at[i] = &at;
    if (status == DIFFUSION_OK)
        status = predictor_denoise(&run.predictor, (predictor_input){"evaluator", run.xt, run.at, condition, n}, NULL,
                                   run.seen, run.epsilon);
    if (status == DIFFUSION_OK) {
        double *before = figures->error;
        take_errors(&run, n, self->model->dim);
        figures->error = run.error;
        run.error = before;
    }
    predictor_close(&run.predictor);
    void *arrays[] = {run.x0, run.xt, run.seen, run.epsilon, run.at, run.error};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    return status;
}

static double error_of(const struct diffusion_evaluator *self, size_t index)
{
    return ((const denoising_figures *)self->state)->error[index];
}

static const char *const quantities[] = {"error", "standard_error"};

static double value(const struct diffusion_evaluator *self, size_t quantity)
{
    return quantity == 0 ? evaluator_mean(self, error_of) : evaluator_error(self, error_of);
}

const measure denoising_measure = {
    .spec = {"denoising", "The mean square error of x_0 seen at one step (a test's toy).", keys, SPEC_COUNT(keys)},
    .state_size = sizeof(denoising_figures),
    .release = release,
    .open = open_denoising,
    .run = run_denoising,
    .quantities = quantities,
    .quantity_count = SPEC_COUNT(quantities),
    .value = value,
};

/* ---- against the exact error ---- */

enum { MANY = 20000, STEP = 6 };

/* An exact model errs by what x_t leaves of x_0's variance. */
static void the_error_of_an_exact_model_is_the_variance_left(void **state)
{
    (void)state;
    gaussian_data data = {make_schedule("cosine steps=20"), 0.3, 0.25};
    diffusion_model *model = make_callback_double("shape=1", gaussian_data_epsilon, &data);
    diffusion_evaluator *evaluator = make_evaluator(model, data.schedule, "denoising step=6 seed=4");
    static double draws[MANY];
    static float x0[MANY];
    double error, standard_error;
    rng_normal(draws, MANY, (rng_stream){1, RNG_SHUFFLE, 0, 0});
    for (size_t i = 0; i < MANY; i++)
        x0[i] = (float)(data.mean + sqrt(data.variance) * draws[i]);
    assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, MANY));
    assert_ok(diffusion_evaluator_value(evaluator, "error", &error));
    assert_ok(diffusion_evaluator_value(evaluator, "standard_error", &standard_error));
    assert_close(error, gaussian_data_left(&data, &data.schedule->levels[STEP]), 0.0, 4.0 * standard_error);
    assert_close(standard_error, error * sqrt(2.0 / MANY), 0.1, 0.0); /* squares of normal errors */
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_schedule_free((diffusion_schedule *)data.schedule);
}

static int32_t one(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample, (void)user;
    assert_int_equal(step, STEP);
    for (size_t i = 0; i < count; i++)
        noise[i] = 1.0;
    return 0;
}

static void a_toy_hears_of_noise_and_of_what_is_wrong(void **state)
{
    (void)state;
    gaussian_data data = {make_schedule("cosine steps=20"), 0.3, 0.25};
    diffusion_model *model = make_callback_double("shape=1", gaussian_data_epsilon, &data);
    diffusion_evaluator *evaluator = make_evaluator(model, data.schedule, "denoising step=6"), *none = NULL;
    const noise_level *at = &data.schedule->levels[STEP];
    const float x0 = 0.5f, wrong = NAN;
    double error;
    assert_string_equal(diffusion_evaluator_spec(evaluator), "denoising step=6 seed=0");
    assert_refused(diffusion_evaluator_value(evaluator, "error", &error), DIFFUSION_E_STATE,
                   "nothing has been measured");
    assert_ok(diffusion_evaluator_set_noise(evaluator, one, NULL));
    assert_ok(diffusion_evaluator_run(evaluator, &x0, NULL, 1));
    assert_refused(diffusion_evaluator_run(evaluator, &wrong, NULL, 1), DIFFUSION_E_NONFINITE, "x0[0]");
    assert_ok(diffusion_evaluator_value(evaluator, "error", &error));
    assert_close(error, pow(gaussian_data_x0(&data, at, 0.5 * at->signal + at->sigma) - 0.5, 2.0), 1e-12, 0.0);
    assert_refused(diffusion_evaluator_value(evaluator, "eror", &error), DIFFUSION_E_NAME, "did you mean 'error'?");
    assert_refused(diffusion_evaluator_terms(evaluator, &error, NULL), DIFFUSION_E_STATE, "denoising has no terms");
    assert_refused(diffusion_evaluator_samples(evaluator, &error, NULL, 1), DIFFUSION_E_STATE,
                   "denoising has no figures");
    assert_refused(diffusion_evaluator_set_reference(evaluator, &x0, 1, 1), DIFFUSION_E_STATE, "denoising");
    assert_refused(diffusion_evaluator_create(&none, model, data.schedule, "denoising"), DIFFUSION_E_SPEC, "'step'");
    assert_refused(diffusion_evaluator_create(&none, model, data.schedule, "denoising step=21"), DIFFUSION_E_STEP,
                   "1..20");
    assert_help("evaluator", "The mean square error of x_0 seen at one step");
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_schedule_free((diffusion_schedule *)data.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_of_an_exact_model_is_the_variance_left),
        cmocka_unit_test(a_toy_hears_of_noise_and_of_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
