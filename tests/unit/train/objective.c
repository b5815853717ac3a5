/* The objectives against one another, where theory says that they agree, and their gradients against finite differences
 * of the loss in the network's output. */
#include "objective_bench.h"
#include "stencil.h"

static const noise_level *level_at(const bench *self, int32_t t)
{
    return &self->schedule->levels[t];
}

static level_posterior posterior_of(const bench *self, int32_t t)
{
    return level_posterior_of(level_at(self, t - 1), level_at(self, t));
}

/* The same draw and output under another objective. */
static void take_over(bench *to, const bench *from)
{
    memcpy(to->x0, from->x0, sizeof to->x0);
    memcpy(to->xt, from->xt, sizeof to->xt);
    memcpy(to->aside, from->aside, sizeof to->aside);
    memcpy(to->out, from->out, sizeof to->out);
    to->sample.t = from->sample.t;
}

static const char chain[] = "betas values=0.1,0.15,0.2,0.25,0.3";

/* Equation 12 of arXiv:2006.11239: KL_t = beta^2 / (2 Sigma alpha (1 - alpha_bar)) |epsilon - o|^2 + a constant, which
 * is 0 for the posterior's variance. */
static void bound_is_a_weighted_simple(void **state)
{
    (void)state;
    bench simple, bound;
    open_bench(&simple, chain, "mlp shape=4 predict=epsilon variance=fixed_small", "objective=simple");
    open_bench(&bound, chain, "mlp shape=4 predict=epsilon variance=fixed_small", "objective=bound edge=forward");
    for (int32_t t = 2; t <= 5; t++) {
        simple.sample.t = t;
        double noise[DIM], signal = level_at(&simple, t)->signal, deviation = level_at(&simple, t)->sigma;
        for (size_t j = 0; j < DIM; j++) {
            noise[j] = sin(3.0 * (double)j);
            simple.aside[j] = (float)noise[j];
            simple.xt[j] = (float)(signal * (double)simple.x0[j] + deviation * noise[j]);
        }
        take_over(&bound, &simple);
        double beta = simple.schedule->beta[t], sigma = posterior_of(&simple, t).variance;
        double weight = 4.0 * beta * beta / (2.0 * sigma * (1.0 - beta) * deviation * deviation);
        double truth = weight * loss_at(&simple);
        assert_close(loss_at(&bound), truth, 1e-6, 1e-9);
        for (size_t j = 0; j < DIM; j++)
            assert_close((double)bound.dout[j], weight * (double)simple.dout[j], 1e-5, 1e-6);
    }
    close_bench(&simple);
    close_bench(&bound);
}

/* Over x_{t-1} ~ q(x_{t-1} | x_t, x_0) the pair's square has the mean (mu_q - mu_p)^2 + posterior variance, which two
 * points one deviation from mu_q give exactly. */
static void bound_is_the_mean_over_pairs(void **state)
{
    (void)state;
    bench pair, bound;
    open_bench(&pair, chain, "mlp shape=4 predict=x0 variance=fixed_large", "objective=pair");
    open_bench(&bound, chain, "mlp shape=4 predict=x0 variance=fixed_large", "objective=bound edge=forward");
    for (int32_t t = 2; t <= 5; t++) {
        double mean = 0.0, gradient[DIM] = {0}, sigma = pair.schedule->beta[t];
        level_posterior posterior = posterior_of(&pair, t);
        pair.sample.t = t;
        for (int sign = -1; sign <= 1; sign += 2) {
            for (size_t j = 0; j < DIM; j++)
                pair.aside[j] = (float)(posterior.x0 * (double)pair.x0[j] + posterior.xt * (double)pair.xt[j] +
                                        sign * sqrt(posterior.variance));
            mean += 0.5 * loss_at(&pair);
            for (size_t j = 0; j < DIM; j++)
                gradient[j] += 0.5 * (double)pair.dout[j];
        }
        take_over(&bound, &pair);
        double constant = 0.5 * (log(sigma / posterior.variance) + posterior.variance / sigma - 1.0);
        double truth = 4.0 * ((mean - posterior.variance) / (2.0 * sigma) + constant);
        assert_close(loss_at(&bound), truth, 1e-5, 1e-6);
        for (size_t j = 0; j < DIM; j++)
            assert_close((double)bound.dout[j], 4.0 * gradient[j] / (2.0 * sigma), 1e-4, 1e-6);
    }
    close_bench(&pair);
    close_bench(&bound);
}

/* At step 1 the bound is -log p(x_0 | x_1) by the model's own law. */
static void bound_ends_in_the_likelihood_of_the_data(void **state)
{
    (void)state;
    bench at;
    open_bench(&at, chain, "mlp shape=4 predict=x0 variance=learned_range", "objective=bound");
    at.sample.t = 1;
    double mean[DIM], variance[DIM], output[2 * DIM], xt[DIM], truth = 0.0;
    for (size_t j = 0; j < 2 * DIM; j++)
        output[j] = (double)at.out[j];
    for (size_t j = 0; j < DIM; j++)
        xt[j] = (double)at.xt[j];
    reverse_step_law(&at.objective.steps[1], (law){mean, variance}, xt, output, DIM, NULL);
    for (size_t j = 0; j < DIM; j++) {
        const double error = (double)at.x0[j] - output[j];
        assert_close(mean[j], output[j], 1e-12, 0);
        truth += 5.0 / DIM * 0.5 * (log(2.0 * 3.14159265358979323846 * variance[j]) + error * error / variance[j]);
    }
    assert_close(loss_at(&at), truth, 1e-12, 0);
    close_bench(&at);
    open_bench(&at, "linear steps=5 kernel=binomial", "mlp shape=4 predict=x0", "objective=bound");
    at.sample.t = 1;
    truth = 0.0;
    for (size_t j = 0; j < DIM; j++)
        truth += 5.0 / DIM * log1p(exp(at.x0[j] > 0.5f ? -(double)at.out[j] : (double)at.out[j]));
    assert_close(loss_at(&at), truth, 1e-12, 0);
    close_bench(&at);
}

/* Equation 16 of arXiv:2102.09672, with the mean's gradient stopped in the KL. */
static void hybrid_is_simple_and_the_variances_share_of_bound(void **state)
{
    (void)state;
    bench hybrid, bound, simple;
    open_bench(&hybrid, chain, "mlp shape=4 predict=v variance=learned_range", "objective=hybrid");
    open_bench(&bound, chain, "mlp shape=4 predict=v variance=learned_range", "objective=bound");
    open_bench(&simple, chain, "mlp shape=4 predict=v variance=fixed_small", "objective=simple");
    for (int32_t t = 1; t <= 5; t++) {
        hybrid.sample.t = t;
        take_over(&bound, &hybrid);
        take_over(&simple, &hybrid);
        double of_bound = 0.001; /* of the bound's T terms */
        double truth = loss_at(&simple) + of_bound * loss_at(&bound);
        assert_close(loss_at(&hybrid), truth, 1e-12, 0);
        for (size_t j = 0; j < DIM; j++) {
            assert_close((double)hybrid.dout[j], (double)simple.dout[j], 1e-7, 0);
            assert_close((double)hybrid.dout[DIM + j], of_bound * (double)bound.dout[DIM + j], 1e-6, 1e-9);
        }
    }
    close_bench(&hybrid);
    close_bench(&bound);
    close_bench(&simple);
}

/* epsilon, x0 and v that imply the same x_0 have the same KL. */
static void bound_does_not_depend_on_what_is_predicted(void **state)
{
    (void)state;
    bench epsilon, x0, v;
    open_bench(&epsilon, chain, "mlp shape=4 predict=epsilon variance=learned", "objective=bound");
    open_bench(&x0, chain, "mlp shape=4 predict=x0 variance=learned", "objective=bound");
    open_bench(&v, chain, "mlp shape=4 predict=v variance=learned", "objective=bound");
    for (int32_t t = 2; t <= 5; t++) {
        double signal = level_at(&epsilon, t)->signal, deviation = level_at(&epsilon, t)->sigma;
        epsilon.sample.t = t;
        take_over(&x0, &epsilon);
        take_over(&v, &epsilon);
        for (size_t j = 0; j < DIM; j++) {
            double noise = (double)epsilon.out[j], data = ((double)epsilon.xt[j] - deviation * noise) / signal;
            x0.out[j] = (float)data;
            v.out[j] = (float)(signal * noise - deviation * data);
        }
        double truth = loss_at(&epsilon);
        assert_close(loss_at(&x0), truth, 1e-5, 0);
        assert_close(loss_at(&v), truth, 1e-5, 0);
    }
    close_bench(&epsilon);
    close_bench(&x0);
    close_bench(&v);
}

static double loss_now(void *user)
{
    bench *self = user;
    return loss_at(self);
}

/* In double but for the output itself: differences of h and 2h leave an error of h^4. The hybrid's mean is fixed in its
 * KL, so only its second half is a derivative of the loss. */
static void check_gradient(const char *schedule, const char *model, const char *trainer)
{
    bench at;
    open_bench(&at, schedule, model, trainer);
    int hybrid = strcmp(at.objective.methods->name, "hybrid") == 0;
    for (int32_t t = at.objective.first_step; t <= 5; t++) {
        float gradient[2 * DIM];
        at.sample.t = t;
        (void)loss_at(&at);
        memcpy(gradient, at.dout, sizeof gradient);
        for (size_t j = hybrid ? DIM : 0; j < at.model->outputs; j++)
            assert_close((double)gradient[j], stencil_at(loss_now, &at, &at.out[j], 0x1p-8f), 1e-4, 1e-6);
    }
    close_bench(&at);
}

static void every_gradient_is_the_losss_derivative(void **state)
{
    (void)state;
    static const char *const predicts[] = {"epsilon", "x0", "v", "mean", "perturbation"};
    static const char *const variances[] = {"fixed_small", "fixed_large", "learned", "learned_range"};
    static const char *const weights[] = {"none", "min_snr", "edm", "bound"};
    for (size_t p = 0; p < 5; p++)
        for (size_t v = 0; v < 4; v++) {
            char model[128];
            snprintf(model, sizeof model, "mlp shape=4 predict=%s variance=%s", predicts[p], variances[v]);
            check_gradient(chain, model, "objective=bound");
            if (v < 2)
                check_gradient(chain, model, "objective=pair");
            for (size_t w = 0; w < 4; w++) {
                char trainer[64];
                snprintf(trainer, sizeof trainer, "weight=%s objective=%s", weights[w], v < 2 ? "simple" : "hybrid");
                if (v < 2 || p < 4)
                    check_gradient(chain, model, trainer);
            }
        }
}

static void the_gradient_of_masses_is_the_losss_derivative(void **state)
{
    (void)state;
    static const char *const models[] = {
        "mlp shape=4 predict=epsilon variance=learned", "mlp shape=4 predict=v variance=learned_range",
        "mlp shape=4 predict=x0 variance=fixed_large", "mlp shape=4 predict=perturbation variance=learned"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        check_gradient(chain, models[i], "objective=bound edge=discretized levels=9");
        check_gradient(chain, models[i], "objective=bound edge=discretized levels=9 cdf=tanh");
    }
    check_gradient(chain, "mlp shape=4 variance=learned", "objective=hybrid edge=discretized levels=9");
}

static void every_binomial_gradient_is_the_losss_derivative(void **state)
{
    (void)state;
    static const char bits[] = "betas values=0.1,0.15,0.2,0.25,0.3 kernel=binomial rate=0.3,0.5,0.6,0.2";
    check_gradient(bits, "mlp shape=4 predict=perturbation", "objective=bound");
    check_gradient(bits, "mlp shape=4 predict=x0", "objective=bound");
    check_gradient(bits, "mlp shape=4 predict=perturbation", "objective=pair");
    check_gradient(bits, "mlp shape=4 predict=x0", "objective=pair");
    check_gradient(bits, "mlp shape=4 predict=mean", "objective=bound");
    check_gradient(bits, "mlp shape=4 predict=mean", "objective=pair");
}

/* ---- values that are not observed ---- */

/* Two masks that share the values between them: losses and gradients add up, and nothing stands where nothing counts.
 */
static void check_masks(const char *schedule, const char *model, const char *trainer)
{
    static const uint8_t some[DIM] = {1, 0, 0, 7}, others[DIM] = {0, 1, 1, 0}, none[DIM] = {0};
    bench at;
    open_bench(&at, schedule, model, trainer);
    const size_t outputs = at.model->outputs;
    for (int32_t t = at.objective.first_step; t <= 5; t++) {
        float first[2 * DIM], second[2 * DIM];
        at.sample.t = t;
        at.sample.observed = some;
        double sum = loss_at(&at);
        memcpy(first, at.dout, sizeof first);
        at.sample.observed = others;
        sum += loss_at(&at);
        memcpy(second, at.dout, sizeof second);
        at.sample.observed = NULL;
        assert_close(sum, loss_at(&at), 1e-14, 0);
        for (size_t i = 0; i < outputs; i++) {
            const int counts = some[i % DIM] != 0;
            assert_true(counts ? first[i] == at.dout[i] : second[i] == at.dout[i]);
            assert_true((counts ? second[i] : first[i]) == 0.0f);
        }
        at.sample.observed = none;
        assert_true(loss_at(&at) == 0.0);
        for (size_t i = 0; i < outputs; i++)
            assert_true(at.dout[i] == 0.0f);
    }
    close_bench(&at);
}

static void what_is_not_observed_plays_no_part(void **state)
{
    (void)state;
    static const char bits[] = "betas values=0.1,0.15,0.2,0.25,0.3 kernel=binomial rate=0.3,0.5,0.6,0.2";
    check_masks(chain, "mlp shape=4 predict=epsilon", "objective=simple");
    check_masks(chain, "mlp shape=4 predict=v variance=learned_range", "objective=hybrid");
    check_masks(chain, "mlp shape=4 predict=perturbation variance=learned", "objective=bound");
    check_masks(chain, "mlp shape=4 predict=x0", "objective=pair");
    check_masks(bits, "mlp shape=4 predict=perturbation", "objective=bound");
    check_masks(bits, "mlp shape=4 predict=x0", "objective=bound");
    check_masks(bits, "mlp shape=4 predict=mean", "objective=pair");
}

/* ---- draws ---- */

/* x_t = signal x_0 + sigma noise with the noise that the loss is told of, each rounded to float32 once. */
static void the_noise_told_is_that_of_x_t(void **state)
{
    (void)state;
    bench at;
    int seen[6] = {0};
    open_bench(&at, chain, "mlp shape=4", "objective=simple seed=9");
    for (uint64_t index = 0; index < 64; index++) {
        objective_draw(&at.objective, &at.sample, 5, index, at.scratch);
        const noise_level *level = level_at(&at, (int32_t)at.sample.t);
        seen[(int32_t)at.sample.t] = 1;
        for (size_t j = 0; j < DIM; j++) {
            assert_true(at.x0[j] == at.data[j]);
            assert_close((double)at.xt[j], level->signal * (double)at.x0[j] + level->sigma * (double)at.aside[j], 2e-7,
                         1e-7);
        }
    }
    assert_true(seen[1] && seen[2] && seen[3] && seen[4] && seen[5]);
    close_bench(&at);
}

/* Of pairs x_{t-1} ~ q(x_{t-1} | x_0), then x_t ~ q(x_t | x_{t-1}): both with their mean and variance over many draws.
 */
static void pairs_follow_each_other(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    bench at;
    open_bench(&at, chain, "mlp shape=4", "objective=pair seed=2");
    double sums[6][3] = {{0}};
    for (uint64_t index = 0; index < DRAWS; index++) {
        objective_draw(&at.objective, &at.sample, 1, index, at.scratch);
        const int32_t t = (int32_t)at.sample.t;
        const noise_level *s = level_at(&at, t - 1), *to = level_at(&at, t);
        const double signal = level_step_signal(s, to), variance = level_step_variance(s, to);
        for (size_t j = 0; j < DIM; j++) {
            const double off = ((double)at.aside[j] - s->signal * (double)at.x0[j]);
            const double step = ((double)at.xt[j] - signal * (double)at.aside[j]);
            sums[t][0] += 1;
            sums[t][1] += t > 1 ? off * off / (s->sigma * s->sigma) : 1.0 + off * off;
            sums[t][2] += step * step / variance;
        }
    }
    for (int32_t t = 1; t <= 5; t++)
        for (int k = 1; k <= 2; k++)
            assert_close(sums[t][k] / sums[t][0], 1.0, 0, 5 * sqrt(2.0 / sums[t][0]));
    close_bench(&at);
}

static void dequantisation_adds_less_than_its_width(void **state)
{
    (void)state;
    bench at;
    double sum = 0.0;
    open_bench(&at, chain, "mlp shape=4", "objective=simple dequantize=0.25 seed=1");
    for (uint64_t index = 0; index < 1000; index++) {
        objective_draw(&at.objective, &at.sample, 0, index, at.scratch);
        for (size_t j = 0; j < DIM; j++) {
            const double added = (double)at.x0[j] - (double)at.data[j];
            assert_true(added > -1e-7 && added < 0.25 + 1e-7);
            sum += added / (1000 * DIM);
        }
    }
    assert_close(sum, 0.125, 0, 5 * 0.25 / sqrt(12.0 * 1000 * DIM));
    close_bench(&at);
}

/* ---- refusals ---- */

static void check_refused(const char *schedule, const char *model, const char *trainer, diffusion_status status,
                          const char *sentence)
{
    trainer_options options;
    diffusion_schedule *by;
    diffusion_model *of;
    objective out;
    assert_ok(diffusion_schedule_create(&by, schedule));
    assert_ok(diffusion_model_create(&of, model, 1));
    assert_ok(spec_parse(trainer_grammar(), trainer, &options, NULL));
    assert_refused(objective_open(&out, of, by, &options), status, sentence);
    diffusion_model_free(of);
    diffusion_schedule_free(by);
}

static void what_does_not_suit_is_refused(void **state)
{
    (void)state;
    static const char bits[] = "linear steps=5 kernel=binomial";
    check_refused(chain, "mlp shape=4", "objective=simple edge=discretized", DIFFUSION_E_SPEC, "bound and hybrid");
    check_refused(chain, "mlp shape=4", "objective=bound edge=discretized dequantize=0.1", DIFFUSION_E_SPEC,
                  "no dequantize");
    check_refused("linear kernel=binomial", "mlp shape=4 predict=x0", "objective=bound edge=discretized",
                  DIFFUSION_E_KERNEL, "Gaussian kernel");
    check_refused("linear steps=1", "mlp shape=4", "objective=bound edge=forward", DIFFUSION_E_SPEC,
                  "at least 2 steps");
    check_refused(chain, "mlp shape=4 variance=learned", "objective=simple", DIFFUSION_E_SPEC, "does not train");
    check_refused(chain, "mlp shape=4 variance=learned", "objective=pair", DIFFUSION_E_SPEC, "does not train");
    check_refused(chain, "mlp shape=4", "objective=hybrid", DIFFUSION_E_SPEC, "needs a model with variance=learned");
    check_refused(chain, "mlp shape=4 predict=perturbation variance=learned", "objective=hybrid", DIFFUSION_E_SPEC,
                  "has no target for predict=perturbation");
    check_refused(bits, "mlp shape=4 predict=x0", "objective=simple", DIFFUSION_E_KERNEL, "needs the Gaussian kernel");
    check_refused(bits, "mlp shape=4 predict=x0", "objective=bound dequantize=1", DIFFUSION_E_KERNEL,
                  "dequantize needs");
    check_refused(bits, "mlp shape=4 predict=v", "objective=bound", DIFFUSION_E_KERNEL, "predict=v needs");
    check_refused("linear steps=5 kernel=binomial rate=0.1,0.2", "mlp shape=4 predict=x0", "objective=bound",
                  DIFFUSION_E_SHAPE, "4 values to a sample, expected 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_is_a_weighted_simple),
        cmocka_unit_test(bound_is_the_mean_over_pairs),
        cmocka_unit_test(bound_ends_in_the_likelihood_of_the_data),
        cmocka_unit_test(hybrid_is_simple_and_the_variances_share_of_bound),
        cmocka_unit_test(bound_does_not_depend_on_what_is_predicted),
        cmocka_unit_test(every_gradient_is_the_losss_derivative),
        cmocka_unit_test(the_gradient_of_masses_is_the_losss_derivative),
        cmocka_unit_test(every_binomial_gradient_is_the_losss_derivative),
        cmocka_unit_test(what_is_not_observed_plays_no_part),
        cmocka_unit_test(the_noise_told_is_that_of_x_t),
        cmocka_unit_test(pairs_follow_each_other),
        cmocka_unit_test(dequantisation_adds_less_than_its_width),
        cmocka_unit_test(what_does_not_suit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
