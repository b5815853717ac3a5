/* The likelihood of a mixture's probability flow against recorded ones (scipy's DOP853 at 1e-12). */
#include "replay.h"

typedef struct given {
    const mixture *of;
    const double *x0; /* states [n, 2] */
} given;

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const given *self = user;
    for (size_t i = 0; i < n; i++) {
        const double signal = sqrt(1.0 / (1.0 + exp(-time[i]))), sigma = sqrt(1.0 / (1.0 + exp(time[i])));
        double x0[DIM];
        mixture_mean(self->of, x0, x + i * DIM, signal, sigma);
        for (size_t j = 0; j < DIM; j++)
            out[i * DIM + j] = (x[i * DIM + j] - signal * x0[j]) / sigma;
    }
    return 0;
}

static uint64_t mixed(uint64_t state)
{
    state = (state ^ (state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    state = (state ^ (state >> 27)) * UINT64_C(0x94D049BB133111EB);
    return state ^ (state >> 31);
}

enum { PROBES = 64 };

/* Data in double, by the draw of dequantize=1 on zeros; directions of signs. */
static int32_t give(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    const given *self = user;
    for (size_t j = 0; j < count; j++)
        values[j] = mixed(UINT64_C(0x9E3779B97F4A7C15) * ((uint64_t)sample * DIM + j + 1)) & 1 ? 1.0 : -1.0;
    if (step == 0)
        memcpy(values, self->x0 + (size_t)sample * DIM, count * sizeof *values);
    return 0;
}

/* The same with each point's draws side by side. */
static int32_t give_often(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    const given *self = user;
    give(values, count, sample, 1, user);
    if (step == 0)
        memcpy(values, self->x0 + (size_t)sample / PROBES * DIM, count * sizeof *values);
    return 0;
}

static double linear_alpha_bar(double t)
{
    return exp(-(0.1 * t + 19.9 * t * t / 2.0));
}

static double cosine_alpha_bar(double t)
{
    const double quarter = acos(-1.0) / 2.0;
    return pow(cos((t + 0.008) / 1.008 * quarter) / cos(0.008 / 1.008 * quarter), 2.0);
}

static double logit(double p)
{
    return log(p / (1.0 - p));
}

typedef struct likelihoods {
    size_t n;
    double *x0, *ends, *truth;
} likelihoods;

static likelihoods likelihoods_read(safetensors *file, const char *schedule)
{
    likelihoods out = {0};
    char tensor[96];
    out.x0 = tensor_of(file, "x0", NULL);
    snprintf(tensor, sizeof tensor, "%s_ode_t", schedule);
    out.ends = tensor_of(file, tensor, NULL);
    snprintf(tensor, sizeof tensor, "%s_ode_log_density_normal_prior", schedule);
    out.truth = tensor_of(file, tensor, &out.n);
    return out;
}

static void likelihoods_release(likelihoods *of)
{
    free(of->x0);
    free(of->ends);
    free(of->truth);
}

/* Nats of the points as states at the first level: the flow's density is of x_0 = x / signal. */
static void run(const likelihoods *from, given *of, double first, double last, const char *keys,
                diffusion_noise_fn *noise, double *nats, double *error)
{
    char spec[192];
    float *zeros = calloc(from->n * DIM, sizeof *zeros);
    snprintf(spec, sizeof spec, "log_snr steps=100 maximum=%.17g minimum=%.17g", logit(first), logit(last));
    diffusion_schedule *schedule = make_schedule(spec);
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon time=log_snr", predict, of);
    snprintf(spec, sizeof spec, "flow dequantize=1 %s", keys);
    diffusion_evaluator *flow = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_set_noise(flow, noise, of));
    assert_ok(diffusion_evaluator_run(flow, zeros, NULL, from->n));
    assert_ok(diffusion_evaluator_samples(flow, nats, error, from->n));
    for (size_t i = 0; i < from->n; i++) {
        nats[i] = nats[i] * log(2.0) - DIM * log(sqrt(first));
        error[i] *= log(2.0);
    }
    diffusion_evaluator_free(flow);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    free(zeros);
}

static int compare(const likelihoods *from, const mixture *of, const char *name, double first, double last)
{
    double *states = malloc(from->n * DIM * sizeof *states), *nats = malloc(2 * from->n * sizeof *nats);
    double *error = nats + from->n, worst = 0.0, squares = 0.0, largest = 0.0, errors = 0.0;
    given data = {of, states};
    char keys[64];
    for (size_t i = 0; i < from->n * DIM; i++)
        states[i] = from->x0[i] / sqrt(first);
    run(from, &data, first, last, "rtol=1e-9 atol=1e-9", give, nats, error);
    for (size_t i = 0; i < from->n; i++)
        worst = fmax(worst, fabs(nats[i] - from->truth[i]));
    snprintf(keys, sizeof keys, "rtol=1e-5 atol=1e-5 trace=probe draws=%d", PROBES);
    run(from, &data, first, last, keys, give_often, nats, error);
    for (size_t i = 0; i < from->n; i++) {
        const double off = fabs(nats[i] - from->truth[i]) / error[i];
        largest = fmax(largest, off);
        squares += off * off / (double)from->n;
        errors += error[i] / (double)from->n;
    }
    const int good = worst < 1e-6 && largest < 5.0 && squares < 2.5;
    printf("  flow, %-8s %s exact trace: worst %.1e nats; %d probes: off by %.2f standard errors (of %.3f nats), at "
           "most %.2f\n",
           name, good ? "ok " : "OFF", worst, PROBES, sqrt(squares), errors, largest);
    free(states);
    free(nats);
    return good;
}

int flow_check(safetensors *file, const mixture *of)
{
    static const struct {
        const char *name;
        double (*alpha_bar)(double);
    } schedules[] = {{"linear", linear_alpha_bar}, {"cosine", cosine_alpha_bar}};
    int good = 1, known = 0;
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++) {
        likelihoods from = likelihoods_read(file, schedules[i].name);
        if (from.truth != NULL && from.ends != NULL && from.x0 != NULL) {
            good &= compare(&from, of, schedules[i].name, schedules[i].alpha_bar(from.ends[0]),
                            schedules[i].alpha_bar(from.ends[1]));
            known = 1;
        }
        likelihoods_release(&from);
    }
    if (!known)
        printf("  OFF: no likelihoods of a schedule that is known here\n");
    return good && known;
}
