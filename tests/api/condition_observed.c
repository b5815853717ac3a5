/* Which values are observed: a trainer's loss counts those alone, and looks at nothing else. */
#include "make.h"
#include "stencil.h"

enum { DIM = 3, BATCH = 8, COUNT = BATCH * DIM };

static const uint8_t mask[COUNT] = {1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 9, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1};
static uint8_t complement[COUNT];
static float reals[COUNT], bits[COUNT];

static const char gaussian[] = "betas values=0.1,0.15,0.2,0.25,0.3";
static const char binomial[] = "betas values=0.1,0.15,0.2,0.25,0.3 kernel=binomial rate=0.3,0.5,0.6";

typedef struct mask_case {
    const char *schedule, *model, *trainer;
} mask_case;

#define MLP "mlp shape=3 width=8 depth=2 time_features=4 classes=2 "
static const mask_case cases[] = {
    {gaussian, MLP "predict=epsilon", "objective=simple"},
    {gaussian, MLP "predict=x0", "objective=simple dequantize=0.25"},
    {gaussian, MLP "predict=v variance=learned_range", "objective=hybrid"},
    {gaussian, MLP "predict=mean variance=learned", "objective=bound"},
    {gaussian, MLP "predict=perturbation variance=learned", "objective=bound learn_schedule=yes"},
    {gaussian, MLP "predict=perturbation", "objective=pair"},
    {binomial, MLP "predict=perturbation", "objective=bound"},
    {binomial, MLP "predict=x0", "objective=bound"},
    {binomial, MLP "predict=x0", "objective=pair"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static int fill(void **state)
{
    (void)state;
    make_numbers(reals, COUNT, 4);
    for (size_t i = 0; i < COUNT; i++) {
        bits[i] = (float)(i * 7 % 3 == 0);
        complement[i] = mask[i] == 0;
    }
    return 0;
}

static const float *data_of(const mask_case *chosen)
{
    return strstr(chosen->schedule, "binomial") != NULL ? bits : reals;
}

typedef struct training {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    diffusion_condition *condition;
    const float *x0;
} training;

static training begin(const mask_case *chosen, const uint8_t *observed)
{
    const int32_t labels[BATCH] = {0, 1, -1, 0, 1, 1, 0, 0};
    training self = {.schedule = make_schedule(chosen->schedule), .model = make_model(chosen->model, 1)};
    self.trainer = make_trainer(self.model, self.schedule, chosen->trainer);
    self.condition = make_labels(labels, BATCH);
    self.x0 = data_of(chosen);
    fill_weights(self.model, 3);
    assert_ok(diffusion_condition_set_observed(self.condition, observed, DIM));
    return self;
}

static void end(training *self)
{
    diffusion_condition_free(self->condition);
    diffusion_trainer_free(self->trainer);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
}

static double loss_of(const training *self)
{
    double loss;
    assert_ok(diffusion_trainer_gradient(self->trainer, self->x0, self->condition, BATCH, &loss, NULL, 0));
    return loss;
}

/* All weights 0 but the last bias: the output is the same for any x. */
static void make_constant(diffusion_model *model)
{
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        const char *name = diffusion_model_parameter_name(model, i);
        float values[512] = {0};
        size_t count = parameter_size(model, i);
        assert_true(count <= 512);
        for (size_t j = 0; j < count && strcmp(name, "output.bias") == 0; j++)
            values[j] = 0.1f * (float)(j + 1);
        assert_ok(diffusion_model_set_parameter(model, name, values, count));
    }
}

/* (o_j - x_0)^2 over the observed values, divided by all. */
static void the_loss_is_that_of_the_observed_values(void **state)
{
    (void)state;
    const mask_case chosen = {gaussian, MLP "predict=x0", "objective=simple"};
    training self = begin(&chosen, mask);
    double sum = 0.0;
    make_constant(self.model);
    for (size_t i = 0; i < COUNT; i++)
        if (mask[i] != 0)
            sum += pow((double)(0.1f * (float)(i % DIM + 1)) - (double)reals[i], 2);
    assert_close(loss_of(&self), sum / COUNT, 1e-6, 0);
    end(&self);
}

/* Where the output does not depend on x, the values that are observed and those that are not make the whole. */
static void two_halves_make_the_whole(void **state)
{
    (void)state;
    static uint8_t all[COUNT];
    memset(all, 1, sizeof all);
    for (size_t i = 0; i < CASES; i++) {
        training half = begin(&cases[i], mask), rest = begin(&cases[i], complement), full = begin(&cases[i], all),
                 plain = begin(&cases[i], NULL);
        make_constant(half.model);
        make_constant(rest.model);
        make_constant(full.model);
        make_constant(plain.model);
        assert_true(loss_of(&half) > 0.01 && loss_of(&rest) > 0.01);
        assert_close(loss_of(&half) + loss_of(&rest), loss_of(&plain), 1e-6, 0);
        assert_close(loss_of(&full), loss_of(&plain), 1e-12, 0);
        end(&half);
        end(&rest);
        end(&full);
        end(&plain);
    }
}

/* Whole training steps: whatever stands where nothing is observed, the weights and the schedule get the same bits. */
static void what_is_not_observed_is_not_looked_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        static const float anything[] = {NAN, INFINITY, -3e38f, 0.5f};
        training truth = begin(&cases[i], mask), other = begin(&cases[i], mask);
        float spoilt[COUNT];
        double loss, same;
        for (size_t j = 0; j < COUNT; j++)
            spoilt[j] = mask[j] != 0 ? truth.x0[j] : anything[j % 4];
        for (int step = 0; step < 5; step++) {
            assert_ok(diffusion_trainer_step(truth.trainer, truth.x0, truth.condition, BATCH, &loss));
            assert_ok(diffusion_trainer_step(other.trainer, spoilt, other.condition, BATCH, &same));
            assert_true(loss == same);
        }
        float *a = model_weights(truth.model), *b = model_weights(other.model);
        assert_same(b, a, model_parameters(truth.model) * sizeof *a);
        assert_string_equal(diffusion_schedule_spec(diffusion_trainer_schedule(other.trainer)),
                            diffusion_schedule_spec(diffusion_trainer_schedule(truth.trainer)));
        free(a);
        free(b);
        end(&truth);
        end(&other);
    }
}

static void an_observed_value_must_be_one(void **state)
{
    (void)state;
    training real = begin(&cases[0], mask), bit = begin(&cases[6], mask);
    float spoilt[COUNT];
    memcpy(spoilt, reals, sizeof reals);
    spoilt[8] = NAN;
    assert_refused(diffusion_trainer_step(real.trainer, spoilt, real.condition, BATCH, NULL), DIFFUSION_E_NONFINITE,
                   "trainer: x0[");
    memcpy(spoilt, bits, sizeof bits);
    spoilt[8] = 0.5f;
    assert_refused(diffusion_trainer_step(bit.trainer, spoilt, bit.condition, BATCH, NULL), DIFFUSION_E_ARGUMENT,
                   "=0.5, expected 0 or 1");
    assert_int_equal(diffusion_trainer_steps(real.trainer) + diffusion_trainer_steps(bit.trainer), 0);
    end(&real);
    end(&bit);
}

static void nothing_observed_is_no_loss_and_no_gradient(void **state)
{
    (void)state;
    static const uint8_t none[COUNT];
    for (size_t i = 0; i < CASES; i++) {
        training self = begin(&cases[i], none);
        size_t count = model_parameters(self.model);
        float *gradient = malloc(count * sizeof *gradient);
        double loss = -5;
        assert_non_null(gradient);
        assert_ok(diffusion_trainer_gradient(self.trainer, self.x0, self.condition, BATCH, &loss, gradient, count));
        assert_true(loss == 0.0);
        for (size_t j = 0; j < count; j++)
            assert_true(gradient[j] == 0.0f);
        free(gradient);
        end(&self);
    }
}

/* ---- the gradient ---- */

typedef struct moved {
    const training *of;
    const char *name;
    float values[512];
    size_t count;
} moved;

static double loss_with(void *user)
{
    const moved *self = user;
    assert_ok(diffusion_model_set_parameter(self->of->model, self->name, self->values, self->count));
    return loss_of(self->of);
}

/* As in gradient.c: the network is float32, 1e-7 of the loss. */
static void check_tensor(moved *self, const float *gradient)
{
    double largest = 0.0, loss = loss_of(self->of);
    assert_true(self->count <= 512);
    assert_ok(diffusion_model_parameter(self->of->model, self->name, self->values, self->count));
    for (size_t i = 0; i < self->count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < self->count; i += 1 + self->count / 20)
        assert_close((double)gradient[i], stencil_at(loss_with, self, &self->values[i], 0x1p-6f), 0,
                     2e-3 * largest + 2e-5 * fmax(loss, 0.1));
    (void)loss_with(self); /* as before */
}

/* hybrid's is not its loss's slope: there the mean counts as fixed in the KL. */
static void the_gradient_is_the_losss_slope(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        training self = begin(&cases[i], mask);
        size_t size = model_parameters(self.model), at = 0;
        float *gradient = malloc(size * sizeof *gradient);
        assert_non_null(gradient);
        assert_ok(diffusion_trainer_gradient(self.trainer, self.x0, self.condition, BATCH, NULL, gradient, size));
        for (size_t p = 0; p < diffusion_model_parameter_count(self.model); p++) {
            moved of = {&self, diffusion_model_parameter_name(self.model, p), {0}, parameter_size(self.model, p)};
            if (strstr(cases[i].trainer, "hybrid") == NULL)
                check_tensor(&of, gradient + at);
            at += of.count;
        }
        free(gradient);
        end(&self);
    }
}

/* ---- a learned schedule ---- */

/* A network that says nothing of x: the schedule goes where the observed values alone lead it. Adam's steps do not
 * depend on the loss's scale, so that a third of the values observed is a model of one value, drawn alike. */
static void a_learned_schedule_follows_the_observed_values(void **state)
{
    (void)state;
    enum { STEPS = 5 };
    static const uint8_t first[COUNT] = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0};
    const mask_case wide = {gaussian, MLP "predict=perturbation variance=learned",
                            "objective=bound learn_schedule=yes rate=0 seed=3"};
    training masked = begin(&wide, first);
    diffusion_schedule *schedule = make_schedule(gaussian);
    diffusion_model *narrow =
        make_model("mlp shape=1 width=8 depth=2 time_features=4 predict=perturbation variance=learned", 1);
    diffusion_trainer *trainer = make_trainer(narrow, schedule, wide.trainer);
    float alone[BATCH], spoilt[COUNT];
    double got[STEPS], truth[STEPS], start[STEPS];
    make_constant(masked.model);
    make_constant(narrow);
    for (size_t i = 0; i < COUNT; i++)
        spoilt[i] = i % DIM == 0 ? reals[i] : NAN;
    for (size_t i = 0; i < BATCH; i++)
        alone[i] = reals[i * DIM];
    const float same[2] = {0.1f, 0.2f}, wide_bias[2 * DIM] = {0.1f, 0, 0, 0.2f, 0, 0};
    assert_ok(diffusion_model_set_parameter(narrow, "output.bias", same, 2));
    assert_ok(diffusion_model_set_parameter(masked.model, "output.bias", wide_bias, (size_t)2 * DIM));
    assert_ok(diffusion_schedule_values(schedule, "beta", start));
    for (int step = 0; step < 20; step++) {
        assert_ok(diffusion_trainer_step(masked.trainer, spoilt, masked.condition, BATCH, NULL));
        assert_ok(diffusion_trainer_step(trainer, alone, NULL, BATCH, NULL));
    }
    assert_ok(diffusion_schedule_values(diffusion_trainer_schedule(masked.trainer), "beta", got));
    assert_ok(diffusion_schedule_values(diffusion_trainer_schedule(trainer), "beta", truth));
    double furthest = 0.0;
    for (int t = 1; t < STEPS; t++) {
        assert_close(got[t], truth[t], 1e-5, 0);
        furthest = fmax(furthest, fabs(truth[t] - start[t]));
    }
    assert_true(furthest > 1e-2);
    diffusion_trainer_free(trainer);
    diffusion_model_free(narrow);
    diffusion_schedule_free(schedule);
    end(&masked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_is_that_of_the_observed_values),
        cmocka_unit_test(two_halves_make_the_whole),
        cmocka_unit_test(what_is_not_observed_is_not_looked_at),
        cmocka_unit_test(an_observed_value_must_be_one),
        cmocka_unit_test(nothing_observed_is_no_loss_and_no_gradient),
        cmocka_unit_test(the_gradient_is_the_losss_slope),
        cmocka_unit_test(a_learned_schedule_follows_the_observed_values),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
