#define _POSIX_C_SOURCE 200809L
#include "fault.h"
#include "make.h"

enum { N = 5, MORE = 40, DIM = 2 };

/* What is drawn from stands outside the scenarios: only the sampler is under test. */
static diffusion_schedule *schedule, *bits;
static diffusion_model *model, *bit_model;
static const int32_t labels[N] = {0, 1, 2, -1, 0};
static float truth[N * DIM];

static diffusion_status draw(diffusion_sampler *sampler, const int32_t *with, size_t n, float *x0)
{
    x0[0] = -7;
    diffusion_status first = diffusion_sampler_run(sampler, with, n, x0);
    if (first == DIFFUSION_OK)
        return first;
    assert_true(x0[0] == -7);
    if (diffusion_sampler_run(sampler, with, n, x0) == DIFFUSION_OK && with != NULL) /* it still works */
        assert_same(x0, truth, sizeof truth);
    return first;
}

static diffusion_status a_sampler_that_runs(const char *spec, const diffusion_model *of, const diffusion_schedule *by,
                                            const int32_t *with)
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

static diffusion_status a_chain_of_bits(void)
{
    return a_sampler_that_runs("ancestral seed=3 last=forward", bit_model, bits, NULL);
}

/* A step that failed ends the chain; begun again it comes to the same end. */
static diffusion_status a_chain_step_by_step(void)
{
    float x0[N * DIM];
    int32_t t = 1;
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=3");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_begin(sampler, labels, N);
    while (status == DIFFUSION_OK && t > 0) {
        status = diffusion_sampler_step(sampler);
        if (status == DIFFUSION_OK)
            assert_ok(diffusion_sampler_state(sampler, x0, &t));
    }
    if (status == DIFFUSION_OK)
        assert_same(x0, truth, sizeof truth);
    else if (sampler != NULL && diffusion_sampler_run(sampler, labels, N, x0) == DIFFUSION_OK)
        assert_same(x0, truth, sizeof truth);
    diffusion_sampler_free(sampler);
    return status;
}

static int enter(void **state)
{
    int status = fault_enter(state);
    schedule = make_schedule("linear steps=4");
    bits = make_schedule("linear steps=4 kernel=binomial rate=0.2,0.7");
    model = make_model("mlp shape=2 width=5 depth=1 time=2 classes=3", 1);
    bit_model = make_model("mlp shape=2 width=5 depth=1 time=2 predict=mean", 1);
    fill_weights(model, 2);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral seed=3");
    assert_ok(diffusion_sampler_run(sampler, labels, N, truth));
    diffusion_sampler_free(sampler);
    return status;
}

static int leave(void **state)
{
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(a_whole_chain),
        FAULT_SCENARIO(a_respaced_chain),
        FAULT_SCENARIO(a_chain_of_bits),
        FAULT_SCENARIO(a_chain_step_by_step),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
