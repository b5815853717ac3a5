/* A condition that is freed by a callback of the call that reads it stays until that ends, and nothing changes it. */
#include "make.h"

enum { N = 40, DIM = 2 };

static int32_t labels[N];
static float x[N * DIM];

static int fill(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        labels[i] = i % 3;
    for (int i = 0; i < N * DIM; i++)
        x[i] = (float)(i % 2);
    return 0;
}

/* Tries to change what it has the address of, and frees it. */
static int32_t spoil(int64_t done, int64_t total, void *user)
{
    diffusion_condition **condition = user;
    (void)done;
    (void)total;
    if (*condition == NULL)
        return 0;
    assert_refused(diffusion_condition_set_labels(*condition, NULL), DIFFUSION_E_STATE, "condition_set_labels: a call");
    assert_refused(diffusion_condition_set_vectors(*condition, x, 1), DIFFUSION_E_STATE,
                   "condition_set_vectors: a call");
    assert_refused(diffusion_condition_set_observed(*condition, NULL, 0), DIFFUSION_E_STATE, "set_observed: a call");
    diffusion_condition_free(*condition);
    *condition = NULL;
    return 0;
}

static void check_evaluator(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec)
{
    double whole[N], figures[N];
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_evaluator *evaluator = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_run(evaluator, x, condition, N));
    assert_ok(diffusion_evaluator_samples(evaluator, whole, NULL, N));
    assert_ok(diffusion_evaluator_set_progress(evaluator, spoil, &condition));
    assert_ok(diffusion_evaluator_run(evaluator, x, condition, N));
    assert_null(condition);
    assert_ok(diffusion_evaluator_samples(evaluator, figures, NULL, N));
    assert_memory_equal(figures, whole, sizeof whole);
    diffusion_evaluator_free(evaluator);
}

static void evaluators_keep_it(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("cosine steps=10");
    diffusion_model *model = make_model("mlp shape=2 width=8 classes=3 variance=learned predict=mean", 1);
    fill_weights(model, 1);
    check_evaluator(model, schedule, "elbo");
    check_evaluator(model, schedule, "iwae samples=2");
    diffusion_model_free(model);
    model = make_model("mlp shape=2 width=8 classes=3 predict=v", 1); /* smooth, as a mean read near the noise is not */
    fill_weights(model, 1);
    check_evaluator(model, schedule, "flow");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void coders_keep_it(void **state)
{
    (void)state;
    float decoded[N * DIM];
    int32_t told[N];
    diffusion_schedule *schedule = make_schedule("constant_rate steps=10 kernel=binomial");
    diffusion_model *model = make_model("mlp shape=2 width=8 classes=3 predict=mean", 1);
    fill_weights(model, 1);
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_coder *coder = NULL;
    assert_ok(diffusion_coder_create(&coder, model, schedule, "bits_back"));
    assert_ok(diffusion_coder_set_progress(coder, spoil, &condition));
    assert_ok(diffusion_coder_encode(coder, x, condition, N));
    assert_null(condition);
    assert_ok(diffusion_coder_decode(coder, decoded, told, N));
    assert_memory_equal(decoded, x, sizeof x);
    assert_memory_equal(told, labels, sizeof labels);
    diffusion_coder_free(coder);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static int32_t network(const float *from, const double *time, const diffusion_condition *condition, size_t n,
                       float *out, void *user)
{
    (void)from;
    (void)time;
    (void)spoil(0, 0, user);
    assert_memory_equal(diffusion_condition_labels(condition), labels, n * sizeof *labels);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.0f;
    return 0;
}

static void passes_keep_it(void **state)
{
    (void)state;
    float out[N * DIM];
    double time[N];
    int32_t t[N];
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_schedule *schedule = make_schedule("cosine steps=10");
    diffusion_model *model = make_callback("shape=2 classes=3", network, &condition);
    for (int i = 0; i < N; i++)
        time[i] = t[i] = 1;
    assert_ok(diffusion_model_forward(model, x, time, condition, N, out));
    assert_null(condition);
    condition = make_labels(labels, N);
    assert_ok(diffusion_model_predict(model, schedule, x, t, condition, N, out, NULL));
    assert_null(condition);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void samplers_have_a_copy(void **state)
{
    (void)state;
    float whole[N * DIM], out[N * DIM];
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_schedule *schedule = make_schedule("cosine steps=10");
    diffusion_model *model = make_model("mlp shape=2 width=8 classes=3", 1);
    fill_weights(model, 1);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral");
    assert_ok(diffusion_sampler_run(sampler, condition, N, whole));
    assert_ok(diffusion_sampler_begin(sampler, condition, N));
    assert_ok(diffusion_condition_set_labels(condition, NULL));
    diffusion_condition_free(condition);
    for (int i = 0; i < 10; i++)
        assert_ok(diffusion_sampler_step(sampler));
    assert_ok(diffusion_sampler_state(sampler, out, NULL));
    assert_memory_equal(out, whole, sizeof whole);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluators_keep_it),
        cmocka_unit_test(coders_keep_it),
        cmocka_unit_test(passes_keep_it),
        cmocka_unit_test(samplers_have_a_copy),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
