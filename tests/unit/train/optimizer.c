/* The update rules against torch.optim (golden: five steps of 1000 weights, double). */
#include "golden.h"

#include "train/optimizer.h"

#include <float.h>

enum { COUNT = 1000, STEPS = 5 };

typedef struct rule_case {
    const char *name; /* of the golden tensor */
    trainer_options options;
} rule_case;

static trainer_options options_of(optimizer_kind kind, double weight_decay)
{
    return (trainer_options){.optimizer = (int32_t)kind,
                             .rate = 1e-2,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8,
                             .momentum = 0.9,
                             .weight_decay = weight_decay,
                             .ema = 0.99};
}

static void follow_in_double(const rule_case *rule, double relative)
{
    double weights[COUNT], moment1[COUNT] = {0}, moment2[COUNT] = {0};
    double *start = golden_values("optimizers.safetensors", "p0", NULL);
    double *gradients = golden_values("optimizers.safetensors", "grads", NULL);
    double *truth = golden_values("optimizers.safetensors", rule->name, NULL);
    memcpy(weights, start, sizeof weights);
    for (int64_t step = 0; step < STEPS; step++) {
        optimizer_step at = optimizer_step_at(&rule->options, step, 1.0);
        optimizer_update_double(&at, weights, gradients + step * COUNT, moment1, moment2, NULL, COUNT);
        for (size_t i = 0; i < COUNT; i++)
            assert_close(weights[i], truth[step * COUNT + (int64_t)i], relative, relative);
    }
    free(start);
    free(gradients);
    free(truth);
}

static void follow_in_float(const rule_case *rule, double relative)
{
    float weights[COUNT], gradient[COUNT], moment1[COUNT] = {0}, moment2[COUNT] = {0};
    double *start = golden_values("optimizers.safetensors", "p0", NULL);
    double *gradients = golden_values("optimizers.safetensors", "grads", NULL);
    double *truth = golden_values("optimizers.safetensors", rule->name, NULL);
    for (size_t i = 0; i < COUNT; i++)
        weights[i] = (float)start[i];
    for (int64_t step = 0; step < STEPS; step++) {
        for (size_t i = 0; i < COUNT; i++)
            gradient[i] = (float)gradients[step * COUNT + (int64_t)i];
        optimizer_step at = optimizer_step_at(&rule->options, step, 1.0);
        optimizer_update(&at, weights, gradient, moment1, moment2, NULL, COUNT);
        for (size_t i = 0; i < COUNT; i++)
            assert_close((double)weights[i], truth[step * COUNT + (int64_t)i], relative, relative);
    }
    free(start);
    free(gradients);
    free(truth);
}

static void check_rule(const char *name, optimizer_kind kind, double weight_decay)
{
    rule_case rule = {name, options_of(kind, weight_decay)};
    follow_in_double(&rule, 1e-12);
    follow_in_float(&rule, 1e-5);
}

static void adam_is_torchs(void **state)
{
    (void)state;
    check_rule("adam", OPTIMIZER_ADAM, 0.0);
}

static void adamw_is_torchs(void **state)
{
    (void)state;
    check_rule("adamw", OPTIMIZER_ADAMW, 0.1);
}

static void sgd_with_momentum_is_torchs(void **state)
{
    (void)state;
    check_rule("sgd", OPTIMIZER_SGD, 0.0);
}

static void the_average_follows_the_weights(void **state)
{
    (void)state;
    double weights[COUNT], average[COUNT], moment1[COUNT] = {0}, moment2[COUNT] = {0};
    trainer_options options = options_of(OPTIMIZER_ADAM, 0.0);
    double *start = golden_values("optimizers.safetensors", "p0", NULL);
    double *gradients = golden_values("optimizers.safetensors", "grads", NULL);
    double *truth = golden_values("optimizers.safetensors", "ema_of_adam", NULL);
    memcpy(weights, start, sizeof weights);
    memcpy(average, start, sizeof average);
    for (int64_t step = 0; step < STEPS; step++) {
        optimizer_step at = optimizer_step_at(&options, step, 1.0);
        optimizer_update_double(&at, weights, gradients + step * COUNT, moment1, moment2, average, COUNT);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_close(average[i], truth[i], 1e-12, 1e-12);
    free(start);
    free(gradients);
    free(truth);
}

/* Weights that move to and fro, as in training: in float32 beside the same in double. */
static void a_slow_average_is_not_off_by_its_rounding(void **state)
{
    (void)state;
    enum { FEW = 64, LONG = 30000 };
    static const double decays[] = {0.999, 0.9999, 0.99995};
    static const float still[FEW];
    for (size_t d = 0; d < sizeof decays / sizeof decays[0]; d++) {
        const optimizer_step rests = {.kind = OPTIMIZER_SGD, .gradient_scale = 1.0, .ema = decays[d]};
        float weights[FEW], average[FEW], velocity[FEW] = {0};
        double truth[FEW];
        for (size_t i = 0; i < FEW; i++)
            truth[i] = (double)(average[i] = 0.5f + 1.5f * (float)i / FEW);
        for (int step = 0; step < LONG; step++) {
            for (size_t i = 0; i < FEW; i++) {
                weights[i] = (0.5f + 1.5f * (float)i / FEW) * (float)(1.0 + 0.02 * sin(0.7 * step + (double)i));
                truth[i] = decays[d] * truth[i] + (1.0 - decays[d]) * (double)weights[i];
            }
            optimizer_update(&rests, weights, still, velocity, NULL, average, FEW);
        }
        for (size_t i = 0; i < FEW; i++)
            assert_close((double)average[i], truth[i], 3e-5, 0);
    }
}

static void a_gradient_over_the_limit_is_scaled_down_to_it(void **state)
{
    (void)state;
    trainer_options options = options_of(OPTIMIZER_SGD, 0.0);
    options.clip = 2.0;
    assert_close(optimizer_step_at(&options, 0, 5.0).gradient_scale, 0.4, 1e-15, 0);
    assert_close(optimizer_step_at(&options, 0, 1.9).gradient_scale, 1.0, 0, 0);
}

static void weight_decay_of_adam_and_sgd_is_the_gradient_of_a_square(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        optimizer_kind chosen = kind == 0 ? OPTIMIZER_ADAM : OPTIMIZER_SGD;
        trainer_options plain = options_of(chosen, 0.0), decayed = options_of(chosen, 0.3);
        optimizer_step plain_step = optimizer_step_at(&plain, 0, 1.0), step = optimizer_step_at(&decayed, 0, 1.0);
        double a = 0.7, b = 0.7, m[4] = {0}, gradient = 0.2, added = 0.2 + 0.3 * 0.7;
        optimizer_update_double(&step, &a, &gradient, &m[0], &m[1], NULL, 1);
        optimizer_update_double(&plain_step, &b, &added, &m[2], &m[3], NULL, 1);
        assert_close(a, b, 1e-15, 0);
    }
}

/* ---- what may overflow ---- */

/* A step at the largest float32 weights, moments and a gradient of such a norm. */
static int stays_finite(const optimizer_step *step, float gradient, float moment1, float moment2)
{
    enum { SIZE = 300 }; /* more than a block */
    float weights[SIZE], gradients[SIZE], first[SIZE], second[SIZE];
    for (size_t i = 0; i < SIZE; i++) {
        weights[i] = i % 2 == 0 ? FLT_MAX : -FLT_MAX;
        gradients[i] = gradient;
        first[i] = moment1;
        second[i] = moment2;
    }
    const int finite = optimizer_stays_finite(step, weights, gradients, first, second, SIZE);
    for (size_t i = 0; i < SIZE; i++) /* they were only looked at */
        assert_true(fabsf(weights[i]) == FLT_MAX && gradients[i] == gradient && first[i] == moment1 &&
                    second[i] == moment2);
    return finite;
}

/* Whatever history of gradients below that norm the moments have seen: first moments as large as can be. */
static void a_bounded_step_keeps_the_largest_weights_finite(void **state)
{
    (void)state;
    static const double rates[] = {1e-4, 1.0, 1e20}, beta1s[] = {0.0, 0.9, 0.999}, beta2s[] = {0.9, 0.999, 0.99999};
    static const double gradients[] = {0.0, 1e-30, 1.0, 1e17};
    size_t bounded = 0;
    for (size_t r = 0; r < 3; r++)
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++)
                for (size_t g = 0; g < 4; g++)
                    for (int64_t at = 0; at < 1000; at += 333) {
                        trainer_options options = options_of(OPTIMIZER_ADAM, 0.0);
                        options.rate = rates[r], options.beta1 = beta1s[a], options.beta2 = beta2s[b];
                        optimizer_step step = optimizer_step_at(&options, at, gradients[g]);
                        if (!optimizer_is_bounded(&step, gradients[g]))
                            continue;
                        /* The same gradient all along; and one alone, long ago. */
                        double m = (1.0 - pow(options.beta1, (double)at)) * gradients[g];
                        double v = (1.0 - pow(options.beta2, (double)at)) * gradients[g] * gradients[g];
                        assert_true(stays_finite(&step, (float)gradients[g], (float)m, (float)v));
                        assert_true(stays_finite(&step, 0.0f, (float)m, (float)v));
                        bounded++;
                    }
    assert_true(bounded > 200); /* the usual numbers are among them */
}

static void usual_steps_are_bounded_and_strange_ones_are_not(void **state)
{
    (void)state;
    trainer_options options = options_of(OPTIMIZER_ADAM, 0.0);
    optimizer_step step = optimizer_step_at(&options, 0, 1.0);
    assert_true(optimizer_is_bounded(&step, 1.0) && optimizer_is_bounded(&step, 1e17));
    assert_false(optimizer_is_bounded(&step, 1e18)); /* its square would overflow */
    assert_false(optimizer_is_bounded(&step, NAN));
    options.rate = 1e35;
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
    options = options_of(OPTIMIZER_ADAM, 0.0);
    options.beta1 = 0.999, options.beta2 = 0.9; /* the first moment outlives the second */
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
    options = options_of(OPTIMIZER_ADAM, 0.1); /* decay by the gradient: weights come into the moments */
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
    options = options_of(OPTIMIZER_ADAMW, 0.1);
    step = optimizer_step_at(&options, 0, 1.0);
    assert_true(optimizer_is_bounded(&step, 1.0));
    options.weight_decay = 300.0; /* rate * decay of 3 turns weights round and doubles them */
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
    assert_false(stays_finite(&step, 0.0f, 0.0f, 0.0f));
    options = options_of(OPTIMIZER_ADAM, 0.0);
    options.epsilon = 0.0;
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
    assert_false(stays_finite(&step, 0.0f, 0.0f, 0.0f)); /* a unit that never had a gradient */
    options = options_of(OPTIMIZER_SGD, 0.0);
    step = optimizer_step_at(&options, 0, 1.0);
    assert_false(optimizer_is_bounded(&step, 1.0));
}

/* Any of weights, first and second moments. */
static void an_overflow_anywhere_is_seen(void **state)
{
    (void)state;
    enum { SIZE = 600 };
    static float weights[SIZE], gradient[SIZE], moment1[SIZE], moment2[SIZE];
    trainer_options options = options_of(OPTIMIZER_ADAM, 0.0);
    const optimizer_step adam = optimizer_step_at(&options, 0, 1.0);
    options = options_of(OPTIMIZER_SGD, 0.0);
    options.rate = 4.0;
    const optimizer_step sgd = optimizer_step_at(&options, 0, 1.0);
    assert_true(optimizer_stays_finite(&adam, weights, gradient, moment1, moment2, SIZE));
    assert_true(optimizer_stays_finite(&sgd, weights, gradient, moment1, NULL, SIZE));
    for (size_t i = 0; i < SIZE; i += 149) {
        gradient[i] = 1e30f; /* its square */
        assert_false(optimizer_stays_finite(&adam, weights, gradient, moment1, moment2, SIZE));
        assert_true(optimizer_stays_finite(&sgd, weights, gradient, moment1, NULL, SIZE));
        gradient[i] = 1e38f; /* four times that */
        assert_false(optimizer_stays_finite(&sgd, weights, gradient, moment1, NULL, SIZE));
        gradient[i] = 0.0f;
        moment1[i] = INFINITY;
        assert_false(optimizer_stays_finite(&adam, weights, gradient, moment1, moment2, SIZE));
        moment1[i] = 0.0f;
        weights[i] = NAN;
        assert_false(optimizer_stays_finite(&sgd, weights, gradient, moment1, NULL, SIZE));
        weights[i] = 0.0f;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_is_torchs),
        cmocka_unit_test(adamw_is_torchs),
        cmocka_unit_test(sgd_with_momentum_is_torchs),
        cmocka_unit_test(the_average_follows_the_weights),
        cmocka_unit_test(a_slow_average_is_not_off_by_its_rounding),
        cmocka_unit_test(a_gradient_over_the_limit_is_scaled_down_to_it),
        cmocka_unit_test(a_bounded_step_keeps_the_largest_weights_finite),
        cmocka_unit_test(usual_steps_are_bounded_and_strange_ones_are_not),
        cmocka_unit_test(an_overflow_anywhere_is_seen),
        cmocka_unit_test(weight_decay_of_adam_and_sgd_is_the_gradient_of_a_square),
    };
    return golden_run(tests, NULL, NULL);
}
