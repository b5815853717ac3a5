/* The bound, term by term, against improved-diffusion's in double, with its recorded noise. */
#include "golden.h"
#include "analytic.h"

enum { SAMPLES = 3, DIM = 32, STEPS = 40 };

typedef struct recorded {
    const double *x0;    /* [DIM] of the sample at hand */
    const double *noise; /* [STEPS, DIM] */
} recorded;

/* x_0 comes in by the draw of dequantize=1 on data of zeros: in double, where the data array would round it. */
static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    const recorded *self = user;
    memcpy(values, step == 0 ? self->x0 : self->noise + (size_t)(step - 1) * DIM, count * sizeof *values);
    return 0;
}

static void check_file(const char *file, const char *spec, char variance)
{
    double *x0 = golden_values(file, "x0", NULL), *noise = golden_values(file, "noise", NULL);
    double *vb = golden_values(file, "vb", NULL), *total = golden_values(file, "total_bpd", NULL);
    double *prior = golden_values(file, "prior_bpd", NULL);
    double alpha_bar[STEPS], beta[STEPS];
    diffusion_schedule *schedule;
    diffusion_model *model;
    assert_ok(diffusion_schedule_create(&schedule, "cosine steps=40"));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar));
    assert_ok(diffusion_schedule_values(schedule, "beta", beta));
    analytic_model analytic = {alpha_bar, beta, DIM, 'e', variance};
    assert_ok(diffusion_model_create_callback_double(&model, spec, analytic_predict, &analytic));
    for (size_t i = 0; i < SAMPLES; i++) {
        const float zeros[DIM] = {0};
        double terms[STEPS], value;
        recorded replayed = {x0 + i * DIM, noise + i * STEPS * DIM};
        diffusion_evaluator *bound;
        assert_ok(diffusion_evaluator_create(&bound, model, schedule, "elbo edge=discretized cdf=tanh dequantize=1"));
        assert_ok(diffusion_evaluator_set_noise(bound, replay, &replayed));
        assert_ok(diffusion_evaluator_run(bound, zeros, NULL, 1));
        assert_ok(diffusion_evaluator_terms(bound, terms, NULL));
        size_t compared = 0;
        for (size_t t = 0; t < STEPS; t++) {
            if (!analytic_can_represent(&analytic, (int32_t)t + 1))
                continue;
            /* Step 1 is the log of a difference of two distribution functions, which the peer takes with an error of
             * 1e-16: 1e-6 of a mass of 1e-10. */
            assert_close(terms[t] / DIM, vb[i * STEPS + t], t == 0 ? 1e-6 : 1e-9, 1e-12);
            compared++;
        }
        assert_true(compared >= STEPS - 4);
        assert_ok(diffusion_evaluator_value(bound, "prior_bits", &value));
        assert_close(value / DIM, prior[i], 1e-9, 1e-12);
        assert_ok(diffusion_evaluator_value(bound, "bits_per_dimension", &value));
        if (compared == STEPS)
            assert_close(value, total[i], 1e-6, 0);
        diffusion_evaluator_free(bound);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    free(x0);
    free(noise);
    free(vb);
    free(total);
    free(prior);
}

static void fixed_small_is_improved_diffusions(void **state)
{
    (void)state;
    check_file("bound/fixed_small.safetensors", "shape=2,4,4 predict=epsilon variance=fixed_small", 'f');
}

static void learned_is_improved_diffusions(void **state)
{
    (void)state;
    check_file("bound/learned.safetensors", "shape=2,4,4 predict=epsilon variance=learned", 'l');
}

static void learned_range_is_improved_diffusions(void **state)
{
    (void)state;
    check_file("bound/learned_range.safetensors", "shape=2,4,4 predict=epsilon variance=learned_range", 'r');
}

static void fixed_large_is_improved_diffusions(void **state)
{
    (void)state;
    check_file("bound/fixed_large.safetensors", "shape=2,4,4 predict=epsilon variance=fixed_large", 'f');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_small_is_improved_diffusions),
        cmocka_unit_test(fixed_large_is_improved_diffusions),
        cmocka_unit_test(learned_is_improved_diffusions),
        cmocka_unit_test(learned_range_is_improved_diffusions),
    };
    return golden_run(tests, NULL, NULL);
}
