/* The read-out with weights for every step, against products in double and against finite sums by hand. */
#include "make.h"

#include "base/memory.h"
#include "math/uniform.h"
#include "network/readout.h"

enum { STEPS = 7, IN = 5, OUT = 3, N = 40, SIZE = STEPS * OUT * (IN + 1) };

/* A network of nothing but its read-out. */
typedef struct bench {
    network owner;
    readout readout;
    float parameters[SIZE], x[N * IN], out[N * OUT], dout[N * OUT], gradient[SIZE];
    int32_t t[N];
    double time[N]; /* near t */
    float *tape;
    readout_batch batch;
} bench;

static bench self;

static int open_bench(void **state)
{
    (void)state;
    self = (bench){.owner = {.task = {.outputs = OUT}}};
    readout_add(&self.readout, &self.owner, STEPS, IN);
    make_numbers(self.parameters, SIZE, 1);
    make_numbers(self.x, N * IN, 2);
    make_numbers(self.dout, N * OUT, 3);
    for (int32_t i = 0; i < N; i++)
        self.t[i] = 1 + i * i % 5; /* 1, 2 and 5: steps 3, 4, 6 and 7 are not there */
    for (size_t i = 0; i < N; i++)
        self.time[i] = (double)self.t[i] + (i % 3 == 1 ? 0.49 : i % 3 == 2 ? -0.5 : 0.0);
    self.tape = memory_allocate(readout_tape_size(&self.readout, N), sizeof(float));
    assert_non_null(self.tape);
    self.batch = readout_batch_at(&self.readout, self.tape, N);
    readout_sort(&self.readout, &self.batch, self.time);
    return 0;
}

static int close_bench(void **state)
{
    (void)state;
    memory_release(self.tape);
    memory_release(self.owner.parameters);
    return 0;
}

static const float *weight(int32_t t, size_t o)
{
    return self.parameters + ((size_t)(t - 1) * OUT + o) * IN;
}

static float bias(int32_t t, size_t o)
{
    return self.parameters[STEPS * OUT * IN + (size_t)(t - 1) * OUT + o];
}

static double true_output(const float *x, int32_t t, size_t o)
{
    double sum = (double)bias(t, o);
    for (size_t k = 0; k < IN; k++)
        sum += (double)weight(t, o)[k] * (double)x[k];
    return sum;
}

static void it_describes_its_parameters_and_the_last_step(void **state)
{
    (void)state;
    const network_parameter *described = network_find(&self.owner, "output.weight");
    assert_non_null(described);
    assert_int_equal(described->rank, 3);
    assert_true(described->shape[0] == STEPS && described->shape[1] == OUT && described->shape[2] == IN);
    described = network_find(&self.owner, "output.bias");
    assert_non_null(described);
    assert_true(described->rank == 2 && described->shape[0] == STEPS && described->shape[1] == OUT);
    assert_int_equal(self.owner.size, SIZE);
    assert_int_equal(self.owner.last_step, STEPS);
}

static void rows_stand_in_the_order_of_steps_and_then_of_samples(void **state)
{
    (void)state;
    int seen[N] = {0};
    for (size_t row = 0; row < N; row++) {
        int32_t sample = self.batch.sample[row], t = self.batch.step[row];
        assert_true(sample >= 0 && sample < N && !seen[sample]++);
        assert_int_equal(t, self.t[sample]);
        assert_true((int32_t)row >= self.batch.first[t] && (int32_t)row < self.batch.first[t + 1]);
        if (row > 0 && self.batch.step[row - 1] == t)
            assert_true(self.batch.sample[row - 1] < sample);
    }
    assert_int_equal(self.batch.first[1], 0);
    assert_int_equal(self.batch.first[STEPS + 1], N);
}

static void sort_x(float *sorted)
{
    for (size_t row = 0; row < N; row++)
        memcpy(sorted + row * IN, self.x + (size_t)self.batch.sample[row] * IN, IN * sizeof *sorted);
}

/* In two pieces, the cut inside a step's rows. */
static void training_gives_each_sample_its_own_step(void **state)
{
    (void)state;
    float sorted[N * IN];
    sort_x(sorted);
    readout_forward(&self.readout, self.parameters, self.out, &self.batch, sorted, 0, 11);
    readout_forward(&self.readout, self.parameters, self.out, &self.batch, sorted, 11, N);
    for (size_t i = 0; i < N; i++)
        for (size_t o = 0; o < OUT; o++)
            assert_close((double)self.out[i * OUT + o], true_output(self.x + i * IN, self.t[i], o), 1e-6, 1e-6);
}

/* dx = W[t]^T dout; dW[t] and db[t] are sums over the samples at t, and 0 where there are none. */
static void gradients_are_sums_over_the_samples_of_a_step(void **state)
{
    (void)state;
    float sorted[N * IN], rows[N * IN];
    double dw[SIZE] = {0};
    sort_x(sorted);
    for (size_t i = 0; i < SIZE; i++)
        self.gradient[i] = 77.0f; /* overwritten */
    readout_backward(&self.readout, self.parameters, rows, &self.batch, self.dout, 0, 9);
    readout_backward(&self.readout, self.parameters, rows + 9 * IN, &self.batch, self.dout, 9, N);
    readout_gradient(&self.readout, self.gradient, &self.batch, sorted);
    for (size_t row = 0; row < N; row++)
        for (size_t k = 0; k < IN; k++) {
            double truth = 0.0;
            for (size_t o = 0; o < OUT; o++)
                truth += (double)weight(self.batch.step[row], o)[k] *
                         (double)self.dout[(size_t)self.batch.sample[row] * OUT + o];
            assert_close((double)rows[row * IN + k], truth, 1e-6, 1e-6);
        }
    for (size_t i = 0; i < N; i++)
        for (size_t o = 0; o < OUT; o++) {
            size_t place = (size_t)(self.t[i] - 1) * OUT + o;
            dw[STEPS * OUT * IN + place] += (double)self.dout[i * OUT + o];
            for (size_t k = 0; k < IN; k++)
                dw[place * IN + k] += (double)self.dout[i * OUT + o] * (double)self.x[i * IN + k];
        }
    for (size_t i = 0; i < SIZE; i++)
        assert_close((double)self.gradient[i], dw[i], 1e-6, 2e-6);
}

static void a_tile_gives_each_sample_its_own_step(void **state)
{
    (void)state;
    static float x[UNIFORM_ROWS * IN], product[UNIFORM_ROWS * OUT];
    const uniform_rows *places = uniform_rows_get();
    for (size_t i = 0; i < N; i++)
        memcpy(x + places->row[i] * IN, self.x + i * IN, IN * sizeof *x);
    readout_forward_tile(&self.readout, self.parameters, self.out, product, x, self.time, N);
    for (size_t i = 0; i < N; i++)
        for (size_t o = 0; o < OUT; o++)
            assert_close((double)self.out[i * OUT + o], true_output(self.x + i * IN, self.t[i], o), 1e-6, 1e-6);
}

static void a_time_beyond_the_steps_has_the_nearest(void **state)
{
    (void)state;
    static const struct {
        double time;
        int32_t step;
    } cases[] = {{-1e300, 1}, {0.0, 1}, {1.49, 1}, {1.5, 2}, {6.51, 7}, {7.5, 7}, {1e300, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(readout_step(&self.readout, cases[i].time), cases[i].step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_describes_its_parameters_and_the_last_step, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(rows_stand_in_the_order_of_steps_and_then_of_samples, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(training_gives_each_sample_its_own_step, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(gradients_are_sums_over_the_samples_of_a_step, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_time_beyond_the_steps_has_the_nearest, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_tile_gives_each_sample_its_own_step, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
