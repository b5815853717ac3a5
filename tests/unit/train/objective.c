/* The objectives against one another, where theory says that they agree, and their gradients against finite differences
 * of the loss in the network's output. */
#include "test.h"

#include "process/gaussian.h"
#include "train/objective.h"

enum { DIM = 4 };

/* One sample with everything at hand. */
typedef struct bench {
    diffusion_schedule *schedule;
    diffusion_model *model;
    objective objective;
    float data[DIM], x0[DIM], xt[DIM], aside[DIM], out[2 * DIM], dout[2 * DIM];
    objective_sample sample;
} bench;

static void open_bench(bench *self, const char *schedule, const char *model, const char *trainer)
{
    trainer_options options;
    *self = (bench){.schedule = NULL};
    assert_ok(diffusion_schedule_create(&self->schedule, schedule));
    assert_ok(diffusion_model_create(&self->model, model, 1));
    assert_ok(spec_parse(trainer_grammar(), trainer, &options, NULL));
    assert_ok(objective_open(&self->objective, self->model, self->schedule, &options));
    for (size_t j = 0; j < DIM; j++)
        self->data[j] = self->schedule->kernel == KERNEL_BINOMIAL ? (float)(j % 2) : (float)cos(2.0 * (double)j);
    self->sample = (objective_sample){
        .data = self->data, .x0 = self->x0, .xt = self->xt, .aside = self->aside, .out = self->out, .dout = self->dout};
    double noise[DIM];
    objective_draw(&self->objective, &self->sample, 3, 1, noise);
    for (size_t j = 0; j < 2 * DIM; j++)
        self->out[j] = (float)sin(1.0 + 1.9 * (double)j) * 0.6f;
}

static void close_bench(bench *self)
{
    objective_close(&self->objective);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
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
    open_bench(&bound, chain, "mlp shape=4 predict=epsilon variance=fixed_small", "objective=bound");
    for (int32_t t = 2; t <= 5; t++) {
        simple.sample.t = t;
        double noise[DIM], signal = sqrt(simple.schedule->alpha_bar[t]), deviation = sqrt(simple.schedule->noise[t]);
        for (size_t j = 0; j < DIM; j++) {
            noise[j] = sin(3.0 * (double)j);
            simple.aside[j] = (float)noise[j];
            simple.xt[j] = (float)(signal * (double)simple.x0[j] + deviation * noise[j]);
        }
        take_over(&bound, &simple);
        double beta = simple.schedule->beta[t], sigma = gaussian_posterior_at(simple.schedule, t).variance;
        double weight = 4.0 * beta * beta / (2.0 * sigma * (1.0 - beta) * simple.schedule->noise[t]);
        double truth = weight * objective_loss(&simple.objective, &simple.sample, 1.0);
        assert_close(objective_loss(&bound.objective, &bound.sample, 1.0), truth, 1e-6, 1e-9);
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
    open_bench(&bound, chain, "mlp shape=4 predict=x0 variance=fixed_large", "objective=bound");
    for (int32_t t = 2; t <= 5; t++) {
        double mean = 0.0, gradient[DIM] = {0}, sigma = pair.schedule->beta[t];
        gaussian_posterior posterior = gaussian_posterior_at(pair.schedule, t);
        pair.sample.t = t;
        for (int sign = -1; sign <= 1; sign += 2) {
            for (size_t j = 0; j < DIM; j++)
                pair.aside[j] = (float)(posterior.x0 * (double)pair.x0[j] + posterior.xt * (double)pair.xt[j] +
                                        sign * sqrt(posterior.variance));
            mean += 0.5 * objective_loss(&pair.objective, &pair.sample, 1.0);
            for (size_t j = 0; j < DIM; j++)
                gradient[j] += 0.5 * (double)pair.dout[j];
        }
        take_over(&bound, &pair);
        double constant = 0.5 * (log(sigma / posterior.variance) + posterior.variance / sigma - 1.0);
        double truth = 4.0 * ((mean - posterior.variance) / (2.0 * sigma) + constant);
        assert_close(objective_loss(&bound.objective, &bound.sample, 1.0), truth, 1e-5, 1e-6);
        for (size_t j = 0; j < DIM; j++)
            assert_close((double)bound.dout[j], 4.0 * gradient[j] / (2.0 * sigma), 1e-4, 1e-6);
    }
    close_bench(&pair);
    close_bench(&bound);
}

/* Equation 16 of arXiv:2102.09672, with the mean's gradient stopped in the KL. */
static void hybrid_is_simple_and_the_variances_share_of_bound(void **state)
{
    (void)state;
    bench hybrid, bound, simple;
    open_bench(&hybrid, chain, "mlp shape=4 predict=v variance=range", "objective=hybrid");
    open_bench(&bound, chain, "mlp shape=4 predict=v variance=range", "objective=bound");
    open_bench(&simple, chain, "mlp shape=4 predict=v variance=fixed_small", "objective=simple");
    for (int32_t t = 2; t <= 5; t++) {
        hybrid.sample.t = t;
        take_over(&bound, &hybrid);
        take_over(&simple, &hybrid);
        double of_bound = 0.001 * 5.0 / 4.0; /* 0.001 T KL, of the bound's (T - 1) KL */
        double truth = objective_loss(&simple.objective, &simple.sample, 1.0) +
                       of_bound * objective_loss(&bound.objective, &bound.sample, 1.0);
        assert_close(objective_loss(&hybrid.objective, &hybrid.sample, 1.0), truth, 1e-12, 0);
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
        double signal = sqrt(epsilon.schedule->alpha_bar[t]), deviation = sqrt(epsilon.schedule->noise[t]);
        epsilon.sample.t = t;
        take_over(&x0, &epsilon);
        take_over(&v, &epsilon);
        for (size_t j = 0; j < DIM; j++) {
            double noise = (double)epsilon.out[j], data = ((double)epsilon.xt[j] - deviation * noise) / signal;
            x0.out[j] = (float)data;
            v.out[j] = (float)(signal * noise - deviation * data);
        }
        double truth = objective_loss(&epsilon.objective, &epsilon.sample, 1.0);
        assert_close(objective_loss(&x0.objective, &x0.sample, 1.0), truth, 1e-5, 0);
        assert_close(objective_loss(&v.objective, &v.sample, 1.0), truth, 1e-5, 0);
    }
    close_bench(&epsilon);
    close_bench(&x0);
    close_bench(&v);
}

static double loss_moved(bench *self, size_t j, float by)
{
    float before = self->out[j];
    self->out[j] = before + by;
    double loss = objective_loss(&self->objective, &self->sample, 1.0);
    self->out[j] = before;
    return loss;
}

/* In double but for the output itself: differences of h and 2h leave an error of h^4. The hybrid's mean is fixed in its
 * KL, so only its second half is a derivative of the loss. */
static void check_gradient(const char *schedule, const char *model, const char *trainer)
{
    bench at;
    const float h = 0x1p-8f;
    open_bench(&at, schedule, model, trainer);
    int hybrid = at.objective.kind == OBJECTIVE_HYBRID;
    for (int32_t t = 2; t <= 5; t++) {
        float gradient[2 * DIM];
        at.sample.t = t;
        (void)objective_loss(&at.objective, &at.sample, 1.0);
        memcpy(gradient, at.dout, sizeof gradient);
        for (size_t j = hybrid ? DIM : 0; j < at.model->outputs; j++) {
            float low = at.out[j] - h, high = at.out[j] + h; /* the steps as float32 makes them */
            double near = loss_moved(&at, j, h) - loss_moved(&at, j, -h);
            double far = loss_moved(&at, j, 2 * h) - loss_moved(&at, j, -2 * h);
            double truth = (8.0 * near - far) / (6.0 * ((double)high - (double)low));
            assert_close((double)gradient[j], truth, 1e-4, 1e-6);
        }
    }
    close_bench(&at);
}

static void every_gradient_is_the_losss_derivative(void **state)
{
    (void)state;
    static const char *const predicts[] = {"epsilon", "x0", "v", "mean", "direct"};
    static const char *const variances[] = {"fixed_small", "fixed_large", "learned", "range"};
    for (size_t p = 0; p < 5; p++)
        for (size_t v = 0; v < 4; v++) {
            char model[128];
            snprintf(model, sizeof model, "mlp shape=4 predict=%s variance=%s", predicts[p], variances[v]);
            check_gradient(chain, model, "objective=bound");
            if (v < 2)
                check_gradient(chain, model, "objective=pair");
            if (v < 2 && p < 3)
                check_gradient(chain, model, "objective=simple");
            if (v >= 2 && p < 3)
                check_gradient(chain, model, "objective=hybrid");
        }
}

static void every_binomial_gradient_is_the_losss_derivative(void **state)
{
    (void)state;
    static const char bits[] = "betas values=0.1,0.15,0.2,0.25,0.3 kernel=binomial rate=0.3,0.5,0.6,0.2";
    check_gradient(bits, "mlp shape=4 predict=mean", "objective=bound");
    check_gradient(bits, "mlp shape=4 predict=x0", "objective=bound");
    check_gradient(bits, "mlp shape=4 predict=mean", "objective=pair");
    check_gradient(bits, "mlp shape=4 predict=x0", "objective=pair");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_is_a_weighted_simple),
        cmocka_unit_test(bound_is_the_mean_over_pairs),
        cmocka_unit_test(hybrid_is_simple_and_the_variances_share_of_bound),
        cmocka_unit_test(bound_does_not_depend_on_what_is_predicted),
        cmocka_unit_test(every_gradient_is_the_losss_derivative),
        cmocka_unit_test(every_binomial_gradient_is_the_losss_derivative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
