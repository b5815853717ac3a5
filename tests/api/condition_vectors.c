/* Vectors that samples are conditioned on: networks learn from them, and their gradient is right. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "make.h"
#include "stencil.h"

enum { WIDTH = 3, N = 150, FEW = 50, LARGEST = 32 };

typedef struct network_of {
    const char *spec;
    size_t dim;
} network_of;

static const network_of networks[] = {
    {"mlp shape=3 width=24 depth=2 time_features=4 condition=3", 3},
    {"mlp shape=3 width=24 depth=2 time_features=4 classes=2 residual=yes condition=3", 3},
    {"unet shape=4,4,1 channels=8,8 blocks=1 groups=2 condition=3", 16},
    {"unet shape=4,4,2 channels=6 blocks=1 groups=3 classes=2 conditioning=scale_shift condition=3", 32},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static float x[N * LARGEST], vectors[N * WIDTH];
static double time_of[N];

static int enter(void **state)
{
    make_numbers(x, N * LARGEST, 5);
    make_numbers(vectors, N * WIDTH, 6);
    for (int i = 0; i < N; i++)
        time_of[i] = 1 + i % 5;
    return folder_enter(state);
}

static diffusion_condition *condition_of(const float *values, size_t n)
{
    diffusion_condition *condition = make_condition(n);
    assert_ok(diffusion_condition_set_vectors(condition, values, WIDTH));
    return condition;
}

static float *forward(const diffusion_model *model, const diffusion_condition *condition)
{
    float *out = malloc(N * LARGEST * sizeof *out);
    assert_non_null(out);
    assert_ok(diffusion_model_forward(model, x, time_of, condition, N, out));
    return out;
}

static void a_vector_changes_the_output_and_zeros_are_none(void **state)
{
    (void)state;
    static const float zeros[N * WIDTH];
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_model *model = make_model(networks[i].spec, 1);
        diffusion_condition *given = condition_of(vectors, N), *zero = condition_of(zeros, N);
        size_t dim = networks[i].dim;
        fill_weights(model, 3);
        float *with = forward(model, given), *without = forward(model, NULL), *none = forward(model, zero);
        assert_same(none, without, N * dim * sizeof *none);
        for (size_t j = 0; j < N; j++)
            assert_memory_not_equal(with + j * dim, without + j * dim, dim * sizeof *with);
        free(with);
        free(without);
        free(none);
        diffusion_condition_free(given);
        diffusion_condition_free(zero);
        diffusion_model_free(model);
    }
}

static void a_sample_has_the_same_bits_alone_and_in_a_batch(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_model *model = make_model(networks[i].spec, 1);
        diffusion_condition *all = condition_of(vectors, N);
        size_t dim = networks[i].dim;
        float alone[LARGEST];
        fill_weights(model, 3);
        assert_ok(diffusion_set_threads(3));
        float *together = forward(model, all);
        assert_ok(diffusion_set_threads(1));
        for (size_t j = 0; j < N; j++) {
            diffusion_condition *one = condition_of(vectors + j * WIDTH, 1);
            assert_ok(diffusion_model_forward(model, x + j * dim, time_of + j, one, 1, alone));
            assert_same(alone, together + j * dim, dim * sizeof *alone);
            diffusion_condition_free(one);
        }
        assert_ok(diffusion_set_threads(0));
        free(together);
        diffusion_condition_free(all);
        diffusion_model_free(model);
    }
}

static void a_file_keeps_the_vectors_weights(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_model *model = make_model(networks[i].spec, 1), *loaded = NULL;
        diffusion_condition *given = condition_of(vectors, N);
        fill_weights(model, 3);
        assert_ok(diffusion_model_save(model, "vectors.safetensors"));
        assert_ok(diffusion_model_load(&loaded, "vectors.safetensors"));
        assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
        assert_non_null(strstr(diffusion_model_spec(loaded), " condition=3 "));
        float *truth = forward(model, given), *got = forward(loaded, given);
        assert_same(got, truth, N * networks[i].dim * sizeof *got);
        free(truth);
        free(got);
        diffusion_condition_free(given);
        diffusion_model_free(loaded);
        diffusion_model_free(model);
    }
    remove("vectors.safetensors");
}

/* ---- the gradient ---- */

enum { BATCH = 5, PARTS = 6 }; /* samples of a loss; entries looked at in each tensor */

typedef struct moved {
    diffusion_trainer *trainer;
    diffusion_model *model;
    const char *name;
    float *values;
    size_t count;
    const diffusion_condition *condition;
} moved;

static double loss_with(void *user)
{
    const moved *self = user;
    double loss;
    assert_ok(diffusion_model_set_parameter(self->model, self->name, self->values, self->count));
    assert_ok(diffusion_trainer_gradient(self->trainer, x, self->condition, BATCH, &loss, NULL, 0));
    return loss;
}

/* As in gradient.c: the network is float32, 1e-7 of the loss. */
static void check_tensor(moved *self, const float *gradient, double loss)
{
    double largest = 0.0;
    self->values = malloc(self->count * sizeof *self->values);
    assert_non_null(self->values);
    assert_ok(diffusion_model_parameter(self->model, self->name, self->values, self->count));
    for (size_t i = 0; i < self->count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < self->count; i += 1 + self->count / PARTS)
        assert_close((double)gradient[i], stencil_at(loss_with, self, &self->values[i], 0x1p-6f), 0,
                     2e-3 * largest + 2e-5 * fmax(loss, 0.1));
    (void)loss_with(self); /* as before */
    free(self->values);
}

static void check_gradient(const char *spec)
{
    const int32_t labels[BATCH] = {0, 1, -1, 0, 1};
    diffusion_schedule *schedule = make_schedule("betas values=0.1,0.15,0.2,0.25,0.3");
    diffusion_model *model = make_model(spec, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "seed=2");
    diffusion_condition *condition = condition_of(vectors, BATCH);
    if (diffusion_model_classes(model) > 0)
        assert_ok(diffusion_condition_set_labels(condition, labels));
    fill_weights(model, 8);
    size_t size = model_parameters(model), at = 0;
    float *gradient = malloc(size * sizeof *gradient);
    double loss;
    assert_non_null(gradient);
    assert_ok(diffusion_trainer_gradient(trainer, x, condition, BATCH, &loss, gradient, size));
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        moved self = {trainer,  model, diffusion_model_parameter_name(model, i), NULL, parameter_size(model, i),
                      condition};
        check_tensor(&self, gradient + at, loss);
        at += self.count;
    }
    free(gradient);
    diffusion_condition_free(condition);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_gradient_is_the_losss_slope(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++)
        check_gradient(networks[i].spec);
}

/* ---- learning ---- */

/* x_0 is the sum of the vector's values with alternating signs, and a little noise. */
static double target_of(const float *vector, size_t j)
{
    double sum = 0.0;
    for (size_t k = 0; k < WIDTH; k++)
        sum += (double)vector[k] * ((j + k) % 2 == 0 ? 0.8 : -0.8);
    return sum;
}

static void fill_data(float *x0, size_t dim, float *of)
{
    uint32_t seed = 77;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < dim; j++)
            x0[i * dim + j] = (float)target_of(of + i * WIDTH, j) + 0.05f * make_number(&seed);
}

static double bound_of(const diffusion_model *model, const diffusion_schedule *schedule, const float *x0,
                       const diffusion_condition *condition)
{
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo draws=4");
    assert_ok(diffusion_evaluator_run(elbo, x0, condition, N));
    double k = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
    return k;
}

/* The vector says where x_0 is: samples come out there, and a wrong vector costs bits. */
static void check_learning(const network_of *network, int steps)
{
    char spec[256];
    static float x0[N * LARGEST], drawn[N * LARGEST], wrong[N * WIDTH];
    snprintf(spec, sizeof spec, "%s predict=x0 variance=fixed_small", network->spec);
    fill_data(x0, network->dim, vectors);
    for (size_t i = 0; i < N * WIDTH; i++)
        wrong[i] = -vectors[i];
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model(spec, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=0.01 ema=0.98");
    diffusion_condition *right = condition_of(vectors, N), *other = condition_of(wrong, N),
                        *few = condition_of(vectors, FEW);
    for (int step = 0; step < steps; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, few, FEW, NULL));
    const diffusion_model *trained = diffusion_trainer_model(trainer);
    diffusion_sampler *sampler = make_sampler(trained, schedule, "ancestral seed=3");
    assert_ok(diffusion_sampler_run(sampler, right, N, drawn));
    double squares = 0.0, spread = 0.0;
    for (size_t i = 0; i < N * network->dim; i++) {
        squares += pow((double)drawn[i] - target_of(vectors + i / network->dim * WIDTH, i % network->dim), 2);
        spread += pow((double)x0[i], 2);
    }
    print_message("  %s: %.3f of the spread is unexplained\n", network->spec, squares / spread);
    assert_true(squares < 0.1 * spread);
    assert_true(bound_of(trained, schedule, x0, right) > bound_of(trained, schedule, x0, other) + 1.0);
    assert_true(bound_of(trained, schedule, x0, right) > bound_of(trained, schedule, x0, NULL) + 1.0);
    diffusion_sampler_free(sampler);
    diffusion_condition_free(right);
    diffusion_condition_free(other);
    diffusion_condition_free(few);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void networks_learn_what_a_vector_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++)
        check_learning(&networks[i], 200);
}

static void networks_without_a_place_for_vectors_refuse_them(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"rbf shape=3 steps=5 condition=2", "model: condition=2, but rbf looks at x alone"},
        {"multiscale shape=4,4,1 steps=5 condition=2", "=2 needs the dense path"},
    };
    for (size_t i = 0; i < 2; i++) {
        diffusion_model *none = NULL;
        assert_refused(diffusion_model_create(&none, cases[i][0], 1), DIFFUSION_E_SPEC, cases[i][1]);
        assert_null(none);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_changes_the_output_and_zeros_are_none),
        cmocka_unit_test(a_sample_has_the_same_bits_alone_and_in_a_batch),
        cmocka_unit_test(a_file_keeps_the_vectors_weights),
        cmocka_unit_test(the_gradient_is_the_losss_slope),
        cmocka_unit_test(networks_learn_what_a_vector_says),
        cmocka_unit_test(networks_without_a_place_for_vectors_refuse_them),
    };
    return cmocka_run_group_tests(tests, enter, folder_leave);
}
