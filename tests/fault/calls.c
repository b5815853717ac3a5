/* Public functions that no other scenario calls: what they return while memory runs out around them. */
#define _POSIX_C_SOURCE 200809L
#include "fault.h"

static int32_t count_progress(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total;
    ++*(int *)user;
    return 0;
}

static int32_t no_noise(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample, (void)step, (void)user;
    memset(values, 0, count * sizeof *values);
    return 0;
}

static void ignore_log(const char *level, const char *message, void *user)
{
    (void)level, (void)message, (void)user;
}

/* Of no handle: they allocate nothing, so that they must succeed. */
static void call_plain_functions(void)
{
    const double zero = 0, one = 1, half = 0.5;
    double nats = -1;
    assert_ok(diffusion_gaussian_kl(&zero, &one, &zero, &one, 1, &nats));
    assert_true(nats == 0);
    assert_ok(diffusion_bernoulli_kl(&half, &half, 1, &nats));
    assert_true(nats == 0);
    assert_ok(diffusion_discretized_log_likelihood(NULL, &zero, &zero, &one, 1, 256, &nats));
    assert_true(nats < 0);
    assert_ok(diffusion_set_parameter_limit((size_t)1 << 30));
    assert_ok(diffusion_set_threads(0));
    assert_true(diffusion_threads() >= 1);
    diffusion_set_log(ignore_log, NULL);
    diffusion_set_log(NULL, NULL);
    assert_string_equal(diffusion_status_name(DIFFUSION_E_MEMORY), "memory");
    assert_true(strlen(diffusion_version()) > 0 && strlen(diffusion_blas_core()) > 0);
    assert_true(strlen(diffusion_blas_threading()) > 0);
}

static void look_into_model(diffusion_model *model)
{
    int64_t shape[2];
    size_t rank = 0;
    float bias[2] = {0.5f, -0.5f}, read[2];
    assert_ok(diffusion_model_shape(model, shape, 2, &rank));
    assert_int_equal(rank, 1);
    assert_int_equal(diffusion_model_dim(model), 2);
    assert_int_equal(diffusion_model_outputs(model), 2);
    assert_int_equal(diffusion_model_classes(model), 0);
    assert_non_null(strstr(diffusion_model_spec(model), "shape=2"));
    assert_int_equal(diffusion_model_parameter_count(model), 4);
    assert_string_equal(diffusion_model_parameter_name(model, 3), "output.bias");
    assert_ok(diffusion_model_parameter_shape(model, "output.bias", shape, 2, &rank));
    assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, 2));
    assert_ok(diffusion_model_parameter(model, "output.bias", read, 2));
    assert_memory_equal(read, bias, sizeof bias);
}

static diffusion_status train(diffusion_model *model, const diffusion_schedule *schedule)
{
    diffusion_trainer *trainer = NULL;
    int64_t indices[3];
    diffusion_status status = diffusion_trainer_create(&trainer, model, schedule, "rate=0.5");
    if (status != DIFFUSION_OK)
        return status;
    assert_ok(diffusion_trainer_draw(trainer, 3, 3, indices));
    assert_true(diffusion_trainer_rate(trainer) == 0.5);
    assert_non_null(strstr(diffusion_trainer_spec(trainer), "rate=0.5"));
    diffusion_trainer_free(trainer);
    return status;
}

static diffusion_status sample(const diffusion_model *model, const diffusion_schedule *schedule)
{
    diffusion_sampler *sampler = NULL;
    float x0[4];
    int told = 0;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral");
    if (status != DIFFUSION_OK)
        return status;
    assert_non_null(strstr(diffusion_sampler_spec(sampler), "ancestral"));
    assert_ok(diffusion_sampler_set_noise(sampler, no_noise, NULL));
    assert_ok(diffusion_sampler_set_progress(sampler, count_progress, &told));
    status = diffusion_sampler_run(sampler, NULL, 2, x0);
    assert_true(status != DIFFUSION_OK || told == 2);
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status measure(const diffusion_model *model, const diffusion_schedule *schedule)
{
    diffusion_evaluator *evaluator = NULL;
    const float x0[4] = {0.5f, 0, 1, 0.25f};
    int told = 0;
    diffusion_status status = diffusion_evaluator_create(&evaluator, model, schedule, "elbo");
    if (status != DIFFUSION_OK)
        return status;
    assert_ok(diffusion_evaluator_set_noise(evaluator, no_noise, NULL));
    assert_ok(diffusion_evaluator_set_progress(evaluator, count_progress, &told));
    assert_non_null(strstr(diffusion_evaluator_spec(evaluator), "elbo"));
    status = diffusion_evaluator_run(evaluator, x0, NULL, 2);
    assert_true(status != DIFFUSION_OK || told == 2);
    diffusion_evaluator_free(evaluator);
    return status;
}

static diffusion_status every_other_function(void)
{
    const double betas[] = {0.1, 0.2};
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    call_plain_functions();
    diffusion_status status = diffusion_schedule_create_from_betas(&schedule, betas, 2, "");
    if (status == DIFFUSION_OK) {
        assert_int_equal(diffusion_schedule_steps(schedule), 2);
        status = diffusion_model_create(&model, "mlp shape=2 width=4 depth=1", 1);
    }
    if (status == DIFFUSION_OK) {
        look_into_model(model);
        status = train(model, schedule);
    }
    if (status == DIFFUSION_OK)
        status = sample(model, schedule);
    if (status == DIFFUSION_OK)
        status = measure(model, schedule);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static int leave(void **state)
{
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(every_other_function),
    };
    return cmocka_run_group_tests(tests, fault_enter, leave);
}
