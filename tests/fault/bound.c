#define _POSIX_C_SOURCE 200809L
#include "fault.h"
#include "make.h"

enum { N = 5, DIM = 2, STEPS = 4 };

static diffusion_schedule *schedule, *bits;
static diffusion_model *model, *bit_model;
static const int32_t labels[N] = {0, 1, 2, -1, 0};
static const float data[N * DIM] = {1, 0, 0, 0, 1, 1, 0, 1, 1, 0};

/* Measures, and measures again if memory ran out: it is the inputs that must be as they were. */
static diffusion_status measure(const diffusion_model *of, const diffusion_schedule *by, const int32_t *with,
                                const char *spec)
{
    diffusion_bound *bound = NULL;
    diffusion_status status = diffusion_bound_evaluate(&bound, of, by, data, with, N, spec);
    assert_true((bound == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_E_MEMORY)
        (void)diffusion_bound_evaluate(&bound, of, by, data, with, N, spec);
    double terms[STEPS], k = 0.0, prior = 0.0, sum = 0.0;
    if (bound != NULL) {
        assert_ok(diffusion_bound_terms(bound, terms, NULL));
        assert_ok(diffusion_bound_value(bound, "k_bits", &k));
        assert_ok(diffusion_bound_value(bound, "prior_bits", &prior));
        for (size_t i = 0; i < STEPS; i++)
            sum += terms[i];
        assert_close(k, -sum - prior, 1e-12, 0);
    }
    diffusion_bound_free(bound);
    return status;
}

static diffusion_status a_bound_with_labels(void)
{
    return measure(model, schedule, labels, "draws=3 edge=model seed=2");
}

static diffusion_status a_bound_without_labels(void)
{
    return measure(model, schedule, NULL, "edge=discretized levels=3");
}

static diffusion_status a_bound_of_bits(void)
{
    return measure(bit_model, bits, NULL, NULL);
}

static int enter(void **state)
{
    int status = fault_enter(state);
    schedule = make_schedule("linear steps=4");
    bits = make_schedule("linear steps=4 kernel=binomial rate=0.2,0.7");
    model = make_model("mlp shape=2 width=5 depth=1 time=2 classes=3", 1);
    bit_model = make_model("mlp shape=2 width=5 depth=1 time=2 predict=mean", 1);
    fault_warm(model);
    fault_warm(bit_model);
    fill_weights(model, 2);
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
        FAULT_SCENARIO(a_bound_with_labels),
        FAULT_SCENARIO(a_bound_without_labels),
        FAULT_SCENARIO(a_bound_of_bits),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
