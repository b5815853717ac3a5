/* How fast deterministic solvers converge: the slope of the logarithm of their error against that of the step, on the
 * probability flow of a mixture of Gaussians in the plane, whose score is exact. Evenly in log SNR, from sigma / signal
 * 800 to 0.2. */
#include "make.h"

#include "sample/sampler.h"

enum { DIM = 2, SAMPLES = 12, COUNT = SAMPLES * DIM, PARTS = 3 };

typedef struct part {
    double share, mean[DIM], variance[DIM];
} part;

static const part parts[PARTS] = {
    {0.5, {1.0, 0.5}, {0.3, 0.2}}, {0.3, {-1.2, 0.8}, {0.15, 0.4}}, {0.2, {0.2, -1.5}, {0.25, 0.1}}};

static diffusion_schedule *schedule;

/* epsilon = -sigma grad log p. */
static void epsilon_at(double *out, const double *x, double signal, double sigma)
{
    double logs[PARTS], most = -HUGE_VAL, sum = 0.0;
    for (int k = 0; k < PARTS; k++) {
        logs[k] = log(parts[k].share);
        for (int j = 0; j < DIM; j++) {
            const double variance = signal * signal * parts[k].variance[j] + sigma * sigma;
            const double shift = x[j] - signal * parts[k].mean[j];
            logs[k] -= 0.5 * (log(variance) + shift * shift / variance);
        }
        most = fmax(most, logs[k]);
    }
    out[0] = out[1] = 0.0;
    for (int k = 0; k < PARTS; k++)
        sum += exp(logs[k] - most);
    for (int k = 0; k < PARTS; k++)
        for (int j = 0; j < DIM; j++) {
            const double variance = signal * signal * parts[k].variance[j] + sigma * sigma;
            out[j] += exp(logs[k] - most) / sum * sigma * (x[j] - signal * parts[k].mean[j]) / variance;
        }
}

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    int64_t *evaluations = user;
    *evaluations += 1;
    for (size_t i = 0; i < n; i++) {
        double signal, sigma, log_snr;
        diffusion_schedule_level(schedule, time[i], &signal, &sigma, &log_snr);
        epsilon_at(out + i * DIM, x + i * DIM, signal, sigma);
    }
    return 0;
}

/* The same first states for all: points on a circle of the prior. */
static int32_t circle(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step, (void)user, (void)count;
    const double angle = 0.4 + 2.0 * acos(-1.0) * (double)sample / SAMPLES;
    noise[0] = 1.3 * cos(angle);
    noise[1] = 1.3 * sin(angle);
    return 0;
}

static void run(const char *kind, int steps, double *x, int64_t *evaluations)
{
    char spec[256];
    snprintf(spec, sizeof spec,
             "%s steps=%d spacing=exponential drop_lowest=yes sigma_max=800 sigma_min=0.2 final=sigma_min", kind,
             steps);
    *evaluations = 0;
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon", predict, evaluations);
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_set_noise(sampler, circle, NULL));
    assert_ok(diffusion_sampler_begin(sampler, NULL, SAMPLES));
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_sampler_step(sampler));
    memcpy(x, sampler->x.memory, COUNT * sizeof *x);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static double error_of(const double *x, const double *truth)
{
    double sum = 0.0;
    for (size_t i = 0; i < COUNT; i++)
        sum += (x[i] - truth[i]) * (x[i] - truth[i]);
    return sqrt(sum / COUNT);
}

static const struct method {
    const char *spec;
    double order;
    int coarse, fine; /* steps */
} methods[] = {
    {"euler", 1, 160, 320},
    {"ddim", 1, 160, 320},
    {"dpmsolver++ order=1", 1, 160, 320},
    {"heun", 2, 80, 160},
    {"heun path=flow", 2, 80, 160},
    {"heun alpha=0.6", 2, 80, 160},
    {"heun path=variance", 2, 160, 320},
    {"heun path=vp scaling=none", 2, 160, 320},
    {"heun path=vp", 2, 160, 320},
    {"euler path=vp", 1, 160, 320},
    {"kdpm2", 2, 80, 160},
    {"dpmpp_2s eta=0", 2, 80, 160},
    {"dpmsolver order=2", 2, 80, 160},
    {"dpmsolver++ order=2", 2, 160, 320},
    {"dpmsolver++ order=2 type=heun", 2, 160, 320},
    {"dpmsolver++ order=3", 3, 80, 160},
    {"dpmsolver order=3", 3, 80, 160},
    {"dpmsolver++ method=singlestep order=2 lower_order_final=no", 2, 80, 160},
    {"dpmsolver++ method=singlestep order=3 lower_order_final=no", 3, 81, 162},
    {"sde-dpmsolver++ order=3 eta=0", 3, 80, 160},
    {"unipc order=2 corrector=no", 2, 80, 160},
    {"unipc order=2 lower_order_final=no", 3, 80, 160},
    {"unipc order=3 lower_order_final=no", 4, 40, 160},
    {"unipc order=3 go_by=noise type=bh1 lower_order_final=no", 4, 40, 80},
    {"deis order=2", 2, 80, 160},
    {"deis order=3", 3, 80, 160},
    {"lms order=2", 2, 160, 320},
    {"lms order=3", 3, 80, 160},
    {"lms order=4", 4, 80, 160},
    {"sa_solver tau=0 predictor_order=2 corrector_order=0", 2, 80, 160},
    {"sa_solver tau=0 predictor_order=3 corrector_order=4 lower_order_final=no", 4, 40, 160},
};

static void solvers_converge_with_their_order(void **state)
{
    (void)state;
    double truth[COUNT], coarse[COUNT], fine[COUNT];
    int64_t evaluations;
    run("dpmsolver++ order=3", 6000, truth, &evaluations);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct method *of = &methods[i];
        run(of->spec, of->coarse, coarse, &evaluations);
        run(of->spec, of->fine, fine, &evaluations);
        const double first = error_of(coarse, truth), second = error_of(fine, truth);
        const double slope = log(first / second) / log((double)of->fine / of->coarse);
        print_message("%-72s order %.0f: slope %.2f, error %.1e in %lld evaluations\n", of->spec, of->order, slope,
                      second, (long long)evaluations);
        if (!(fabs(slope - of->order) <= 0.3))
            fail_msg("%s is not of order %.0f", of->spec, of->order);
    }
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
        cmocka_unit_test(solvers_converge_with_their_order),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
