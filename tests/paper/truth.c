/* The true entropies of bench/paper against draws of the tool's own toy data, which know nothing of the quadrature. */
#include "test.h"

#include "data/toys.h"
#include "entropy.h"

#include <stdlib.h>

enum { N = 12000 };

static const double pi = 3.14159265358979323846;

static float *draw(double noise)
{
    float *points = malloc(2 * N * sizeof *points);
    assert_non_null(points);
    toy_swiss_roll(points, N, noise, 5);
    return points;
}

/* The density by the midpoint rule, a Gaussian after the other. */
static double log_density(double x, double y, double noise)
{
    enum { NODES = 4000 };
    double sum = 0, outer = 4.5 * pi, inner = 1.5 * pi;
    for (int i = 0; i < NODES; i++) {
        double r = inner + (outer - inner) * (i + 0.5) / NODES, dx = x - r * cos(r), dy = y - r * sin(r);
        sum += exp(-(dx * dx + dy * dy) / (2 * noise * noise));
    }
    return log(sum / NODES / (2 * pi * noise * noise));
}

static void the_roll_s_entropy_is_the_mean_of_minus_log_p(void **state)
{
    (void)state;
    static const double noises[] = {0.5, 0.25};
    for (int k = 0; k < 2; k++) {
        float *points = draw(noises[k]);
        double sum = 0, squares = 0, error, truth = roll_entropy(noises[k], &error);
        for (int i = 0; i < N; i++) {
            double nats = -log_density((double)points[2 * i], (double)points[2 * i + 1], noises[k]);
            sum += nats / N;
            squares += nats * nats / N;
        }
        print_message("noise %g: entropy %.9f +- %.1e, by %d draws %.4f +- %.4f nats\n", noises[k], truth, error, N,
                      sum, sqrt((squares - sum * sum) / N));
        assert_true(error < 1e-6);
        assert_close(truth, sum, 0, 4 * sqrt((squares - sum * sum) / N));
        free(points);
    }
}

/* Kozachenko and Leonenko 1987: psi(N) - psi(k) + log pi + 2 mean log(distance of the k-th neighbour). It sees the
 * points alone. Its deviation is that of log p and of the neighbours' distances, about sqrt((0.6 + 1 / k) / N) = 0.01.
 */
static void the_roll_s_entropy_is_that_of_the_points(void **state)
{
    (void)state;
    enum { K = 4 };
    float *points = draw(0.5);
    double sum = 0, error;
    for (int i = 0; i < N; i++) {
        double nearest[K + 1] = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY};
        for (int j = 0; j < N; j++) {
            double dx = (double)points[2 * i] - (double)points[2 * j];
            double dy = (double)points[2 * i + 1] - (double)points[2 * j + 1];
            nearest[K] = j != i ? dx * dx + dy * dy : INFINITY;
            for (int k = K; k > 0 && nearest[k] < nearest[k - 1]; k--) {
                double other = nearest[k];
                nearest[k] = nearest[k - 1];
                nearest[k - 1] = other;
            }
        }
        sum += log(nearest[K - 1]) / N;
    }
    double psi_k = -0.57721566490153286 + 1 + 1 / 2.0 + 1 / 3.0;
    assert_close(roll_entropy(0.5, &error), log(N) - 0.5 / N - psi_k + log(pi) + sum, 0, 0.04);
    free(points);
}

/* Much noise: between the noise's entropy and that of a Gaussian with the whole covariance. */
static void under_much_noise_the_roll_is_a_gaussian(void **state)
{
    (void)state;
    double noise = 100, error, truth = roll_entropy(noise, &error), gaussian = log(2 * pi * exp(1) * noise * noise);
    double outer = 4.5 * pi; /* the covariance's trace is below the square of the outer radius */
    if (!(truth > gaussian && truth < gaussian + outer * outer / (2 * noise * noise)))
        fail_msg("entropy %.9f, a Gaussian's %.9f", truth, gaussian);
}

static void the_variance_is_that_of_the_points(void **state)
{
    (void)state;
    float *points = draw(0.5);
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < 2 * N; i++)
        sum += (double)points[i] / (2 * N);
    for (int i = 0; i < 2 * N; i++) {
        double square = ((double)points[i] - sum) * ((double)points[i] - sum);
        squares += square / (2 * N);
        fourth += square * square / (2 * N);
    }
    assert_close(roll_variance(0.5), squares, 0, 4 * sqrt((fourth - squares * squares) / N));
    free(points);
}

/* Five sequences with equal chance. */
static void the_heartbeat_has_five_equal_phases(void **state)
{
    (void)state;
    enum { COUNT = 20000, LENGTH = 20 };
    float *beats = malloc(COUNT * LENGTH * sizeof *beats);
    assert_non_null(beats);
    toy_heartbeat(beats, COUNT, 3);
    double seen[LENGTH] = {0}, entropy = 0;
    for (int i = 0; i < COUNT; i++) {
        int first = 0;
        while (beats[i * LENGTH + first] == 0)
            first++;
        for (int j = 0; j < LENGTH; j++)
            assert_true((double)beats[i * LENGTH + j] == (j % 5 == first));
        seen[first] += 1.0 / COUNT;
    }
    for (int j = 0; j < LENGTH; j++)
        entropy -= seen[j] > 0 ? seen[j] * log2(seen[j]) : 0;
    assert_close(heartbeat_entropy_bits(), entropy, 0, 1e-3); /* off by chi^2 / (2 COUNT log 2), about 4 / 28000 */
    assert_close(heartbeat_entropy_bits(), 2.321928094887362, 1e-14, 0);
    free(beats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roll_s_entropy_is_the_mean_of_minus_log_p),
        cmocka_unit_test(the_roll_s_entropy_is_that_of_the_points),
        cmocka_unit_test(under_much_noise_the_roll_is_a_gaussian),
        cmocka_unit_test(the_variance_is_that_of_the_points),
        cmocka_unit_test(the_heartbeat_has_five_equal_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
