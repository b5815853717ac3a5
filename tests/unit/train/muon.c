/* Muon's step: momentum by Nesterov's rule, its factor's size, and what is a matrix. */
#include "test.h"

#include "math/orthogonal.h"
#include "train/muon.h"

#include <stdlib.h>

enum { ROWS = 3, COLUMNS = 8 /* 2 x 2 x 2 */, COUNT = ROWS * COLUMNS, STEPS = 4 };

static const network_parameter matrix = {.rank = 4, .shape = {ROWS, 2, 2, 2}, .count = COUNT};

static void fill(float *gradient, int step)
{
    for (int i = 0; i < COUNT; i++)
        gradient[i] = (float)cos(1.3 * i * (step + 1)) + 0.2F;
}

/* The momentum in doubles; the direction is 0.2 sqrt(8) times the factor of what Nesterov's rule makes of it. */
static void a_direction_is_the_factor_of_nesterovs_momentum(void **state)
{
    (void)state;
    const optimizer_step rule = {.kind = OPTIMIZER_MUON, .momentum = 0.95, .gradient_scale = 0.5};
    float gradient[COUNT], moment[COUNT] = {0}, expected[COUNT];
    double momentum[COUNT] = {0};
    network net = {.parameters = (network_parameter *)&matrix, .parameter_count = 1};
    float *scratch = malloc(muon_scratch_size(&net) * sizeof *scratch);
    for (int step = 0; step < STEPS; step++) {
        fill(gradient, step);
        for (int i = 0; i < COUNT; i++) {
            const double g = 0.5 * (double)gradient[i];
            momentum[i] = 0.95 * momentum[i] + 0.05 * g;
            expected[i] = (float)(0.05 * g + 0.95 * momentum[i]);
        }
        orthogonal_factor(expected, ROWS, COLUMNS, scratch);
        muon_direction(&rule, &matrix, gradient, moment, scratch);
        for (int i = 0; i < COUNT; i++) {
            assert_close((double)moment[i], momentum[i], 1e-5, 1e-7);
            assert_close((double)gradient[i], 0.2 * sqrt(8.0) * (double)expected[i], 1e-3, 1e-4);
        }
    }
    free(scratch);
}

/* Root mean square 0.2 for any shape, to the factor's own accuracy. */
static void steps_are_of_adams_size(void **state)
{
    (void)state;
    const optimizer_step rule = {.kind = OPTIMIZER_MUON, .momentum = 0.0, .gradient_scale = 1.0};
    static const int64_t shapes[][2] = {{4, 64}, {64, 4}, {32, 32}, {2, 500}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const size_t count = (size_t)(shapes[s][0] * shapes[s][1]);
        network_parameter of = {.rank = 2, .shape = {shapes[s][0], shapes[s][1]}, .count = count};
        network net = {.parameters = &of, .parameter_count = 1};
        float *gradient = malloc(count * sizeof *gradient), *moment = calloc(count, sizeof *moment);
        float *scratch = malloc(muon_scratch_size(&net) * sizeof *scratch);
        double sum = 0.0;
        for (size_t i = 0; i < count; i++)
            gradient[i] = (float)sin((double)(i + 1) * (double)(i + 2) * 0.618);
        muon_direction(&rule, &of, gradient, moment, scratch);
        for (size_t i = 0; i < count; i++)
            sum += (double)gradient[i] * (double)gradient[i];
        assert_close(sqrt(sum / (double)count), 0.2, 0.2, 0);
        free(gradient);
        free(moment);
        free(scratch);
    }
}

static void vectors_and_rows_are_no_matrices(void **state)
{
    (void)state;
    const network_parameter vector = {.rank = 1, .shape = {12}, .count = 12};
    const network_parameter row = {.rank = 2, .shape = {1, 12}, .count = 12};
    const network_parameter column = {.rank = 2, .shape = {12, 1}, .count = 12};
    assert_true(muon_takes(&matrix));
    assert_false(muon_takes(&vector));
    assert_false(muon_takes(&row));
    assert_false(muon_takes(&column));
}

static void a_step_past_the_largest_float_is_seen(void **state)
{
    (void)state;
    float weights[COUNT] = {0};
    optimizer_step rule = {.kind = OPTIMIZER_MUON, .rate = 1e38};
    assert_true(muon_stays_finite(&rule, &matrix, weights));
    weights[COUNT - 1] = -3.2e38F;
    assert_false(muon_stays_finite(&rule, &matrix, weights));
    rule = (optimizer_step){.kind = OPTIMIZER_MUON, .rate = 1.0, .weight_decay = 3.0}; /* 1 - 3 = -2 times the weight */
    assert_false(muon_stays_finite(&rule, &matrix, weights));
    weights[COUNT - 1] = -1.6e38F;
    assert_true(muon_stays_finite(&rule, &matrix, weights));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_direction_is_the_factor_of_nesterovs_momentum),
        cmocka_unit_test(steps_are_of_adams_size),
        cmocka_unit_test(vectors_and_rows_are_no_matrices),
        cmocka_unit_test(a_step_past_the_largest_float_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
