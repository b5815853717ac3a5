#include "reference.h"

#include "base/threads.h"

enum { DIM = 3, MOST = 300 };

/* A network with random parameters, last layer and biases included, and a batch for it. */
typedef struct trial {
    network *net;
    reference truth;
    float *parameters, *x, *vectors, *out, *dout;
    double time[MOST];
    int32_t labels[MOST];
} trial;

static void fill(float *values, size_t count, float size, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = size * (float)(int32_t)seed * 0x1p-31f;
    }
}

static float *floats(size_t count)
{
    float *values = calloc(count + 1, sizeof *values);
    assert_non_null(values);
    return values;
}

static void begin(trial *self, mlp_options options, network_task task)
{
    *self = (trial){0};
    assert_ok(mlp_kind.create(&self->net, &options, task));
    self->parameters = floats(self->net->size);
    self->x = floats(MOST * task.dim);
    self->vectors = floats(MOST * task.vectors);
    self->out = floats(MOST * task.outputs);
    self->dout = floats(MOST * task.outputs);
    fill(self->parameters, self->net->size, 2.0f / sqrtf((float)options.width), 1);
    fill(self->x, MOST * task.dim, 2.0f, 2);
    fill(self->vectors, MOST * task.vectors, 1.0f, 4);
    fill(self->dout, MOST * task.outputs, 1.0f, 3);
    for (int32_t i = 0; i < MOST; i++) {
        self->time[i] = i % 4 == 3 ? 0.37 * i : 1 + i * 331 % 1000;
        self->labels[i] = task.classes > 0 ? i % ((int32_t)task.classes + 1) - 1 : -1;
    }
    size_t features = task.dim + (size_t)(options.time_features + 1) / 2 * 2 + task.classes + task.vectors;
    self->truth = (reference){self->net, options, self->parameters, NULL, features};
}

static void end(trial *self)
{
    float *all[] = {self->parameters, self->x, self->vectors, self->out, self->dout};
    for (size_t i = 0; i < 5; i++)
        free(all[i]);
    network_free(self->net);
}

static network_batch batch_of(const trial *self, size_t first, size_t n)
{
    return (network_batch){.x = self->x + first * self->net->task.dim,
                           .time = self->time + first,
                           .labels = self->net->task.classes > 0 ? self->labels + first : NULL,
                           .vectors =
                               self->net->task.vectors > 0 ? self->vectors + first * self->net->task.vectors : NULL,
                           .n = n};
}

static void run(const trial *self, float *out, size_t first, size_t n)
{
    const network_class *methods = self->net->methods;
    float *scratch = floats(methods->scratch_size(self->net, n, threads_count()));
    float *prepared = floats(methods->prepared_size(self->net) + 1);
    methods->prepare(self->net, prepared, self->parameters);
    methods->forward(self->net, self->parameters, prepared, out, batch_of(self, first, n), scratch);
    free(prepared);
    free(scratch);
}

static double largest(const double *values, size_t count)
{
    double size = 0.0;
    for (size_t i = 0; i < count; i++)
        size = fmax(size, fabs(values[i]));
    return size;
}

static void assert_near(const float *got, const double *truth, size_t count, double relative)
{
    double size = largest(truth, count);
    assert_true(size > 1e-3);
    for (size_t i = 0; i < count; i++)
        assert_close((double)got[i], truth[i], 0, relative * size);
}

/* Forward, forward with a tape, and backward of one batch against the reference. */
static void check_batch(const trial *self, size_t n)
{
    const network_class *methods = self->net->methods;
    size_t outputs = self->net->task.outputs, size = self->net->size;
    double *out = calloc(n * outputs, sizeof *out), *gradient = calloc(size, sizeof *gradient);
    float *kept = floats(n * outputs), *got = floats(size), *tape = floats(methods->tape_size(self->net, n));
    float *scratch = floats(methods->training_scratch_size(self->net, n, threads_count()));
    reference truth = self->truth;
    truth.gradient = gradient;
    for (size_t i = 0; i < n; i++)
        reference_sample(&truth, out + i * outputs, self->dout + i * outputs, self->x + i * self->net->task.dim,
                         self->time[i], self->labels[i], self->vectors + i * self->net->task.vectors);
    run(self, self->out, 0, n);
    assert_near(self->out, out, n * outputs, 3e-6);
    methods->forward_keep(self->net, self->parameters, kept, batch_of(self, 0, n), tape, scratch);
    for (size_t i = 0; i < n * outputs; i++)
        assert_close((double)kept[i], (double)self->out[i], 0, 1e-6 * largest(out, n * outputs));
    fill(got, size, 1.0f, 7); /* is overwritten */
    methods->backward(self->net, self->parameters, got, NULL, self->dout, n, tape, scratch);
    assert_near(got, gradient, size, 1e-5);
    float *all[] = {kept, got, tape, scratch};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
    free(out);
    free(gradient);
}

#define MLP(a, b, c, d, e)                                                                                             \
    {                                                                                                                  \
        .width = a, .depth = b, .time_features = c, .activation = d, .residual = e                                     \
    }
static const mlp_options shapes[] = {
    MLP(1, 1, 2, 0, 0),   MLP(7, 1, 3, 1, 0),  MLP(8, 2, 4, 2, 0),   MLP(33, 3, 6, 0, 1),
    MLP(64, 2, 32, 3, 1), MLP(65, 4, 8, 2, 1), MLP(20, 5, 2, 1, 1),  MLP(130, 2, 4, 0, 0),
    MLP(16, 6, 4, 4, 1),  MLP(24, 3, 4, 4, 0), MLP(513, 2, 4, 0, 1),
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static const network_task tasks[] = {
    {.dim = DIM, .outputs = DIM},
    {.dim = DIM, .outputs = 2 * DIM, .classes = 4, .vectors = 3},
    {.dim = 1, .outputs = 1, .classes = 1},
};

static void forward_and_backward_are_those_of_the_definition(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 95, 96, 97, 300};
    for (size_t s = 0; s < SHAPES; s++) {
        trial self;
        begin(&self, shapes[s], tasks[s % 3]);
        for (size_t n = 0; n < 5; n++)
            check_batch(&self, sizes[n]);
        end(&self);
    }
}

/* A row alone, at the end of a short batch, and in a long one. */
static void a_sample_has_the_same_bits_in_any_batch(void **state)
{
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        trial self;
        begin(&self, shapes[s], tasks[1]);
        size_t outputs = self.net->task.outputs;
        float *some = floats(MOST * outputs);
        run(&self, self.out, 0, MOST);
        for (size_t first = 0; first < MOST; first += 37)
            for (size_t n = 1; n <= 97 && first + n <= MOST; n += 48) {
                run(&self, some, first, n);
                assert_memory_equal(some, self.out + first * outputs, n * outputs * sizeof *some);
            }
        free(some);
        end(&self);
    }
}

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
    trial self;
    begin(&self, shapes[5], tasks[1]);
    const network_class *methods = self.net->methods;
    size_t count = MOST * self.net->task.outputs;
    float *out = floats(count), *gradient = floats(self.net->size), *truth = floats(self.net->size);
    float *tape = floats(methods->tape_size(self.net, MOST));
    for (int32_t threads = 1; threads <= 4; threads++) {
        assert_ok(diffusion_set_threads(threads));
        float *scratch = floats(methods->training_scratch_size(self.net, MOST, threads_count()));
        run(&self, threads == 1 ? self.out : out, 0, MOST);
        methods->forward_keep(self.net, self.parameters, out, batch_of(&self, 0, MOST), tape, scratch);
        methods->backward(self.net, self.parameters, threads == 1 ? truth : gradient, NULL, self.dout, MOST, tape,
                          scratch);
        run(&self, out, 0, MOST);
        assert_memory_equal(out, self.out, count * sizeof *out);
        if (threads > 1)
            assert_memory_equal(gradient, truth, self.net->size * sizeof *truth);
        free(scratch);
    }
    assert_ok(diffusion_set_threads(0));
    float *all[] = {out, gradient, truth, tape};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
    end(&self);
}

/* Weights of variance gain / inputs (He et al. 2015: 2, Glorot and Bengio 2010: 1); no bias, no output. */
static void a_fresh_network_keeps_the_variance_and_says_0(void **state)
{
    (void)state;
    static const double gains[ACTIVATIONS] = {2, 2, 1, 1, 1}; /* silu, relu, tanh, sigmoid, softplus */
    for (int32_t kind = 0; kind < ACTIVATIONS; kind++) {
        trial self;
        begin(&self, (mlp_options){.width = 128, .depth = 2, .time_features = 32, .activation = kind}, tasks[0]);
        self.net->methods->initialise(self.net, self.parameters, 11);
        const network_parameter *weight = network_find(self.net, "hidden.1.weight");
        const network_parameter *bias = network_find(self.net, "hidden.1.bias");
        double sum = 0.0;
        for (size_t i = 0; i < weight->count; i++)
            sum += pow((double)self.parameters[weight->offset + i], 2);
        /* 16384 squares: a relative deviation of sqrt(2 / 16384) = 0.011 */
        assert_close(sum / (double)weight->count, gains[kind] / 128.0, 0.05, 0);
        for (size_t i = 0; i < bias->count; i++)
            assert_true(self.parameters[bias->offset + i] == 0.0f);
        run(&self, self.out, 0, MOST);
        for (size_t i = 0; i < MOST * self.net->task.outputs; i++)
            assert_true(self.out[i] == 0.0f);
        end(&self);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_are_those_of_the_definition),
        cmocka_unit_test(a_sample_has_the_same_bits_in_any_batch),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(a_fresh_network_keeps_the_variance_and_says_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
