/* The Parzen window against a plain sum in double, closed forms of Gaussians, and every argument that is refused. */
#include "make.h"
#include "normal.h"

/* The definition, in two passes over the samples. */
static double plain_nats(const float *samples, size_t m, const float *x, size_t dim, double s)
{
    double *square = calloc(m, sizeof *square), nearest = INFINITY, sum = 0;
    assert_non_null(square);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < dim; j++)
            square[i] += pow((double)x[j] - (double)samples[i * dim + j], 2);
        nearest = fmin(nearest, square[i]);
    }
    for (size_t i = 0; i < m; i++)
        sum += exp((nearest - square[i]) / (2 * s * s));
    free(square);
    return log(sum / (double)m) - nearest / (2 * s * s) - 0.5 * (double)dim * log(2 * pi * s * s);
}

/* An evaluator of these samples. */
static diffusion_evaluator *parzen(const char *spec, const float *samples, size_t m, size_t dim)
{
    diffusion_evaluator *evaluator = make_evaluator(NULL, NULL, spec);
    assert_ok(diffusion_evaluator_set_reference(evaluator, samples, m, dim));
    return evaluator;
}

/* nats [n] under a window s. */
static void measure(const float *samples, size_t m, const float *data, size_t n, size_t dim, double s, double *nats)
{
    char spec[64];
    snprintf(spec, sizeof spec, "parzen bandwidth=%.17g", s);
    diffusion_evaluator *evaluator = parzen(spec, samples, m, dim);
    assert_ok(diffusion_evaluator_run(evaluator, data, NULL, n));
    assert_ok(diffusion_evaluator_samples(evaluator, nats, NULL, n));
    assert_true(figure(evaluator, "bandwidth") == s);
    for (size_t i = 0; i < n; i++)
        nats[i] *= log(2.0);
    diffusion_evaluator_free(evaluator);
}

/* The window between two ends under which the data is likeliest. */
static double choose(const float *samples, size_t m, const float *data, size_t n, size_t dim, double low, double high)
{
    char spec[128];
    snprintf(spec, sizeof spec, "parzen minimum=%.17g maximum=%.17g", low, high);
    diffusion_evaluator *evaluator = parzen(spec, samples, m, dim);
    assert_ok(diffusion_evaluator_run(evaluator, data, NULL, n));
    double bandwidth = figure(evaluator, "bandwidth");
    diffusion_evaluator_free(evaluator);
    return bandwidth;
}

static void it_is_the_plain_sum(void **state)
{
    (void)state;
    static const struct {
        size_t m, n, dim;
        double mean, deviation, s;
    } cases[] = {
        {1, 1, 1, 0, 1, 0.5},       {700, 130, 1, 0, 1, 0.01},     {513, 65, 2, 0, 1, 0.2},
        {1000, 70, 37, 0, 1, 1.0},  {600, 66, 784, 0.1, 0.3, 0.2}, {300, 20, 784, 0.1, 0.3, 0.01},
        {300, 30, 3, 1e4, 1, 0.05}, {300, 20, 3, 0, 1e25, 1e24},   {257, 64, 200, 100, 60, 15},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t m = cases[c].m, n = cases[c].n, dim = cases[c].dim;
        float *samples = draw(m * dim, cases[c].mean, cases[c].deviation, 1 + c);
        float *data = draw(n * dim, cases[c].mean, cases[c].deviation, 1000 + c);
        double *nats = malloc(n * sizeof *nats);
        measure(samples, m, data, n, dim, cases[c].s, nats);
        for (size_t i = 0; i < n; i++)
            assert_close(nats[i], plain_nats(samples, m, data + i * dim, dim, cases[c].s), 1e-9, 2e-4);
        free(samples);
        free(data);
        free(nats);
    }
}

/* Where a point is a sample itself, far from 0, |x|^2 + |y|^2 - 2 x y alone would be noise. */
static void a_point_on_a_sample_has_distance_0(void **state)
{
    (void)state;
    enum { M = 300, DIM = 50 };
    float *samples = draw(M * DIM, 5, 40, 3);
    double s = 1e-3, nats[M];
    measure(samples, M, samples, M, DIM, s, nats);
    for (size_t i = 0; i < M; i++)
        assert_close(nats[i], -log(M) - DIM / 2.0 * log(2 * pi * s * s), 1e-12, 0);
    free(samples);
}

/* Samples of N(0, 1) under a window s are, on average, N(0, 1 + s^2); the error is that of m draws. */
static void samples_of_a_gaussian_give_the_wider_gaussian(void **state)
{
    (void)state;
    enum { M = 200000, N = 9 };
    float *samples = draw(M, 0, 1, 7), data[N];
    double s = 0.3, nats[N];
    for (int i = 0; i < N; i++)
        data[i] = 0.5f * (float)(i - 4);
    measure(samples, M, data, N, 1, s, nats);
    for (int i = 0; i < N; i++) {
        double x = (double)data[i], truth = exp(-x * x / (2 * (1 + s * s))) / sqrt(2 * pi * (1 + s * s));
        /* E of one term's square: N(x; y, s^2)^2 = N(x; y, s^2 / 2) / (2 s sqrt(pi)). */
        double v = 1 + s * s / 2, square = exp(-x * x / (2 * v)) / sqrt(2 * pi * v) / (2 * s * sqrt(pi));
        assert_close(exp(nats[i]), truth, 0, 4 * sqrt((square - truth * truth) / M));
    }
    free(samples);
}

/* One sample at 0: the likeliest bandwidth is the root of the mean square of the validation data. */
static void the_bandwidth_of_one_sample_is_the_deviation(void **state)
{
    (void)state;
    enum { N = 400, DIM = 5 };
    static const float sample[DIM];
    float *data = draw(N * DIM, 0, 0.7, 5);
    double square = 0, bandwidth;
    for (size_t i = 0; i < N * DIM; i++)
        square += (double)data[i] * (double)data[i] / (N * DIM);
    bandwidth = choose(sample, 1, data, N, DIM, 0.01, 100);
    assert_close(bandwidth, sqrt(square), 0.01, 0);
    bandwidth = choose(sample, 1, data, N, DIM, 2, 100);
    assert_close(bandwidth, 2, 1e-12, 0);
    bandwidth = choose(sample, 1, data, N, DIM, 0.01, 0.1);
    assert_close(bandwidth, 0.1, 1e-12, 0);
    free(data);
}

static double plain_mean(const float *samples, size_t m, const float *data, size_t n, size_t dim, double s)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += plain_nats(samples, m, data + i * dim, dim, s);
    return sum / (double)n;
}

static void the_bandwidth_is_the_likeliest(void **state)
{
    (void)state;
    enum { M = 300, N = 100, DIM = 3 };
    float *samples = draw(M * DIM, 0, 1, 11), *data = draw(N * DIM, 0, 1, 12);
    double bandwidth;
    bandwidth = choose(samples, M, data, N, DIM, 0.001, 10);
    double best = plain_mean(samples, M, data, N, DIM, bandwidth);
    for (double s = 0.001; s < 10; s *= 1.02)
        if (plain_mean(samples, M, data, N, DIM, s) > best + 1e-3)
            fail_msg("bandwidth %g has %g nats, %g has %g", bandwidth, best, s,
                     plain_mean(samples, M, data, N, DIM, s));
    free(samples);
    free(data);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    enum { M = 600, N = 300, DIM = 40 };
    float *samples = draw(M * DIM, 0, 1, 21), *data = draw(N * DIM, 0, 1, 22);
    double nats[3][N], bandwidth[3];
    for (int32_t threads = 1; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        measure(samples, M, data, N, DIM, 0.5, nats[threads - 1]);
        bandwidth[threads - 1] = choose(samples, M, data, N, DIM, 0.1, 5);
    }
    assert_ok(diffusion_set_threads(0));
    assert_memory_equal(nats[0], nats[1], sizeof nats[0]);
    assert_memory_equal(nats[0], nats[2], sizeof nats[0]);
    assert_true(bandwidth[0] == bandwidth[1] && bandwidth[0] == bandwidth[2]);
    free(samples);
    free(data);
}

static void refuse_spec(const char *spec, const char *sentence)
{
    diffusion_evaluator *evaluator = NULL;
    assert_refused(diffusion_evaluator_create(&evaluator, NULL, NULL, spec), DIFFUSION_E_SPEC, sentence);
    assert_null(evaluator);
}

static void a_window_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"-1", "nan", "inf", "1e-160", "1e160"};
    char spec[64];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(spec, sizeof spec, "parzen bandwidth=%s", wrong[i]);
        refuse_spec(spec, "evaluator: bandwidth=");
        snprintf(spec, sizeof spec, "parzen minimum=%s", wrong[i]);
        refuse_spec(spec, "evaluator: minimum=");
        snprintf(spec, sizeof spec, "parzen maximum=%s", wrong[i]);
        refuse_spec(spec, "evaluator: maximum=");
    }
    refuse_spec("parzen minimum=0", "minimum=0");
    refuse_spec("parzen maximum=0", "maximum=0");
    refuse_spec("parzen minimum=1 maximum=1", "minimum=1, expected less than maximum=1");
    refuse_spec("parzen draws=1", "unknown key 'draws'");
}

static void what_is_no_measurement_is_refused(void **state)
{
    (void)state;
    static const float good[4] = {0, 1, 2, 3}, bad[4] = {0, 1, NAN, 3}, endless[4] = {0, INFINITY, 0, 0};
    double nats[2] = {-7, -7};
    const diffusion_status argument = DIFFUSION_E_ARGUMENT, nonfinite = DIFFUSION_E_NONFINITE;
    diffusion_evaluator *self = make_evaluator(NULL, NULL, "parzen bandwidth=1");
    diffusion_condition *condition = make_condition(2);
    assert_refused(diffusion_evaluator_run(self, good, NULL, 2), DIFFUSION_E_STATE, "parzen has no samples");
    assert_refused(diffusion_evaluator_set_reference(self, NULL, 2, 2), argument, "samples is NULL");
    assert_refused(diffusion_evaluator_set_reference(self, good, 0, 2), argument, "m=0, dim=2");
    assert_refused(diffusion_evaluator_set_reference(self, good, 2, 0), argument, "m=2, dim=0");
    assert_refused(diffusion_evaluator_set_reference(self, good, 1, (size_t)1 << 31), argument, "dim below 2^31");
    assert_refused(diffusion_evaluator_set_reference(self, good, SIZE_MAX, 2), DIFFUSION_E_MEMORY,
                   "cannot be addressed");
    assert_refused(diffusion_evaluator_set_reference(self, bad, 2, 2), nonfinite, "value 0 of row 1 of samples");
    assert_refused(diffusion_evaluator_run(self, good, NULL, 2), DIFFUSION_E_STATE, "parzen has no samples");
    assert_ok(diffusion_evaluator_set_reference(self, good, 2, 2));
    assert_refused(diffusion_evaluator_run(self, NULL, NULL, 2), argument, "x0 is NULL");
    assert_refused(diffusion_evaluator_run(self, good, NULL, 0), argument, "n=0");
    assert_refused(diffusion_evaluator_run(self, good, condition, 2), argument, "parzen takes no condition");
    assert_refused(diffusion_evaluator_run(self, endless, NULL, 2), nonfinite, "value 1 of row 0 of data");
    assert_refused(diffusion_evaluator_samples(self, nats, NULL, 2), DIFFUSION_E_STATE, "nothing has been measured");
    assert_true(nats[0] == -7 && nats[1] == -7);
    assert_ok(diffusion_evaluator_run(self, good, NULL, 2));
    assert_refused(diffusion_evaluator_terms(self, nats, NULL), DIFFUSION_E_STATE, "parzen has no terms");
    diffusion_condition_free(condition);
    diffusion_evaluator_free(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_plain_sum),
        cmocka_unit_test(a_point_on_a_sample_has_distance_0),
        cmocka_unit_test(samples_of_a_gaussian_give_the_wider_gaussian),
        cmocka_unit_test(the_bandwidth_of_one_sample_is_the_deviation),
        cmocka_unit_test(the_bandwidth_is_the_likeliest),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(a_window_that_is_none_is_refused),
        cmocka_unit_test(what_is_no_measurement_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
