/* The generator beside Random123's published answers and a second implementation, and its draws beside theory. */
#include "test.h"

#include "base/rng.h"

#include <stdlib.h>

enum { DRAWS = 100000 };

static double draws[DRAWS];

/* The documented use of the 53 high bits: the middle of their interval. */
static double unit(uint64_t bits)
{
    return ((double)(bits >> 11) + 0.5) / 9007199254740992.0;
}

static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a1 = a >> 32, a0 = a & 0xffffffff, b1 = b >> 32, b0 = b & 0xffffffff;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), low = (middle & 0xffffffff) + a0 * b1;
    return a1 * b1 + (middle >> 32) + (low >> 32);
}

/* Philox4x64-10 from the paper of Salmon et al. 2011. */
static void philox(uint64_t c[4], uint64_t key0, uint64_t key1)
{
    static const uint64_t m0 = 0xD2E7470EE14C6C93, m1 = 0xCA5A826395121157;
    for (int round = 0; round < 10; round++) {
        uint64_t high0 = multiply_high(m0, c[0]), low0 = m0 * c[0];
        uint64_t high1 = multiply_high(m1, c[2]), low1 = m1 * c[2];
        c[0] = high1 ^ c[1] ^ key0;
        c[1] = low1;
        c[2] = high0 ^ c[3] ^ key1;
        c[3] = low0;
        key0 += 0x9E3779B97F4A7C15;
        key1 += 0xBB67AE8584CAA73B;
    }
}

/* kat_vectors of Random123: philox4x64 10, counter and key 0. */
static void uniforms_are_the_known_answers_of_philox(void **state)
{
    (void)state;
    static const uint64_t words[4] = {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b};
    uint64_t counter[4] = {0, 0, 0, 0};
    rng_uniform(draws, 4, (rng_stream){0, 0, 0, 0});
    philox(counter, 0, 0);
    for (int i = 0; i < 4; i++) {
        assert_true(counter[i] == words[i]);
        assert_close(draws[i], unit(words[i]), 0, 0);
    }
}

static void a_stream_is_the_key_and_the_high_counter_words(void **state)
{
    (void)state;
    const rng_stream stream = {.seed = 0x0123456789abcdef, .purpose = RNG_SAMPLER, .step = 1000, .sample = 1ULL << 40};
    rng_uniform(draws, 101, stream);
    for (uint64_t i = 0; i < 101; i++) {
        uint64_t block[4] = {i / 4, stream.step, stream.sample, 0};
        philox(block, stream.seed, stream.purpose);
        assert_close(draws[i], unit(block[i % 4]), 0, 0);
    }
}

static void normals_are_box_muller_of_the_uniforms(void **state)
{
    (void)state;
    const rng_stream stream = {.seed = 3, .purpose = RNG_NOISE, .step = 2, .sample = 1};
    double normal[11];
    float rounded[11];
    rng_uniform(draws, 12, stream);
    rng_normal(normal, 11, stream);
    rng_normal_float(rounded, 11, stream);
    for (int i = 0; i < 11; i++) {
        double radius = sqrt(-2 * log(draws[i - i % 2])), angle = 2 * acos(-1) * draws[i - i % 2 + 1];
        assert_close(normal[i], i % 2 == 0 ? radius * cos(angle) : radius * sin(angle), 1e-14, 1e-14);
        assert_true(rounded[i] == (float)normal[i]);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: sqrt(n) D exceeds 1.95 with a chance of 1 in 1000 (2 exp(-2 1.95^2)); the draws are fixed. */
static void check_distribution(double distribution(double))
{
    double largest = 0;
    qsort(draws, DRAWS, sizeof draws[0], ascending);
    for (int i = 0; i < DRAWS; i++) {
        double truth = distribution(draws[i]);
        largest = fmax(largest, fmax((i + 1.0) / DRAWS - truth, truth - (double)i / DRAWS));
    }
    assert_close(largest * sqrt(DRAWS), 0, 0, 1.95);
}

static double uniform_distribution(double x)
{
    return x;
}

static double normal_distribution(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* The k-th moment of n draws lies within 5 standard errors, sqrt((m_2k - m_k^2) / n). */
static void check_moment(int k, double truth, double twice)
{
    double sum = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += pow(draws[i], k);
    assert_close(sum / DRAWS, truth, 0, 5 * sqrt((twice - truth * truth) / DRAWS));
}

static void uniforms_have_the_moments_and_shape_of_theory(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        rng_uniform(draws, DRAWS, (rng_stream){seed, RNG_TIME, 5, 9});
        for (int k = 1; k <= 4; k++)
            check_moment(k, 1.0 / (k + 1), 1.0 / (2 * k + 1));
        check_distribution(uniform_distribution);
        assert_true(draws[0] > 0 && draws[DRAWS - 1] < 1);
    }
}

static void normals_have_the_moments_and_shape_of_theory(void **state)
{
    (void)state;
    static const double moments[] = {1, 0, 1, 0, 3, 0, 15, 0, 105};
    for (uint64_t seed = 0; seed < 3; seed++) {
        rng_normal(draws, DRAWS, (rng_stream){seed, RNG_NOISE, 5, 9});
        for (int k = 1; k <= 4; k++)
            check_moment(k, moments[k], moments[2 * k]);
        check_distribution(normal_distribution);
    }
}

/* What one call starts with does not depend on how much it draws, and any part of the stream's name changes it. */
static void draws_depend_on_the_stream_alone(void **state)
{
    (void)state;
    double few[3], other[3];
    const rng_stream base = {1, 2, 3, 4}, others[] = {{2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, 4, 4}, {1, 2, 3, 5}};
    rng_normal(draws, 100, base);
    rng_normal(few, 3, base);
    assert_memory_equal(few, draws, sizeof few);
    for (int i = 0; i < 4; i++) {
        rng_normal(other, 3, others[i]);
        assert_true(other[0] != few[0] && other[1] != few[1]);
    }
}

/* Rows short and long, odd and even. */
static void rows_are_their_streams_own_draws(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 3, 4, 5, 7, 64, 127, 128, 129, 300};
    enum { ROWS = 70 };
    static double rows[ROWS * 300 + 1], one[300];
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (int normal = 0; normal < 2; normal++) {
            const size_t count = counts[c];
            rows[ROWS * count] = 99.0;
            (normal ? rng_normal_rows : rng_uniform_rows)(rows, ROWS, count, (rng_stream){1, 2, 3, 4});
            for (uint64_t i = 0; i < ROWS; i++) {
                (normal ? rng_normal : rng_uniform)(one, count, (rng_stream){1, 2, 3, 4 + i});
                assert_memory_equal(rows + i * count, one, count * sizeof *one);
            }
            assert_true(rows[ROWS * count] == 99.0);
        }
}

/* Each of the 10 outcomes of 100000 draws within 5 standard deviations of a binomial count. */
static void below_is_uniform_over_its_range(void **state)
{
    (void)state;
    int counts[10] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t drawn = rng_below(10, (rng_stream){1, RNG_TIME, 0, i});
        assert_true(drawn < 10);
        counts[drawn]++;
        assert_true(rng_below(1, (rng_stream){1, RNG_TIME, 1, i}) == 0);
    }
    for (int i = 0; i < 10; i++)
        assert_close(counts[i], DRAWS / 10.0, 0, 5 * sqrt(DRAWS * 0.1 * 0.9));
}

static void permute_is_a_permutation_and_depends_on_the_epoch(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 2, 3, 4, 5, 16, 17, 64, 100, 1000, 65536, 65537};
    static unsigned char seen[65537];
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint64_t same = 0;
        memset(seen, 0, sizeof seen);
        for (uint64_t index = 0; index < counts[i]; index++) {
            uint64_t place = rng_permute(index, counts[i], (rng_stream){1, RNG_SHUFFLE, 0, 0});
            assert_true(place < counts[i] && !seen[place]);
            seen[place] = 1;
            same += place == rng_permute(index, counts[i], (rng_stream){1, RNG_SHUFFLE, 1, 0});
        }
        if (counts[i] >= 64) /* two random permutations share one place on average, 20 hardly ever */
            assert_true(same < 20);
    }
    assert_true(rng_permute(UINT64_C(4294967295), UINT64_C(4294967296), (rng_stream){1, RNG_SHUFFLE, 0, 0}) >> 32 == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniforms_are_the_known_answers_of_philox),
        cmocka_unit_test(a_stream_is_the_key_and_the_high_counter_words),
        cmocka_unit_test(normals_are_box_muller_of_the_uniforms),
        cmocka_unit_test(uniforms_have_the_moments_and_shape_of_theory),
        cmocka_unit_test(normals_have_the_moments_and_shape_of_theory),
        cmocka_unit_test(draws_depend_on_the_stream_alone),
        cmocka_unit_test(rows_are_their_streams_own_draws),
        cmocka_unit_test(below_is_uniform_over_its_range),
        cmocka_unit_test(permute_is_a_permutation_and_depends_on_the_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
