#define _POSIX_C_SOURCE 200809L
#include "models.h"

enum { MORE = 40 };

static float truth[N * DIM];

static diffusion_status draw(diffusion_sampler *sampler, const diffusion_condition *with, size_t n, float *x0)
{
    x0[0] = -7;
    diffusion_status first = diffusion_sampler_run(sampler, with, n, x0);
    if (first == DIFFUSION_OK)
        return first;
    assert_true(x0[0] == -7);
    assert_string_equal(diffusion_sampler_error(sampler), diffusion_last_error());
    if (diffusion_sampler_run(sampler, with, n, x0) == DIFFUSION_OK && with != NULL) /* it still works */
        assert_same(x0, truth, sizeof truth);
    return first;
}

static diffusion_status a_sampler_that_runs(const char *spec, const diffusion_model *of, const diffusion_schedule *by,
                                            const diffusion_condition *with)
{
    static float many[MORE * DIM];
    float x0[N * DIM];
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, of, by, spec);
    assert_true((sampler == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = draw(sampler, with, N, x0);
    if (status == DIFFUSION_OK && with != NULL)
        assert_same(x0, truth, sizeof truth);
    if (status == DIFFUSION_OK)
        status = draw(sampler, NULL, MORE, many);
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status a_whole_chain(void)
{
    return a_sampler_that_runs("ancestral seed=3", model, schedule, labels);
}

static diffusion_status a_respaced_chain(void)
{
    return a_sampler_that_runs("ancestral seed=3 steps=2 last=model", model, schedule, NULL);
}

static diffusion_status an_implicit_chain(void)
{
    return a_sampler_that_runs("ddim seed=3 steps=2 eta=0.5 spacing=trailing", model, schedule, NULL);
}

/* Rows that are asked about by themselves, with their labels. */
static diffusion_status an_adaptive_chain(void)
{
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "dpm_adaptive rtol=0.9 atol=9");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, labels, N, x0);
    assert_true((x0[0] == -7) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status a_chain_of_bits(void)
{
    return a_sampler_that_runs("ancestral seed=3 last=forward", bit_model, bits, NULL);
}

/* A step that failed ends the chain; begun again it comes to the same end. */
static diffusion_status a_chain_step_by_step(void)
{
    float x0[N * DIM];
    int64_t asked[N];
    double t = 1;
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=3");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_begin(sampler, labels, N);
    while (status == DIFFUSION_OK && t > 0) {
        status = diffusion_sampler_step(sampler);
        if (status == DIFFUSION_OK)
            assert_ok(diffusion_sampler_state(sampler, x0, &t));
        if (status == DIFFUSION_OK)
            assert_ok(diffusion_sampler_evaluations(sampler, asked, N));
    }
    if (status == DIFFUSION_OK)
        assert_same(x0, truth, sizeof truth);
    else if (sampler != NULL && diffusion_sampler_run(sampler, labels, N, x0) == DIFFUSION_OK)
        assert_same(x0, truth, sizeof truth);
    diffusion_sampler_free(sampler);
    return status;
}

/* A setter that failed leaves what was set before; with both set, particles are drawn. */
static diffusion_status a_posterior(void)
{
    static const float known[2 * DIM] = {1, 2, 3, 4}, y[DIM] = {1, 0};
    static const uint8_t mask[2 * DIM] = {1, 0, 0, 1};
    float x0[4 * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral particles=3");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_known(sampler, known, mask, 1);
    if (status == DIFFUSION_OK) {
        status = diffusion_sampler_set_known(sampler, known, mask, 2);
        if (status != DIFFUSION_OK && diffusion_sampler_run(sampler, NULL, 1, x0) == DIFFUSION_OK)
            assert_true(x0[0] == 1);
        x0[0] = -7;
    }
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_observed(sampler, y, 0.5, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, 4, x0);
    assert_true(status == DIFFUSION_OK ? x0[0] == 1 && x0[3] == 4 : x0[0] == -7);
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status a_posterior_that_begins_in_the_middle(void)
{
    static const float y[DIM] = {1, 0};
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral posterior=exact");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_observed(sampler, y, 1e-4, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, labels, N, x0);
    assert_true((x0[0] == -7) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    return status;
}

/* By a solver whose samples are at one level, and by one that asks of some at levels of their own. */
static diffusion_status observe_beside(const char *spec)
{
    static const float y[DIM] = {1, 0};
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, spec);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_observed(sampler, y, 0.5, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, labels, N, x0);
    assert_true((x0[0] == -7) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status an_observation_beside_the_state(void)
{
    return observe_beside("dpmsolver++ posterior=exact");
}

static diffusion_status an_observation_beside_states_of_their_own(void)
{
    return observe_beside("dpm_adaptive rtol=0.5 atol=0.5 posterior=exact");
}

static int32_t towards_zero(const double *x, double t, size_t n, double *gradient, void *user)
{
    (void)t, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        gradient[i] = -x[i];
    return 0;
}

/* Guidance beside known values and an observation, of bits' kernel and of a solver that takes known values alone. */
static diffusion_status a_chain_with_every_condition(void)
{
    static const float known[DIM] = {1, 2}, y[DIM] = {1, 0};
    static const uint8_t mask[DIM] = {1, 0};
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral posterior=annealed");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_known(sampler, known, mask, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_observed(sampler, y, 0.5, 1);
    if (status == DIFFUSION_OK)
        assert_ok(diffusion_sampler_set_guidance(sampler, towards_zero, NULL));
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, labels, N, x0);
    assert_true(x0[0] == (status == DIFFUSION_OK ? 1 : -7));
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status an_implicit_chain_with_known_values(void)
{
    static const float known[DIM] = {1, 2};
    static const uint8_t mask[DIM] = {1, 0};
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ddim steps=2");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_known(sampler, known, mask, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, N, x0);
    assert_true(x0[0] == (status == DIFFUSION_OK ? 1 : -7));
    diffusion_sampler_free(sampler);
    return status;
}

/* A first state that is refused leaves the one before. */
static diffusion_status an_encoding(void)
{
    static const float data[2 * DIM] = {1, 0, 0.5f, -1};
    static const double one[DIM] = {1, 0};
    float x[2 * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ddim_inverse");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_start_double(sampler, one, 1);
    if (status == DIFFUSION_OK) {
        status = diffusion_sampler_set_start(sampler, data, 2);
        if (status != DIFFUSION_OK && diffusion_sampler_run(sampler, NULL, 1, x) == DIFFUSION_OK)
            assert_true(x[0] != -7);
        x[0] = -7;
    }
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, 2, x);
    assert_true((x[0] == -7) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    return status;
}

static diffusion_status bits_that_are_observed(void)
{
    static const float y[DIM] = {1, 0};
    float x0[N * DIM] = {-7};
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, bit_model, bits, "ancestral particles=2");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_observed(sampler, y, 0.1, 1);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, N, x0);
    assert_true((x0[0] == -7) == (status != DIFFUSION_OK));
    diffusion_sampler_free(sampler);
    return status;
}

static int enter(void **state)
{
    int status = models_enter(state);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral seed=3");
    assert_ok(diffusion_sampler_run(sampler, labels, N, truth));
    diffusion_sampler_free(sampler);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_whole_chain),
        FAULT_SCENARIO(a_respaced_chain),
        FAULT_SCENARIO(an_implicit_chain),
        FAULT_SCENARIO(an_adaptive_chain),
        FAULT_SCENARIO(a_chain_of_bits),
        FAULT_SCENARIO(a_chain_step_by_step),
        FAULT_SCENARIO(a_posterior),
        FAULT_SCENARIO(a_posterior_that_begins_in_the_middle),
        FAULT_SCENARIO(a_chain_with_every_condition),
        FAULT_SCENARIO(an_implicit_chain_with_known_values),
        FAULT_SCENARIO(an_encoding),
        FAULT_SCENARIO(an_observation_beside_the_state),
        FAULT_SCENARIO(an_observation_beside_states_of_their_own),
        FAULT_SCENARIO(bits_that_are_observed),
    };
    return cmocka_run_group_tests(tests, enter, models_leave);
}
