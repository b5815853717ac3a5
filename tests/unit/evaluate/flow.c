/* The likelihood of the probability flow: against a normal law's closed form on every kind of schedule, and itself;
 * golden-likelihood has recorded runs of mixtures. */
#include "make.h"

enum { DIM = 2 };

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

/* The last rows begin where sigma is 2e-9 and 2e-12 beside data of 1 and 40, whose rounding the difference has to
 * clear. */
static void normal_data_has_its_density_on_every_schedule(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *model;
        double from, allowed;
    } rows[] = {
        {"cosine steps=40", "shape=2 predict=epsilon", 1.0, 1e-7},
        {"linear steps=1000", "shape=2 predict=epsilon", 0.5, 1e-7},
        {"linear steps=50 zero_terminal_snr=yes", "shape=2 predict=v", 1.0, 1e-7},
        {"edm steps=30", "shape=2 predict=epsilon", 1.0, 1e-7},
        {"flow steps=100", "shape=2 predict=flow", 1.0, 1e-7},
        {"flow steps=100", "shape=2 predict=flow", 0.01, 1e-7},
        {"betas values=0.1,0.2,0.3", "shape=2 predict=epsilon", 2.5, 1e-7},
        {"log_snr steps=2", "shape=2 predict=v", 1.0, 1e-7},
        {"edm steps=30", "shape=2 predict=epsilon", 1e-6, 1e-5},
        {"edm steps=30", "shape=2 predict=epsilon", 1e-9, 2e-3},
    };
    const float x0[3 * DIM] = {0.3f, -1.1f, 0.0f, 0.0f, 40.0f, 0.01f};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        diffusion_schedule *schedule = make_schedule(rows[r].schedule);
        normal_world world_of = {schedule, strstr(rows[r].model, "=e") ? 'e' : strstr(rows[r].model, "=v") ? 'v' : 'f'};
        diffusion_model *model = make_callback_double(rows[r].model, predict_normal, &world_of);
        char spec[128];
        double bits[3];
        snprintf(spec, sizeof spec, "flow rtol=1e-9 atol=%g from=%g", fmax(1e-9, 1e-2 * rows[r].allowed), rows[r].from);
        diffusion_evaluator *flow = make_evaluator(model, schedule, spec);
        assert_ok(diffusion_evaluator_run(flow, x0, NULL, 3));
        assert_ok(diffusion_evaluator_samples(flow, bits, NULL, 3));
        for (size_t i = 0; i < 3; i++)
            assert_close(bits[i] * log(2.0), normal_truth(schedule, x0 + i * DIM, rows[r].from), 1e-7, rows[r].allowed);
        diffusion_evaluator_free(flow);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

static int32_t predict_normal_float(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                                    float *out, void *user)
{
    double wide[4 * DIM] = {0}, answer[4 * DIM] = {0};
    assert_true(n <= 4);
    for (size_t i = 0; i < n * DIM; i++)
        wide[i] = (double)x[i];
    predict_normal(wide, time, condition, n, answer, user);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = (float)answer[i];
    return 0;
}

/* A difference of roundings would be a density all the same. */
static void what_rounding_hides_is_refused(void **state)
{
    (void)state;
    static const struct {
        int in_double;
        const char *spec, *sentence; /* NULL: there is enough to see */
    } rows[] = {
        {1, "flow from=1e-12", "at sigma=2e-15 beside an x of 1 a callback in double"},
        {1, "flow from=1e-300", "use a larger from="},
        {1, "flow from=1e-9", NULL},
        {0, "flow from=1e-6", "at sigma=2e-09 beside an x of 1 a callback in float32"},
        {0, "flow from=1e-6", "use a larger from=, or a callback in double"},
        {0, "flow from=1", NULL},
    };
    const float x0[DIM] = {0.3f, -1.0f};
    diffusion_schedule *schedule = make_schedule("edm steps=30");
    normal_world world_of = {schedule, 'e'};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        diffusion_model *model = rows[r].in_double
                                     ? make_callback_double("shape=2 predict=epsilon", predict_normal, &world_of)
                                     : make_callback("shape=2 predict=epsilon", predict_normal_float, &world_of);
        diffusion_evaluator *flow = make_evaluator(model, schedule, rows[r].spec);
        if (rows[r].sentence != NULL)
            assert_refused(diffusion_evaluator_run(flow, x0, NULL, 1), DIFFUSION_E_ARGUMENT, rows[r].sentence);
        else
            assert_ok(diffusion_evaluator_run(flow, x0, NULL, 1));
        diffusion_evaluator_free(flow);
        diffusion_model_free(model);
    }
    diffusion_schedule_free(schedule);
}

/* ---- networks ---- */

enum { WIDE = 5, ROWS = 60 };

/* Steps longer than the half of what is left end where the schedule does, and not a rounding before. */
static void every_schedule_is_travelled_to_its_end(void **state)
{
    (void)state;
    const float x0[DIM] = {0.3f, -1.1f};
    diffusion_model *model = make_model("mlp shape=2 width=8 predict=v", 1); /* a straight way, in few steps */
    for (int steps = 2; steps <= 120; steps++) {
        char spec[32];
        snprintf(spec, sizeof spec, "cosine steps=%d", steps);
        diffusion_schedule *schedule = make_schedule(spec);
        diffusion_evaluator *flow = make_evaluator(model, schedule, "flow");
        assert_ok(diffusion_evaluator_run(flow, x0, NULL, 1));
        diffusion_evaluator_free(flow);
        diffusion_schedule_free(schedule);
    }
    diffusion_model_free(model);
}

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
        fill_weights(model, 3);
        double *one = measured(model, schedule, "flow", x0, NULL, 4, 4);
        /* edm scales what networks read, and mean is told in other units: only the trace is compared there. */
        if (strstr(predicts[p], "edm") == NULL && strstr(predicts[p], "mean") == NULL) {
            double *other = measured(asked, schedule, "flow", x0, NULL, 4, 4);
            for (size_t i = 0; i < 4; i++)
                assert_close(one[i], other[i], 1e-3, 1e-2);
            free(other);
        }
        double probed[4], error[4];
        diffusion_evaluator *probe = make_evaluator(model, schedule, "flow trace=probe draws=100");
        assert_ok(diffusion_evaluator_run(probe, x0, NULL, 4));
        assert_ok(diffusion_evaluator_samples(probe, probed, error, 4));
        for (size_t i = 0; i < 4; i++)
            assert_close(one[i], probed[i], 0, 4.5 * error[i]);
        diffusion_evaluator_free(probe);
        free(one);
        diffusion_model_free(asked);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

static void check_parts(const diffusion_model *model, const char *spec, const float *x0, const int32_t *labels,
                        size_t n, const size_t *parts)
{
    diffusion_schedule *schedule = make_schedule("log_snr steps=50 maximum=2 minimum=-1");
    double *whole = measured(model, schedule, spec, x0, labels, n, n);
    for (; *parts > 0; parts++) {
        assert_ok(diffusion_set_threads(*parts % 2 == 1 ? 3 : 1));
        double *again = measured(model, schedule, spec, x0, labels, n, *parts);
        assert_ok(diffusion_set_threads(0));
        assert_memory_equal(whole, again, n * sizeof *whole);
        free(again);
    }
    free(whole);
    diffusion_schedule_free(schedule);
}

/* Products of any height, of rows that stand anywhere in one, and of steps' own weights. */
static void any_batch_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    static const char *const networks[] = {"mlp shape=5 width=24 depth=2",
                                           "mlp shape=5 width=33 depth=3 residual=yes",
                                           "mlp shape=5 width=128 depth=2",
                                           "mlp shape=5 width=16 readout=steps steps=50",
                                           "rbf shape=5 steps=50",
                                           "multiscale shape=5,1,1 scales=1 channels=4 dense=33 steps=50",
                                           "unet shape=5,1,1 channels=20 blocks=1 groups=2"};
    float x0[ROWS * WIDE];
    int32_t labels[ROWS];
    make_numbers(x0, ROWS * WIDE, 7);
    for (size_t i = 0; i < ROWS; i++)
        labels[i] = (int32_t)(i % 3);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        diffusion_model *model = make_model(networks[i], 3);
        fill_weights(model, 3);
        check_parts(model, "flow rtol=1e-2 atol=1e-2", x0, NULL, 14, (const size_t[]){1, 3, 4, 5, 14, 0});
        diffusion_model_free(model);
    }
    diffusion_model *model = make_model("mlp shape=5 width=24 depth=2 classes=3", 3);
    fill_weights(model, 3);
    check_parts(model, "flow", x0, labels, ROWS, (const size_t[]){37, ROWS, 0});
    check_parts(model, "flow trace=probe seed=4", x0, labels, ROWS, (const size_t[]){ROWS, 0});
    diffusion_model_free(model);
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
        cmocka_unit_test(normal_data_has_its_density_on_every_schedule),
        cmocka_unit_test(what_rounding_hides_is_refused),
        cmocka_unit_test(every_schedule_is_travelled_to_its_end),
        cmocka_unit_test(a_network_and_its_callback_agree),
        cmocka_unit_test(any_batch_and_threads_give_the_same_bits),
        cmocka_unit_test(what_has_no_flow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
