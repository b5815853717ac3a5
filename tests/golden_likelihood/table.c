/* elbo <= iwae(k) <= truth, with iwae rising towards the truth. */
#include "replay.h"

const int table_k[TABLE_KS] = {1, 2, 8, 32, 128};

enum { COPIES = 32 };

static const double errors_allowed = 4.5; /* standard errors: one in 10^5 by chance */

/* The mean over points of the means over their copies, and the error that draws leave it. */
static double mean_of(const double *bits, size_t n, double *error)
{
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < n; i++) {
        double own = 0.0, squares = 0.0;
        for (size_t c = 0; c < COPIES; c++)
            own += bits[i * COPIES + c] / COPIES;
        for (size_t c = 0; c < COPIES; c++)
            squares += pow(bits[i * COPIES + c] - own, 2.0) / (COPIES - 1);
        mean += own / (double)n;
        variance += squares / COPIES / (double)n / (double)n;
    }
    *error = sqrt(variance) * log(2.0);
    return mean * log(2.0);
}

static double measure(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec,
                      const float *x0, size_t n, double *error)
{
    double *bits = malloc(n * COPIES * sizeof *bits);
    diffusion_evaluator *evaluator = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, n * COPIES));
    assert_ok(diffusion_evaluator_samples(evaluator, bits, NULL, n * COPIES));
    const double nats = mean_of(bits, n, error);
    diffusion_evaluator_free(evaluator);
    free(bits);
    return nats;
}

void table_measure(table_row *out, const diffusion_model *model, const diffusion_schedule *schedule, const float *x0,
                   size_t n, size_t dim)
{
    float *copies = malloc(n * COPIES * dim * sizeof *copies);
    for (size_t i = 0; i < n * COPIES; i++)
        memcpy(copies + i * dim, x0 + i / COPIES * dim, dim * sizeof *copies);
    out->elbo = measure(model, schedule, "elbo edge=model draws=16", copies, n, &out->elbo_error);
    for (size_t i = 0; i < TABLE_KS; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "iwae edge=model samples=%d seed=%d", table_k[i], table_k[i]);
        out->iwae[i] = measure(model, schedule, spec, copies, n, &out->iwae_error[i]);
    }
    free(copies);
}

void table_print_head(const char *name)
{
    printf("%-34s %17s", name, "elbo");
    for (size_t i = 0; i < TABLE_KS; i++) {
        char title[32];
        snprintf(title, sizeof title, "iwae(%d)", table_k[i]);
        printf(" %17s", title);
    }
    printf(" %9s\n", "truth");
}

static int in_order(const table_row *of)
{
    double below = of->elbo, below_error = of->elbo_error;
    int good = 1;
    for (size_t i = 0; i < TABLE_KS; i++) {
        const double error = of->iwae_error[i];
        good &= of->iwae[i] > below - errors_allowed * hypot(error, below_error);
        good &= of->iwae[i] < of->truth + errors_allowed * error;
        below = of->iwae[i];
        below_error = error;
    }
    const double gap = of->truth - of->elbo, left = of->truth - of->iwae[TABLE_KS - 1];
    return good && fabs(of->iwae[0] - of->elbo) < errors_allowed * hypot(of->iwae_error[0], of->elbo_error) &&
           left < 0.2 * gap + errors_allowed * of->iwae_error[TABLE_KS - 1];
}

int table_print(const char *name, const table_row *row)
{
    const int good = in_order(row);
    printf("  %-28s %s %8.4f +- %.4f", name, good ? "ok " : "OFF", row->elbo, row->elbo_error);
    for (size_t i = 0; i < TABLE_KS; i++)
        printf(" %8.4f +- %.4f", row->iwae[i], row->iwae_error[i]);
    printf(" %9.4f\n", row->truth);
    return good;
}

/* ---- a mixture's chain ---- */

/* Epsilon by the exact score, and the variance beta_t. */
static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const gaussian_chain *self = user;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        const double signal = sqrt(self->alpha_bar[t]), sigma = sqrt(1.0 - self->alpha_bar[t]);
        double x0[DIM];
        mixture_mean(self->of, x0, x + i * DIM, signal, sigma);
        for (size_t j = 0; j < DIM; j++) {
            out[i * 2 * DIM + j] = (x[i * DIM + j] - signal * x0[j]) / sigma;
            out[i * 2 * DIM + DIM + j] = self->beta[t];
        }
    }
    return 0;
}

enum { POINTS = 16 };

static int check_chain(const mixture *of, int32_t steps, const float *x0, double density, size_t n)
{
    char spec[64], name[64];
    double nats[POINTS];
    table_row row = {0};
    gaussian_chain chain = {.of = of, .steps = steps, .alpha_bar = {1.0}};
    snprintf(spec, sizeof spec, "cosine steps=%d", (int)steps);
    snprintf(name, sizeof name, "T = %d (mixture: %.4f)", (int)steps, density);
    diffusion_schedule *schedule = make_schedule(spec);
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", chain.alpha_bar + 1));
    assert_ok(diffusion_schedule_values(schedule, "beta", chain.beta + 1));
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon variance=learned_raw", predict, &chain);
    table_measure(&row, model, schedule, x0, n, DIM);
    chain_log_density(&chain, nats, x0, n);
    for (size_t i = 0; i < n; i++)
        row.truth += nats[i] / (double)n;
    const int good = table_print(name, &row);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return good;
}

int table_check(safetensors *file, const mixture *of)
{
    size_t values = 0;
    double *points = tensor_of(file, "x0", &values), density = 0.0;
    const size_t n = values / DIM < POINTS ? values / DIM : POINTS;
    float x0[POINTS * DIM];
    for (size_t i = 0; i < n * DIM; i++)
        x0[i] = (float)points[i];
    for (size_t i = 0; i < n; i++)
        density += mixture_log_density(of, points + i * DIM) / (double)n;
    table_print_head("  chains of exact scores, nats");
    const int good = check_chain(of, 8, x0, density, n) & check_chain(of, 20, x0, density, n);
    free(points);
    return good;
}
