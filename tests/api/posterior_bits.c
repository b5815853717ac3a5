/* Three bits, their posteriors by enumeration: single steps without any error, whole chains with particles. */
#include "make.h"

enum { BITS = 3, WORDS = 1 << BITS, MOST_STEPS = 100, MOST = 4000 };

typedef struct words {
    double p[WORDS]; /* of a word; bit j of its number is value j */
    double beta[MOST_STEPS + 1], alpha_bar[MOST_STEPS + 1];
} words;

static const double prior_rate = 0.4;

static int bit_of(int word, int j)
{
    return word >> j & 1;
}

/* q(to | from) with probability `kept` of not being drawn anew. */
static double kernel(int to, int from, double kept)
{
    return kept * (to == from) + (1.0 - kept) * (to ? prior_rate : 1.0 - prior_rate);
}

/* The true rate of every bit of x_{t-1} given x_t: the sum over all x_0. */
static int32_t rates(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                     void *user)
{
    const words *q = user;
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        double sum = 0.0, ones[BITS] = {0};
        for (int word = 0; word < WORDS; word++) {
            double weight = q->p[word];
            for (int j = 0; j < BITS; j++)
                weight *= kernel(x[i * BITS + (size_t)j] > 0.5, bit_of(word, j), q->alpha_bar[t]);
            sum += weight;
            for (int j = 0; j < BITS; j++) {
                int now = x[i * BITS + (size_t)j] > 0.5, first = bit_of(word, j);
                double one = kernel(now, 1, 1.0 - q->beta[t]) * kernel(1, first, q->alpha_bar[t - 1]);
                ones[j] += weight * one / kernel(now, first, q->alpha_bar[t]);
            }
        }
        for (int j = 0; j < BITS; j++)
            out[i * BITS + (size_t)j] = fmin(1.0, ones[j] / sum);
    }
    return 0;
}

static void fill(words *q, const diffusion_schedule *schedule, int independent)
{
    static const double joint[WORDS] = {0.3, 0.02, 0.08, 0.1, 0.05, 0.15, 0.05, 0.25}, single[BITS] = {0.2, 0.5, 0.9};
    assert_ok(diffusion_schedule_values(schedule, "beta", q->beta + 1));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", q->alpha_bar + 1));
    q->alpha_bar[0] = 1.0;
    for (int word = 0; word < WORDS; word++) {
        q->p[word] = independent ? 1.0 : joint[word];
        for (int j = 0; j < BITS && independent; j++)
            q->p[word] *= bit_of(word, j) ? single[j] : 1.0 - single[j];
    }
}

static void assert_words(const float *x0, size_t n, const double *truth, double allowance)
{
    size_t counts[WORDS] = {0};
    for (size_t i = 0; i < n; i++) {
        int word = 0;
        for (int j = 0; j < BITS; j++)
            word |= (x0[i * BITS + (size_t)j] > 0.5f) << j;
        counts[word]++;
    }
    for (int word = 0; word < WORDS; word++) {
        double share = (double)counts[word] / (double)n, error = sqrt(truth[word] * (1.0 - truth[word]) / (double)n);
        print_message("  word %d: %.4f, truth %.4f +- %.4f\n", word, share, truth[word], error);
        assert_close(share, truth[word], 0, 4 * error + allowance);
    }
}

/* y is seen with this chance of a flip, or bit 1 is known to be y's. */
static void check(const char *schedule_spec, const char *spec, int independent, double flip, size_t n, double allowance)
{
    static float x0[MOST * BITS];
    const float y[BITS] = {1, 0, 1};
    const uint8_t mask[BITS] = {0, 1, 0};
    words q;
    double truth[WORDS], sum = 0.0;
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    fill(&q, schedule, independent);
    for (int word = 0; word < WORDS; word++) {
        truth[word] = q.p[word];
        for (int j = 0; j < BITS; j++)
            truth[word] *= flip > 0 ? (bit_of(word, j) == (int)y[j] ? 1.0 - flip : flip)
                                    : (!mask[j] || bit_of(word, j) == (int)y[j]);
        sum += truth[word];
    }
    for (int word = 0; word < WORDS; word++)
        truth[word] /= sum;
    diffusion_model *model = make_callback_double("shape=3 predict=mean", rates, &q);
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    if (flip > 0)
        assert_ok(diffusion_sampler_set_observed(sampler, y, flip, 1));
    else
        assert_ok(diffusion_sampler_set_known(sampler, y, mask, 1));
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
    assert_words(x0, n, truth, allowance);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* With beta_1 = 1 one step is all: c d / (c d + (1 - c)(1 - d)). */
static void a_single_step_is_exact(void **state)
{
    (void)state;
    check("constant_rate steps=1 kernel=binomial rate=0.4", "ancestral last=model", 1, 0.3, MOST, 0);
    check("constant_rate steps=1 kernel=binomial rate=0.4", "ancestral last=model", 1, 0.999, MOST, 0);
    check("constant_rate steps=1 kernel=binomial rate=0.4", "ancestral last=model", 1, 0, MOST, 0);
}

/* Allowance: what 32 particles leave, and 30 steps whose bits are drawn independently. */
static void chains_with_particles_are_the_posterior(void **state)
{
    (void)state;
    static const char schedule[] = "constant_rate steps=30 kernel=binomial rate=0.4";
    check(schedule, "ancestral last=model particles=32 posterior=annealed", 0, 0.2, 600, 0.015);
    check(schedule, "ancestral last=model particles=32", 0, 0, 600, 0.015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_step_is_exact),
        cmocka_unit_test(chains_with_particles_are_the_posterior),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
