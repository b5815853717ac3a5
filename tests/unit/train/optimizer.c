/* The update rules against torch.optim (golden: five steps of 1000 weights, double). */
#include "golden.h"

#include "train/optimizer.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_is_torchs),
        cmocka_unit_test(adamw_is_torchs),
        cmocka_unit_test(sgd_with_momentum_is_torchs),
        cmocka_unit_test(the_average_follows_the_weights),
        cmocka_unit_test(a_gradient_over_the_limit_is_scaled_down_to_it),
        cmocka_unit_test(weight_decay_of_adam_and_sgd_is_the_gradient_of_a_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
