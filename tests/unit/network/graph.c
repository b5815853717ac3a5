/* The graph's gradients against finite differences, each kind of operation reading a value that others read too: the
 * first reader in the backward pass writes a gradient, every other adds to it. */
#include "make.h"

#include "base/threads.h"
#include "network/graph/graph.h"

enum { SIDE = 4, IN = 2, C = 4, N = 3, VECTORS = 3, CLASSES = 2, MOST = 4096, DIM = SIDE * SIDE * IN };

/* ---- small graphs ---- */

typedef struct maker {
    graph *graph;
    size_t size; /* floats of the parameters so far */
} maker;

typedef graph_value build_fn(maker *m);

static size_t take(maker *m, size_t count)
{
    m->size += count;
    assert_true(m->size <= MOST);
    return m->size - count;
}

static graph_value value(maker *m, size_t side, size_t channels)
{
    return graph_new_value(m->graph, side, side, channels);
}

static void convolve_to(maker *m, graph_value x, graph_value y, graph_convolution with)
{
    size_t kernel = with.kernel > 1 ? with.kernel : 1;
    with.weight = take(m, kernel * kernel * x.channels * y.channels);
    with.bias = take(m, y.channels);
    graph_convolve(m->graph, x, y, &with);
}

static graph_value convolve(maker *m, graph_value x, size_t channels)
{
    graph_value y = value(m, x.height, channels);
    convolve_to(m, x, y, (graph_convolution){.kernel = 1});
    return y;
}

/* y = x convolved + more, with parameters of its own: a sum of two branches. */
static graph_value sum(maker *m, graph_value x, graph_value more)
{
    graph_value y = value(m, more.height, more.channels);
    convolve_to(m, x, y, (graph_convolution){.kernel = 1, .residual = more});
    return y;
}

static graph_value vector(maker *m, size_t channels)
{
    graph_value given = value(m, 1, CLASSES + VECTORS);
    graph_condition(m->graph, given, CLASSES);
    return convolve(m, given, channels);
}

static graph_value convolutions(maker *m)
{
    graph_value h = convolve(m, graph_input(m->graph), C), image = vector(m, 2 * C), a = value(m, SIDE, C);
    graph_value b = value(m, SIDE, C), c = value(m, SIDE, C);
    graph_convolution three = {.kernel = 3, .before = 1, .after = 1, .image = graph_columns(image, 0, C)};
    convolve_to(m, h, a, three);
    three.residual = h;
    three.image = graph_columns(image, 2, C); /* overlaps with what the first reads */
    convolve_to(m, h, b, three);
    convolve_to(m, a, c, (graph_convolution){.kernel = 1, .residual = b});
    convolve_to(m, b, c, (graph_convolution){.kernel = 1, .residual = c, .image = graph_columns(image, 0, C)});
    return c;
}

static graph_value normalise(maker *m, graph_value x, int silu, graph_value image, double dropout)
{
    graph_value y = value(m, x.height, x.channels);
    graph_norm with = {.groups = 2, .epsilon = 0.1f, .silu = silu, .image = image, .dropout = dropout, .number = 1};
    with.scale = take(m, x.channels);
    with.shift = take(m, x.channels);
    graph_normalise(m->graph, x, y, &with);
    return y;
}

static graph_value norms(maker *m)
{
    graph_value none = {.channels = 0}, h = convolve(m, graph_input(m->graph), C), image = vector(m, 2 * C);
    graph_value once = normalise(m, h, 1, image, 0.3), twice = normalise(m, h, 1, image, 0.2);
    graph_value plain = normalise(m, twice, 0, none, 0.0), a = convolve(m, twice, C);
    return sum(m, once, sum(m, plain, a));
}

static graph_value attentions(maker *m)
{
    graph_value qkv = convolve(m, graph_input(m->graph), 3 * C), a = value(m, SIDE, C), b = value(m, SIDE, C);
    graph_attend(m->graph, qkv, a, 1);
    graph_attend(m->graph, qkv, b, 2);
    return sum(m, a, sum(m, b, convolve(m, qkv, C)));
}

static graph_value activate(maker *m, graph_value x, activation kind)
{
    graph_value y = value(m, x.height, x.channels);
    graph_activate(m->graph, x, y, kind, take(m, x.channels));
    return y;
}

static graph_value activations(maker *m)
{
    graph_value h = convolve(m, graph_input(m->graph), C), a = activate(m, h, ACTIVATION_SILU);
    graph_value b = activate(m, h, ACTIVATION_TANH), direct = activate(m, graph_input(m->graph), ACTIVATION_SOFTPLUS);
    return sum(m, direct, sum(m, a, sum(m, b, a)));
}

static graph_value sizes(maker *m)
{
    graph_value h = convolve(m, graph_input(m->graph), C), large[2], half[2], y = value(m, SIDE, C);
    for (size_t i = 0; i < 2; i++) {
        half[i] = value(m, SIDE / 2, C);
        graph_halve(m->graph, h, half[i]);
    }
    graph_value low = sum(m, half[0], half[1]);
    for (size_t i = 0; i < 2; i++) {
        large[i] = value(m, SIDE, C);
        graph_enlarge(m->graph, low, large[i]);
    }
    graph_value larger = value(m, 2 * SIDE, C), again = value(m, SIDE, C);
    graph_enlarge(m->graph, large[0], larger); /* large[0] has two readers: it is kept */
    graph_halve(m->graph, larger, again);
    convolve_to(m, large[0], y, (graph_convolution){.kernel = 3, .before = 1, .after = 1, .residual = again});
    return sum(m, large[1], sum(m, h, y));
}

/* Other shapes; the input, read three times. */
static graph_value copies(maker *m)
{
    graph_value x = graph_input(m->graph), flat = graph_new_value(m->graph, 1, 1, DIM), y = value(m, SIDE, IN);
    graph_value joined = value(m, SIDE, 2 * IN);
    graph_copy(m->graph, x, flat);
    graph_copy(m->graph, convolve(m, flat, DIM), y);
    graph_copy(m->graph, x, graph_columns(joined, 0, IN));
    graph_copy(m->graph, y, graph_columns(joined, IN, IN));
    return sum(m, y, sum(m, joined, convolve(m, x, IN)));
}

static graph_value mixtures(maker *m)
{
    graph_value h = convolve(m, graph_input(m->graph), C), by = vector(m, 3), a = value(m, SIDE, C);
    graph_value b = value(m, SIDE, C);
    graph_mix(m->graph, h, by, a, take(m, 3 * C * C), take(m, 3 * C));
    graph_mix(m->graph, h, by, b, take(m, 3 * C * C), take(m, 3 * C));
    return sum(m, h, sum(m, a, b));
}

static graph_value classes(maker *m)
{
    graph_value z = vector(m, C), y = value(m, SIDE, C), time = value(m, 1, 6), bumps = value(m, 1, 3);
    graph_embed_time(m->graph, time, 1, 0.5);
    graph_bump_time(m->graph, bumps, 9);
    convolve_to(m, time, z, (graph_convolution){.kernel = 1, .residual = z});
    convolve_to(m, bumps, z, (graph_convolution){.kernel = 1, .residual = z});
    graph_add_label(m->graph, z, take(m, CLASSES * C), CLASSES);
    graph_value h = activate(m, z, ACTIVATION_TANH);
    convolve_to(m, graph_input(m->graph), y, (graph_convolution){.kernel = 1, .image = h});
    graph_value last = value(m, SIDE, C);
    convolve_to(m, y, last, (graph_convolution){.kernel = 1, .image = z});
    return last;
}

/* Of the input and of columns in between; the input has another reader before and behind. */
static graph_value features(maker *m)
{
    static const double frequencies[] = {1.0, 0.75, 2.0};
    graph_value x = graph_input(m->graph), first = convolve(m, x, C), y = value(m, SIDE, IN * 7);
    graph_value joined = value(m, SIDE, 1 + 2 * 5);
    graph_fourier(m->graph, x, y, frequencies, 3);
    graph_fourier(m->graph, graph_columns(first, 1, 2), graph_columns(joined, 1, 2 * 5), frequencies, 2);
    graph_copy(m->graph, convolve(m, y, 1), graph_columns(joined, 0, 1));
    return sum(m, first, sum(m, joined, convolve(m, x, IN)));
}

/* Readers of some columns, of none, of all; and what leads nowhere. */
static graph_value columns(maker *m)
{
    graph_value x = graph_input(m->graph), h = convolve(m, x, C), y = value(m, SIDE, C), aside = value(m, SIDE, C);
    graph_value some = convolve(m, graph_columns(x, 1, 1), C);
    convolve_to(m, h, y, (graph_convolution){.kernel = 1});
    convolve_to(m, graph_columns(h, 1, 2), y, (graph_convolution){.kernel = 1, .residual = y});
    convolve_to(m, graph_columns(some, 2, 2), y, (graph_convolution){.kernel = 1, .residual = y});
    convolve_to(m, y, aside, (graph_convolution){.kernel = 1});
    return y;
}

/* ---- finite differences ---- */

typedef struct trial {
    graph *graph;
    size_t size, outputs, tape_size, scratch_size;
    float parameters[MOST], gradient[MOST], x[N * DIM], dx[N * DIM], out[N * MOST], dout[N * MOST];
    float vectors[N * VECTORS], *tape, *scratch;
} trial;

static const int32_t labels[N] = {1, -1, 0};
static const double times[N] = {1.0, 3.5, 9.0};
static const float canary = 12345.0f;
static trial t;

static float *guarded(size_t size)
{
    float *memory = malloc((size + 1) * sizeof *memory);
    assert_non_null(memory);
    memory[size] = canary;
    return memory;
}

static network_batch batch(void)
{
    return (network_batch){
        .x = t.x, .time = times, .labels = labels, .vectors = t.vectors, .n = N, .seed = 5, .step = 6};
}

static void begin(build_fn *build)
{
    maker m = {NULL, 0};
    assert_ok(graph_create(&m.graph, SIDE, SIDE, IN));
    graph_value out = build(&m);
    assert_ok(graph_finish(m.graph, out, 1));
    t = (trial){.graph = m.graph, .size = m.size, .outputs = N * SIDE * SIDE * out.channels};
    t.tape_size = graph_tape_size(t.graph, N);
    t.scratch_size = graph_training_scratch_size(t.graph, N, threads_count());
    t.tape = guarded(t.tape_size);
    t.scratch = guarded(t.scratch_size);
    make_numbers(t.parameters, t.size, 1);
    make_numbers(t.x, N * DIM, 2);
    make_numbers(t.dout, t.outputs, 3);
    make_numbers(t.vectors, N * VECTORS, 4);
}

static void end(void)
{
    assert_true(t.tape[t.tape_size] == canary && t.scratch[t.scratch_size] == canary);
    free(t.tape);
    free(t.scratch);
    graph_free(t.graph);
}

static double objective(void)
{
    double total = 0.0;
    graph_forward_keep(t.graph, t.parameters, t.out, batch(), t.tape, t.scratch);
    for (size_t i = 0; i < t.outputs; i++)
        total += (double)t.dout[i] * (double)t.out[i];
    return total;
}

static double slope(float *of)
{
    const float h = 0x1p-6f, before = *of;
    double at[4];
    for (int k = 0; k < 4; k++) {
        *of = before + h * (float)(k < 2 ? k - 2 : k - 1);
        at[k] = objective();
    }
    *of = before;
    return (8.0 * (at[2] - at[1]) - (at[3] - at[0])) / (12.0 * (double)h);
}

static void backward(float *gradient, float *dx)
{
    objective();
    graph_backward(t.graph, t.parameters, gradient, dx, t.dout, N, t.tape, t.scratch);
}

static void check(const float *gradient, float *of, size_t count)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < count; i++)
        assert_close((double)gradient[i], slope(&of[i]), 2e-3, 5e-4 * largest);
}

static build_fn *const builds[] = {convolutions, norms,    attentions, activations, sizes,
                                   copies,       mixtures, classes,    columns,     features};
enum { BUILDS = sizeof builds / sizeof builds[0] };

static void every_reader_adds_to_the_gradient(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUILDS; i++) {
        begin(builds[i]);
        for (size_t j = 0; j < MOST; j++)
            t.gradient[j] = 77.0f; /* overwritten */
        for (size_t j = 0; j < N * DIM; j++)
            t.dx[j] = 77.0f;
        backward(t.gradient, t.dx);
        check(t.gradient, t.parameters, t.size);
        check(t.dx, t.x, N * DIM);
        end();
    }
}

static void either_gradient_alone_has_the_same_bits(void **state)
{
    (void)state;
    static float gradient[MOST], dx[N * DIM];
    for (size_t i = 0; i < BUILDS; i++) {
        begin(builds[i]);
        backward(t.gradient, t.dx);
        backward(gradient, NULL);
        assert_same(gradient, t.gradient, t.size * sizeof *gradient);
        backward(NULL, dx);
        assert_same(dx, t.dx, sizeof dx);
        backward(NULL, NULL);
        end();
    }
}

static void sampling_gives_what_training_does(void **state)
{
    (void)state;
    static float out[N * MOST];
    for (size_t i = 0; i < BUILDS; i++) {
        if (builds[i] == norms) /* has dropout */
            continue;
        begin(builds[i]);
        size_t size = graph_scratch_size(t.graph, N, threads_count()), prepared_size = graph_prepared_size(t.graph);
        float *scratch = guarded(size), *prepared = guarded(prepared_size);
        objective();
        graph_prepare(t.graph, prepared, t.parameters);
        graph_forward(t.graph, t.parameters, prepared, out, batch(), scratch);
        assert_same(out, t.out, t.outputs * sizeof *out);
        assert_true(scratch[size] == canary && prepared[prepared_size] == canary);
        free(scratch);
        free(prepared);
        end();
    }
}

static void operations_without_strides_refuse_columns(void **state)
{
    (void)state;
    graph *made = NULL;
    assert_ok(graph_create(&made, SIDE, SIDE, IN));
    graph_value y = graph_new_value(made, SIDE / 2, SIDE / 2, 1);
    graph_halve(made, graph_columns(graph_input(made), 1, 1), y);
    assert_refused(graph_finish(made, y, 1), DIFFUSION_E_ARGUMENT, "expected a value alone in its buffer");
    graph_free(made);
}

static void a_parameter_of_two_operations_is_refused(void **state)
{
    (void)state;
    graph *made = NULL;
    assert_ok(graph_create(&made, SIDE, SIDE, IN));
    graph_value x = graph_input(made), y = graph_new_value(made, SIDE, SIDE, IN),
                z = graph_new_value(made, SIDE, SIDE, IN);
    graph_convolve(made, x, y, &(graph_convolution){.weight = 0, .bias = IN * IN});
    graph_convolve(made, y, z, &(graph_convolution){.weight = 0, .bias = IN * IN + IN});
    assert_refused(graph_finish(made, z, 1), DIFFUSION_E_ARGUMENT, "a parameter of two operations");
    graph_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_adds_to_the_gradient),
        cmocka_unit_test(either_gradient_alone_has_the_same_bits),
        cmocka_unit_test(operations_without_strides_refuse_columns),
        cmocka_unit_test(a_parameter_of_two_operations_is_refused),
        cmocka_unit_test(sampling_gives_what_training_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
