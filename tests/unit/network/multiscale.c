/* The multi-scale network against its definition, written out in double; its gradient against finite differences of
 * that, which are exact to 1e-8. */
#include "make.h"

#include "base/memory.h"
#include "model/model.h"
#include "network/bumps.h"

enum {
    H = 8,
    W = 4,
    C = 2,
    HW = H * W,
    DIM = HW * C,
    MOST = 8 /* channels, or width */,
    N = 5,
    STEPS = 9,
    WEIGHTS = 1024
};

/* ---- the definition ---- */

typedef struct definition {
    const char *spec;
    size_t scales, kernel, channels, layers, dense, width, depth, bumps, halves, classes;
} definition;

static const definition definitions[] = {
    {"multiscale shape=8,4,2 scales=2 kernel=3 channels=3 layers=2 width=4 depth=2 bumps=3 steps=9 dense=2 "
     "dense_depth=1 classes=2 predict=mean variance=learned",
     2, 3, 3, 2, 2, 4, 2, 3, 2, 2},
    {"multiscale shape=8,4,2 scales=3 kernel=3 channels=2 layers=1 width=3 depth=1 bumps=1 steps=9 predict=mean", 3, 3,
     2, 1, 0, 3, 1, 1, 1, 0},
    {"multiscale shape=8,4,2 scales=1 kernel=5 channels=3 layers=2 width=3 depth=1 bumps=2 steps=9 predict=mean", 1, 5,
     3, 2, 0, 3, 1, 2, 1, 0},
};
enum { DEFINITIONS = sizeof definitions / sizeof definitions[0] };

static const double *tensor(const diffusion_model *model, const double *parameters, const char *format, size_t l)
{
    char name[64];
    snprintf(name, sizeof name, format, l);
    const network_parameter *found = network_find(model->network, name);
    assert_non_null(found);
    return parameters + found->offset;
}

/* The mean over the block of `side` pixels that (i, j) is in, taken at that scale: block (bi, bj). */
static double block_mean(const double *x, size_t channels, size_t side, size_t bi, size_t bj, size_t c)
{
    double sum = 0.0;
    for (size_t i = bi * side; i < (bi + 1) * side; i++)
        for (size_t j = bj * side; j < (bj + 1) * side; j++)
            sum += x[(i * W + j) * channels + c];
    return sum / (double)(side * side);
}

/* Softplus of the sum over scales of the convolved means. */
static void true_conv(const definition *d, const double *weight, const double *bias, double *y, const double *x,
                      size_t in)
{
    for (size_t place = 0; place < HW; place++)
        for (size_t o = 0; o < d->channels; o++) {
            double z = bias[o];
            for (size_t s = 0; s < d->scales; s++) {
                size_t side = (size_t)1 << s, bi = place / W / side, bj = place % W / side;
                const double *w = weight + (s * d->channels + o) * d->kernel * d->kernel * in;
                for (size_t a = 0; a < d->kernel; a++)
                    for (size_t b = 0; b < d->kernel; b++) {
                        size_t i = bi + a - d->kernel / 2, j = bj + b - d->kernel / 2; /* wraps round below 0 */
                        for (size_t c = 0; i < H / side && j < W / side && c < in; c++)
                            z += w[(c * d->kernel + a) * d->kernel + b] * block_mean(x, in, side, i, j, c);
                    }
            }
            y[place * d->channels + o] = log1p(exp(z));
        }
}

static double dot(const double *w, const double *x, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static void true_dense(const definition *d, const diffusion_model *model, const double *p, double *features,
                       const double *x, int32_t label)
{
    double in[DIM + 2], h[MOST];
    size_t count = DIM + d->classes;
    for (size_t i = 0; i < count; i++)
        in[i] = i < DIM ? x[i] : (double)((int32_t)(i - DIM) == label);
    for (size_t k = 0; k < d->dense; k++)
        h[k] = tanh(dot(tensor(model, p, "dense.hidden.0.weight", 0) + k * count, in, count) +
                    tensor(model, p, "dense.hidden.0.bias", 0)[k]);
    for (size_t i = 0; i < HW * 2; i++)
        features[i] = dot(tensor(model, p, "dense.output.weight", 0) + i * d->dense, h, d->dense) +
                      tensor(model, p, "dense.output.bias", 0)[i];
}

static void true_pixel(const double *weight, const double *bias, double *y, const double *x, size_t in, size_t out)
{
    for (size_t o = 0; o < out; o++)
        y[o] = tanh(dot(weight + o * in, x, in) + bias[o]);
}

/* Softmax over the bumps of -(t - centre)^2 / (2 spacing^2). */
static double true_bump(size_t j, size_t bumps, int32_t t)
{
    double sum = 0.0, at = 0.0, spacing = bumps > 1 ? (STEPS - 1.0) / ((double)bumps - 1.0) : 1.0;
    for (size_t k = 0; k < bumps; k++) {
        double g = exp(-pow(((double)t - 1.0 - (double)k * spacing) / spacing, 2.0) / 2.0);
        sum += g;
        at += k == j ? g : 0.0;
    }
    return at / sum;
}

static void true_output(const definition *d, const diffusion_model *model, const double *p, double *out,
                        const double *image, int32_t t, int32_t label)
{
    double x[HW * MOST], y[HW * MOST], features[HW * 2];
    size_t in = C, joined = d->channels + (d->dense > 0 ? 2 : 0), rows = d->halves * C;
    memcpy(x, image, DIM * sizeof *x);
    for (size_t l = 0; l < d->layers; l++, in = d->channels) {
        true_conv(d, tensor(model, p, "conv.%zu.weight", l), tensor(model, p, "conv.%zu.bias", l), y, x, in);
        memcpy(x, y, sizeof x);
    }
    if (d->dense > 0)
        true_dense(d, model, p, features, image, label);
    for (size_t place = 0; place < HW; place++) {
        double a[MOST], b[MOST];
        memcpy(a, x + place * d->channels, d->channels * sizeof *a);
        if (d->dense > 0)
            memcpy(a + d->channels, features + 2 * place, 2 * sizeof *a);
        for (size_t l = 0; l < d->depth; l++) {
            true_pixel(tensor(model, p, "pixel.%zu.weight", l), tensor(model, p, "pixel.%zu.bias", l), b, a,
                       l == 0 ? joined : d->width, d->width);
            memcpy(a, b, sizeof a);
        }
        for (size_t o = 0; o < rows; o++) {
            double sum = 0.0;
            for (size_t j = 0; j < d->bumps; j++)
                sum += true_bump(j, d->bumps, t) *
                       (dot(tensor(model, p, "output.weight", 0) + (j * rows + o) * d->width, a, d->width) +
                        tensor(model, p, "output.bias", 0)[j * rows + o]);
            out[o / C * DIM + place * C + o % C] = sum;
        }
    }
}

/* ---- a batch of it ---- */

static float x[N * DIM], out[N * 2 * DIM], dout[N * 2 * DIM];
static const int32_t t[N] = {1, 9, 4, 6, 2}, labels[N] = {0, 1, -1, 1, 0};
static const double time_of[N] = {1, 9, 4, 6, 2};

static int fill(void **state)
{
    (void)state;
    make_numbers(x, N * DIM, 1);
    make_numbers(dout, N * 2 * DIM, 2);
    return 0;
}

static diffusion_model *make(const definition *d, double *parameters)
{
    diffusion_model *model = make_model(d->spec, 1);
    assert_true(model->network->size <= WEIGHTS);
    fill_weights(model, 7);
    for (size_t i = 0; i < model->network->size; i++)
        parameters[i] = (double)model->parameters[i];
    return model;
}

static void true_image(const definition *d, const diffusion_model *model, const double *p, double *result, size_t i)
{
    double image[DIM];
    for (size_t j = 0; j < DIM; j++)
        image[j] = (double)x[i * DIM + j];
    true_output(d, model, p, result, image, t[i], labels[i]);
}

static void the_output_is_the_definition(void **state)
{
    (void)state;
    for (size_t k = 0; k < DEFINITIONS; k++) {
        double parameters[WEIGHTS], truth[2 * DIM];
        diffusion_model *model = make(&definitions[k], parameters);
        make_output(out, model, x, time_of, definitions[k].classes > 0 ? labels : NULL, N);
        for (size_t i = 0; i < N; i++) {
            true_image(&definitions[k], model, parameters, truth, i);
            for (size_t j = 0; j < model->outputs; j++)
                assert_close((double)out[i * model->outputs + j], truth[j], 2e-6, 3e-6);
        }
        diffusion_model_free(model);
    }
}

/* <dout, out> of the batch by the definition. */
static double true_product(const definition *d, const diffusion_model *model, const double *p)
{
    double sum = 0.0, result[2 * DIM];
    for (size_t i = 0; i < N; i++) {
        true_image(d, model, p, result, i);
        for (size_t j = 0; j < model->outputs; j++)
            sum += result[j] * (double)dout[i * model->outputs + j];
    }
    return sum;
}

/* Every parameter's; output and memory of training are the network's own. */
static void check_gradient(const definition *d)
{
    double parameters[WEIGHTS], largest = 0.0;
    diffusion_model *model = make(d, parameters);
    const network *self = model->network;
    float *tape = memory_allocate(self->methods->tape_size(self, N), sizeof *tape), gradient[WEIGHTS];
    float *scratch = memory_allocate(self->methods->training_scratch_size(self, N, 4), sizeof *scratch);
    network_batch batch = {.x = x, .time = time_of, .labels = d->classes > 0 ? labels : NULL, .n = N};
    for (size_t i = 0; i < self->size; i++)
        gradient[i] = 77.0f; /* overwritten */
    assert_ok(diffusion_set_threads(4));
    self->methods->forward_keep(self, model->parameters, out, batch, tape, scratch);
    self->methods->backward(self, model->parameters, gradient, NULL, dout, N, tape, scratch);
    assert_ok(diffusion_set_threads(0));
    for (size_t i = 0; i < self->size; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < self->size; i++) {
        double before = parameters[i];
        parameters[i] = before + 1e-4;
        double above = true_product(d, model, parameters);
        parameters[i] = before - 1e-4;
        double truth = (above - true_product(d, model, parameters)) / 2e-4;
        parameters[i] = before;
        assert_close((double)gradient[i], truth, 1e-5, 1e-6 * largest + 1e-6);
    }
    memory_release(tape);
    memory_release(scratch);
    diffusion_model_free(model);
}

static void the_gradient_is_the_definitions(void **state)
{
    (void)state;
    for (size_t i = 0; i < DEFINITIONS; i++)
        check_gradient(&definitions[i]);
}

static void bumps_add_up_to_one_and_peak_at_their_centres(void **state)
{
    (void)state;
    for (int32_t step = 1; step <= STEPS; step++) {
        float g[5];
        double sum = 0.0;
        bumps_at(g, 5, STEPS, step);
        for (size_t j = 0; j < 5; j++) {
            sum += (double)g[j];
            assert_close((double)g[j], true_bump(j, 5, step), 1e-6, 1e-9);
        }
        assert_close(sum, 1.0, 1e-6, 0);
        for (size_t j = 0; step % 2 == 1 && j < 5; j++)
            assert_true(g[j] <= g[(step - 1) / 2]);
    }
}

static void one_bump_is_constant(void **state)
{
    (void)state;
    for (double time = -10.0; time < 200.0; time += 7.3) {
        float g;
        bumps_at(&g, 1, 100, time);
        assert_true(g == 1.0f);
    }
}

/* Bumps 1 apart around the only step: exp(-j^2 / 2) over their sum. */
static void one_step_has_bumps_of_width_one(void **state)
{
    (void)state;
    float g[3];
    double sum = 1.0 + exp(-0.5) + exp(-2.0);
    bumps_at(g, 3, 1, 1.0);
    for (size_t j = 0; j < 3; j++)
        assert_close((double)g[j], exp(-0.5 * (double)(j * j)) / sum, 1e-6, 0);
}

/* Between two centres that are as far from it, and far outside, where no bump is large. */
static void bumps_take_any_time(void **state)
{
    (void)state;
    float g[5];
    bumps_at(g, 5, STEPS, 4.0);
    assert_close((double)g[1], (double)g[2], 1e-6, 0);
    bumps_at(g, 5, STEPS, 1e6);
    assert_true(g[4] == 1.0f && g[3] == 0.0f);
}

/* Layers as they begin keep the size of what goes through them; the output begins at 0. */
static void a_fresh_network_gives_zeros(void **state)
{
    (void)state;
    diffusion_model *model = make_model("multiscale shape=8,4,2 steps=9 scales=2 dense=20", 1);
    make_output(out, model, x, time_of, NULL, N);
    for (size_t i = 0; i < N * DIM; i++)
        assert_true(out[i] == 0.0f);
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_is_the_definition),
        cmocka_unit_test(the_gradient_is_the_definitions),
        cmocka_unit_test(bumps_add_up_to_one_and_peak_at_their_centres),
        cmocka_unit_test(one_bump_is_constant),
        cmocka_unit_test(one_step_has_bumps_of_width_one),
        cmocka_unit_test(bumps_take_any_time),
        cmocka_unit_test(a_fresh_network_gives_zeros),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
