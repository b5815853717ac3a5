/* What the reference's files do not show of the U-Net: dropout, labels left out, memory of exactly the stated size. */
#include "make.h"

#include "base/threads.h"
#include "model/model.h"

enum { N = 3, DIM = 8 * 8 * 2 };

static const char spec[] = "unet shape=8,8,2 channels=8,16 blocks=1 attention=4 groups=4 classes=3 dropout=0.3 "
                           "conditioning=scale_shift variance=learned_range fourier=0,6 exact=yes";

typedef struct trial {
    diffusion_model *model;
    const network *net;
    float x[N * DIM], out[N * 2 * DIM], dout[N * 2 * DIM], dx[N * DIM], *gradient, *tape, *scratch;
    int32_t labels[N];
    double time[N];
    size_t tape_size, scratch_size;
    uint64_t step;
} trial;

static const float canary = 12345.0f;

static float *guarded(size_t size)
{
    float *memory = malloc((size + 1) * sizeof *memory);
    assert_non_null(memory);
    memory[size] = canary;
    return memory;
}

static void begin(trial *self)
{
    *self = (trial){.time = {1, 500, 1000}, .labels = {2, -1, 0}, .step = 7};
    self->model = make_model(spec, 1);
    self->net = self->model->network;
    fill_weights(self->model, 3);
    make_numbers(self->x, N * DIM, 5);
    make_numbers(self->dout, N * 2 * DIM, 6);
    self->tape_size = self->net->methods->tape_size(self->net, N);
    self->scratch_size = self->net->methods->training_scratch_size(self->net, N, threads_count());
    self->gradient = guarded(self->net->size);
    self->tape = guarded(self->tape_size);
    self->scratch = guarded(self->scratch_size);
}

static void end(trial *self)
{
    assert_true(self->gradient[self->net->size] == canary);
    assert_true(self->tape[self->tape_size] == canary);
    assert_true(self->scratch[self->scratch_size] == canary);
    free(self->gradient);
    free(self->tape);
    free(self->scratch);
    diffusion_model_free(self->model);
}

static void forward(trial *self)
{
    network_batch batch = {
        .x = self->x, .time = self->time, .labels = self->labels, .n = N, .seed = 11, .step = self->step};
    self->net->methods->forward_keep(self->net, self->model->parameters, self->out, batch, self->tape, self->scratch);
}

static double objective(trial *self)
{
    double sum = 0.0;
    forward(self);
    for (size_t i = 0; i < N * 2 * DIM; i++)
        sum += (double)self->dout[i] * (double)self->out[i];
    return sum;
}

/* Along a direction of +1 and -1 in `values`: differences over h and 2h. */
static double slope_along(trial *self, float *values, size_t count)
{
    const float h = 0x1p-12f;
    double of[5];
    float *before = malloc(count * sizeof *before);
    memcpy(before, values, count * sizeof *before);
    for (int k = -2; k <= 2; k++) {
        for (size_t i = 0; i < count; i++)
            values[i] = before[i] + (i % 3 == 1 ? -h : h) * (float)k;
        of[k + 2] = k == 0 ? 0.0 : objective(self);
    }
    memcpy(values, before, count * sizeof *before);
    free(before);
    return (8.0 * (of[3] - of[1]) - (of[4] - of[0])) / (12.0 * (double)h);
}

static double along(const float *gradient, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (i % 3 == 1 ? -1.0 : 1.0) * (double)gradient[i];
    return sum;
}

static double size_of(const float *gradient, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += fabs((double)gradient[i]);
    return sum;
}

/* Each tensor's slope along one direction, and the input's. Some slopes are 0, of biases before norms: there the
 * differences show the rounding of outputs, 1e-7 of some 300, over h. */
#define ROUNDING 0.05

static void the_gradient_is_that_of_the_same_dropout(void **state)
{
    (void)state;
    static trial self;
    begin(&self);
    forward(&self);
    self.net->methods->backward(self.net, self.model->parameters, self.gradient, self.dx, self.dout, N, self.tape,
                                self.scratch);
    for (size_t p = 0; p < self.net->parameter_count; p++) {
        const network_parameter *parameter = &self.net->parameters[p];
        const float *gradient = self.gradient + parameter->offset;
        double truth = slope_along(&self, self.model->parameters + parameter->offset, parameter->count);
        double difference = fabs(along(gradient, parameter->count) - truth);
        double allowed = 5e-3 * size_of(gradient, parameter->count) + ROUNDING;
        if (!(difference <= allowed))
            fail_msg("%s: slope %g, truth %g, allowed %g", parameter->name, along(gradient, parameter->count), truth,
                     allowed);
    }
    assert_close(along(self.dx, N * DIM), slope_along(&self, self.x, N * DIM), 0, 5e-3 * size_of(self.dx, N * DIM));
    end(&self);
}

static void dropout_depends_on_the_step_alone(void **state)
{
    (void)state;
    static trial self;
    begin(&self);
    double first = objective(&self), again = objective(&self);
    self.step++;
    double other = objective(&self);
    assert_true(first == again);
    assert_true(first != other);
    end(&self);
}

static void sampling_leaves_nothing_out_and_needs_what_it_says(void **state)
{
    (void)state;
    static trial self;
    begin(&self);
    const network_class *methods = self.net->methods;
    size_t size = methods->scratch_size(self.net, N, threads_count()), prepared_size = methods->prepared_size(self.net);
    float *scratch = guarded(size), *prepared = guarded(prepared_size);
    static float plain[N * 2 * DIM];
    network_batch batch = {.x = self.x, .time = self.time, .labels = self.labels, .n = N};
    methods->prepare(self.net, prepared, self.model->parameters);
    methods->forward(self.net, self.model->parameters, prepared, self.out, batch, scratch);
    assert_true(scratch[size] == canary && prepared[prepared_size] == canary);
    diffusion_model *without = make_model("unet shape=8,8,2 channels=8,16 blocks=1 attention=4 groups=4 classes=3 "
                                          "conditioning=scale_shift variance=learned_range fourier=0,6 exact=yes",
                                          1);
    fill_weights(without, 3);
    make_output(plain, without, self.x, self.time, self.labels, N);
    assert_same(plain, self.out, sizeof plain);
    diffusion_model_free(without);
    free(scratch);
    free(prepared);
    end(&self);
}

static void new_parameters_are_seen_at_once(void **state)
{
    (void)state;
    static trial self;
    begin(&self);
    static float before[N * 2 * DIM];
    make_output(before, self.model, self.x, self.time, self.labels, N);
    fill_weights(self.model, 4);
    make_output(self.out, self.model, self.x, self.time, self.labels, N);
    assert_true(memcmp(before, self.out, sizeof before) != 0);
    fill_weights(self.model, 3);
    make_output(self.out, self.model, self.x, self.time, self.labels, N);
    assert_same(self.out, before, sizeof before);
    end(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_same_dropout),
        cmocka_unit_test(dropout_depends_on_the_step_alone),
        cmocka_unit_test(sampling_leaves_nothing_out_and_needs_what_it_says),
        cmocka_unit_test(new_parameters_are_seen_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
