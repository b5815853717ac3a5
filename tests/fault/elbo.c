#define _POSIX_C_SOURCE 200809L
#include "models.h"

enum { STEPS = 4 };

static const float data[N * DIM] = {1, 0, 0, 0, 1, 1, 0, 1, 1, 0}, other[N * DIM] = {1, 1, 1, 1, 1};

/* The figures add up. */
static void check_figures(const diffusion_evaluator *evaluator)
{
    double terms[STEPS], samples[N], k = 0.0, prior = 0.0, kl = 0.0, mean = 0.0;
    assert_ok(diffusion_evaluator_terms(evaluator, terms, NULL));
    assert_ok(diffusion_evaluator_value(evaluator, "kl_bits", &kl));
    assert_ok(diffusion_evaluator_samples(evaluator, samples, NULL, N));
    assert_ok(diffusion_evaluator_value(evaluator, "k_bits", &k));
    assert_ok(diffusion_evaluator_value(evaluator, "prior_bits", &prior));
    for (size_t i = 0; i < N; i++)
        mean += samples[i] / N;
    assert_close(k, -terms[0] - kl - prior, 1e-12, 0);
    assert_close(k, mean, 1e-12, 0);
}

/* Measures twice. A run that failed may be repeated, and leaves the figures of the one before. */
static diffusion_status measure(const diffusion_model *of, const diffusion_schedule *by,
                                const diffusion_condition *with, const char *spec)
{
    diffusion_evaluator *evaluator = NULL;
    diffusion_status status = diffusion_evaluator_create(&evaluator, of, by, spec);
    assert_true((evaluator == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK) {
        status = diffusion_evaluator_run(evaluator, data, with, N);
        assert_string_equal(diffusion_evaluator_error(evaluator), status != DIFFUSION_OK ? diffusion_last_error() : "");
        if (status == DIFFUSION_OK || diffusion_evaluator_run(evaluator, data, with, N) == DIFFUSION_OK) {
            check_figures(evaluator);
            if (status == DIFFUSION_OK && (status = diffusion_evaluator_run(evaluator, other, with, N)) != DIFFUSION_OK)
                check_figures(evaluator);
        }
    }
    diffusion_evaluator_free(evaluator);
    return status;
}

static diffusion_status a_bound_with_labels(void)
{
    return measure(model, schedule, labels, "elbo draws=3 edge=model seed=2");
}

static diffusion_status a_bound_without_labels(void)
{
    return measure(model, schedule, NULL, "elbo edge=discretized levels=3 dequantize=0.5");
}

static diffusion_status a_bound_of_some_steps(void)
{
    return measure(model, schedule, labels, "elbo steps=2 draws=2");
}

static diffusion_status a_bound_of_bits(void)
{
    return measure(bit_model, bits, NULL, "elbo");
}

static diffusion_status a_likelihood(const char *spec)
{
    diffusion_evaluator *evaluator = NULL;
    diffusion_status status = diffusion_evaluator_create(&evaluator, model, schedule, spec);
    assert_true((evaluator == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(evaluator, data, labels, N);
    if (status == DIFFUSION_OK) {
        double nats[N], error[N];
        assert_ok(diffusion_evaluator_samples(evaluator, nats, error, N));
        assert_true(isfinite(nats[0]) && isfinite(error[0]));
    }
    diffusion_evaluator_free(evaluator);
    return status;
}

static diffusion_status an_exact_flow(void)
{
    return a_likelihood("flow rtol=0.1 atol=0.1");
}

static diffusion_status a_flow_by_probes(void)
{
    return a_likelihood("flow trace=probe draws=2 rtol=0.1 atol=0.1");
}

static diffusion_status weighted_trajectories(void)
{
    return a_likelihood("iwae samples=2 edge=model chain=3");
}

/* Measured, stored, saved and loaded, and read by a sampler. */
static diffusion_status moments_of_a_model(void)
{
    double noise[STEPS], error[STEPS];
    size_t steps = 0, size = 0;
    unsigned char bytes[16384];
    diffusion_evaluator *evaluator = NULL;
    diffusion_sampler *sampler = NULL;
    diffusion_model *own = NULL, *loaded = NULL;
    diffusion_status status = diffusion_evaluator_create(&evaluator, model, schedule, "moments rows=3");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(evaluator, data, labels, N);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_moments(evaluator, noise, error);
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&own, "mlp shape=2 width=5 depth=1", 1);
    if (status == DIFFUSION_OK)
        status = diffusion_model_set_moments(own, schedule, noise, error, 1.0);
    if (status == DIFFUSION_OK)
        status = diffusion_model_save_memory(own, bytes, sizeof bytes, &size);
    if (status == DIFFUSION_OK)
        status = diffusion_model_load_memory(&loaded, bytes, size);
    if (status == DIFFUSION_OK)
        status = diffusion_model_moments(loaded, noise, error, NULL, STEPS, &steps);
    diffusion_evaluator_free(evaluator);
    evaluator = NULL;
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&evaluator, loaded, schedule, "elbo chain=3 spacing=optimal steps=1");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(evaluator, data, NULL, N);
    if (status == DIFFUSION_OK)
        status =
            diffusion_sampler_create(&sampler, loaded, schedule, "ancestral steps=3 variance=analytic spacing=optimal");
    assert_true((sampler == NULL) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(own);
    diffusion_model_free(loaded);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_bound_with_labels),   FAULT_SCENARIO(a_bound_without_labels),
        FAULT_SCENARIO(a_bound_of_some_steps), FAULT_SCENARIO(a_bound_of_bits),
        FAULT_SCENARIO(an_exact_flow),         FAULT_SCENARIO(a_flow_by_probes),
        FAULT_SCENARIO(weighted_trajectories), FAULT_SCENARIO(moments_of_a_model),
    };
    return cmocka_run_group_tests(tests, models_enter, models_leave);
}
