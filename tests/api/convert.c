/* One prediction as another: beside their definitions, for all pairs, and what nothing tells. */
#include "make.h"

enum { COUNT = 4 };

static const double x0[COUNT] = {0.7, -1.2, 0.1, 0.0}, noise[COUNT] = {-0.4, 1.3, 0.8, 2.0};
static const char *const names[] = {
    "epsilon", "x0", "v", "flow", "scaled_score", "velocity", "edm sigma_data=0.5", "edm_v sigma_data=2"};
enum { NAMES = sizeof names / sizeof names[0] };

/* By the words of the header; `rise` is dsignal/du, dsigma/du. */
static double truth_of(size_t name, size_t i, double signal, double sigma, const double *rise)
{
    const double s = sigma / signal, y = x0[i] + s * noise[i], d = name == 6 ? 0.5 : 2.0;
    const double f = (x0[i] - d * d / (s * s + d * d) * y) / (s * d / sqrt(s * s + d * d));
    const double all[NAMES] = {noise[i],
                               x0[i],
                               signal * noise[i] - sigma * x0[i],
                               noise[i] - x0[i],
                               -noise[i],
                               rise[0] * x0[i] + rise[1] * noise[i],
                               f,
                               -f};
    return all[name];
}

static void rise_of(const diffusion_schedule *schedule, double t, double *rise)
{
    const double h = 1e-5 * t, steps = diffusion_schedule_steps(schedule);
    double below[2], above[2];
    assert_ok(diffusion_schedule_level(schedule, t - h, &below[0], &below[1], NULL));
    assert_ok(diffusion_schedule_level(schedule, t + h, &above[0], &above[1], NULL));
    for (int k = 0; k < 2; k++)
        rise[k] = (above[k] - below[k]) / (2.0 * h) * steps;
}

static void every_prediction_tells_every_other(void **state)
{
    (void)state;
    static const char *const specs[] = {"cosine steps=20", "edm steps=20", "flow steps=20 power=2", "vp steps=20",
                                        "linear_vp steps=20"};
    for (size_t s = 0; s < 5; s++) {
        diffusion_schedule *schedule = make_schedule(specs[s]);
        for (double t = 0.6; t < 18.9; t += 2.3)
            for (size_t from = 0; from < NAMES; from++)
                for (size_t to = 0; to < NAMES; to++) {
                    double signal, sigma, x[COUNT], output[COUNT], out[COUNT], rise[2];
                    assert_ok(diffusion_schedule_level(schedule, t, &signal, &sigma, NULL));
                    rise_of(schedule, t, rise);
                    for (size_t i = 0; i < COUNT; i++) {
                        x[i] = signal * x0[i] + sigma * noise[i];
                        output[i] = truth_of(from, i, signal, sigma, rise);
                    }
                    assert_ok(diffusion_prediction_convert(schedule, t, names[from], names[to], x, output, COUNT, out));
                    for (size_t i = 0; i < COUNT; i++) {
                        const double truth = truth_of(to, i, signal, sigma, rise);
                        assert_close(out[i], truth, 1e-5, 1e-5 * (1.0 + fabs(output[i]) / signal));
                    }
                }
        diffusion_schedule_free(schedule);
    }
}

static void what_nothing_tells_is_refused(void **state)
{
    (void)state;
    double out[COUNT] = {7.0};
    diffusion_schedule *schedule = make_schedule("trigonometric steps=20"),
                       *bits = make_schedule("linear steps=5 kernel=binomial");
#define CONVERT(by, t, from, to) diffusion_prediction_convert(by, t, from, to, x0, noise, COUNT, out)
    assert_refused(CONVERT(schedule, 20, "epsilon", "x0"), DIFFUSION_E_KERNEL, "epsilon does not tell x0 at t=20");
    assert_refused(CONVERT(schedule, 0, "v", "x0"), DIFFUSION_E_STEP, "t=0, expected above 0 and at most 20");
    assert_refused(CONVERT(schedule, 20.5, "v", "x0"), DIFFUSION_E_STEP, "t=20.5");
    assert_refused(CONVERT(schedule, NAN, "v", "x0"), DIFFUSION_E_STEP, "t=nan");
    assert_refused(CONVERT(schedule, 3, "noise", "x0"), DIFFUSION_E_SPEC, "predict=noise");
    assert_refused(CONVERT(schedule, 3, "v", "edm sigma=1"), DIFFUSION_E_SPEC, "unknown key 'sigma'");
    assert_refused(CONVERT(bits, 3, "x0", "mean"), DIFFUSION_E_KERNEL, "needs the Gaussian kernel");
    assert_true(out[0] == 7.0);
    assert_ok(CONVERT(schedule, 20, "v", "x0"));
#undef CONVERT
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prediction_tells_every_other),
        cmocka_unit_test(what_nothing_tells_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
