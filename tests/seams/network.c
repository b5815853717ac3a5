/* The seam of networks: out = W x + time b, a row of W at a time. */
#include "help.h"
#include "make.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "model/predictor.h"
#include "network/network.h"

typedef struct affine_options {
    spec_reals initial; /* repeated over W's values */
} affine_options;
SPEC_OWN(affine_options);

static const spec_key keys[] = {
    {"initial", SPEC_REALS, offsetof(affine_options, initial), "0.1,-0.2", -10, 10, NULL, "W, repeated"},
};

typedef struct affine {
    network base;
    size_t weight, bias; /* [outputs, dim], [outputs] */
    double *initial;
    size_t initials;
} affine;

static void release(network *self)
{
    memory_release(((affine *)self)->initial);
    memory_release(self);
}

static void initialise(const network *self, float *parameters, uint64_t seed)
{
    (void)seed;
    const affine *net = (const affine *)self;
    for (size_t i = 0; i < self->task.outputs * self->task.dim; i++)
        parameters[net->weight + i] = (float)net->initial[i % net->initials];
    for (size_t i = 0; i < self->task.outputs; i++)
        parameters[net->bias + i] = 0.0f;
}

static size_t none(const network *self, size_t n, size_t threads)
{
    (void)self, (void)n, (void)threads;
    return 0;
}

/* ---- forward ---- */

typedef struct forward_job {
    const affine *net;
    const float *parameters;
    float *out;
    network_batch batch;
} forward_job;

static void forward_row(void *context, size_t i, size_t slot)
{
    (void)slot;
    const forward_job *job = context;
    const network_task *task = &job->net->base.task;
    const float *x = job->batch.x + i * task->dim;
    for (size_t k = 0; k < task->outputs; k++) {
        const float *weight = job->parameters + job->net->weight + k * task->dim;
        float sum = job->parameters[job->net->bias + k] * (float)job->batch.time[i];
        for (size_t j = 0; j < task->dim; j++)
            sum += weight[j] * x[j];
        job->out[i * task->outputs + k] = sum;
    }
}

static void forward(const network *self, const float *parameters, const float *prepared, float *out,
                    network_batch batch, float *scratch)
{
    (void)prepared, (void)scratch;
    forward_job job = {(const affine *)self, parameters, out, batch};
    parallel_for(batch.n, self->task.dim * self->task.outputs, forward_row, &job);
}

/* ---- with a tape, which holds x [n, dim] and the times [n] ---- */

static size_t tape_size(const network *self, size_t n)
{
    return n * (self->task.dim + 1);
}

static void forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                         float *scratch)
{
    memcpy(tape, batch.x, batch.n * self->task.dim * sizeof *tape);
    for (size_t i = 0; i < batch.n; i++)
        tape[batch.n * self->task.dim + i] = (float)batch.time[i];
    forward(self, parameters, NULL, out, batch, scratch);
}

static void backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                     size_t n, float *tape, float *scratch)
{
    (void)scratch;
    const affine *net = (const affine *)self;
    const size_t dim = self->task.dim, outputs = self->task.outputs;
    if (gradient != NULL)
        memset(gradient, 0, self->size * sizeof *gradient);
    if (dx != NULL)
        memset(dx, 0, n * dim * sizeof *dx);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < outputs; k++) {
            const float slope = dout[i * outputs + k];
            if (gradient != NULL)
                gradient[net->bias + k] += slope * tape[n * dim + i];
            for (size_t j = 0; j < dim; j++) {
                if (gradient != NULL)
                    gradient[net->weight + k * dim + j] += slope * tape[i * dim + j];
                if (dx != NULL)
                    dx[i * dim + j] += slope * parameters[net->weight + k * dim + j];
            }
        }
}

/* ---- making one ---- */

static diffusion_status create(network **out, const void *chosen, network_task task)
{
    static const network_class methods = {
        .release = release,
        .initialise = initialise,
        .scratch_size = none,
        .tape_size = tape_size,
        .training_scratch_size = none,
        .forward = forward,
        .forward_keep = forward_keep,
        .backward = backward,
    };
    const affine_options *options = chosen;
    if (task.classes > 0 || task.vectors > 0)
        return error_set(DIFFUSION_E_SPEC, "model: affine has no use for classes or condition");
    affine *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    net->base.task = task;
    net->initials = options->initial.count;
    net->initial = memory_allocate(net->initials, sizeof *net->initial);
    net->weight = network_add_parameter(&net->base, 2, (int64_t[]){(int64_t)task.outputs, (int64_t)task.dim}, "weight");
    net->bias = network_add_parameter(&net->base, 1, (int64_t[]){(int64_t)task.outputs}, "bias");
    diffusion_status status = net->initial != NULL ? net->base.status : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        memcpy(net->initial, options->initial.values, net->initials * sizeof *net->initial);
        *out = &net->base;
    } else {
        network_free(&net->base);
    }
    return status;
}

const network_kind affine_kind = {{"affine", "W x + time b (a test's toy).", keys, SPEC_COUNT(keys)}, create};

/* ---- gradients by finite differences ---- */

enum { N = 5, DIM = 3, SIZE = 2 * DIM * DIM + 2 * DIM };

static void gradients_are_those_of_the_loss(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_model("affine shape=3 variance=learned_range", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound seed=2");
    float x0[N * DIM], gradient[SIZE];
    double loss, up, down;
    make_numbers(x0, N * DIM, 3);
    assert_int_equal(model_parameters(model), SIZE);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &loss, gradient, SIZE));
    for (size_t p = 0, at = 0; p < 2; p++) {
        static const char *const names[] = {"weight", "bias"};
        const size_t count = p == 0 ? 2 * DIM * DIM : 2 * DIM;
        float values[2 * DIM * DIM];
        assert_ok(diffusion_model_parameter(model, names[p], values, count));
        for (size_t i = 0; i < count; i++, at++) {
            const float before = values[i], step = 0x1p-6f;
            values[i] = before + step;
            assert_ok(diffusion_model_set_parameter(model, names[p], values, count));
            assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &up, NULL, 0));
            values[i] = before - step;
            assert_ok(diffusion_model_set_parameter(model, names[p], values, count));
            assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &down, NULL, 0));
            values[i] = before;
            assert_ok(diffusion_model_set_parameter(model, names[p], values, count));
            assert_close((double)gradient[at], (up - down) / (2.0 * (double)step), 1e-3, 1e-4 * loss);
        }
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* The derivative of W x by x is W. */
static void the_way_back_to_x_is_the_weights(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_model("affine shape=3 initial=0.5,1,-2,3", 1);
    const double x[2 * DIM] = {1, 2, 3, -1, 0, 1}, weight[2 * DIM] = {1, 0, 0, 0, 0, 2};
    const double truth[2 * DIM] = {0.5, 1, -2, -4, 6, 1}; /* row 0 of W; twice row 2: -2, 3, 0.5 */
    double dx[2 * DIM];
    predictor self;
    assert_ok(predictor_open(&self, model, schedule));
    const reverse_step at = reverse_step_at(&model->options, schedule, 3), *rows[2] = {&at, &at};
    assert_ok(predictor_vjp(&self, (predictor_input){"test", x, rows, NULL, 2}, weight, dx));
    for (size_t i = 0; i < 2 * DIM; i++)
        assert_close(dx[i], truth[i], 0.0, 0.0);
    predictor_close(&self);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- the rest of the library ---- */

/* For normal data the best W at a single step is sigma / (signal^2 variance + sigma^2), by linear regression. */
static void a_toy_learns_the_regression(void **state)
{
    (void)state;
    enum { MANY = 4096 };
    diffusion_schedule *schedule = make_schedule("betas values=0.5");
    diffusion_model *model = make_model("affine shape=1", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=0.02 ema=0");
    static float x0[MANY];
    float weight;
    for (size_t i = 0; i < MANY; i++)
        x0[i] = i % 2 == 0 ? 2.0f : -2.0f; /* variance 4 */
    for (int step = 0; step < 300; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, MANY, NULL));
    assert_ok(diffusion_model_parameter(model, "weight", &weight, 1));
    assert_close((double)weight, sqrt(0.5) / 2.5, 0.05, 0.0);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_toy_is_stored_sampled_and_the_same_for_any_threads_and_batches(void **state)
{
    (void)state;
    unsigned char *bytes = NULL;
    size_t size = 0;
    diffusion_schedule *schedule = make_schedule("linear steps=9");
    diffusion_model *model = make_model("affine shape=3 initial=0.25,0.5", 1), *loaded = NULL;
    fill_weights(model, 4);
    assert_ok(diffusion_model_save_memory(model, NULL, 0, &size));
    bytes = malloc(size);
    assert_non_null(bytes);
    assert_ok(diffusion_model_save_memory(model, bytes, size, &size));
    assert_ok(diffusion_model_load_memory(&loaded, bytes, size));
    assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
    assert_non_null(strstr(diffusion_model_spec(loaded), "affine initial=0.25,0.5 shape=3"));
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral seed=1");
    float truth[N * DIM], x0[N * DIM];
    assert_ok(diffusion_set_threads(1));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, truth));
    diffusion_sampler_free(sampler);
    for (int32_t threads = 2; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        sampler = make_sampler(loaded, schedule, "ancestral seed=1");
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_same(x0, truth, sizeof truth);
        assert_ok(diffusion_sampler_run(sampler, NULL, 2, x0));
        assert_same(x0, truth, 2 * DIM * sizeof *truth);
        diffusion_sampler_free(sampler);
    }
    free(bytes);
    diffusion_model_free(loaded);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_toy_says_what_it_does_not_take(void **state)
{
    (void)state;
    diffusion_model *model = NULL;
    assert_refused(diffusion_model_create(&model, "affine shape=2 classes=3", 1), DIFFUSION_E_SPEC,
                   "affine has no use");
    assert_refused(diffusion_model_create(&model, "affine shape=2 initial=11", 1), DIFFUSION_E_SPEC, "initial");
    assert_refused(diffusion_model_create(&model, "afine shape=2", 1), DIFFUSION_E_SPEC, "did you mean 'affine'?");
    assert_help("model", "W x + time b (a test's toy).");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_the_loss),
        cmocka_unit_test(the_way_back_to_x_is_the_weights),
        cmocka_unit_test(a_toy_learns_the_regression),
        cmocka_unit_test(a_toy_is_stored_sampled_and_the_same_for_any_threads_and_batches),
        cmocka_unit_test(a_toy_says_what_it_does_not_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
