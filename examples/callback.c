/* A network of one's own: the reverse process is a function of this program, and the library samples and measures it.
 *
 * The data is normal with mean M and deviation S, so the exact reverse step is known: with a and v the mean's factor
 * and variance of x_{t-1} (a_t = sqrt(alpha_bar_t), v_t = alpha_bar_t S^2 + 1 - alpha_bar_t), p(x_{t-1} | x_t) is the
 * product of N(a_{t-1} M, v_{t-1}) and the forward kernel. With an exact reverse process the bound K is tight: it
 * equals the data's log likelihood, which this program prints beside it.
 */
#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 200, SAMPLES = 2000 };
static const double M = 0.5, S = 0.7;

/* What the callback needs, [STEPS + 1], element t. */
struct process {
    double beta[STEPS + 1], alpha_bar[STEPS + 1];
};

static double logit(double p)
{
    return log(p) - log1p(-p);
}

/* predict=mean variance=learned: the mean itself, then s with Sigma = sigmoid(s + logit(beta_t)). */
static int32_t exact_step(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                          double *out, void *user)
{
    const struct process *q = user;
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        int t = (int)time[i]; /* a chain of all steps visits whole ones */
        double beta = q->beta[t], alpha_bar = q->alpha_bar[t - 1];
        double prior_mean = sqrt(alpha_bar) * M, prior_variance = alpha_bar * S * S + 1.0 - alpha_bar;
        double variance = 1.0 / ((1.0 - beta) / beta + 1.0 / prior_variance);
        out[2 * i] = variance * (sqrt(1.0 - beta) / beta * x[i] + prior_mean / prior_variance);
        out[2 * i + 1] = logit(variance) - logit(beta);
    }
    return 0;
}

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

/* Draws the data, and returns its mean log likelihood in bits. */
static double draw_data(float *x0)
{
    double sum = 0.0;
    for (int i = 0; i < SAMPLES; i++) {
        double z = sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
        x0[i] = (float)(M + S * z);
        sum += -0.5 * z * z - log(S) - 0.5 * log(6.283185307179586);
    }
    return sum / SAMPLES / log(2.0);
}

static int run(diffusion_schedule *schedule, diffusion_model *model, struct process *q)
{
    static float x0[SAMPLES], drawn[SAMPLES];
    diffusion_evaluator *evaluator = NULL;
    diffusion_sampler *sampler = NULL;
    double truth = draw_data(x0), k = 0.0, error = 0.0, mean = 0.0;

    int failed =
        diffusion_schedule_values(schedule, "beta", q->beta + 1) != DIFFUSION_OK ||
        diffusion_schedule_values(schedule, "alpha_bar", q->alpha_bar + 1) != DIFFUSION_OK ||
        diffusion_evaluator_create(&evaluator, model, schedule, "elbo edge=model draws=16 seed=1") != DIFFUSION_OK ||
        diffusion_evaluator_run(evaluator, x0, NULL, SAMPLES) != DIFFUSION_OK ||
        diffusion_evaluator_value(evaluator, "k_bits", &k) != DIFFUSION_OK ||
        diffusion_evaluator_value(evaluator, "draw_error_bits", &error) != DIFFUSION_OK ||
        diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=1") != DIFFUSION_OK ||
        diffusion_sampler_run(sampler, NULL, SAMPLES, drawn) != DIFFUSION_OK;
    for (int i = 0; i < SAMPLES; i++)
        mean += drawn[i] / (double)SAMPLES;
    diffusion_sampler_free(sampler);
    diffusion_evaluator_free(evaluator);
    if (failed) {
        fprintf(stderr, "callback: %s\n", diffusion_last_error());
        return EXIT_FAILURE;
    }
    printf("log likelihood of the data %.4f bits, bound K %.4f +- %.4f bits; mean of the data %.3f, of samples %.3f\n",
           truth, k, error, M, mean);
    return fabs(k - truth) < 4.0 * error && fabs(mean - M) < 0.1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    static struct process q = {{0.0}, {1.0}}; /* alpha_bar_0 = 1 */
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    int status = EXIT_FAILURE;

    if (diffusion_schedule_create(&schedule, "cosine steps=200") == DIFFUSION_OK &&
        diffusion_model_create_callback_double(&model, "shape=1 predict=mean variance=learned", exact_step, &q) ==
            DIFFUSION_OK)
        status = run(schedule, model, &q);
    else
        fprintf(stderr, "callback: %s\n", diffusion_last_error());
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}
