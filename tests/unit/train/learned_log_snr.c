/* A log SNR that is learned: gradients against finite differences, and what training makes of poor beginnings. */
#define _POSIX_C_SOURCE 200809L

#include "folder.h"
#include "make.h"
#include "stencil.h"

#include "math/normal_quantile.h"
#include "process/log_snr_logits.h"
#include "train/trainer.h"

enum { DIM = 2, BATCH = 64 };

#define MODEL "mlp shape=2 width=24 depth=2 time_features=8 time=log_snr variance=learned_range "
#define LEARN " learn_schedule=log_snr"

/* ---- the inside ---- */

enum { TIMES = 40000, PARTS = 4, NUMBERS = LOG_SNR_LOGITS + PARTS };

/* What a bound might gain per unit of log SNR. */
static double gain(double log_snr)
{
    return 0.1 + exp(-0.1 * (log_snr - 3.0) * (log_snr - 3.0));
}

typedef struct inside {
    double value[NUMBERS], t[TIMES], loss[TIMES];
    int number;
} inside;

/* The mean square of the losses at all steps from 2 on, which are kept. */
static double mean_square(inside *self, const double *value)
{
    struct diffusion_schedule *schedule = NULL;
    double sum = 0.0;
    assert_ok(log_snr_logits_schedule(&schedule, TIMES + 1, value, NUMBERS, 0.0));
    for (int i = 0; i < TIMES; i++) {
        const double before = schedule->levels[i + 1].log_snr, after = schedule->levels[i + 2].log_snr;
        self->t[i] = i + 2.0;
        self->loss[i] = gain(0.5 * (before + after)) * (before - after) * TIMES;
        sum += self->loss[i] * self->loss[i] / TIMES;
    }
    schedule_release(schedule);
    return sum;
}

static double moved_square(double by, void *user)
{
    inside *self = user;
    double value[NUMBERS];
    memcpy(value, self->value, sizeof value);
    value[self->number] += by;
    return mean_square(self, value);
}

static void the_insides_gradient_is_that_of_the_losses_squares(void **state)
{
    (void)state;
    static inside self;
    diffusion_schedule *schedule = make_schedule("log_snr steps=40001 maximum=9 minimum=-4 shares=1,0.5,2,0.8");
    diffusion_model *model = make_model(MODEL, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound" LEARN);
    assert_int_equal(trainer->learned.count, NUMBERS);
    memcpy(self.value, trainer->learned.value, sizeof self.value);
    mean_square(&self, self.value);
    const learned_batch batch = {.t = self.t, .loss = self.loss, .n = TIMES, .dim = DIM};
    assert_ok(learned_schedule_gradient(&trainer->learned, schedule, &batch, 0));
    double gradient[NUMBERS];
    memcpy(gradient, trainer->learned.gradient, sizeof gradient);
    for (self.number = LOG_SNR_LOGITS; self.number < NUMBERS; self.number++)
        assert_close(gradient[self.number], stencil(moved_square, &self, 0.05), 1e-3, 1e-2);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- the ends ---- */

static const float few[BATCH / 16 * DIM] = {0.5f, -1.0f, 0.0f, 0.75f, -0.5f, 1.0f, -0.75f, -0.25f};

/* -K of the samples, nats per dimension, by steps of one length: the least variance at t = 1 is that of the step
 * behind.
 */
static double bound_between(const diffusion_model *model, double maximum, double minimum, const char *edge)
{
    char spec[128];
    const int steps = 1 + (int)lround((maximum - minimum) * 25.0);
    snprintf(spec, sizeof spec, "log_snr steps=%d maximum=%.17g minimum=%.17g", steps, maximum, minimum);
    diffusion_schedule *schedule = make_schedule(spec);
    snprintf(spec, sizeof spec, "elbo draws=120 seed=3 %s", edge);
    diffusion_evaluator *elbo = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_run(elbo, few, NULL, BATCH / 16));
    const double bits = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
    diffusion_schedule_free(schedule);
    return -bits * log(2.0) / DIM;
}

/* The measured gradients over many steps that change nothing. */
static void measure_ends(diffusion_trainer *trainer, double mean[2], double error[2])
{
    enum { STEPS = 300 };
    float x0[BATCH * DIM] = {0};
    double square[2] = {0, 0};
    memcpy(x0, few, sizeof few);
    mean[0] = mean[1] = 0.0;
    for (int i = 0; i < STEPS; i++) {
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL));
        for (int k = 0; k < 2; k++) {
            const double by = trainer->learned.gradient[k] / LOG_SNR_UNIT;
            mean[k] += by / STEPS;
            square[k] += by * by / STEPS;
        }
    }
    for (int k = 0; k < 2; k++)
        error[k] = sqrt((square[k] - mean[k] * mean[k]) / STEPS);
}

/* Of all variances these make the bound's limit finite. */
static void say_posterior_variances(diffusion_model *model)
{
    const size_t outputs = 2 * DIM, width = 24;
    float weight[2 * DIM * 24], bias[2 * DIM];
    assert_ok(diffusion_model_parameter(model, "output.weight", weight, outputs * width));
    assert_ok(diffusion_model_parameter(model, "output.bias", bias, outputs));
    memset(weight + DIM * width, 0, DIM * width * sizeof *weight);
    for (size_t j = DIM; j < outputs; j++)
        bias[j] = -1.0f;
    assert_ok(diffusion_model_set_parameter(model, "output.weight", weight, outputs * width));
    assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, outputs));
}

static void check_ends(const char *predict, const char *edge)
{
    char spec[256];
    const double maximum = 4.0, minimum = -2.0, h = 0.12;
    diffusion_schedule *schedule = make_schedule("log_snr steps=151 maximum=4 minimum=-2");
    snprintf(spec, sizeof spec, MODEL "%s", predict);
    diffusion_model *model = make_model(spec, 1);
    fill_weights(model, 3);
    say_posterior_variances(model);
    snprintf(spec, sizeof spec, "objective=bound rate=0 schedule_rate=0 ema=0 %s" LEARN, edge);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    double mean[2], error[2];
    measure_ends(trainer, mean, error);
    const double truth[2] = {
        (bound_between(model, maximum + h, minimum, edge) - bound_between(model, maximum - h, minimum, edge)) / (2 * h),
        (bound_between(model, maximum, minimum + h, edge) - bound_between(model, maximum, minimum - h, edge)) /
            (2 * h)};
    for (int k = 0; k < 2; k++)
        assert_close(mean[k], truth[k], 0.04, 4.0 * error[k]);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_ends_gradients_are_those_of_the_bound(void **state)
{
    (void)state;
    check_ends("predict=epsilon", "edge=model");
    check_ends("predict=v", "edge=discretized levels=9");
}

/* ---- training ---- */

enum { SAMPLES = 256 };

static void train(diffusion_trainer *trainer, const float *data, int steps)
{
    int64_t rows[BATCH];
    float x0[BATCH * DIM];
    for (int i = 0; i < steps; i++) {
        assert_ok(diffusion_trainer_draw(trainer, SAMPLES, BATCH, rows));
        for (size_t j = 0; j < BATCH * DIM; j++)
            x0[j] = data[(size_t)rows[j / DIM] * DIM + j % DIM];
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL));
    }
}

/* Mean and variance of the losses of samples behind step 1, by t and noise that many steps without effect draw. */
static void measure_losses(diffusion_model *model, const diffusion_schedule *schedule, const float *data, double *mean,
                           double *variance)
{
    enum { STEPS = 100 };
    double square = 0.0, count = 0.0;
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=0 ema=0 seed=9");
    *mean = 0.0;
    for (int i = 0; i < STEPS; i++) {
        assert_ok(diffusion_trainer_step(trainer, data, NULL, SAMPLES, NULL));
        const double *loss = trainer->loss.memory, *t = trainer->t.memory;
        for (size_t k = 0; k < SAMPLES; k++)
            if (t[k] > 1.0) {
                *mean += loss[k];
                square += loss[k] * loss[k];
                count += 1.0;
            }
    }
    *mean /= count;
    *variance = square / count - *mean * *mean;
    diffusion_trainer_free(trainer);
}

/* Normal data of a small deviation s gain 1/2 SNR s^2 / (1 + SNR s^2) per unit of log SNR: hardly anything below
 * -log s^2 = 6. Time goes where there is something to gain, and the estimate of the same bound varies less: at best as
 * one loss of two values does, whose mean square is twice the square of the mean. */
static void the_estimate_varies_less(void **state)
{
    (void)state;
    float data[SAMPLES * DIM];
    for (size_t i = 0; i < SAMPLES * DIM; i++)
        data[i] = 0.05f * (float)normal_quantile(((double)(i * 197 % (SAMPLES * DIM)) + 0.5) / (SAMPLES * DIM));
    diffusion_schedule *even = make_schedule("log_snr steps=100 maximum=13 minimum=-5");
    diffusion_model *model = make_model(MODEL, 1);
    diffusion_trainer *trainer = make_trainer(model, even, "objective=bound rate=3e-3 ema=0.99 seed=2" LEARN);
    train(trainer, data, 600);
    const learned_schedule *learned = &trainer->learned;
    double share[64], flat[64], mean[2], variance[2], below = 0.0;
    const size_t parts = learned->count - LOG_SNR_LOGITS;
    log_snr_logits_shares(share, learned->value, learned->count);
    memcpy(flat, learned->value, learned->count * sizeof *flat);
    for (size_t k = LOG_SNR_LOGITS; k < learned->count; k++)
        flat[k] = 0.0;
    for (size_t k = parts / 2; k < parts; k++) /* log SNRs below 4 */
        below += share[k];
    struct diffusion_schedule *straight = NULL;
    assert_ok(log_snr_logits_schedule(&straight, 100, flat, learned->count, 0.0));
    measure_losses(model, straight, data, &mean[0], &variance[0]);
    measure_losses(model, diffusion_trainer_schedule(trainer), data, &mean[1], &variance[1]);
    assert_true(below < 0.2); /* half of it, evenly */
    assert_close(mean[1], mean[0], 0, 5.0 * sqrt((variance[0] + variance[1]) / 20000.0));
    assert_true(variance[0] > 2.2 * mean[0] * mean[0]);
    assert_close(variance[1], mean[1] * mean[1], 0.1, 0);
    schedule_release(straight);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(even);
}

/* K of the data in bits. */
static double bits_of(const diffusion_trainer *trainer, const float *data)
{
    diffusion_evaluator *elbo = make_evaluator(diffusion_trainer_model(trainer), diffusion_trainer_schedule(trainer),
                                               "elbo seed=5 edge=discretized levels=5 draws=4");
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, SAMPLES));
    const double bits = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
    return bits;
}

/* Values on five bins, from a schedule that begins with their neighbours blurred and ends with the data in sight. */
static void learning_mends_poor_ends(void **state)
{
    (void)state;
    static const char plain[] = "objective=bound edge=discretized levels=5 rate=3e-3 ema=0.99";
    static const char learning[] =
        "objective=bound edge=discretized levels=5 rate=3e-3 ema=0.99 schedule_rate=0.3" LEARN;
    double bits[2];
    float data[SAMPLES * DIM];
    for (size_t i = 0; i < SAMPLES * DIM; i++)
        data[i] = (float)(i * 7 % 5) * 0.5f - 1.0f;
    for (int learns = 0; learns < 2; learns++) {
        diffusion_schedule *schedule = make_schedule("log_snr steps=20 maximum=1 minimum=0");
        diffusion_model *model = make_model(MODEL, 1);
        diffusion_trainer *trainer = make_trainer(model, schedule, learns ? learning : plain);
        train(trainer, data, 700);
        bits[learns] = bits_of(trainer, data);
        if (learns) {
            const noise_level *levels = diffusion_trainer_schedule(trainer)->levels;
            assert_true(levels[1].log_snr > 2.0 && levels[20].log_snr < 0.0);
        }
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
    assert_true(bits[1] > bits[0] + 0.4);
}

/* ---- what training promises ---- */

#define SMALL "mlp shape=2 width=5 depth=1 time_features=4 classes=3 condition=1 time=log_snr variance=learned_range"

static diffusion_trainer *small_trainer(diffusion_model **model)
{
    diffusion_schedule *schedule = make_schedule("log_snr steps=8 maximum=3 minimum=-2 shares=1,2,1");
    *model = make_model(SMALL, 1);
    fill_weights(*model, 2);
    diffusion_trainer *trainer =
        make_trainer(*model, schedule, "objective=hybrid weight=bound condition_dropout=0.3 dequantize=0.1" LEARN);
    diffusion_schedule_free(schedule);
    return trainer;
}

static void take_steps(diffusion_trainer *trainer, int steps)
{
    float x0[BATCH * DIM], vectors[BATCH];
    int32_t labels[BATCH];
    uint8_t observed[BATCH * DIM];
    diffusion_condition *condition = make_condition(BATCH);
    make_numbers(x0, BATCH * DIM, 3);
    make_numbers(vectors, BATCH, 4);
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (int32_t)(i % 4) - 1;
    for (size_t i = 0; i < BATCH * DIM; i++)
        observed[i] = i % 5 != 1;
    assert_ok(diffusion_condition_set_labels(condition, labels));
    assert_ok(diffusion_condition_set_vectors(condition, vectors, 1));
    assert_ok(diffusion_condition_set_observed(condition, observed, DIM));
    for (int i = 0; i < steps; i++)
        assert_ok(diffusion_trainer_step(trainer, x0, condition, BATCH, NULL));
    diffusion_condition_free(condition);
}

static void assert_same_run(const diffusion_trainer *a, const diffusion_trainer *b)
{
    assert_string_equal(diffusion_schedule_spec(a->schedule), diffusion_schedule_spec(b->schedule));
    assert_string_equal(diffusion_model_metadata(diffusion_trainer_model(a), "schedule"),
                        diffusion_schedule_spec(b->schedule));
    assert_same(a->model->parameters, b->model->parameters, model_size(a->model) * sizeof(float));
    assert_same(a->learned.value, b->learned.value, a->learned.count * sizeof(double));
}

static void a_resumed_run_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    diffusion_model *model;
    diffusion_trainer *whole = small_trainer(&model), *resumed;
    take_steps(whole, 5);
    assert_ok(diffusion_trainer_save(whole, "half"));
    assert_ok(diffusion_trainer_resume(&resumed, "half"));
    take_steps(whole, 5);
    take_steps(resumed, 5);
    assert_same_run(whole, resumed);
    remove("half");
    diffusion_trainer_free(whole);
    diffusion_trainer_free(resumed);
    diffusion_model_free(model);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    diffusion_model *models[2];
    diffusion_trainer *one = small_trainer(&models[0]), *three = small_trainer(&models[1]);
    assert_ok(diffusion_set_threads(1));
    take_steps(one, 5);
    assert_ok(diffusion_set_threads(3));
    take_steps(three, 5);
    assert_same_run(one, three);
    assert_ok(diffusion_set_threads(0));
    diffusion_trainer_free(one);
    diffusion_trainer_free(three);
    diffusion_model_free(models[0]);
    diffusion_model_free(models[1]);
}

/* What would let the ends meet is held, and training goes on; a batch of one sample too. */
static void ends_do_not_meet(void **state)
{
    (void)state;
    float x0[DIM] = {0.3f, -0.2f};
    diffusion_schedule *schedule = make_schedule("log_snr steps=2 maximum=1 minimum=-0.5");
    diffusion_model *model = make_model(MODEL, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=0 schedule_rate=5" LEARN);
    for (int i = 0; i < 20; i++) {
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, 1, NULL));
        const noise_level *levels = diffusion_trainer_schedule(trainer)->levels;
        assert_true(levels[1].log_snr - levels[2].log_snr > 0.999);
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void assert_cannot_learn(const char *schedule_spec, const char *model_spec, const char *spec,
                                diffusion_status status, const char *sentence)
{
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_trainer *trainer = NULL;
    char whole[256];
    snprintf(whole, sizeof whole, "%s" LEARN, spec);
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, whole), status, sentence);
    assert_null(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_cannot_learn_is_refused(void **state)
{
    (void)state;
    static const char bound[] = "objective=bound", good[] = "log_snr steps=9";
    assert_cannot_learn("linear", MODEL, bound, DIFFUSION_E_SPEC, "with linear, expected the schedule log_snr");
    assert_cannot_learn("log_snr steps=1", MODEL, bound, DIFFUSION_E_SPEC, "needs a schedule of at least 2 steps");
    assert_cannot_learn("log_snr kernel=binomial", "mlp shape=2 predict=x0 time=log_snr", bound, DIFFUSION_E_KERNEL,
                        "learn_schedule=log_snr needs the Gaussian kernel");
    assert_cannot_learn(good, "mlp shape=2 time=log_snr", bound, DIFFUSION_E_SPEC, "a learned variance");
    assert_cannot_learn(good, "mlp shape=2 variance=learned", bound, DIFFUSION_E_SPEC, "told the level");
    assert_cannot_learn(good, MODEL, "objective=hybrid", DIFFUSION_E_SPEC, "or objective=hybrid weight=bound");
    assert_cannot_learn(good, MODEL, "objective=bound edge=forward", DIFFUSION_E_SPEC, "edge=model or discretized");
    assert_cannot_learn(good, MODEL, "objective=bound times=importance", DIFFUSION_E_SPEC, "needs times=uniform");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_insides_gradient_is_that_of_the_losses_squares),
        cmocka_unit_test(the_ends_gradients_are_those_of_the_bound),
        cmocka_unit_test(the_estimate_varies_less),
        cmocka_unit_test(learning_mends_poor_ends),
        cmocka_unit_test(a_resumed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(ends_do_not_meet),
        cmocka_unit_test(what_cannot_learn_is_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
