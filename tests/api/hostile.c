/* Numbers that no honest caller gives: counts whose arrays cannot be addressed, NaN and infinity. A table of every
 * public function that takes them; each refuses them before it reads or writes anything. */
#include "blocks.h"
#include "make.h"

#define SPEC "mlp shape=2 width=4 depth=1 activation=relu"
enum { MODEL_SIZE = 150 };

static block_counts blocks;

enum { DIM = 2, T = 5, ROWS = 4 };

static diffusion_schedule *gaussian, *binomial;
static diffusion_model *model;
static diffusion_trainer *trainer;
static diffusion_sampler *sampler;
static diffusion_evaluator *elbo, *parzen;
static diffusion_condition *condition;
static float x[T * ROWS * DIM], noise[T * ROWS * DIM], out[T * ROWS * DIM];
static double a[ROWS], b[ROWS], c[ROWS], d[ROWS], result[ROWS];
static uint8_t mask[ROWS * DIM];
static int32_t steps[ROWS], labels[ROWS];
static int64_t indices[ROWS];

/* ---- counts ---- */

static diffusion_status labels_of(size_t n)
{
    diffusion_condition *of = NULL;
    assert_ok(diffusion_condition_create(&of, n));
    diffusion_status status = diffusion_condition_set_labels(of, labels);
    diffusion_condition_free(of);
    return status;
}

static diffusion_status vectors_of(size_t n)
{
    diffusion_condition *of = NULL;
    assert_ok(diffusion_condition_create(&of, n));
    diffusion_status status = diffusion_condition_set_vectors(of, x, DIM);
    diffusion_condition_free(of);
    return status;
}

static diffusion_status wide_vectors(size_t n)
{
    return diffusion_condition_set_vectors(condition, x, n);
}

static diffusion_status observed_of(size_t n)
{
    diffusion_condition *of = NULL;
    assert_ok(diffusion_condition_create(&of, n));
    diffusion_status status = diffusion_condition_set_observed(of, mask, DIM);
    diffusion_condition_free(of);
    return status;
}

static diffusion_status wide_observed(size_t n)
{
    return diffusion_condition_set_observed(condition, mask, n);
}

/* One line for each function that takes a count. */
#define COUNTS(ROW)                                                                                                    \
    ROW(diffusion_model_forward(model, x, a, NULL, n, out))                                                            \
    ROW(diffusion_model_predict(model, gaussian, x, steps, NULL, n, out, NULL))                                        \
    ROW(diffusion_trainer_draw(trainer, ROWS, n, indices))                                                             \
    ROW(diffusion_trainer_step(trainer, x, NULL, n, NULL))                                                             \
    ROW(diffusion_trainer_gradient(trainer, x, NULL, n, NULL, NULL, 0))                                                \
    ROW(diffusion_prediction_convert(gaussian, 1, "v", "x0", a, a, n, a))                                              \
    ROW(diffusion_sampler_set_start(sampler, x, n))                                                                    \
    ROW(diffusion_sampler_set_start_double(sampler, a, n))                                                             \
    ROW(diffusion_sampler_set_known(sampler, x, mask, n))                                                              \
    ROW(diffusion_sampler_set_observed(sampler, x, 0.5, n))                                                            \
    ROW(diffusion_sampler_begin(sampler, NULL, n))                                                                     \
    ROW(diffusion_sampler_run(sampler, NULL, n, out))                                                                  \
    ROW(diffusion_evaluator_run(elbo, x, NULL, n))                                                                     \
    ROW(diffusion_evaluator_run(parzen, x, NULL, n))                                                                   \
    ROW(diffusion_evaluator_set_reference(parzen, x, n, DIM))                                                          \
    ROW(diffusion_forward_sample(gaussian, steps, x, noise, n, DIM, out))                                              \
    ROW(diffusion_forward_sample(gaussian, steps, x, noise, 1, n, out))                                                \
    ROW(diffusion_forward_step(gaussian, 1, x, noise, n, DIM, out))                                                    \
    ROW(diffusion_forward_step(gaussian, 1, x, noise, 1, n, out))                                                      \
    ROW(diffusion_forward_trajectory(gaussian, x, noise, n, DIM, out))                                                 \
    ROW(diffusion_forward_trajectory(gaussian, x, noise, DIM, n, out))                                                 \
    ROW(diffusion_marginal(gaussian, 1, a, n, result, c))                                                              \
    ROW(diffusion_posterior(gaussian, 1, a, b, n, result, c))                                                          \
    ROW(diffusion_gaussian_kl(a, b, c, d, n, result))                                                                  \
    ROW(diffusion_bernoulli_kl(a, b, n, result))                                                                       \
    ROW(diffusion_discretized_log_likelihood(NULL, a, b, c, n, 256, result))                                           \
    ROW(diffusion_entropy(gaussian, "step", 1, NULL, NULL, n, result))                                                 \
    ROW(diffusion_entropy(binomial, "posterior", 1, a, b, n, result))                                                  \
    ROW(labels_of(n))                                                                                                  \
    ROW(vectors_of(n))                                                                                                 \
    ROW(wide_vectors(n))                                                                                               \
    ROW(observed_of(n))                                                                                                \
    ROW(wide_observed(n))

#define CHECK_COUNT(call)                                                                                              \
    {                                                                                                                  \
        diffusion_status status = (call);                                                                              \
        if (status != DIFFUSION_E_MEMORY)                                                                              \
            fail_msg("n=%zu: %s returned %d: %s", n, #call, (int)status, diffusion_last_error());                      \
    }

static void a_count_that_cannot_be_addressed_is_no_memory(void **state)
{
    (void)state;
    static const size_t counts[] = {SIZE_MAX,         SIZE_MAX - 1,     SIZE_MAX / 2,
                                    SIZE_MAX / 2 + 1, SIZE_MAX / 8 + 1, SIZE_MAX / 16 + 1};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const size_t n = counts[i];
        COUNTS(CHECK_COUNT)
    }
}

/* ---- numbers ---- */

static diffusion_status betas_of(double bad)
{
    const double betas[] = {0.1, bad};
    diffusion_schedule *of = NULL;
    diffusion_status status = diffusion_schedule_create_from_betas(&of, betas, 2, "");
    diffusion_schedule_free(of);
    return status;
}

/* One line for each number that a public function takes, where it is put, and what refuses it. */
#define NUMBERS(ROW)                                                                                                   \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_model_forward(model, x, a, NULL, 1, out))                               \
    ROW(a[0], DIFFUSION_E_STEP, diffusion_model_forward(model, x, a, NULL, 1, out))                                    \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_model_predict(model, gaussian, x, steps, NULL, 1, out, NULL))           \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_model_set_parameter(model, "output.bias", x, DIM))                      \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_condition_set_vectors(condition, x, DIM))                               \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_trainer_step(trainer, x, NULL, 1, NULL))                                \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_trainer_gradient(trainer, x, NULL, 1, NULL, NULL, 0))                   \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_sampler_set_start(sampler, x, 1))                                       \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_sampler_set_known(sampler, x, mask, 1))                                 \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_sampler_set_observed(sampler, x, 0.5, 1))                               \
    ROW(a[0], DIFFUSION_E_ARGUMENT, diffusion_sampler_set_observed(sampler, x, a[0], 1))                               \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_evaluator_run(elbo, x, NULL, 1))                                        \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_evaluator_run(parzen, x, NULL, 1))                                      \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_evaluator_set_reference(parzen, x, 1, DIM))                             \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_forward_sample(gaussian, steps, x, noise, 1, DIM, out))                 \
    ROW(noise[1], DIFFUSION_E_NONFINITE, diffusion_forward_sample(binomial, steps, x, noise, 1, DIM, out))             \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_forward_step(gaussian, 1, x, noise, 1, DIM, out))                       \
    ROW(noise[1], DIFFUSION_E_NONFINITE, diffusion_forward_step(binomial, 1, x, noise, 1, DIM, out))                   \
    ROW(x[1], DIFFUSION_E_NONFINITE, diffusion_forward_trajectory(gaussian, x, noise, 1, DIM, out))                    \
    ROW(noise[T * DIM - 1], DIFFUSION_E_NONFINITE, diffusion_forward_trajectory(gaussian, x, noise, 1, DIM, out))      \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_marginal(gaussian, 1, a, 1, result, c))                                 \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_marginal(binomial, 1, a, 1, result, c))                                 \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_posterior(gaussian, 2, a, b, 1, result, c))                             \
    ROW(b[0], DIFFUSION_E_NONFINITE, diffusion_posterior(binomial, 2, a, b, 1, result, c))                             \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_gaussian_kl(a, b, c, d, 1, result))                                     \
    ROW(b[0], DIFFUSION_E_NONFINITE, diffusion_gaussian_kl(a, b, c, d, 1, result))                                     \
    ROW(c[0], DIFFUSION_E_NONFINITE, diffusion_gaussian_kl(a, b, c, d, 1, result))                                     \
    ROW(d[0], DIFFUSION_E_NONFINITE, diffusion_gaussian_kl(a, b, c, d, 1, result))                                     \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_bernoulli_kl(a, b, 1, result))                                          \
    ROW(b[0], DIFFUSION_E_NONFINITE, diffusion_bernoulli_kl(a, b, 1, result))                                          \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_discretized_log_likelihood(NULL, a, b, c, 1, 256, result))              \
    ROW(b[0], DIFFUSION_E_NONFINITE, diffusion_discretized_log_likelihood(NULL, a, b, c, 1, 256, result))              \
    ROW(c[0], DIFFUSION_E_NONFINITE, diffusion_discretized_log_likelihood(NULL, a, b, c, 1, 256, result))              \
    ROW(a[0], DIFFUSION_E_NONFINITE, diffusion_entropy(binomial, "step", 1, a, b, 1, result))                          \
    ROW(b[0], DIFFUSION_E_NONFINITE, diffusion_entropy(binomial, "posterior", 2, a, b, 1, result))                     \
    ROW(a[0], DIFFUSION_E_STEP, diffusion_schedule_level(gaussian, a[0], result, NULL, NULL))                          \
    ROW(a[0], DIFFUSION_E_ARGUMENT, betas_of(a[0]))

/* With sound numbers the call is good, so that it is the number that is refused; and it says nan without a sign. */
#define CHECK_NUMBER(place, expected, call)                                                                            \
    {                                                                                                                  \
        const double kept = (double)(place);                                                                           \
        assert_ok(call);                                                                                               \
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {                                                      \
            memset(result, 7, sizeof result);                                                                          \
            memcpy(before, result, sizeof result);                                                                     \
            SET(place, bad[i]);                                                                                        \
            diffusion_status status = (call);                                                                          \
            if (status != (expected) || strstr(diffusion_last_error(), "-nan") != NULL)                                \
                fail_msg("%s=%g: %s returned %d: %s", #place, bad[i], #call, (int)status, diffusion_last_error());     \
            assert_memory_equal(result, before, sizeof result);                                                        \
        }                                                                                                              \
        SET(place, kept);                                                                                              \
    }
#define SET(place, number) _Generic((place), float : set_float, double : set_double)(&(place), number)

static void set_float(void *place, double number)
{
    *(float *)place = (float)number;
}

static void set_double(void *place, double number)
{
    *(double *)place = number;
}

static void nan_and_infinity_are_refused_wherever_a_number_is_taken(void **state)
{
    (void)state;
    const double bad[] = {(double)NAN, -(double)NAN, (double)INFINITY, -(double)INFINITY};
    double before[ROWS];
    NUMBERS(CHECK_NUMBER)
    assert_refused(diffusion_schedule_time(gaussian, -(double)NAN, result), DIFFUSION_E_ARGUMENT, "log_snr=nan");
    assert_ok(diffusion_schedule_time(gaussian, (double)INFINITY, result)); /* the data itself */
    assert_true(result[0] == 0.0);
}

/* ---- texts ---- */

/* What a sentence quotes of a caller's may be cut within a character, or be no text at all. */
static void sentences_are_utf8_whatever_they_quote(void **state)
{
    (void)state;
    char kind[128] = "a", path[] = "no \xff such \xc3";
    diffusion_schedule *none = NULL;
    diffusion_model *nothing = NULL;
    for (size_t i = 1; i + 2 < sizeof kind; i += 2)
        memcpy(kind + i, "\xc3\xa9", 2);
    assert_refused(diffusion_schedule_create(&none, kind), DIFFUSION_E_SPEC, "\xc3\xa9?', expected one of linear");
    assert_refused(diffusion_model_load(&nothing, path), DIFFUSION_E_IO, "no ? such ?: ");
    assert_refused(diffusion_model_set_metadata(model, "\xc3\xa9", "\xff"), DIFFUSION_E_ARGUMENT, "'\xc3\xa9' is not");
}

/* ---- specs and files ---- */

static void a_spec_of_more_parameters_than_allowed_is_refused_before_they_are_allocated(void **state)
{
    (void)state;
    static const char large[] = "mlp shape=2 width=16384 depth=64";
    diffusion_model *of = NULL;
    blocks_count_from_here(&blocks, 0, 0);
    assert_refused(diffusion_model_create(&of, large, 1), DIFFUSION_E_MEMORY,
                   "expected at most 1073741824 (diffusion_set_parameter_limit() raises it)");
    assert_true(blocks.largest < 1 << 20);
    assert_refused(diffusion_set_parameter_limit(0), DIFFUSION_E_ARGUMENT, "count=0, expected at least 1");
    assert_ok(diffusion_set_parameter_limit(MODEL_SIZE - 1));
    assert_refused(diffusion_model_create(&of, SPEC, 1), DIFFUSION_E_MEMORY, "model: 150 parameters, expected at most");
    assert_ok(diffusion_set_parameter_limit(MODEL_SIZE));
    assert_ok(diffusion_model_create(&of, SPEC, 1));
    diffusion_model_free(of);
    assert_ok(diffusion_set_parameter_limit((size_t)1 << 30));
}

/* 18 GB of weights that the file does not hold. */
static void a_file_takes_no_memory_for_tensors_that_it_does_not_hold(void **state)
{
    (void)state;
    static const char header[] = "{\"__metadata__\":{\"format\":\"libdiffusion 1\",\"model\":"
                                 "\"mlp shape=2 width=16384 depth=64\"}}";
    unsigned char file[8 + sizeof header] = {sizeof header - 1};
    diffusion_model *of = NULL;
    memcpy(file + 8, header, sizeof header);
    blocks_count_from_here(&blocks, 0, 0);
    assert_refused(diffusion_model_load_memory(&of, file, 8 + sizeof header - 1), DIFFUSION_E_CONTENT,
                   "tensor 'hidden.0.weight' is missing");
    assert_true(blocks.largest < 1 << 20);
}

/* ---- setting up ---- */

static int make_all(void **state)
{
    (void)state;
    blocks_use(&blocks);
    assert_ok(diffusion_schedule_create(&gaussian, "linear steps=5"));
    assert_ok(diffusion_schedule_create(&binomial, "linear steps=5 kernel=binomial rate=0.5"));
    assert_ok(diffusion_model_create(&model, SPEC, 1));
    assert_ok(diffusion_trainer_create(&trainer, model, gaussian, ""));
    assert_ok(diffusion_sampler_create(&sampler, model, gaussian, "ancestral"));
    assert_ok(diffusion_evaluator_create(&elbo, model, gaussian, "elbo"));
    assert_ok(diffusion_evaluator_create(&parzen, NULL, NULL, "parzen bandwidth=1"));
    assert_ok(diffusion_evaluator_set_reference(parzen, x, ROWS, DIM));
    assert_ok(diffusion_condition_create(&condition, 1));
    for (size_t i = 0; i < ROWS; i++) {
        steps[i] = 1;
        a[i] = b[i] = c[i] = d[i] = 1.0;
    }
    memset(mask, 1, sizeof mask);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    diffusion_condition_free(condition);
    diffusion_evaluator_free(parzen);
    diffusion_evaluator_free(elbo);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(binomial);
    diffusion_schedule_free(gaussian);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_that_cannot_be_addressed_is_no_memory),
        cmocka_unit_test(nan_and_infinity_are_refused_wherever_a_number_is_taken),
        cmocka_unit_test(sentences_are_utf8_whatever_they_quote),
        cmocka_unit_test(a_spec_of_more_parameters_than_allowed_is_refused_before_they_are_allocated),
        cmocka_unit_test(a_file_takes_no_memory_for_tensors_that_it_does_not_hold),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
