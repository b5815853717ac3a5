/* What holds for every kind of network: its gradients, at parameters and input, are those of finite differences, with
 * labels and condition vectors where it takes them; and how parameters are named. */
#include "make.h"

#include "base/memory.h"
#include "base/threads.h"
#include "network/table.h"

enum { N = 5, MOST = 64 * 1024, SIDE = 8 };

typedef struct configuration {
    const char *spec;
    size_t classes, vectors, halves, channels;
} configuration;

static const configuration configurations[] = {
    {"mlp width=9 depth=2 time_features=6 activation=tanh residual=yes", 3, 2, 2, 1},
    {"mlp width=7 depth=1 time_features=4 readout=steps steps=9", 0, 4, 1, 1},
    {"rbf units=6 steps=9", 0, 0, 1, 1},
    {"multiscale scales=3 channels=4 layers=2 width=5 depth=2 bumps=3 steps=9", 0, 0, 2, 2},
    {"multiscale scales=2 kernel=5 channels=3 layers=1 width=4 depth=1 bumps=1 dense=5 dense_depth=2 steps=9", 3, 2, 1,
     1},
    {"multiscale scales=2 channels=3 layers=2 width=4 depth=1 bumps=2 dense=4 dense_depth=1 steps=9", 0, 3, 1, 2},
    {"unet channels=8,16 blocks=1 attention=4 groups=4 exact=yes", 3, 5, 2, 1},
    {"unet channels=8,16 blocks=1 groups=4 conditioning=scale_shift dropout=0.2 exact=yes", 0, 2, 1, 2},
};
enum { CONFIGURATIONS = sizeof configurations / sizeof configurations[0] };

static const spec_kind *kind_at(size_t index)
{
    return network_kind_at(index) != NULL ? &network_kind_at(index)->spec : NULL;
}

static diffusion_status create(network **out, const configuration *c)
{
    static const spec_grammar grammar = {"network", kind_at, NULL, 0};
    spec_own options;
    size_t kind;
    network_task task = {.classes = c->classes,
                         .vectors = c->vectors,
                         .shape = {{SIDE, SIDE, (int64_t)c->channels}, 3},
                         .dim = SIDE * SIDE * c->channels};
    task.outputs = c->halves * task.dim;
    assert_ok(spec_parse(&grammar, c->spec, &options, &kind));
    return network_kind_at(kind)->create(out, &options, task);
}

/* ---- one network and a batch ---- */

typedef struct trial {
    network *net;
    float *parameters, *gradient, *x, *dx, *out, *dout, *vectors, *tape, *scratch;
} trial;

static const double times[N] = {1.0, 9.0, 3.5, 6.0, 8.9};
static const int32_t labels[N] = {0, 2, -1, 1, 0};
static trial t;

static float *numbers(size_t count, uint32_t seed)
{
    float *values = memory_allocate(count, sizeof *values);
    assert_non_null(values);
    make_numbers(values, count, seed);
    return values;
}

static void begin(const configuration *c)
{
    t = (trial){.net = NULL};
    assert_ok(create(&t.net, c));
    const network_class *methods = t.net->methods;
    t.parameters = numbers(t.net->size, 1);
    for (size_t i = 0; i < t.net->size; i++)
        t.parameters[i] *= 0.5f;
    t.gradient = numbers(t.net->size, 2);
    t.x = numbers(N * t.net->task.dim, 3);
    t.dx = numbers(N * t.net->task.dim, 4);
    t.out = numbers(N * t.net->task.outputs, 5);
    t.dout = numbers(N * t.net->task.outputs, 6);
    t.vectors = numbers(N * c->vectors, 7);
    t.tape = numbers(methods->tape_size(t.net, N), 8);
    t.scratch = numbers(methods->training_scratch_size(t.net, N, threads_count()), 9);
}

static void end(void)
{
    float *all[] = {t.parameters, t.gradient, t.x, t.dx, t.out, t.dout, t.vectors, t.tape, t.scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        memory_release(all[i]);
    network_free(t.net);
}

static network_batch batch(void)
{
    return (network_batch){.x = t.x,
                           .time = times,
                           .labels = t.net->task.classes > 0 ? labels : NULL,
                           .vectors = t.net->task.vectors > 0 ? t.vectors : NULL,
                           .n = N,
                           .seed = 3,
                           .step = 4};
}

static double objective(void)
{
    double sum = 0.0;
    t.net->methods->forward_keep(t.net, t.parameters, t.out, batch(), t.tape, t.scratch);
    for (size_t i = 0; i < N * t.net->task.outputs; i++)
        sum += (double)t.dout[i] * (double)t.out[i];
    return sum;
}

static void backward(float *gradient, float *dx)
{
    objective();
    t.net->methods->backward(t.net, t.parameters, gradient, dx, t.dout, N, t.tape, t.scratch);
}

/* ---- finite differences ---- */

/* Along a direction of +1 and -1, a differing one for each `salt`. */
static float sign(size_t i, size_t salt)
{
    return (i * 2654435761u >> (3 + salt)) % 3 == 1 ? -1.0f : 1.0f;
}

static double slope(float *values, size_t count, size_t salt)
{
    const float h = 0x1p-10f;
    float *before = numbers(count, 0);
    double at[5] = {0.0};
    memcpy(before, values, count * sizeof *before);
    for (int k = -2; k <= 2; k++) {
        for (size_t i = 0; i < count; i++)
            values[i] = before[i] + h * (float)k * sign(i, salt);
        at[k + 2] = k != 0 ? objective() : 0.0;
    }
    memcpy(values, before, count * sizeof *before);
    memory_release(before);
    return (8.0 * (at[3] - at[1]) - (at[4] - at[0])) / (12.0 * (double)h);
}

/* Rounding of the objective, about 1e-6 of a sum of some hundreds, over h. */
static void check(const char *spec, const char *name, const float *gradient, float *values, size_t count)
{
    for (size_t salt = 0; salt < 3; salt++) {
        double along = 0.0, size = 0.0, truth = slope(values, count, salt);
        for (size_t i = 0; i < count; i++) {
            along += (double)(sign(i, salt) * gradient[i]);
            size += (double)gradient[i] * (double)gradient[i];
        }
        double allowed = 5e-3 * sqrt(size) + 1e-2;
        if (!(fabs(along - truth) <= allowed))
            fail_msg("%s: %s: slope %g, truth %g, allowed %g", spec, name, along, truth, allowed);
    }
}

static void gradients_are_finite_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGURATIONS; i++) {
        const configuration *c = &configurations[i];
        begin(c);
        backward(t.gradient, t.dx);
        for (size_t p = 0; p < t.net->parameter_count; p++) {
            const network_parameter *parameter = &t.net->parameters[p];
            check(c->spec, parameter->name, t.gradient + parameter->offset, t.parameters + parameter->offset,
                  parameter->count);
        }
        for (size_t j = 0; j < N; j++)
            check(c->spec, "dx", t.dx + j * t.net->task.dim, t.x + j * t.net->task.dim, t.net->task.dim);
        end();
    }
}

static void either_gradient_alone_has_the_same_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGURATIONS; i++) {
        begin(&configurations[i]);
        float *gradient = numbers(t.net->size, 10), *dx = numbers(N * t.net->task.dim, 11);
        backward(t.gradient, t.dx);
        backward(gradient, NULL);
        assert_same(gradient, t.gradient, t.net->size * sizeof *gradient);
        backward(NULL, dx);
        assert_same(dx, t.dx, N * t.net->task.dim * sizeof *dx);
        memory_release(gradient);
        memory_release(dx);
        end();
    }
}

/* ---- conditions ---- */

static void forward(float *out, network_batch of)
{
    const network_class *methods = t.net->methods;
    float *prepared = NULL, *scratch = numbers(methods->scratch_size(t.net, of.n, threads_count()), 0);
    if (methods->prepare != NULL) {
        prepared = numbers(methods->prepared_size(t.net), 0);
        methods->prepare(t.net, prepared, t.parameters);
    }
    methods->forward(t.net, t.parameters, prepared, out, of, scratch);
    memory_release(prepared);
    memory_release(scratch);
}

static void vectors_count_and_none_reads_as_zeros(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIGURATIONS; i++) {
        if (configurations[i].vectors == 0)
            continue;
        begin(&configurations[i]);
        size_t size = N * t.net->task.outputs * sizeof(float);
        float *with = numbers(size, 0), *without = numbers(size, 0);
        network_batch of = batch();
        forward(with, of);
        of.vectors = NULL;
        forward(without, of);
        assert_true(memcmp(with, without, size) != 0);
        memset(t.vectors, 0, N * t.net->task.vectors * sizeof *t.vectors);
        forward(with, batch());
        assert_same(with, without, size);
        memory_release(with);
        memory_release(without);
        end();
    }
}

static void networks_that_cannot_use_vectors_refuse_them(void **state)
{
    (void)state;
    static const configuration refused[] = {{"rbf steps=9", 0, 3, 1, 1}, {"multiscale steps=9", 0, 3, 1, 1}};
    static const char *const sentences[] = {"model: condition=3, but rbf looks at x alone; expected 0",
                                            "model: condition=3 needs the dense path"};
    for (size_t i = 0; i < 2; i++) {
        network *net = NULL;
        assert_refused(create(&net, &refused[i]), DIFFUSION_E_SPEC, sentences[i]);
        assert_null(net);
    }
}

/* ---- parameters ---- */

static void a_name_that_is_too_long_or_taken_is_refused(void **state)
{
    (void)state;
    static const int64_t shape[] = {2, 3};
    char name[NETWORK_NAME + 1];
    memset(name, 'a', sizeof name);
    network net = {.size = 0};
    name[NETWORK_NAME - 1] = '\0';
    assert_int_equal(network_add_parameter(&net, 2, shape, "%s", name), 0);
    assert_int_equal(network_add_parameter(&net, 1, shape, "b.%d", 7), 6);
    assert_ok(net.status);
    assert_int_equal(net.size, 8);
    assert_string_equal(network_find(&net, name)->name, name);
    network copy = net;
    network_add_parameter(&net, 1, shape, "b.7");
    assert_refused(net.status, DIFFUSION_E_SPEC, "model: two parameters are named b.7");
    network_add_parameter(&net, 1, shape, "c");
    assert_int_equal(net.parameter_count, 2); /* nothing is added behind a failure */
    net = copy;
    name[NETWORK_NAME - 1] = 'a';
    name[NETWORK_NAME] = '\0';
    network_add_parameter(&net, 1, shape, "%s", name);
    assert_refused(net.status, DIFFUSION_E_SPEC, "has 64 characters, expected at most 63");
    assert_int_equal(net.parameter_count, 2);
    memory_release(net.parameters);
}

static void any_number_of_parameters_is_taken(void **state)
{
    (void)state;
    static const int64_t shape[] = {3};
    network net = {.size = 0};
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(network_add_parameter(&net, 1, shape, "p.%zu", i), 3 * i);
    assert_ok(net.status);
    assert_int_equal(network_find(&net, "p.321")->offset, 963);
    memory_release(net.parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_finite_differences),
        cmocka_unit_test(either_gradient_alone_has_the_same_bits),
        cmocka_unit_test(vectors_count_and_none_reads_as_zeros),
        cmocka_unit_test(networks_that_cannot_use_vectors_refuse_them),
        cmocka_unit_test(a_name_that_is_too_long_or_taken_is_refused),
        cmocka_unit_test(any_number_of_parameters_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
