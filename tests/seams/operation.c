/* The seam of the graph's operations: y = scale x^2, in a network of three operations. */
#include "help.h"
#include "make.h"

#include "base/error.h"
#include "base/rng.h"
#include "base/threads.h"
#include "model/predictor.h"
#include "network/graph/run.h"
#include "network/graph_network.h"

/* ---- the operation ---- */

static const graph_op_class graph_op_square; /* below */

/* scale [channels]: where it stands in the parameters. */
static void graph_square(graph *self, graph_value x, graph_value y, size_t scale)
{
    graph_add_op(self, &graph_op_square, x, y)->weight = scale;
}

typedef struct square_job {
    const float *scale, *x, *dy;
    float *y, *dx;
    size_t channels, stride_x, stride_y, stride_dx;
    int add;
} square_job;

static void forward_pixel(void *context, size_t i, size_t slot)
{
    (void)slot;
    const square_job *job = context;
    const float *x = job->x + i * job->stride_x;
    for (size_t c = 0; c < job->channels; c++)
        job->y[i * job->stride_y + c] = job->scale[c] * x[c] * x[c];
}

static void forward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    square_job job = {.scale = run->parameters + op->weight,
                      .x = graph_at(run, x),
                      .y = graph_at(run, &op->y),
                      .channels = x->channels,
                      .stride_x = graph_stride(run, x),
                      .stride_y = graph_stride(run, &op->y)};
    parallel_for(run->n * graph_pixels(x), job.channels, forward_pixel, &job);
}

static void backward_pixel(void *context, size_t i, size_t slot)
{
    (void)slot;
    const square_job *job = context;
    const float *x = job->x + i * job->stride_x, *dy = job->dy + i * job->stride_y;
    float *dx = job->dx + i * job->stride_dx;
    for (size_t c = 0; c < job->channels; c++)
        dx[c] = (job->add ? dx[c] : 0.0f) + 2.0f * job->scale[c] * x[c] * dy[c];
}

static void backward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    const graph_target dx = graph_target_open(run, op, GRAPH_X);
    float *dscale = graph_parameter_gradient(run, op->weight);
    const size_t pixels = run->n * graph_pixels(x);
    square_job job = {.scale = run->parameters + op->weight,
                      .x = graph_at(run, x),
                      .dy = graph_gradient_at(run, &op->y),
                      .dx = dx.at,
                      .channels = x->channels,
                      .stride_x = graph_stride(run, x),
                      .stride_y = graph_stride(run, &op->y),
                      .stride_dx = dx.stride,
                      .add = dx.add};
    for (size_t c = 0; c < x->channels && dscale != NULL; c++) {
        dscale[c] = 0.0f;
        for (size_t i = 0; i < pixels; i++)
            dscale[c] += job.x[i * job.stride_x + c] * job.x[i * job.stride_x + c] * job.dy[i * job.stride_y + c];
    }
    if (dx.at != NULL)
        parallel_for(pixels, job.channels, backward_pixel, &job);
    graph_target_close(run, op, GRAPH_X, &dx);
}

static const graph_op_class graph_op_square = {
    .reads = 1u << GRAPH_X, .adds = 1u << GRAPH_X, .forward = forward, .backward = backward};

/* ---- a network of it: a convolution, its squares beside it, a read-out ---- */

enum { WIDTH = 4 };

static void initialise(const network *self, float *parameters, uint64_t seed)
{
    rng_normal_float(parameters, self->size, (rng_stream){seed, RNG_PARAMETERS, 0, 0});
    for (size_t i = 0; i < self->size; i++)
        parameters[i] *= 0.3f;
}

static diffusion_status create(network **out, const void *options, network_task task)
{
    static const network_class methods = GRAPH_NETWORK_METHODS(initialise);
    (void)options;
    if (task.shape.rank != 3 || task.classes > 0 || task.vectors > 0)
        return error_set(DIFFUSION_E_SPEC, "model: squares needs height,width,channels and takes no conditions");
    graph_network *net = NULL;
    diffusion_status status = graph_network_create(&net, &methods, task);
    if (status != DIFFUSION_OK)
        return status;
    const size_t height = (size_t)task.shape.size[0], width = (size_t)task.shape.size[1];
    const graph_value both = graph_new_value(net->graph, height, width, 2 * WIDTH);
    const graph_value h = graph_columns(both, 0, WIDTH), squares = graph_columns(both, WIDTH, WIDTH);
    const graph_value y = graph_new_value(net->graph, height, width, task.outputs / (height * width));
    graph_network_convolve(net, "conv", graph_input(net->graph), h,
                           (graph_convolution){.kernel = 3, .before = 1, .after = 1});
    graph_square(net->graph, h, squares, graph_network_vector(net, "square", "scale", WIDTH));
    graph_network_convolve(net, "output", both, y, (graph_convolution){.kernel = 1});
    return graph_network_finish(out, net, y);
}

const network_kind squares_kind = {{"squares", "Squares of a convolution (a test's toy).", NULL, 0}, create};

/* ---- against finite differences, and a product by hand ---- */

enum { SIDE = 4, DIM = SIDE * SIDE * 2, N = 3, MOST = 512 };
#define SPEC "squares shape=4,4,2"

static double loss_of(diffusion_trainer *trainer, const float *x0, float *gradient, size_t count)
{
    double loss;
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &loss, gradient, count));
    return loss;
}

static void gradients_are_those_of_the_loss(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_model(SPEC " variance=learned_range", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound seed=2");
    float x0[N * DIM], gradient[MOST], *const parameters = model->parameters;
    const size_t count = model_parameters(model);
    double largest = 0.0;
    make_numbers(x0, N * DIM, 3);
    assert_true(count <= MOST);
    const double loss = loss_of(trainer, x0, gradient, count);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < count; i++) {
        const float before = parameters[i], step = 0x1p-7f;
        parameters[i] = before + step;
        const double up = loss_of(trainer, x0, NULL, 0);
        parameters[i] = before - step;
        const double down = loss_of(trainer, x0, NULL, 0);
        parameters[i] = before;
        assert_close((double)gradient[i], (up - down) / (2.0 * (double)step), 2e-3, 1e-3 * largest + 1e-5 * loss);
    }
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_gradient_at_the_input_is_that_of_the_output(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_model(SPEC, 1);
    double x[DIM], weight[DIM], dx[DIM], out[DIM];
    const double time = 2.0;
    predictor self;
    assert_ok(predictor_open(&self, model, schedule));
    const reverse_step at = reverse_step_at(&model->options, schedule, 2), *rows[1] = {&at};
    for (size_t i = 0; i < DIM; i++) {
        x[i] = sin((double)i);
        weight[i] = cos(3.0 * (double)i);
    }
    assert_ok(predictor_vjp(&self, (predictor_input){"test", x, rows, NULL, 1}, weight, dx));
    for (size_t i = 0; i < DIM; i++) {
        const double before = x[i], step = 0x1p-7;
        double by = 0.0;
        for (int side = -1; side <= 1; side += 2) {
            x[i] = before + side * step;
            assert_ok(model_forward_double(model, &self.memory, out, x, (forward_input){&time, NULL, 1, NULL}));
            for (size_t j = 0; j < DIM; j++)
                by += side * weight[j] * out[j] / (2.0 * step);
        }
        x[i] = before;
        assert_close(dx[i], by, 1e-3, 1e-3);
    }
    predictor_close(&self);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- the rest of the library ---- */

static void a_toy_trains_and_samples_the_same_for_any_threads(void **state)
{
    (void)state;
    float truth[N * DIM], x0[N * DIM], data[N * DIM];
    double first, last = 0.0;
    make_numbers(data, N * DIM, 3);
    for (int32_t threads = 1; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        diffusion_schedule *schedule = make_schedule("linear steps=20");
        diffusion_model *model = make_model(SPEC, 1);
        diffusion_trainer *trainer = make_trainer(model, schedule, "rate=1e-2 ema=0 seed=2");
        assert_ok(diffusion_trainer_step(trainer, data, NULL, N, &first));
        for (int step = 0; step < 100; step++)
            assert_ok(diffusion_trainer_step(trainer, data, NULL, N, &last));
        assert_true(last < first);
        diffusion_sampler *sampler = make_sampler(model, schedule, "ddim seed=1 clip=1");
        assert_ok(diffusion_sampler_run(sampler, NULL, N, threads == 1 ? truth : x0));
        if (threads > 1)
            assert_same(x0, truth, sizeof truth);
        if (threads > 1) /* another batch */
            assert_ok(diffusion_sampler_run(sampler, NULL, 1, x0));
        if (threads > 1)
            assert_same(x0, truth, DIM * sizeof *truth);
        diffusion_sampler_free(sampler);
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
    assert_help("model", "Squares of a convolution");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_the_loss),
        cmocka_unit_test(the_gradient_at_the_input_is_that_of_the_output),
        cmocka_unit_test(a_toy_trains_and_samples_the_same_for_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
