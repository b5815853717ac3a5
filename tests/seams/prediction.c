/* The seam of predictions: the score of x_t, and the speed along a straight line (arXiv:2209.03003). */
#include "gaussian_data.h"
#include "help.h"
#include "two_points.h"

#include "model/parameterization.h"

static prediction_target score_target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)variance, (void)slope;
    return (prediction_target){0.0, -1.0 / at->from->sigma};
}

const prediction score_prediction = {.name = "score", .target = score_target};

static prediction_target flow_target(const prediction_step *at, double variance, prediction_target *slope)
{
    (void)at, (void)variance, (void)slope;
    return (prediction_target){-1.0, 1.0};
}

const prediction slope_prediction = {.name = "slope", .target = flow_target};

/* ---- exact networks: a toy's chain is epsilon's ---- */

/* out of an exact network that predicts a toy, from that which sees the noise. */
static int32_t exact(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                     void *user, int score)
{
    const gaussian_data *of = user;
    const int32_t status = gaussian_data_epsilon(x, time, condition, n, out, user);
    for (size_t i = 0; i < n; i++) {
        const noise_level at = schedule_level(of->schedule, time[i]);
        out[i] = score ? -out[i] / at.sigma : out[i] - gaussian_data_x0(of, &at, x[i]);
    }
    return status;
}

static int32_t exact_score(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                           double *out, void *user)
{
    return exact(x, time, condition, n, out, user, 1);
}

static int32_t exact_flow(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                          double *out, void *user)
{
    return exact(x, time, condition, n, out, user, 0);
}

enum { SAMPLES = 64, STEPS = 15 };

static void run(float *x0, gaussian_data *data, const char *predict, diffusion_predict_double_fn *network,
                const char *variance, const char *sampler_spec)
{
    char spec[80];
    snprintf(spec, sizeof spec, "shape=1 predict=%s variance=%s", predict, variance);
    diffusion_model *model = make_callback_double(spec, network, data);
    diffusion_sampler *sampler = make_sampler(model, data->schedule, sampler_spec);
    assert_ok(diffusion_sampler_run(sampler, NULL, SAMPLES, x0));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static void exact_toys_sample_as_epsilon_does(void **state)
{
    (void)state;
    static const char *const specs[] = {"ancestral seed=2", "ancestral seed=2 steps=6", "ddim seed=2 steps=8"};
    gaussian_data data = {make_schedule("cosine steps=15"), 0.3, 0.25};
    float truth[SAMPLES], x0[SAMPLES];
    for (size_t i = 0; i < 3; i++) {
        run(truth, &data, "epsilon", gaussian_data_epsilon, "fixed_small", specs[i]);
        run(x0, &data, "score", exact_score, "fixed_small", specs[i]);
        for (size_t j = 0; j < SAMPLES; j++)
            assert_close((double)x0[j], (double)truth[j], 1e-6, 1e-6);
        run(x0, &data, "slope", exact_flow, "fixed_small", specs[i]);
        for (size_t j = 0; j < SAMPLES; j++)
            assert_close((double)x0[j], (double)truth[j], 1e-6, 1e-6);
    }
    diffusion_schedule_free((diffusion_schedule *)data.schedule);
}

/* ---- training: gradients of both objectives by finite differences ---- */

static void the_gradient_is_that_of_the_loss(const char *predict, const char *objective, const char *variance)
{
    enum { N = 8, DIM = 2 };
    char model_spec[120], trainer_spec[80];
    snprintf(model_spec, sizeof model_spec, "mlp shape=2 width=4 depth=1 time_features=2 predict=%s variance=%s",
             predict, variance);
    snprintf(trainer_spec, sizeof trainer_spec, "objective=%s seed=3", objective);
    diffusion_schedule *schedule = make_schedule("linear steps=20");
    diffusion_model *model = make_model(model_spec, 1);
    fill_weights(model, 5);
    diffusion_trainer *trainer = make_trainer(model, schedule, trainer_spec);
    static float gradient[1024];
    float x0[N * DIM], bias[2 * DIM];
    double loss, up, down;
    const size_t count = model_parameters(model), outputs = strncmp(variance, "learned", 7) == 0 ? 2 * DIM : DIM;
    make_numbers(x0, N * DIM, 7);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &loss, gradient, count));
    assert_ok(diffusion_model_parameter(model, "output.bias", bias, outputs));
    for (size_t j = 0; j < outputs; j++) {
        const float before = bias[j], step = 0x1p-8f;
        bias[j] = before + step;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, outputs));
        assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &up, NULL, 0));
        bias[j] = before - step;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, outputs));
        assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &down, NULL, 0));
        bias[j] = before;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, outputs));
        assert_close((double)gradient[count - outputs + j], (up - down) / (2.0 * (double)step), 1e-3,
                     1e-3 * fabs(loss));
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void gradients_of_toys_are_those_of_their_losses(void **state)
{
    (void)state;
    static const char *const names[] = {"score", "slope"};
    for (size_t i = 0; i < 2; i++) {
        the_gradient_is_that_of_the_loss(names[i], "simple", "fixed_small");
        the_gradient_is_that_of_the_loss(names[i], "bound", "fixed_small");
        the_gradient_is_that_of_the_loss(names[i], "bound", "learned_range");
        the_gradient_is_that_of_the_loss(names[i], "hybrid", "learned");
        the_gradient_is_that_of_the_loss(names[i], "pair", "fixed_large");
    }
}

static void a_network_learns_two_points_by_a_toy(void **state)
{
    (void)state;
    learn_two_points("cosine steps=20", "mlp shape=1 width=64 depth=2 predict=slope variance=fixed_small",
                     "ancestral seed=3");
}

/* ---- what has no meaning; names ---- */

static void toys_are_refused_where_they_have_no_meaning(void **state)
{
    (void)state;
    diffusion_schedule *bits = make_schedule("linear steps=9 kernel=binomial");
    diffusion_schedule *to_nothing = make_schedule("linear steps=9 zero_terminal_snr=yes");
    diffusion_model *score = make_model("mlp shape=1 predict=score", 1),
                    *flow = make_model("mlp shape=1 predict=slope", 1);
    diffusion_sampler *sampler = NULL;
    assert_refused(diffusion_sampler_create(&sampler, score, bits, "ancestral"), DIFFUSION_E_KERNEL, "predict=score");
    assert_refused(diffusion_sampler_create(&sampler, score, to_nothing, "ancestral"), DIFFUSION_E_KERNEL,
                   "cannot tell x_0 at step 9");
    assert_ok(diffusion_sampler_create(&sampler, flow, to_nothing, "ancestral"));
    assert_help("model", "score");
    diffusion_sampler_free(sampler);
    diffusion_model_free(flow);
    diffusion_model_free(score);
    diffusion_schedule_free(to_nothing);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_toys_sample_as_epsilon_does),
        cmocka_unit_test(gradients_of_toys_are_those_of_their_losses),
        cmocka_unit_test(a_network_learns_two_points_by_a_toy),
        cmocka_unit_test(toys_are_refused_where_they_have_no_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
