/* How fast solvers with noise converge, with exact scores, evenly in log SNR from sigma / signal 20 to 0.15.
 *
 * Weak order: of the law of the result. The data are Gaussian, so that the score is linear and a chain is affine in x_T
 * and in every normal that it draws: one sample without noise and one for each normal give its coefficients, and with
 * them the result's mean and variance without a sample of either. Means are then exact at any number of steps.
 *
 * Strong order: of the result itself, for one path of the noise. The data are a mixture, whose score is not linear. Of
 * the reverse diffusion, with r = sigma / signal and y = x / signal,
 *
 *     dy = 2 r epsilon dr + r^2 dB,   B a Brownian motion in 1 / r^2,
 *
 * a step of solvers that go by x_0 draws B's increment, of those that go by the noise that of W, dW = r^2 dB, a
 * Brownian motion in r^2. Both are drawn on a fine grid, from their joint law, and summed over the steps of coarser
 * ones. */
#include "make.h"

#include "base/rng.h"
#include "sample/sampler.h"

enum { DIM = 2 };

static const double begin = 20.0, end = 0.15;

static diffusion_schedule *schedule;

/* A sampler whose last level before the data is `end`, after so many steps. */
static diffusion_sampler *sampler_of(const diffusion_model *model, const char *kind, int steps)
{
    char spec[256];
    snprintf(spec, sizeof spec, "%s steps=%d spacing=exponential sigma_max=%.17g sigma_min=%.17g", kind, steps + 1,
             begin, end);
    return make_sampler(model, schedule, spec);
}

static double slope_of(double coarse, double fine, double ratio)
{
    return log(coarse / fine) / log(ratio);
}

/* ---- weak ---- */

static const double data_mean[DIM] = {1.0, -0.6}, data_variance[DIM] = {0.3, 1.5};

static int32_t gaussian(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                        double *out, void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++) {
        double signal, sigma, log_snr;
        diffusion_schedule_level(schedule, time[i / DIM], &signal, &sigma, &log_snr);
        const double variance = signal * signal * data_variance[i % DIM] + sigma * sigma;
        out[i] = sigma * (x[i] - signal * data_mean[i % DIM]) / variance;
    }
    return 0;
}

/* No noise for sample 0; sample i has a 1 in draw i - 1, the first of which is x_T's. */
typedef struct probe {
    int64_t n, calls;
} probe;

static int32_t probe_noise(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step;
    probe *self = user;
    const int64_t draw = self->calls++ / self->n;
    assert_true(draw + 1 < self->n);
    for (size_t j = 0; j < count; j++)
        noise[j] = sample == draw + 1;
    return 0;
}

/* Of the result's variances; its means are right. */
static double weak_error(const char *kind, int steps)
{
    double error = 0.0;
    probe self = {2 * steps + 4, 0};
    double signal, sigma, log_snr;
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon", gaussian, NULL);
    diffusion_sampler *sampler = sampler_of(model, kind, steps);
    assert_ok(diffusion_sampler_set_noise(sampler, probe_noise, &self));
    assert_ok(diffusion_sampler_begin(sampler, NULL, (size_t)self.n));
    const noise_level first = sampler->at;
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_sampler_step(sampler));
    assert_ok(diffusion_schedule_level(schedule, sampler->at.t, &signal, &sigma, &log_snr));
    for (int j = 0; j < DIM; j++) {
        const double *x = (const double *)sampler->x.memory + j;
        const double spread = first.signal * first.signal * data_variance[j] + first.sigma * first.sigma;
        const double from_first = x[DIM] - x[0], mean = x[0] + from_first * first.signal * data_mean[j];
        double variance = from_first * from_first * spread;
        for (int64_t i = 2; i < self.n; i++)
            variance += (x[i * DIM] - x[0]) * (x[i * DIM] - x[0]);
        assert_close(mean, signal * data_mean[j], 0, 1e-12);
        error = fmax(error, fabs(variance - signal * signal * data_variance[j] - sigma * sigma));
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    return error;
}

/* ---- strong ---- */

enum { PATHS = 32, FINE = 2560 };

/* Increments of B and W over each step of the fine grid, [FINE, PATHS * DIM]. */
static double b[FINE][PATHS * DIM], w[FINE][PATHS * DIM];

static double ratio_at(int place)
{
    return begin * pow(end / begin, (double)place / FINE);
}

/* Over a step from r to r' both are normal: var B = 1 / r'^2 - 1 / r^2, var W = r^2 - r'^2, cov = 2 log(r / r'). */
static void draw_paths(void)
{
    for (int i = 0; i < FINE; i++) {
        const double from = ratio_at(i), to = ratio_at(i + 1), variance = 1.0 / (to * to) - 1.0 / (from * from);
        const double shared = 2.0 * log(from / to) / variance;
        const double rest = sqrt(fmax((from - to) * (from + to) - shared * shared * variance, 0.0));
        double other[PATHS * DIM];
        rng_normal(b[i], PATHS * DIM, (rng_stream){1, RNG_NOISE, (uint64_t)i, 0});
        rng_normal(other, PATHS * DIM, (rng_stream){1, RNG_NOISE, (uint64_t)i, 1});
        for (int k = 0; k < PATHS * DIM; k++) {
            b[i][k] *= sqrt(variance);
            w[i][k] = shared * b[i][k] + rest * other[k];
        }
    }
}

/* Of each coordinate of a mixture of two. */
static double epsilon_of(double x, double signal, double sigma)
{
    static const double share[] = {0.6, 0.4}, mean[] = {0.8, -0.6}, variance[] = {0.3, 0.5};
    double weights = 0.0, slopes = 0.0;
    for (int k = 0; k < 2; k++) {
        const double spread = signal * signal * variance[k] + sigma * sigma, shift = x - signal * mean[k];
        const double weight = share[k] / sqrt(spread) * exp(-0.5 * shift * shift / spread);
        weights += weight;
        slopes += weight * shift / spread;
    }
    return sigma * slopes / weights;
}

static int32_t mixture(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n; i++) {
        double signal, sigma, log_snr;
        diffusion_schedule_level(schedule, time[i], &signal, &sigma, &log_snr);
        for (size_t j = i * DIM; j < (i + 1) * DIM; j++)
            out[j] = epsilon_of(x[j], signal, sigma);
    }
    return 0;
}

/* The noise of the step at hand: an increment by its standard deviation. */
typedef struct path {
    int first, last; /* of the fine grid; last 0: x_T's */
    int by_noise;
} path;

static int32_t path_noise(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step;
    const path *self = user;
    if (self->last == 0) {
        rng_normal(noise, count, (rng_stream){1, RNG_NOISE, FINE, (uint64_t)sample});
        return 0;
    }
    const double from = ratio_at(self->first), to = ratio_at(self->last);
    const double variance = self->by_noise ? (from - to) * (from + to) : 1.0 / (to * to) - 1.0 / (from * from);
    for (size_t j = 0; j < count; j++) {
        double sum = 0.0;
        for (int i = self->first; i < self->last; i++)
            sum += (self->by_noise ? w : b)[i][(size_t)sample * DIM + j];
        noise[j] = sum / sqrt(variance);
    }
    return 0;
}

static void follow_paths(const char *kind, int by_noise, int steps, double *x)
{
    path self = {0, 0, by_noise};
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon", mixture, NULL);
    diffusion_sampler *sampler = sampler_of(model, kind, steps);
    assert_ok(diffusion_sampler_set_noise(sampler, path_noise, &self));
    assert_ok(diffusion_sampler_begin(sampler, NULL, PATHS));
    for (int i = 0; i < steps; i++) {
        self.first = i * (FINE / steps);
        self.last = (i + 1) * (FINE / steps);
        assert_ok(diffusion_sampler_step(sampler));
    }
    memcpy(x, sampler->x.memory, PATHS * DIM * sizeof *x);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static double strong_error(const char *kind, int by_noise, int steps, const double *truth)
{
    double x[PATHS * DIM], sum = 0.0;
    follow_paths(kind, by_noise, steps, x);
    for (int i = 0; i < PATHS * DIM; i++)
        sum += (x[i] - truth[i]) * (x[i] - truth[i]);
    return sqrt(sum / (PATHS * DIM));
}

/* ---- the orders ---- */

/* What a step draws: for those of one normal whose noise is the reverse diffusion's own. */
typedef enum drawn { SEVERAL, OF_B, OF_W } drawn;

static const struct method {
    const char *spec;
    double weak;
    int steps;   /* and twice as many, for the weak order */
    drawn noise; /* the strong order is 1 */
} methods[] = {
    {"ancestral", 1, 80, OF_B},
    {"ddim eta=1", 1, 80, OF_B},
    {"euler_ancestral", 1, 80, OF_B},
    {"dpmpp_2s", 2, 80, OF_B},
    {"kdpm2_ancestral", 2, 80, OF_B},
    {"dpmpp_sde", 1, 80, SEVERAL},
    {"sde-dpmsolver++ order=1", 1, 80, OF_B},
    {"sde-dpmsolver++ order=2", 2, 80, OF_B},
    {"sde-dpmsolver++ order=2 type=heun", 2, 80, OF_B},
    {"sde-dpmsolver++ order=3", 2, 80, OF_B},
    {"sde-dpmsolver++ order=2 eta=0.5", 2, 80, SEVERAL},
    {"sde-dpmsolver order=1", 1, 160, OF_W},
    {"sde-dpmsolver order=2", 2, 80, OF_W},
    {"sde-dpmsolver order=3", 2, 80, OF_W},
    {"sde-dpmsolver order=2 eta=0.5", 2, 80, SEVERAL},
    {"sa_solver predictor_order=1 corrector_order=0", 1, 80, OF_B},
    {"sa_solver predictor_order=2 corrector_order=0", 2, 80, OF_B},
    {"sa_solver", 3, 80, OF_B},
    {"sa_solver curvature=published", 2, 80, OF_B},
    {"sa_solver predictor_order=3 corrector_order=4", 2, 80, OF_B},
    {"sa_solver go_by=noise", 2, 80, OF_W},
    {"euler s_churn=10", 1, 80, SEVERAL},
    {"heun s_churn=10", 2, 80, SEVERAL},
    {"kdpm2 s_churn=10", 2, 80, SEVERAL},
};
enum { METHODS = sizeof methods / sizeof methods[0] };

static void check_order(const char *spec, const char *kind, double order, double slope, double error)
{
    print_message("%-46s %s order %.0f: slope %.2f, error %.1e\n", spec, kind, order, slope, error);
    if (!(fabs(slope - order) <= 0.3))
        fail_msg("%s is not of %s order %.0f", spec, kind, order);
}

static void laws_converge_with_their_weak_order(void **state)
{
    (void)state;
    for (const struct method *of = methods; of < methods + METHODS; of++) {
        const double coarse = weak_error(of->spec, of->steps), fine = weak_error(of->spec, 2 * of->steps);
        check_order(of->spec, "weak", of->weak, slope_of(coarse, fine, 2.0), fine);
    }
}

static void paths_converge_with_strong_order_1(void **state)
{
    (void)state;
    static double truth[PATHS * DIM];
    draw_paths();
    follow_paths("sde-dpmsolver++ order=2", 0, FINE, truth);
    for (const struct method *of = methods; of < methods + METHODS; of++)
        if (of->noise != SEVERAL) {
            const double coarse = strong_error(of->spec, of->noise == OF_W, 40, truth);
            const double fine = strong_error(of->spec, of->noise == OF_W, 160, truth);
            check_order(of->spec, "strong", 1.0, slope_of(coarse, fine, 4.0), fine);
        }
}

/* ---- how much noise there is ---- */

/* One step of order 1 of the diffusion with a part eta of the reverse diffusion's noise: its law for an epsilon that
 * stays, from x at sigma / signal = r to r', is N(signal' (x / signal - (1 + eta) (r - r') epsilon), signal'^2 eta (r^2
 * - r'^2)). */
static void eta_is_the_part_of_the_noise_that_is_drawn(void **state)
{
    (void)state;
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon", gaussian, NULL);
    for (double eta = 0.0; eta <= 1.0; eta += 0.25) {
        char kind[64];
        double x[DIM], epsilon[DIM];
        snprintf(kind, sizeof kind, "sde-dpmsolver order=1 eta=%g seed=3", eta);
        diffusion_sampler *sampler = sampler_of(model, kind, 40);
        assert_ok(diffusion_sampler_begin(sampler, NULL, 1));
        const noise_level from = sampler->at;
        memcpy(x, sampler->x.memory, sizeof x);
        gaussian(x, &from.t, NULL, 1, epsilon, NULL);
        assert_ok(diffusion_sampler_step(sampler));
        const noise_level to = sampler->at;
        const double r = level_ratio(&from), next = level_ratio(&to);
        for (int j = 0; j < DIM; j++) {
            const double mean = to.signal * (x[j] / from.signal - (1.0 + eta) * (r - next) * epsilon[j]);
            assert_close(((const double *)sampler->mean.memory)[j], mean, 1e-12, 1e-12);
            assert_close(((const double *)sampler->variance.memory)[j],
                         to.signal * to.signal * eta * (r - next) * (r + next), 1e-12, 1e-12);
        }
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
}

static int enter(void **state)
{
    (void)state;
    schedule = make_schedule("log_snr steps=1000 maximum=4 minimum=-14");
    return 0;
}

static int leave(void **state)
{
    (void)state;
    diffusion_schedule_free(schedule);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_converge_with_their_weak_order),
        cmocka_unit_test(paths_converge_with_strong_order_1),
        cmocka_unit_test(eta_is_the_part_of_the_noise_that_is_drawn),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
