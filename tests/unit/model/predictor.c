/* The predictor beside the parameterization applied to the raw output row by row, and its gradient beside differences.
 */
#include "make.h"
#include "stencil.h"

#include "base/memory.h"
#include "model/predictor.h"

enum { DIM = 2, ROWS = 2100 /* three passes */ };

/* A network in closed form: what it is told of x, time, label and vector all matter. */
static int32_t closed_form(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                           double *out, void *user)
{
    (void)user;
    size_t width;
    const int32_t *labels = diffusion_condition_labels(condition);
    const float *vectors = diffusion_condition_vectors(condition, &width);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < DIM; j++) {
            const double told =
                (labels != NULL ? 0.1 * labels[i] : 0.0) + (vectors != NULL ? (double)vectors[i * width] : 0.0);
            out[2 * DIM * i + j] = sin(x[DIM * i + j] + 0.3 * time[i] + told);
            out[2 * DIM * i + DIM + j] = cos(x[DIM * i + j] - told);
        }
    return 0;
}

typedef struct batch {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_condition *condition;
    reverse_step *steps;
    const reverse_step *at[ROWS];
    double x[ROWS * DIM], mean[ROWS * DIM], variance[ROWS * DIM];
    predictor reader;
} batch;

static batch *open_batch(const char *spec)
{
    static batch self;
    static int32_t labels[ROWS];
    static float vectors[ROWS];
    self = (batch){.schedule = make_schedule("cosine steps=10")};
    self.model = make_callback_double(spec, closed_form, NULL);
    self.condition = make_condition(ROWS);
    self.steps = reverse_steps(&self.model->options, self.schedule);
    for (size_t i = 0; i < ROWS; i++) {
        labels[i] = (int32_t)(i % 6) - 1;
        vectors[i] = (float)sin((double)i);
        self.at[i] = &self.steps[1 + i % 10];
        for (size_t j = 0; j < DIM; j++)
            self.x[DIM * i + j] = cos(0.7 * (double)(DIM * i + j));
    }
    assert_ok(diffusion_condition_set_labels(self.condition, labels));
    assert_ok(diffusion_condition_set_vectors(self.condition, vectors, 1));
    assert_ok(predictor_open(&self.reader, self.model, self.schedule));
    return &self;
}

static void close_batch(batch *self)
{
    predictor_close(&self->reader);
    memory_release(self->steps);
    diffusion_condition_free(self->condition);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
}

static predictor_input input_of(const batch *self)
{
    return (predictor_input){"test", self->x, self->at, self->condition, ROWS};
}

/* The raw output of one row by itself. */
static void raw_output(const batch *self, size_t row, double *output)
{
    const struct diffusion_condition alone = condition_rows(self->condition, row, 1);
    assert_int_equal(closed_form(self->x + DIM * row, &self->at[row]->time, &alone, 1, output, NULL), 0);
}

static void check_reverse(const char *spec, double clip)
{
    batch *self = open_batch(spec);
    assert_ok(
        predictor_reverse(&self->reader, input_of(self), &(x0_limit){.clip = clip}, (law){self->mean, self->variance}));
    for (size_t i = 0; i < ROWS; i++) {
        double output[2 * DIM], mean[DIM], variance[DIM];
        raw_output(self, i, output);
        reverse_step_law(self->at[i], (law){mean, variance}, self->x + DIM * i, output, DIM, &(x0_limit){.clip = clip});
        assert_memory_equal(self->mean + DIM * i, mean, sizeof mean);
        assert_memory_equal(self->variance + DIM * i, variance, sizeof variance);
    }
    close_batch(self);
}

static void laws_are_read_row_by_row_each_at_its_own_step(void **state)
{
    (void)state;
    check_reverse("shape=2 classes=5 condition=1 variance=learned", 0.0);
    check_reverse("shape=2 classes=5 condition=1 variance=learned_range predict=v", 0.5);
    check_reverse("shape=2 classes=5 condition=1 variance=learned_range predict=x0 time=log_snr", 0.0);
}

static void x0_and_noise_are_read_row_by_row(void **state)
{
    (void)state;
    batch *self = open_batch("shape=2 classes=5 condition=1 variance=learned predict=v");
    assert_ok(predictor_denoise(&self->reader, input_of(self), &(x0_limit){.clip = 0.5}, self->mean, self->variance));
    for (size_t i = 0; i < ROWS; i++) {
        double output[2 * DIM], x0[DIM], noise[DIM];
        raw_output(self, i, output);
        reverse_step_denoise(self->at[i], x0, noise, self->x + DIM * i, output, DIM, &(x0_limit){.clip = 0.5});
        assert_memory_equal(self->mean + DIM * i, x0, sizeof x0);
        assert_memory_equal(self->variance + DIM * i, noise, sizeof noise);
    }
    close_batch(self);
}

/* ---- the gradient by x ---- */

/* sum(output * weight) as one value of x moves. */
typedef struct vjp_case {
    predictor *reader;
    predictor_input input;
    double *x;
    const double *weight;
    size_t index;
} vjp_case;

static double weighted(double by, void *user)
{
    vjp_case *of = user;
    const size_t n = of->input.n, outputs = of->reader->model->outputs;
    double sum = 0.0, out[64 * 8], time[8];
    const double before = of->x[of->index];
    for (size_t i = 0; i < n; i++)
        time[i] = of->input.at[i]->time;
    of->x[of->index] += by;
    assert_ok(model_forward_double(of->reader->model, &of->reader->memory, out, of->x,
                                   (forward_input){time, of->input.condition, n, NULL}));
    of->x[of->index] = before;
    for (size_t i = 0; i < n * outputs; i++)
        sum += out[i] * of->weight[i];
    return sum;
}

/* The network is float32: differences over 1/8 have about six digits. */
static void check_vjp(const char *spec, int conditioned)
{
    enum { N = 3 };
    static const int32_t labels[N] = {2, -1, 0};
    static const float vectors[2 * N] = {0.3f, -0.7f, 1.0f, 0.2f, -0.4f, 0.5f};
    diffusion_schedule *schedule = make_schedule("cosine steps=9");
    diffusion_model *model = make_model(spec, 1);
    diffusion_condition *condition = conditioned ? make_labels(labels, N) : NULL;
    if (conditioned)
        assert_ok(diffusion_condition_set_vectors(condition, vectors, 2));
    fill_weights(model, 5);
    reverse_step *steps = reverse_steps(&model->options, schedule);
    const reverse_step *at[N] = {&steps[1], &steps[9], &steps[4]};
    double x[N * 64], weight[N * 128], dx[N * 64], largest = 0.0;
    assert_true(model->outputs <= 64);
    for (size_t i = 0; i < N * model->dim; i++)
        x[i] = (double)(float)sin(1.0 + 0.37 * (double)i);
    for (size_t i = 0; i < N * model->outputs; i++)
        weight[i] = (double)(float)cos(0.9 * (double)i);
    predictor reader;
    assert_ok(predictor_open(&reader, model, schedule));
    vjp_case of = {&reader, {"test", x, at, condition, N}, x, weight, 0};
    assert_ok(predictor_vjp(&reader, of.input, weight, dx));
    for (size_t i = 0; i < N * model->dim; i++)
        largest = fmax(largest, fabs(dx[i]));
    assert_true(largest > 1e-3);
    for (of.index = 0; of.index < N * model->dim; of.index++)
        assert_close(dx[of.index], stencil(weighted, &of, 0x1p-5), 1e-3, 1e-3 * largest);
    predictor_close(&reader);
    memory_release(steps);
    diffusion_condition_free(condition);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_gradient_by_x_is_the_derivative_for_each_network(void **state)
{
    (void)state;
    check_vjp("mlp shape=2 width=12 depth=2 time_features=4 activation=tanh variance=learned", 0);
    check_vjp("mlp shape=2 width=12 depth=2 time_features=4 activation=silu classes=3 condition=2", 1);
    check_vjp("mlp shape=3 width=6 depth=1 time_features=4 activation=tanh readout=steps steps=9", 0);
    check_vjp("mlp shape=2 width=12 depth=2 time_features=4 activation=tanh time=log_snr predict=v", 0);
    check_vjp("rbf shape=2 units=7 steps=9 variance=learned", 0);
    check_vjp("unet shape=4,4,1 channels=4,8 blocks=1 groups=2 variance=learned", 0);
    check_vjp("multiscale shape=4,4,1 channels=3 width=4 dense=5 steps=9 predict=perturbation variance=learned", 0);
    check_vjp("unet shape=4,4,1 channels=4,8 blocks=1 groups=2 attention=2 head_channels=4 classes=3 condition=2", 1);
    check_vjp("unet shape=4,4,1 channels=4,8 blocks=1 groups=2 fourier=0,0.5", 0);
}

/* Each row's own: the gradient does not depend on who else is in the batch, over several passes. */
static void the_gradient_of_a_row_is_its_own(void **state)
{
    (void)state;
    static double x[ROWS * DIM], weight[ROWS * DIM], dx[ROWS * DIM];
    static const reverse_step *at[ROWS];
    diffusion_schedule *schedule = make_schedule("cosine steps=9");
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1 time_features=4", 1);
    fill_weights(model, 3);
    reverse_step *steps = reverse_steps(&model->options, schedule);
    for (size_t i = 0; i < ROWS * DIM; i++) {
        x[i] = sin(0.1 * (double)i);
        weight[i] = cos(0.3 * (double)i);
        at[i / DIM] = &steps[1 + i / DIM % 9];
    }
    predictor reader;
    assert_ok(predictor_open(&reader, model, schedule));
    assert_ok(predictor_vjp(&reader, (predictor_input){"test", x, at, NULL, ROWS}, weight, dx));
    for (size_t row = 0; row < ROWS; row += 131) {
        double alone[DIM];
        assert_ok(predictor_vjp(&reader, (predictor_input){"test", x + DIM * row, at + row, NULL, 1},
                                weight + DIM * row, alone));
        assert_memory_equal(alone, dx + DIM * row, sizeof alone);
    }
    predictor_close(&reader);
    memory_release(steps);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- refusals ---- */

static int32_t constant(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                        double *out, void *user)
{
    (void)x, (void)time, (void)condition;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = *(const double *)user;
    return isinf(*(const double *)user) && *(const double *)user < 0.0 ? 4321 : 0;
}

static void numbers_that_are_no_means_are_refused(void **state)
{
    (void)state;
    double value = NAN, x[DIM] = {0, 1}, first[DIM], second[DIM];
    diffusion_schedule *schedule = make_schedule("linear steps=5"),
                       *bits = make_schedule("linear steps=5 kernel=binomial");
    diffusion_model *model = make_callback_double("shape=2 predict=mean", constant, &value);
    reverse_step *steps = reverse_steps(&model->options, schedule), *bit_steps = reverse_steps(&model->options, bits);
    const reverse_step *at = &steps[3], *bit_at = &bit_steps[3];
    predictor reader, bit_reader;
    assert_ok(predictor_open(&reader, model, schedule));
    assert_ok(predictor_open(&bit_reader, model, bits));
    const predictor_input input = {"f", x, &at, NULL, 1}, bit_input = {"f", x, &bit_at, NULL, 1};
    assert_refused(predictor_reverse(&reader, input, NULL, (law){first, second}), DIFFUSION_E_NONFINITE,
                   "f: the model's mean at step 3 is nan, expected a finite number");
    assert_refused(predictor_denoise(&reader, input, NULL, first, second), DIFFUSION_E_NONFINITE,
                   "f: the model's estimate of x_0 at step 3 is nan");
    value = INFINITY;
    assert_refused(predictor_reverse(&reader, input, NULL, (law){first, second}), DIFFUSION_E_NONFINITE, "is inf");
    value = 1.5;
    assert_ok(predictor_reverse(&reader, input, NULL, (law){first, second}));
    assert_refused(predictor_reverse(&bit_reader, bit_input, NULL, (law){first, second}), DIFFUSION_E_NONFINITE,
                   "f: the model's mean at step 3 is 1.5, expected 0..1");
    value = -INFINITY; /* the callback stops */
    assert_int_equal(predictor_reverse(&reader, input, NULL, (law){first, second}), 4321);
    assert_int_equal(predictor_denoise(&reader, input, NULL, first, second), 4321);
    assert_refused(predictor_vjp(&reader, input, x, first), DIFFUSION_E_STATE, "a callback model has no gradient");
    predictor_close(&reader);
    predictor_close(&bit_reader);
    memory_release(steps);
    memory_release(bit_steps);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
}

static void model_and_schedule_must_suit(void **state)
{
    (void)state;
    diffusion_schedule *bits = make_schedule("linear steps=5 kernel=binomial rate=0.1,0.2,0.3"),
                       *ten = make_schedule("linear steps=10");
    diffusion_model *model = make_model("mlp shape=2 predict=x0", 1), *rbf = make_model("rbf shape=2 steps=9", 1);
    predictor reader = {.model = NULL};
    assert_refused(predictor_open(&reader, model, bits), DIFFUSION_E_SHAPE, "2 values to a sample, expected 3");
    assert_refused(predictor_open(&reader, rbf, ten), DIFFUSION_E_STEP, "steps=9, but the schedule has 10 steps");
    predictor_close(&reader); /* one that was never opened */
    assert_int_equal(model->references, 1);
    diffusion_model_free(model);
    diffusion_model_free(rbf);
    diffusion_schedule_free(bits);
    diffusion_schedule_free(ten);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_are_read_row_by_row_each_at_its_own_step),
        cmocka_unit_test(x0_and_noise_are_read_row_by_row),
        cmocka_unit_test(the_gradient_by_x_is_the_derivative_for_each_network),
        cmocka_unit_test(the_gradient_of_a_row_is_its_own),
        cmocka_unit_test(numbers_that_are_no_means_are_refused),
        cmocka_unit_test(model_and_schedule_must_suit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
