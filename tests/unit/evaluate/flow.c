/* The likelihood of the probability flow: against recorded runs of a mixture, a normal law's closed form on every kind
 * of schedule, and itself. */
#include "golden.h"
#include "make.h"

enum { DIM = 2, MOST_PARTS = 3, POINTS = 16 };

/* ---- a mixture whose score is exact, as recorded ---- */

typedef struct mixture {
    size_t parts;
    double *weight, *mean, *covariance;
    const double *x0; /* the sample at hand */
} mixture;

/* E[x_0 | x] where x = signal x_0 + sigma noise: each part's own, in the parts' chances. */
static void posterior_mean(const mixture *self, double *out, const double *x, double signal, double sigma)
{
    double logs[MOST_PARTS], means[MOST_PARTS][DIM], most = -HUGE_VAL, sum = 0.0;
    for (size_t k = 0; k < self->parts; k++) {
        const double *c = self->covariance + 4 * k, *m = self->mean + 2 * k, s2 = signal * signal;
        const double a = s2 * c[0] + sigma * sigma, b = s2 * c[1], d = s2 * c[3] + sigma * sigma, det = a * d - b * b;
        const double u = x[0] - signal * m[0], v = x[1] - signal * m[1];
        const double p = (d * u - b * v) / det, q = (a * v - b * u) / det;
        logs[k] = log(self->weight[k]) - 0.5 * (log(det) + u * p + v * q);
        means[k][0] = m[0] + signal * (c[0] * p + c[1] * q);
        means[k][1] = m[1] + signal * (c[1] * p + c[3] * q);
        most = fmax(most, logs[k]);
    }
    for (size_t k = 0; k < self->parts; k++)
        sum += exp(logs[k] - most);
    out[0] = out[1] = 0.0;
    for (size_t k = 0; k < self->parts; k++)
        for (int j = 0; j < DIM; j++)
            out[j] += exp(logs[k] - most) / sum * means[k][j];
}

static int32_t predict_mixture(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                               double *out, void *user)
{
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        const double signal = sqrt(1.0 / (1.0 + exp(-time[i]))), sigma = sqrt(1.0 / (1.0 + exp(time[i])));
        double x0[DIM];
        posterior_mean(user, x0, x + i * DIM, signal, sigma);
        for (size_t j = 0; j < DIM; j++)
            out[i * DIM + j] = (x[i * DIM + j] - signal * x0[j]) / sigma;
    }
    return 0;
}

/* Data in double, by the draw of dequantize=1 on zeros. */
static int32_t give_x0(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step;
    const mixture *self = user;
    memcpy(values, self->x0 + (size_t)sample * DIM, count * sizeof *values);
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

/* Nats of the points as states at the first level: the flow's density is of x_0 = x / signal. */
static double check_recorded(const char *file, mixture *of, const char *name, double (*alpha_bar)(double))
{
    char tensor[64], spec[160];
    snprintf(tensor, sizeof tensor, "%s_ode_t", name);
    double *ends = golden_values(file, tensor, NULL), *x0 = golden_values(file, "x0", NULL), worst = 0.0;
    snprintf(tensor, sizeof tensor, "%s_ode_log_density_normal_prior", name);
    double *truth = golden_values(file, tensor, NULL), bits[POINTS], states[POINTS * DIM];
    const double first = alpha_bar(ends[0]), signal = sqrt(first);
    const float zeros[POINTS * DIM] = {0};
    snprintf(spec, sizeof spec, "log_snr steps=100 maximum=%.17g minimum=%.17g", logit(first),
             logit(alpha_bar(ends[1])));
    diffusion_schedule *schedule = make_schedule(spec);
    diffusion_model *model = make_callback_double("shape=2 predict=epsilon time=log_snr", predict_mixture, of);
    diffusion_evaluator *flow = make_evaluator(model, schedule, "flow rtol=1e-9 atol=1e-9 dequantize=1");
    for (size_t i = 0; i < POINTS * DIM; i++)
        states[i] = x0[i] / signal;
    of->x0 = states;
    assert_ok(diffusion_evaluator_set_noise(flow, give_x0, of));
    assert_ok(diffusion_evaluator_run(flow, zeros, NULL, POINTS));
    assert_ok(diffusion_evaluator_samples(flow, bits, NULL, POINTS));
    for (size_t i = 0; i < POINTS; i++)
        worst = fmax(worst, fabs(bits[i] * log(2.0) - DIM * log(signal) - truth[i]));
    diffusion_evaluator_free(flow);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    free(truth);
    free(x0);
    free(ends);
    return worst;
}

static void recorded_likelihoods_come_out(void **state)
{
    (void)state;
    static const char *const files[] = {"likelihood/three.safetensors", "likelihood/one.safetensors"};
    for (size_t f = 0; f < 2; f++) {
        if (!golden_has(files[f]))
            continue;
        mixture of;
        of.weight = golden_values(files[f], "weights", &of.parts);
        of.mean = golden_values(files[f], "means", NULL);
        of.covariance = golden_values(files[f], "covariances", NULL);
        assert_true(of.parts <= MOST_PARTS);
        const double linear = check_recorded(files[f], &of, "linear", linear_alpha_bar);
        const double cosine = check_recorded(files[f], &of, "cosine", cosine_alpha_bar);
        print_message("%s: worst %.1e nats (linear), %.1e (cosine)\n", files[f], linear, cosine);
        assert_true(linear < 1e-6 && cosine < 1e-6);
        free(of.weight);
        free(of.mean);
        free(of.covariance);
    }
    golden_skip_if_none();
}

/* ---- normal data: the flow scales, by closed forms ---- */

static const double deviation = 0.6;

typedef struct normal_world {
    const diffusion_schedule *schedule;
    char predicts; /* 'e', 'v' or 'f' */
} normal_world;

static int32_t predict_normal(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                              double *out, void *user)
{
    (void)condition;
    const normal_world *self = user;
    for (size_t i = 0; i < n; i++) {
        double a, s, ignored;
        diffusion_schedule_level(self->schedule, time[i], &a, &s, &ignored);
        const double v2 = deviation * deviation, whole = a * a * v2 + s * s;
        for (size_t j = 0; j < DIM; j++) {
            const double x0 = a * v2 / whole * x[i * DIM + j], epsilon = s / whole * x[i * DIM + j];
            out[i * DIM + j] = self->predicts == 'e'   ? epsilon
                               : self->predicts == 'v' ? a * epsilon - s * x0
                                                       : epsilon - x0;
        }
    }
    return 0;
}

/* log p by the formula: z = x / w has the variance V = (a^2 v^2 + s^2) / w^2 all along. */
static double normal_truth(const diffusion_schedule *schedule, const float *x0, double from)
{
    const double last = diffusion_schedule_steps(schedule), v2 = deviation * deviation, pi = acos(-1.0);
    double a, s, A, S, ignored, nats = 0.0;
    diffusion_schedule_level(schedule, from, &a, &s, &ignored);
    diffusion_schedule_level(schedule, last, &A, &S, &ignored);
    const double w2 = a * a + s * s, W2 = A * A + S * S, V = (a * a * v2 + s * s) / w2, U = (A * A * v2 + S * S) / W2;
    for (size_t j = 0; j < DIM; j++) {
        const double z = a / sqrt(w2) * (double)x0[j], end = z * sqrt(U / V);
        nats += -0.5 * (end * end + log(2.0 * pi)) + 0.5 * log(U / V) + 0.5 * log(a * a / w2);
    }
    return nats;
}

static void normal_data_has_its_density_on_every_schedule(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *model;
        double from;
    } rows[] = {
        {"cosine steps=40", "shape=2 predict=epsilon", 1.0},
        {"linear steps=1000", "shape=2 predict=epsilon", 0.5},
        {"linear steps=50 zero_terminal_snr=yes", "shape=2 predict=v", 1.0},
        {"edm steps=30", "shape=2 predict=epsilon", 1.0},
        {"flow steps=100", "shape=2 predict=flow", 1.0},
        {"flow steps=100", "shape=2 predict=flow", 0.01},
        {"betas values=0.1,0.2,0.3", "shape=2 predict=epsilon", 2.5},
        {"log_snr steps=2", "shape=2 predict=v", 1.0},
    };
    const float x0[3 * DIM] = {0.3f, -1.1f, 0.0f, 0.0f, 40.0f, 0.01f};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        diffusion_schedule *schedule = make_schedule(rows[r].schedule);
        normal_world world_of = {schedule, strstr(rows[r].model, "=e") ? 'e' : strstr(rows[r].model, "=v") ? 'v' : 'f'};
        diffusion_model *model = make_callback_double(rows[r].model, predict_normal, &world_of);
        char spec[128];
        double bits[3];
        snprintf(spec, sizeof spec, "flow rtol=1e-9 atol=1e-9 from=%g", rows[r].from);
        diffusion_evaluator *flow = make_evaluator(model, schedule, spec);
        assert_ok(diffusion_evaluator_run(flow, x0, NULL, 3));
        assert_ok(diffusion_evaluator_samples(flow, bits, NULL, 3));
        for (size_t i = 0; i < 3; i++)
            assert_close(bits[i] * log(2.0), normal_truth(schedule, x0 + i * DIM, rows[r].from), 1e-7, 1e-7);
        diffusion_evaluator_free(flow);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

/* ---- networks ---- */

enum { WIDE = 5, ROWS = 300 };

static double *measured(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec,
                        const float *x0, const int32_t *labels, size_t n, size_t part)
{
    double *bits = malloc(n * sizeof *bits);
    diffusion_evaluator *flow = make_evaluator(model, schedule, spec);
    for (size_t first = 0; first < n; first += part) {
        const size_t rows = n - first < part ? n - first : part;
        diffusion_condition *condition = make_labels(labels != NULL ? labels + first : NULL, rows);
        assert_ok(diffusion_evaluator_run(flow, x0 + first * WIDE, condition, rows));
        assert_ok(diffusion_evaluator_samples(flow, bits + first, NULL, rows));
        diffusion_condition_free(condition);
    }
    diffusion_evaluator_free(flow);
    return bits;
}

/* A callback that asks a network: its divergence is by differences. */
static int32_t ask(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                   void *user)
{
    return diffusion_model_forward(user, x, time, condition, n, out);
}

static void a_network_and_its_callback_agree(void **state)
{
    (void)state;
    static const char *const predicts[] = {
        "epsilon", "x0", "v", "flow", "edm time=edm", "mean", "epsilon variance=learned_range"};
    float x0[4 * WIDE];
    make_numbers(x0, 4 * WIDE, 5);
    for (size_t p = 0; p < sizeof predicts / sizeof predicts[0]; p++) {
        char network[128], callback[128];
        snprintf(network, sizeof network, "mlp shape=5 width=24 depth=2 predict=%s", predicts[p]);
        snprintf(callback, sizeof callback, "shape=5 predict=%s", predicts[p]);
        diffusion_schedule *schedule = make_schedule("cosine steps=50");
        diffusion_model *model = make_model(network, 3), *asked = make_callback(callback, ask, model);
        double *one = measured(model, schedule, "flow", x0, NULL, 4, 4);
        /* edm scales what networks read, and mean is told in other units: only the trace is compared there. */
        if (strstr(predicts[p], "edm") == NULL && strstr(predicts[p], "mean") == NULL) {
            double *other = measured(asked, schedule, "flow", x0, NULL, 4, 4);
            for (size_t i = 0; i < 4; i++)
                assert_close(one[i], other[i], 1e-3, 1e-2);
            free(other);
        }
        double *probed = measured(model, schedule, "flow trace=probe draws=400", x0, NULL, 4, 4);
        for (size_t i = 0; i < 4; i++)
            assert_close(one[i], probed[i], 0, 0.2);
        free(one);
        free(probed);
        diffusion_model_free(asked);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

static void any_batch_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    float x0[ROWS * WIDE];
    int32_t labels[ROWS];
    make_numbers(x0, ROWS * WIDE, 7);
    for (size_t i = 0; i < ROWS; i++)
        labels[i] = (int32_t)(i % 3);
    diffusion_schedule *schedule = make_schedule("cosine steps=50");
    diffusion_model *model = make_model("mlp shape=5 width=24 depth=2 classes=3", 3);
    double *whole = measured(model, schedule, "flow", x0, labels, ROWS, ROWS);
    assert_ok(diffusion_set_threads(3));
    double *parts = measured(model, schedule, "flow", x0, labels, ROWS, 77);
    assert_ok(diffusion_set_threads(0));
    assert_memory_equal(whole, parts, ROWS * sizeof *whole);
    double *probed = measured(model, schedule, "flow trace=probe seed=4", x0, labels, ROWS, ROWS);
    assert_ok(diffusion_set_threads(1));
    double *again = measured(model, schedule, "flow trace=probe seed=4", x0, labels, ROWS, ROWS);
    assert_ok(diffusion_set_threads(0));
    assert_memory_equal(probed, again, ROWS * sizeof *probed);
    free(whole);
    free(parts);
    free(probed);
    free(again);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_has_no_flow_is_refused(void **state)
{
    (void)state;
    diffusion_schedule *cosine = make_schedule("cosine steps=50"), *bits = make_schedule("linear kernel=binomial");
    diffusion_model *model = make_model("mlp shape=5", 3), *logits = make_model("mlp shape=5 predict=x0", 3);
    diffusion_model *moved = make_model("mlp shape=5 predict=perturbation variance=learned", 3);
    diffusion_evaluator *flow = NULL;
    assert_refused(diffusion_evaluator_create(&flow, logits, bits, "flow"), DIFFUSION_E_KERNEL, "Gaussian kernel");
    assert_refused(diffusion_evaluator_create(&flow, moved, cosine, "flow"), DIFFUSION_E_STATE, "predict=perturbation");
    assert_refused(diffusion_evaluator_create(&flow, model, cosine, "flow from=50"), DIFFUSION_E_SPEC, "from=50");
    assert_refused(diffusion_evaluator_create(&flow, NULL, cosine, "flow"), DIFFUSION_E_ARGUMENT, "model is NULL");
    diffusion_model_free(model);
    diffusion_model_free(logits);
    diffusion_model_free(moved);
    diffusion_schedule_free(cosine);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_likelihoods_come_out),
        cmocka_unit_test(normal_data_has_its_density_on_every_schedule),
        cmocka_unit_test(a_network_and_its_callback_agree),
        cmocka_unit_test(any_batch_and_threads_give_the_same_bits),
        cmocka_unit_test(what_has_no_flow_is_refused),
    };
    return golden_run(tests, NULL, NULL);
}
