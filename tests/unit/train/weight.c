/* What a level's square error counts: the formulas of the papers for each prediction, EDM's own weights and losses, and
 * the bound, of which a weighted square error is all that the mean moves. */
#include "golden.h"
#include "objective_bench.h"

static double weight_at_time(const bench *self, double t)
{
    const noise_level from = schedule_level(self->schedule, t), to = schedule_level(self->schedule, t - 1.0);
    const reverse_step step = reverse_step_between(&self->model->options, self->schedule, &from, &to, NULL);
    const weight_at at = {.step = &step,
                          .schedule = self->schedule,
                          .gamma = self->objective.snr_gamma,
                          .real = self->objective.times.methods->real};
    return weight_of_output(self->objective.weight, &at);
}

/* ---- formulas ---- */

typedef double formula(double signal, double sigma);

static double snr_of(double signal, double sigma)
{
    return signal * signal / (sigma * sigma);
}

static double least(double signal, double sigma)
{
    return fmin(snr_of(signal, sigma), 3.0);
}

static double of_epsilon(double signal, double sigma)
{
    return least(signal, sigma) / snr_of(signal, sigma);
}

static double of_v(double signal, double sigma)
{
    return least(signal, sigma) / (snr_of(signal, sigma) + 1.0);
}

static double of_flow(double signal, double sigma)
{
    return least(signal, sigma) * sigma * sigma;
}

/* c_out^2, in units of x / signal. */
static double of_edm(double signal, double sigma)
{
    const double s = sigma / signal, d = 0.7;
    return least(signal, sigma) * s * s * d * d / (s * s + d * d);
}

static double one(double signal, double sigma)
{
    (void)signal, (void)sigma;
    return 1.0;
}

/* EDM's table 1, c_out = -sigma of epsilon: lambda c_out^2, by y = x / signal. */
static double edm_of_epsilon(double signal, double sigma)
{
    const double s = sigma / signal, d = 0.7;
    return (s * s + d * d) / (d * d);
}

static double edm_of_x0(double signal, double sigma)
{
    const double s = sigma / signal, d = 0.7;
    return (s * s + d * d) / (s * d) / (s * d);
}

static void check_formula(const char *schedule, const char *predict, const char *trainer, formula *truth)
{
    char model[80];
    bench at;
    snprintf(model, sizeof model, "mlp shape=4 sigma_data=0.7 predict=%s", predict);
    open_bench(&at, schedule, model, trainer);
    for (double t = 1.0; t < 40.0; t += 1.25) {
        const noise_level level = schedule_level(at.schedule, t);
        assert_close(weight_at_time(&at, t), truth(level.signal, level.sigma), 1e-9, 0);
    }
    close_bench(&at);
}

static void weights_are_those_of_the_papers_for_each_prediction(void **state)
{
    (void)state;
    static const char *const schedules[] = {"cosine steps=40", "flow steps=40 shift=2", "edm steps=40"};
    static const char min_snr[] = "weight=min_snr snr_gamma=3";
    for (size_t i = 0; i < 3; i++) {
        check_formula(schedules[i], "x0", min_snr, least);
        check_formula(schedules[i], "edm", min_snr, of_edm);
        check_formula(schedules[i], "edm", "weight=edm", one);
        check_formula(schedules[i], "edm_v", "weight=edm", one);
        check_formula(schedules[i], "x0", "weight=edm", edm_of_x0);
        check_formula(schedules[i], "v", "weight=none", one);
        if (i != 1) { /* at the flow's end epsilon tells nothing of x_0 */
            check_formula(schedules[i], "epsilon", min_snr, of_epsilon);
            check_formula(schedules[i], "epsilon", "weight=edm", edm_of_epsilon);
        }
    }
    check_formula("cosine steps=40", "v", min_snr, of_v);
    check_formula("flow steps=40 shift=2", "flow", min_snr, of_flow);
}

/* ---- EDM's numbers ---- */

enum { SAMPLES = 6, VALUES = 16, PARTS = VALUES / DIM };

static double network_of(double u, double c)
{
    return tanh(0.7 * u + 0.1 * tanh(c));
}

static void edm_weights_are_the_recorded_ones(void **state)
{
    (void)state;
    static const char file[] = "kdiff/precond-EDMPrecond-0.5.safetensors";
    size_t count;
    double *sigma = golden_values(file, "sigma", &count), *truth = golden_values(file, "weight", NULL);
    bench at;
    open_bench(&at, "edm sigma_min=1e-3 sigma_max=100", "mlp shape=4 predict=x0", "weight=edm");
    for (size_t i = 0; i < count; i++) /* the output is x_0 itself */
        assert_close(weight_at_time(&at, schedule_time(at.schedule, -2.0 * log(sigma[i]))), truth[i], 1e-9, 0);
    close_bench(&at);
    free(sigma);
    free(truth);
}

/* What EDM's code draws for sigma, and how its networks are told of it. */
typedef struct recipe {
    const char *file, *model, *trainer;
    double (*sigma)(double draw);
    double (*output)(double x, double sigma, double draw);
} recipe;

static double edm_sigma(double draw)
{
    return exp(-1.2 + 1.2 * draw);
}

static double edm_output(double x, double sigma, double draw)
{
    (void)draw;
    return network_of(x / sqrt(sigma * sigma + 0.25), 0.25 * log(sigma));
}

static double vp_time(double draw)
{
    return 1.0 + draw * (1e-5 - 1.0);
}

static double vp_sigma(double draw)
{
    const double t = vp_time(draw);
    return sqrt(expm1(0.5 * 19.9 * t * t + 0.1 * t));
}

static double vp_output(double x, double sigma, double draw)
{
    return network_of(x / sqrt(sigma * sigma + 1.0), 999.0 * vp_time(draw));
}

static double ve_sigma(double draw)
{
    return 0.02 * pow(100.0 / 0.02, draw);
}

/* D = x + sigma F: the noise is -F. */
static double ve_output(double x, double sigma, double draw)
{
    (void)draw;
    return -network_of(x, log(0.5 * sigma));
}

/* The bench's sample, its own noise put in the place of that drawn. */
static double loss_of(bench *at, const recipe *by, const double *y, const double *noise, double draw)
{
    const double sigma = by->sigma(draw);
    at->sample.t = schedule_time(at->schedule, -2.0 * log(sigma));
    for (size_t j = 0; j < DIM; j++) {
        at->x0[j] = (float)y[j];
        at->aside[j] = (float)noise[j];
        at->xt[j] = (float)(y[j] + sigma * noise[j]);
        at->out[j] = (float)by->output(y[j] + sigma * noise[j], sigma, draw);
    }
    return loss_at(at);
}

static void check_losses(const recipe *by)
{
    double *y = golden_values(by->file, "loss_y", NULL), *draw = golden_values(by->file, "loss_draw", NULL),
           *noise = golden_values(by->file, "loss_noise", NULL), *truth = golden_values(by->file, "loss", NULL);
    bench at;
    open_bench(&at, "edm sigma_min=1e-3 sigma_max=200", by->model, by->trainer);
    for (size_t i = 0; i < SAMPLES * PARTS; i++) {
        double mean = 0.0;
        for (size_t j = 0; j < DIM; j++)
            mean += truth[i * DIM + j] / DIM;
        assert_close(loss_of(&at, by, y + i * DIM, noise + i * DIM, draw[i / PARTS]), mean, 2e-6, 1e-7);
    }
    close_bench(&at);
    free(y);
    free(draw);
    free(noise);
    free(truth);
}

/* Float32 in x_0, noise and output. VP and VE weigh by 1 / sigma^2, which is `none` of the noise. */
static void losses_are_those_of_edms_code(void **state)
{
    (void)state;
    static const recipe recipes[] = {
        {"kdiff/precond-EDMPrecond-0.5.safetensors", "mlp shape=4 predict=edm", "weight=edm", edm_sigma, edm_output},
        {"kdiff/precond-VPPrecond.safetensors", "mlp shape=4 predict=epsilon", "weight=none", vp_sigma, vp_output},
        {"kdiff/precond-VEPrecond.safetensors", "mlp shape=4 predict=epsilon", "weight=none", ve_sigma, ve_output},
    };
    for (size_t i = 0; i < 3; i++)
        check_losses(&recipes[i]);
}

/* ---- the bound ---- */

static void at_output(bench *of, float at)
{
    for (size_t j = 0; j < DIM; j++)
        of->out[j] = at + 0.1f * (float)j;
}

/* The same gradient, and losses apart by what no output changes. */
static void check_bound(const char *schedule, const char *model)
{
    bench simple, bound;
    open_bench(&simple, schedule, model, "objective=simple weight=bound");
    open_bench(&bound, schedule, model, "objective=bound");
    for (int32_t t = 1; t <= simple.schedule->steps; t++) {
        double apart[2];
        simple.sample.t = bound.sample.t = t;
        for (size_t j = 0; j < DIM; j++) { /* that epsilon and x_0 give x_t to float32's last bit matters here */
            const noise_level *at = &simple.schedule->levels[t];
            simple.x0[j] = bound.x0[j] = 0.5f;
            simple.aside[j] = bound.aside[j] = 0.25f * (float)j - 1.0f;
            simple.xt[j] = bound.xt[j] = (float)(at->signal * 0.5 + at->sigma * (double)simple.aside[j]);
        }
        for (int i = 0; i < 2; i++) {
            at_output(&simple, 0.5f * (float)i);
            at_output(&bound, 0.5f * (float)i);
            const double weighted = loss_at(&simple);
            apart[i] = loss_at(&bound) - weighted;
            for (size_t j = 0; j < DIM; j++)
                assert_close((double)simple.dout[j], (double)bound.dout[j], 1e-4, 1e-5 * weighted);
        }
        assert_close(apart[1], apart[0], 1e-4, 1e-4 * loss_at(&simple));
    }
    close_bench(&simple);
    close_bench(&bound);
}

static void the_bounds_weight_gives_the_bounds_gradient(void **state)
{
    (void)state;
    static const char *const predicts[] = {"epsilon", "x0", "v", "flow", "edm", "mean", "perturbation"};
    static const char *const schedules[] = {"betas values=0.1,0.15,0.2,0.25,0.3", "flow steps=6",
                                            "edm steps=5 sigma_min=0.1 sigma_max=5"};
    static const char *const variances[] = {"fixed_small", "fixed_large"};
    for (size_t p = 0; p < 7; p++)
        for (size_t s = 0; s < 3; s++)
            for (size_t v = 0; v < 2; v++) {
                char model[80];
                snprintf(model, sizeof model, "mlp shape=4 predict=%s variance=%s", predicts[p], variances[v]);
                if (s != 1 || (p != 0 && p < 5)) /* where nothing of x_0 is left these tell nothing of it */
                    check_bound(schedules[s], model);
            }
}

/* log SNR is linear: SNR' = SNR times its slope. A model that learns its variance weighs by the posterior's. */
static void the_bounds_weight_of_real_times_is_its_limit(void **state)
{
    (void)state;
    bench at;
    open_bench(&at, "log_snr steps=101 maximum=8 minimum=-6", "mlp shape=4 predict=x0",
               "weight=bound times=continuous");
    for (double t = 1.0; t <= 101.0; t += 12.5) {
        const double snr = exp(8.0 - 14.0 * (t - 1.0) / 100.0);
        assert_close(weight_at_time(&at, t), 0.5 * 100.0 * snr * 0.14, 1e-4, 0);
    }
    close_bench(&at);
    open_bench(&at, "cosine steps=40", "mlp shape=4 predict=x0 variance=learned_range",
               "objective=hybrid weight=bound");
    for (int32_t t = 2; t <= 40; t++) {
        const noise_level *levels = at.schedule->levels;
        assert_close(weight_at_time(&at, t), 20.0 * (exp(levels[t - 1].log_snr) - exp(levels[t].log_snr)), 1e-9, 0);
    }
    close_bench(&at);
}

/* ---- refusals ---- */

static void check_refused(const char *schedule, const char *model, const char *spec, const char *sentence)
{
    diffusion_schedule *by = NULL;
    diffusion_model *of = NULL;
    diffusion_trainer *trainer = NULL;
    assert_ok(diffusion_schedule_create(&by, schedule));
    assert_ok(diffusion_model_create(&of, model, 1));
    assert_refused(diffusion_trainer_create(&trainer, of, by, spec), DIFFUSION_E_SPEC, sentence);
    diffusion_model_free(of);
    diffusion_schedule_free(by);
}

static void a_weight_that_means_nothing_is_refused(void **state)
{
    (void)state;
    check_refused("cosine", "mlp shape=4", "objective=bound weight=min_snr",
                  "weight=min_snr is of a square error of the output, which objective=bound has not");
    check_refused("cosine", "mlp shape=4", "objective=pair weight=edm", "which objective=pair has not");
    check_refused("linear steps=10 zero_terminal_snr=yes", "mlp shape=4 predict=v readout=steps steps=10",
                  "weight=min_snr", "weight=min_snr is 0 at step 10 of this schedule");
    check_refused("cosine", "mlp shape=4", "weight=min_snr snr_gamma=0", "snr_gamma=0");
    check_refused("cosine", "mlp shape=4", "weight=snr", "weight=snr, expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_papers_for_each_prediction),
        cmocka_unit_test(edm_weights_are_the_recorded_ones),
        cmocka_unit_test(losses_are_those_of_edms_code),
        cmocka_unit_test(the_bounds_weight_gives_the_bounds_gradient),
        cmocka_unit_test(the_bounds_weight_of_real_times_is_its_limit),
        cmocka_unit_test(a_weight_that_means_nothing_is_refused),
    };
    return golden_run(tests, NULL, NULL);
}
