/* Samples against data: closed forms of Gaussians, plain sums, floors, and what the measures are there to find. */
#include "make.h"
#include "normal.h"

/* The samples against the data; the caller frees the evaluator. */
static diffusion_evaluator *compare(const char *spec, const float *samples, size_t n, const float *data, size_t m,
                                    size_t dim)
{
    diffusion_evaluator *evaluator = make_evaluator(NULL, NULL, spec);
    assert_ok(diffusion_evaluator_set_reference(evaluator, data, m, dim));
    assert_ok(diffusion_evaluator_run(evaluator, samples, NULL, n));
    return evaluator;
}

static double compare_figure(const char *spec, const char *quantity, const float *samples, size_t n, const float *data,
                             size_t m, size_t dim)
{
    diffusion_evaluator *evaluator = compare(spec, samples, n, data, m, dim);
    double value = figure(evaluator, quantity);
    diffusion_evaluator_free(evaluator);
    return value;
}

/* Mean and standard deviation of a figure over `draws` pairs of fresh sets, samples shifted by `shift`, and the mean of
 * its standard error. */
typedef struct spread {
    double mean, deviation, error;
} spread;

static spread spread_of(const char *spec, const char *quantity, size_t n, size_t m, size_t dim, double shift)
{
    enum { DRAWS = 40 };
    spread of = {0, 0, 0};
    double square = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        float *samples = draw(n * dim, shift, 1, 100 + i), *data = draw(m * dim, 0, 1, 9000 + i);
        diffusion_evaluator *evaluator = compare(spec, samples, n, data, m, dim);
        double value = figure(evaluator, quantity);
        of.mean += value / DRAWS;
        square += value * value / DRAWS;
        of.error += figure(evaluator, "standard_error") / DRAWS;
        diffusion_evaluator_free(evaluator);
        free(samples);
        free(data);
    }
    of.deviation = sqrt((square - of.mean * of.mean) * DRAWS / (DRAWS - 1.0));
    return of;
}

/* The deviation of 40 draws is known to a ninth. */
static void assert_error_is_right(const spread *of, double low, double high)
{
    if (!(of->error > low * of->deviation && of->error < high * of->deviation))
        fail_msg("a standard error of %g, where the figure's deviation is %g", of->error, of->deviation);
}

/* ---- sliced Wasserstein ---- */

static void it_is_exact_on_a_line_for_other_counts(void **state)
{
    (void)state;
    static const float two[] = {1, 0}, three[] = {3, 0, 0}, one[] = {5};
    /* Quantiles 0, 0 | 0, 1 | 3, 1: a sixth has difference 1, a third 2. */
    double distance = compare_figure("sliced_wasserstein", "distance", two, 2, three, 3, 1);
    assert_close(distance, sqrt(1 / 6.0 + 4 / 3.0), 1e-6, 0);
    distance = compare_figure("sliced_wasserstein", "distance", three, 3, two, 2, 1);
    assert_close(distance, sqrt(1 / 6.0 + 4 / 3.0), 1e-6, 0);
    distance = compare_figure("sliced_wasserstein", "distance", one, 1, two, 2, 1);
    assert_close(distance, sqrt((16 + 25) / 2.0), 1e-6, 0);
}

/* Moved by v, along a direction u by u v: a mean square of |v|^2 / dim over all directions. */
static void it_is_the_shift_over_the_root_of_the_dimension(void **state)
{
    (void)state;
    enum { N = 500, DIM = 3 };
    float *data = draw(N * DIM, 1000, 1, 1), *samples = draw(N * DIM, 1000, 1, 1);
    for (size_t i = 0; i < N * DIM; i++)
        samples[i] += i % DIM == 0 ? 2.0f : 0.0f;
    double distance = compare_figure("sliced_wasserstein projections=3000", "distance", samples, N, data, N, DIM);
    assert_close(distance, 2 / sqrt(3), 0, 0.04);
    free(data);
    free(samples);
}

/* N(mu, a^2) against N(0, b^2) in each of DIM dimensions: the shift's part, and (a - b)^2. */
static void it_is_that_of_gaussians(void **state)
{
    (void)state;
    enum { N = 4000, M = 6000, DIM = 2 };
    float *samples = draw(N * DIM, 0.5, 2, 5), *data = draw(M * DIM, 0, 1.2, 6);
    double distance = compare_figure("sliced_wasserstein projections=600", "distance", samples, N, data, M, DIM);
    assert_close(distance, sqrt(0.25 + 0.64), 0, 0.06);
    free(samples);
    free(data);
}

static void its_standard_error_is_its_deviation(void **state)
{
    (void)state;
    spread of = spread_of("sliced_wasserstein projections=50", "distance", 200, 300, 2, 0);
    assert_error_is_right(&of, 0.6, 1.7);
    of = spread_of("sliced_wasserstein projections=50", "distance", 200, 300, 2, 1);
    assert_error_is_right(&of, 0.6, 1.7);
}

/* ---- maximum mean discrepancy ---- */

/* E k(x, y), x ~ N(shift, a), y ~ N(0, b) in each dimension (variances), of one width. */
static double gaussian_kernel(double shift, double a, double b, double width, double dim)
{
    const double sum = width * width + a + b;
    return pow(width * width / sum, dim / 2) * exp(-dim * shift * shift / (2 * sum));
}

static void it_is_the_discrepancy_of_gaussians(void **state)
{
    (void)state;
    enum { N = 3000, M = 4000, DIM = 2 };
    static const double widths[] = {0.5, 1, 2};
    float *samples = draw(N * DIM, 0.4, 1.3, 15), *data = draw(M * DIM, 0, 1, 16);
    diffusion_evaluator *evaluator = compare("mmd widths=0.5,1,2", samples, N, data, M, DIM);
    double s = figure(evaluator, "bandwidth"), truth = 0;
    assert_close(s, sqrt(4 * log(2)), 0, 0.1); /* the median of chi^2 of 2 is 2 log 2, of twice the variance */
    for (size_t k = 0; k < 3; k++) {
        const double w = widths[k] * s;
        truth += (gaussian_kernel(0, 1.69, 1.69, w, DIM) + gaussian_kernel(0, 1, 1, w, DIM) -
                  2 * gaussian_kernel(0.4, 1.69, 1, w, DIM)) /
                 3;
    }
    double error = figure(evaluator, "standard_error");
    assert_close(figure(evaluator, "mmd_squared"), truth, 0, 4 * error);
    assert_true(error < 0.1 * truth);
    diffusion_evaluator_free(evaluator);
    free(samples);
    free(data);
}

static double plain_mean(const float *a, size_t n, const float *b, size_t m, size_t dim, double s)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            double square = 0;
            for (size_t k = 0; k < dim; k++)
                square += pow((double)a[i * dim + k] - (double)b[j * dim + k], 2);
            sum += a == b && i == j ? 0 : exp(-square / (2 * s * s));
        }
    return sum / ((double)n * ((double)m - (a == b)));
}

/* Shapes that fill no tile, far from 0, and values whose squares float32 does not hold. */
static void it_is_the_plain_sum(void **state)
{
    (void)state;
    static const struct {
        size_t n, m, dim;
        double mean, deviation;
    } cases[] = {{2, 2, 1, 0, 1}, {65, 300, 3, 0, 1}, {130, 257, 20, 1e4, 1}, {70, 70, 784, 3, 1e22}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const size_t n = cases[c].n, m = cases[c].m, dim = cases[c].dim;
        float *samples = draw(n * dim, cases[c].mean, cases[c].deviation, 1 + c);
        float *data = draw(m * dim, cases[c].mean, 1.1 * cases[c].deviation, 50 + c);
        diffusion_evaluator *evaluator = compare("mmd widths=0.7", samples, n, data, m, dim);
        const double s = 0.7 * figure(evaluator, "bandwidth");
        const double truth = plain_mean(samples, n, samples, n, dim, s) + plain_mean(data, m, data, m, dim, s) -
                             2 * plain_mean(samples, n, data, m, dim, s);
        assert_close(figure(evaluator, "mmd_squared"), truth, 0, 1e-5);
        diffusion_evaluator_free(evaluator);
        free(samples);
        free(data);
    }
}

static void its_jackknife_is_its_deviation(void **state)
{
    (void)state;
    spread of = spread_of("mmd", "mmd_squared", 150, 200, 2, 0);
    assert_error_is_right(&of, 0.8, 2.2); /* the square root of 2 too large here */
    assert_close(of.mean, 0, 0, 4 * of.deviation / sqrt(40));
    of = spread_of("mmd", "mmd_squared", 150, 200, 2, 1);
    assert_error_is_right(&of, 0.7, 1.4);
}

/* ---- nearest neighbours ---- */

static void a_half_is_nearest_to_its_own(void **state)
{
    (void)state;
    spread of = spread_of("two_sample", "accuracy", 200, 300, 2, 0);
    assert_close(of.mean, 0.5, 0, 4 * of.deviation / sqrt(40));
    assert_error_is_right(&of, 0.7, 1.4);
}

static void sets_apart_are_told_apart(void **state)
{
    (void)state;
    static const float low[] = {0, 1, 2.5f}, high[] = {100, 101, 103, 106}, both[] = {0, 1, 0, 1};
    diffusion_evaluator *evaluator = compare("two_sample", low, 3, high, 4, 1);
    assert_true(figure(evaluator, "accuracy") == 1 && figure(evaluator, "standard_error") == 0);
    assert_true(figure(evaluator, "sample_accuracy") == 1 && figure(evaluator, "data_accuracy") == 1);
    diffusion_evaluator_free(evaluator);
    assert_true(compare_figure("two_sample", "accuracy", low, 3, low, 3, 1) == 0);     /* on each other */
    assert_true(compare_figure("two_sample", "accuracy", both, 4, both, 4, 1) == 0.5); /* and equally on their own */
}

/* Beside a plain search, far from 0, where the products alone would find others. */
static void the_nearest_row_is_found_exactly(void **state)
{
    (void)state;
    enum { N = 70, M = 300, DIM = 5 };
    float *samples = draw(N * DIM, 3e4, 1, 31), *data = draw(M * DIM, 3e4, 1, 32);
    memcpy(samples, data + 7 * DIM, DIM * sizeof *samples);
    diffusion_evaluator *evaluator = compare("nearest", samples, N, data, M, DIM);
    double distance[N], mean = 0;
    int64_t rows[N];
    assert_ok(diffusion_evaluator_samples(evaluator, distance, NULL, N));
    assert_ok(diffusion_evaluator_neighbours(evaluator, rows, N));
    for (size_t i = 0; i < N; i++) {
        double best = INFINITY;
        int64_t row = -1;
        for (size_t j = 0; j < M; j++) {
            double square = 0;
            for (size_t k = 0; k < DIM; k++)
                square += pow((double)samples[i * DIM + k] - (double)data[j * DIM + k], 2);
            row = square < best ? (int64_t)j : row;
            best = fmin(best, square);
        }
        assert_int_equal(rows[i], row);
        assert_close(distance[i], sqrt(best), 1e-12, 0);
        mean += distance[i] / N;
    }
    assert_true(distance[0] == 0 && rows[0] == 7);
    assert_close(figure(evaluator, "mean_distance"), mean, 1e-12, 0);
    diffusion_evaluator_free(evaluator);
    free(samples);
    free(data);
}

/* Rows of one value each, all rounded the same way in sum: each is its own nearest, however near the next. */
static void flat_rows_find_themselves(void **state)
{
    (void)state;
    enum { M = 400, DIM = 384 };
    float *values = draw(M, 0.77f, 1e-3f, 51), *data = malloc(M * DIM * sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < M * DIM; i++)
        data[i] = i / DIM % 2 == 0 ? values[i / DIM] : -values[i / DIM];
    diffusion_evaluator *evaluator = compare("nearest", data, M, data, M, DIM);
    double distance[M];
    int64_t rows[M];
    assert_ok(diffusion_evaluator_samples(evaluator, distance, NULL, M));
    assert_ok(diffusion_evaluator_neighbours(evaluator, rows, M));
    for (size_t i = 0; i < M; i++)
        if (distance[i] != 0.0)
            fail_msg("row %zu has row %d for its nearest, %g away", i, (int)rows[i], distance[i]);
    diffusion_evaluator_free(evaluator);
    free(values);
    free(data);
}

/* Products of -3.6e38 and 7.2e38, which float32 has not: the nearest row is on the other side of the centre. */
static void products_beyond_float32_hide_no_row(void **state)
{
    (void)state;
    static const float data[] = {-3e19f, -3.1e19f, 6.1e19f}, sample[] = {1.2e19f};
    diffusion_evaluator *evaluator = compare("nearest", sample, 1, data, 3, 1);
    int64_t row;
    assert_ok(diffusion_evaluator_neighbours(evaluator, &row, 1));
    assert_int_equal(row, 0);
    assert_close(figure(evaluator, "mean_distance"), 4.2e19, 1e-6, 0);
    diffusion_evaluator_free(evaluator);
}

/* ---- what they are for ---- */

enum { ROWS = 600 };

/* Four clusters at the corners of a square, or the first `modes` of them. */
static float *clusters(size_t modes, uint64_t seed)
{
    float *values = draw(2 * ROWS, 0, 0.2, seed);
    for (size_t i = 0; i < ROWS; i++) {
        values[2 * i] += i % modes & 1 ? 1.0f : -1.0f;
        values[2 * i + 1] += i % modes & 2 ? 1.0f : -1.0f;
    }
    return values;
}

static void check_found(const float *samples, const float *data, const float *held, const char *spec,
                        const char *quantity, int found)
{
    diffusion_evaluator *evaluator = compare(spec, samples, ROWS, data, ROWS, 2);
    double value = figure(evaluator, quantity), error = figure(evaluator, "standard_error");
    assert_ok(diffusion_evaluator_run(evaluator, held, NULL, ROWS));
    double off = value - figure(evaluator, quantity);
    error = sqrt(error * error + pow(figure(evaluator, "standard_error"), 2));
    diffusion_evaluator_free(evaluator);
    if ((off > 4 * error) - (off < -4 * error) != found)
        fail_msg("%s: %g from its floor, errors of %g", spec, off, error);
}

static void a_mode_that_is_left_out_is_found(void **state)
{
    (void)state;
    float *data = clusters(4, 41), *held = clusters(4, 42), *good = clusters(4, 43);
    float *bad[] = {clusters(3, 44), clusters(3, 45),
                    clusters(2, 46)}; /* one left out would be 2.7 errors of the third */
    static const char *const measures[][2] = {
        {"sliced_wasserstein", "distance"}, {"mmd", "mmd_squared"}, {"two_sample", "accuracy"}};
    for (size_t i = 0; i < 3; i++) {
        check_found(good, data, held, measures[i][0], measures[i][1], 0);
        check_found(bad[i], data, held, measures[i][0], measures[i][1], 1);
        free(bad[i]);
    }
    free(data);
    free(held);
    free(good);
}

static void rows_learnt_by_heart_are_found(void **state)
{
    (void)state;
    float *data = clusters(4, 51), *held = clusters(4, 52), *good = clusters(4, 53), *bad = clusters(4, 54);
    memcpy(bad, data, ROWS * sizeof *bad); /* half of the rows */
    check_found(good, data, held, "nearest", "mean_distance", 0);
    check_found(bad, data, held, "nearest", "mean_distance", -1);
    check_found(bad, data, held, "two_sample", "accuracy", -1);
    check_found(bad, data, held, "mmd", "mmd_squared", 0);
    free(data);
    free(held);
    free(good);
    free(bad);
}

/* ---- bits, and refusals ---- */

static const char *const kinds[][3] = {{"sliced_wasserstein projections=40", "distance", "standard_error"},
                                       {"mmd", "mmd_squared", "standard_error"},
                                       {"two_sample seed=3", "accuracy", "standard_error"},
                                       {"nearest", "mean_distance", "standard_error"}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void threads_do_not_matter(void **state)
{
    (void)state;
    enum { N = 300, M = 700, DIM = 30 };
    float *samples = draw(N * DIM, 0, 1, 61), *data = draw(M * DIM, 0, 1, 62);
    for (size_t k = 0; k < KINDS; k++) {
        double values[3][2];
        for (int32_t threads = 1; threads <= 3; threads++) {
            assert_ok(diffusion_set_threads(threads));
            diffusion_evaluator *evaluator = compare(kinds[k][0], samples, N, data, M, DIM);
            values[threads - 1][0] = figure(evaluator, kinds[k][1]);
            values[threads - 1][1] = figure(evaluator, kinds[k][2]);
            diffusion_evaluator_free(evaluator);
        }
        assert_memory_equal(values[0], values[1], sizeof values[0]);
        assert_memory_equal(values[0], values[2], sizeof values[0]);
    }
    assert_ok(diffusion_set_threads(0));
    free(samples);
    free(data);
}

/* And whatever was run before: mmd keeps the reference's own sums. */
static void a_second_run_is_as_good_as_the_first(void **state)
{
    (void)state;
    enum { N = 100, DIM = 4 };
    float *samples = draw(N * DIM, 1, 1, 71), *data = draw(N * DIM, 0, 1, 72), *other = draw(N * DIM, 0, 2, 73);
    for (size_t k = 0; k < KINDS; k++) {
        diffusion_evaluator *evaluator = compare(kinds[k][0], other, N, other, N / 2, DIM);
        assert_ok(diffusion_evaluator_set_reference(evaluator, data, N, DIM));
        assert_ok(diffusion_evaluator_run(evaluator, other, NULL, N));
        assert_ok(diffusion_evaluator_run(evaluator, samples, NULL, N));
        const double truth = compare_figure(kinds[k][0], kinds[k][1], samples, N, data, N, DIM);
        assert_true(figure(evaluator, kinds[k][1]) == truth);
        diffusion_evaluator_free(evaluator);
    }
    free(samples);
    free(data);
    free(other);
}

static void refuse_kind(const char *spec)
{
    static const float good[] = {0, 1, 2, 4}, bad[] = {0, NAN, 1, 1};
    double numbers[2];
    int64_t rows[2];
    const int nearest = strcmp(spec, "nearest") == 0;
    diffusion_evaluator *self = make_evaluator(NULL, NULL, spec);
    diffusion_condition *condition = make_condition(2);
    assert_refused(diffusion_evaluator_run(self, good, NULL, 2), DIFFUSION_E_STATE, "has no samples");
    assert_refused(diffusion_evaluator_set_reference(self, bad, 2, 2), DIFFUSION_E_NONFINITE, "of samples is nan");
    assert_ok(diffusion_evaluator_set_reference(self, good, 2, 2));
    assert_refused(diffusion_evaluator_run(self, bad, NULL, 2), DIFFUSION_E_NONFINITE, "of data is nan");
    assert_refused(diffusion_evaluator_run(self, good, condition, 2), DIFFUSION_E_ARGUMENT, "takes no condition");
    assert_refused(diffusion_evaluator_neighbours(self, rows, 2), DIFFUSION_E_STATE, "nothing has been measured");
    assert_ok(diffusion_evaluator_run(self, good, NULL, 2));
    assert_refused(diffusion_evaluator_terms(self, numbers, NULL), DIFFUSION_E_STATE, "has no terms");
    if (nearest) {
        assert_refused(diffusion_evaluator_neighbours(self, rows, 3), DIFFUSION_E_SHAPE, "count=3, but 2 samples");
    } else {
        assert_refused(diffusion_evaluator_samples(self, numbers, NULL, 2), DIFFUSION_E_STATE, "no figures of single");
        assert_refused(diffusion_evaluator_neighbours(self, rows, 2), DIFFUSION_E_STATE, "looks for no neighbours");
    }
    diffusion_condition_free(condition);
    diffusion_evaluator_free(self);
}

static void what_is_no_comparison_is_refused(void **state)
{
    (void)state;
    static const float same[] = {3, 4, 3, 4, 3, 4}, other[] = {0, 1, 2, 3}, huge[] = {3e38f, -3e38f, 3e38f};
    diffusion_evaluator *self = NULL;
    for (size_t k = 0; k < KINDS; k++)
        refuse_kind(kinds[k][0]);
    self = make_evaluator(NULL, NULL, "mmd");
    assert_ok(diffusion_evaluator_set_reference(self, same, 3, 2));
    assert_refused(diffusion_evaluator_run(self, other, NULL, 2), DIFFUSION_E_ARGUMENT,
                   "3 rows of the reference are all alike");
    assert_refused(diffusion_evaluator_run(self, other, NULL, 1), DIFFUSION_E_ARGUMENT,
                   "mmd of 1 rows against 3, expected at least 2");
    diffusion_evaluator_free(self);
    self = make_evaluator(NULL, NULL, "sliced_wasserstein");
    assert_ok(diffusion_evaluator_set_reference(self, huge, 1, 2));
    assert_refused(diffusion_evaluator_run(self, huge + 1, NULL, 1), DIFFUSION_E_NONFINITE, "beyond float32");
    diffusion_evaluator_free(self);
    self = NULL;
    assert_refused(diffusion_evaluator_create(&self, NULL, NULL, "mmd widths=0"), DIFFUSION_E_SPEC, "widths");
    assert_refused(diffusion_evaluator_create(&self, NULL, NULL, "sliced_wasserstein projections=0"), DIFFUSION_E_SPEC,
                   "projections=0");
    assert_refused(diffusion_evaluator_create(&self, NULL, NULL, "nearest seed=1"), DIFFUSION_E_SPEC,
                   "unknown key 'seed'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_exact_on_a_line_for_other_counts),
        cmocka_unit_test(it_is_the_shift_over_the_root_of_the_dimension),
        cmocka_unit_test(it_is_that_of_gaussians),
        cmocka_unit_test(its_standard_error_is_its_deviation),
        cmocka_unit_test(it_is_the_discrepancy_of_gaussians),
        cmocka_unit_test(it_is_the_plain_sum),
        cmocka_unit_test(its_jackknife_is_its_deviation),
        cmocka_unit_test(a_half_is_nearest_to_its_own),
        cmocka_unit_test(sets_apart_are_told_apart),
        cmocka_unit_test(the_nearest_row_is_found_exactly),
        cmocka_unit_test(flat_rows_find_themselves),
        cmocka_unit_test(products_beyond_float32_hide_no_row),
        cmocka_unit_test(a_mode_that_is_left_out_is_found),
        cmocka_unit_test(rows_learnt_by_heart_are_found),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(a_second_run_is_as_good_as_the_first),
        cmocka_unit_test(what_is_no_comparison_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
