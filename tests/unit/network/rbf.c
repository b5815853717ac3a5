/* Normalised radial basis functions against their formula in double. */
#include "make.h"

enum { DIM = 3, UNITS = 6, STEPS = 4, OUT = DIM, N = 30 };

static const char spec[] = "rbf shape=3 units=6 steps=4";

/* Where each tensor begins among all parameters. */
enum { CENTRES = 0, LOG_WIDTHS = UNITS * DIM, WEIGHT = LOG_WIDTHS + UNITS, BIAS = WEIGHT + STEPS * OUT * UNITS };

static void true_output(double *out, const float *parameters, const float *x, int32_t t)
{
    double phi[UNITS], sum = 0.0;
    for (size_t k = 0; k < UNITS; k++) {
        double square = 0.0, width = exp((double)parameters[LOG_WIDTHS + k]);
        for (size_t j = 0; j < DIM; j++)
            square += pow((double)x[j] - (double)parameters[CENTRES + k * DIM + j], 2.0);
        phi[k] = exp(-square / (2.0 * width * width));
        sum += phi[k];
    }
    for (size_t o = 0; o < OUT; o++) {
        size_t row = (size_t)(t - 1) * OUT + o;
        out[o] = (double)parameters[BIAS + row];
        for (size_t k = 0; k < UNITS; k++)
            out[o] += (double)parameters[WEIGHT + row * UNITS + k] * phi[k] / sum;
    }
}

static void the_output_is_the_formula(void **state)
{
    (void)state;
    diffusion_model *model = make_model(spec, 3);
    float x[N * DIM], out[N * OUT];
    double t[N];
    fill_weights(model, 4);
    make_numbers(x, N * DIM, 5);
    for (int32_t i = 0; i < N; i++)
        t[i] = 1 + i % STEPS;
    for (size_t i = 0; i < N * DIM; i++)
        x[i] *= 3.0f;
    float *parameters = model_weights(model);
    assert_int_equal(model_parameters(model), BIAS + STEPS * OUT);
    assert_ok(diffusion_model_forward(model, x, t, NULL, N, out));
    for (size_t i = 0; i < N; i++) {
        double truth[OUT];
        true_output(truth, parameters, x + i * DIM, (int32_t)t[i]);
        for (size_t o = 0; o < OUT; o++)
            assert_close((double)out[i * OUT + o], truth[o], 0, 3e-6);
    }
    free(parameters);
    diffusion_model_free(model);
}

/* Far from every centre the nearest and widest take all, and nothing overflows. */
static void far_away_the_output_is_finite(void **state)
{
    (void)state;
    diffusion_model *model = make_model(spec, 3);
    const float x[DIM] = {1e4f, -1e4f, 1e4f};
    const double t = 2.0;
    float out[OUT];
    double truth[OUT];
    fill_weights(model, 4);
    float *parameters = model_weights(model);
    assert_ok(diffusion_model_forward(model, x, &t, NULL, 1, out));
    size_t widest = 0;
    for (size_t k = 1; k < UNITS; k++)
        if (parameters[LOG_WIDTHS + k] > parameters[LOG_WIDTHS + widest])
            widest = k;
    for (size_t o = 0; o < OUT; o++) {
        size_t row = (size_t)(t - 1) * OUT + o;
        truth[o] = (double)parameters[BIAS + row] + (double)parameters[WEIGHT + row * UNITS + widest];
        assert_close((double)out[o], truth[o], 1e-6, 1e-6);
    }
    free(parameters);
    diffusion_model_free(model);
}

static void a_fresh_network_gives_zeros_and_has_centres_of_variance_one(void **state)
{
    (void)state;
    diffusion_model *model = make_model("rbf shape=2 units=2000 steps=3", 1);
    const float x[4] = {0.3f, -1.0f, 2.0f, 0.5f};
    const double t[2] = {1, 3};
    float out[4], *parameters = model_weights(model);
    double square = 0.0;
    assert_ok(diffusion_model_forward(model, x, t, NULL, 2, out));
    for (size_t i = 0; i < 4; i++)
        assert_true(out[i] == 0.0f);
    for (size_t i = 0; i < 4000; i++)
        square += (double)parameters[i] * (double)parameters[i];
    assert_close(square / 4000.0, 1.0, 0, 5.0 * sqrt(2.0 / 4000.0));
    free(parameters);
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_is_the_formula),
        cmocka_unit_test(far_away_the_output_is_finite),
        cmocka_unit_test(a_fresh_network_gives_zeros_and_has_centres_of_variance_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
