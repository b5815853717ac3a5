/* Bits, whose p(x_0) is a sum over all trajectories. */
#include "replay.h"

enum { BITS = 3, STATES = 8, STEPS = 4 };

static double rate_of(int t, const double *from, int bit)
{
    const double logit =
        0.6 * t - 0.9 * bit - 1.1 + 2.2 * from[bit] - 0.9 * from[(bit + 1) % BITS] + 0.5 * from[0] * from[2];
    return 1.0 / (1.0 + exp(-logit));
}

static int32_t rates(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                     void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n * BITS; i++)
        out[i] = rate_of((int)time[i / BITS], x + i / BITS * BITS, (int)(i % BITS));
    return 0;
}

static double chance(const double *rate, const float *state)
{
    double product = 1.0;
    for (size_t j = 0; j < BITS; j++)
        product *= state[j] > 0.5f ? rate[j] : 1.0 - rate[j];
    return product;
}

/* The mean of log p over all states, from p(x_T) down, one step after another. */
static double enumerate(const float *states)
{
    static const double prior[BITS] = {0.3, 0.6, 0.5};
    double p[STATES], mean = 0.0;
    for (size_t s = 0; s < STATES; s++)
        p[s] = chance(prior, states + s * BITS);
    for (int t = STEPS; t >= 1; t--) {
        double below[STATES] = {0.0};
        for (size_t from = 0; from < STATES; from++) {
            double x[BITS], rate[BITS];
            for (size_t j = 0; j < BITS; j++)
                x[j] = (double)states[from * BITS + j];
            for (int j = 0; j < BITS; j++)
                rate[j] = rate_of(t, x, j);
            for (size_t s = 0; s < STATES; s++)
                below[s] += p[from] * chance(rate, states + s * BITS);
        }
        memcpy(p, below, sizeof p);
    }
    for (size_t s = 0; s < STATES; s++)
        mean += log(p[s]) / STATES;
    return mean;
}

int bits_check(void)
{
    float states[STATES * BITS];
    table_row row = {0};
    for (size_t s = 0; s < STATES; s++)
        for (size_t j = 0; j < BITS; j++)
            states[s * BITS + j] = (float)(s >> j & 1);
    diffusion_schedule *schedule = make_schedule("betas values=0.3,0.4,0.6,0.8 kernel=binomial rate=0.3,0.6,0.5");
    diffusion_model *model = make_callback_double("shape=3 predict=mean", rates, NULL);
    table_measure(&row, model, schedule, states, STATES, BITS);
    row.truth = enumerate(states);
    table_print_head("bits, nats");
    const int good = table_print("3 bits, T = 4, enumerated", &row);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return good;
}
