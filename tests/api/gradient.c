/* The gradient of every objective with respect to every parameter, against finite differences of the loss. The loss is
 * summed in double but the network is float32, 1e-7 of the loss, so that differences over h are 1e-5 of the loss off;
 * with steps of h and 2h (Richardson) nothing else is. Tolerance: that, and 2e-3 of each tensor's largest entry. */
#include "make.h"
#include "stencil.h"

enum { DIM = 3, BATCH = 6 };

typedef struct gradient_case {
    const char *schedule, *model, *trainer;
} gradient_case;

static const char gaussian[] = "betas values=0.1,0.15,0.2,0.25,0.3";
static const char binomial[] = "betas values=0.1,0.15,0.2,0.25,0.3 kernel=binomial rate=0.3,0.5,0.6";

static double loss_of(diffusion_trainer *trainer, const float *x0, const diffusion_condition *condition)
{
    double loss;
    assert_ok(diffusion_trainer_gradient(trainer, x0, condition, BATCH, &loss, NULL, 0));
    return loss;
}

/* A parameter as it is to be, and what its loss needs. */
typedef struct parameter {
    diffusion_trainer *trainer;
    diffusion_model *model;
    const char *name;
    float values[1024];
    size_t count;
    const float *x0;
    const diffusion_condition *condition;
} parameter;

static double loss_with(void *user)
{
    parameter *self = user;
    assert_ok(diffusion_model_set_parameter(self->model, self->name, self->values, self->count));
    return loss_of(self->trainer, self->x0, self->condition);
}

static size_t tensor_size(const diffusion_model *model, const char *name)
{
    int64_t shape[4];
    size_t rank, count = 1;
    assert_ok(diffusion_model_parameter_shape(model, name, shape, 4, &rank));
    for (size_t i = 0; i < rank; i++)
        count *= (size_t)shape[i];
    return count;
}

static void check_parameter(diffusion_trainer *trainer, diffusion_model *model, const char *name, const float *gradient,
                            const float *x0, const diffusion_condition *condition)
{
    parameter self = {trainer, model, name, {0}, tensor_size(model, name), x0, condition};
    double largest = 0.0, loss = loss_of(trainer, x0, condition);
    assert_true(self.count <= 1024);
    assert_ok(diffusion_model_parameter(model, name, self.values, self.count));
    for (size_t i = 0; i < self.count; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < self.count; i += 1 + self.count / 40)
        assert_close((double)gradient[i], stencil_at(loss_with, &self, &self.values[i], 0x1p-6f), 0,
                     2e-3 * largest + 2e-5 * fmax(loss, 0.1));
    (void)loss_with(&self); /* as before */
}

/* Parameters of some size everywhere: a fresh model's last layer is zero and would hide errors behind it. */
static void fill_parameters(diffusion_model *model)
{
    for (size_t p = 0; p < diffusion_model_parameter_count(model); p++) {
        const char *name = diffusion_model_parameter_name(model, p);
        size_t count = tensor_size(model, name);
        float values[1024];
        for (size_t i = 0; i < count; i++)
            values[i] = 0.4f * (float)sin(1.0 + 0.7 * (double)i + 1.3 * (double)p);
        assert_ok(diffusion_model_set_parameter(model, name, values, count));
    }
}

static void check_case(const gradient_case *chosen)
{
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    float x0[BATCH * DIM], gradient[4096];
    const int32_t labels[BATCH] = {0, 1, -1, 0, 1, 1};
    int bits = strstr(chosen->schedule, "binomial") != NULL;
    for (size_t i = 0; i < BATCH * DIM; i++)
        x0[i] = bits ? (float)(i * 7 % 3 == 0) : (float)cos(1.1 * (double)i);
    assert_ok(diffusion_schedule_create(&schedule, chosen->schedule));
    assert_ok(diffusion_model_create(&model, chosen->model, 1));
    assert_ok(diffusion_trainer_create(&trainer, model, schedule, chosen->trainer));
    fill_parameters(model);
    size_t size = 0, at = 0;
    for (size_t p = 0; p < diffusion_model_parameter_count(model); p++)
        size += tensor_size(model, diffusion_model_parameter_name(model, p));
    assert_true(size <= 4096);
    diffusion_condition *given = make_labels(diffusion_model_classes(model) > 0 ? labels : NULL, BATCH);
    assert_ok(diffusion_trainer_gradient(trainer, x0, given, BATCH, NULL, gradient, size));
    for (size_t p = 0; p < diffusion_model_parameter_count(model); p++) {
        const char *name = diffusion_model_parameter_name(model, p);
        check_parameter(trainer, model, name, gradient + at, x0, given);
        at += tensor_size(model, name);
    }
    diffusion_condition_free(given);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void check_all(const char *schedule, const char *objective, const char *const *readings)
{
    static const char *const networks[] = {
        "mlp shape=3 width=10 depth=1 time_features=4 activation=silu",
        "mlp shape=3 width=12 depth=3 time_features=6 activation=tanh residual=yes classes=2",
        "mlp shape=3 width=9 depth=2 time_features=4 activation=sigmoid residual=no classes=2",
        "mlp shape=3 width=8 depth=2 time_features=0 activation=sigmoid readout=steps steps=5",
        "mlp shape=3 width=7 depth=1 time_features=4 activation=softplus readout=steps steps=6 classes=2",
        "rbf shape=3 units=6 steps=5",
    };
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        for (size_t j = 0; readings[j] != NULL; j++) {
            char model[256], trainer[64];
            snprintf(model, sizeof model, "%s %s", networks[i], readings[j]);
            snprintf(trainer, sizeof trainer, "objective=%s seed=%zu", objective, i + j);
            check_case(&(gradient_case){schedule, model, trainer});
        }
}

static const char *const fixed[] = {"predict=epsilon variance=fixed_small", "predict=x0 variance=fixed_large",
                                    "predict=v variance=fixed_small", NULL};
static const char *const learned[] = {"predict=epsilon variance=learned_range", "predict=x0 variance=learned",
                                      "predict=v variance=learned_range", "predict=epsilon variance=learned", NULL};
static const char *const means[] = {"predict=perturbation variance=fixed_small", "predict=mean variance=fixed_large",
                                    NULL};
static const char *const learned_means[] = {"predict=perturbation variance=learned",
                                            "predict=perturbation variance=learned_range",
                                            "predict=mean variance=learned", NULL};
static const char *const rates[] = {"predict=perturbation", "predict=x0", NULL};

static void simple(void **state)
{
    (void)state;
    check_all(gaussian, "simple", fixed);
    check_all(gaussian, "simple", means);
}

/* Every weight, and times between the steps. */
static void weighted(void **state)
{
    (void)state;
    static const char mlp[] = "mlp shape=3 width=10 depth=1 time_features=4 activation=silu ";
    static const char edm[] = "edm steps=20 sigma_min=0.02 sigma_max=10", flow[] = "flow steps=20";
    static const struct {
        const char *schedule, *reading, *trainer;
    } cases[] = {
        {gaussian, "predict=epsilon", "weight=min_snr snr_gamma=2"},
        {edm, "predict=edm", "weight=edm times=lognormal"},
        {edm, "predict=x0", "weight=min_snr times=continuous time_draws=antithetic"},
        {flow, "predict=v", "weight=bound times=continuous"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char model[256];
        snprintf(model, sizeof model, "%s%s", mlp, cases[i].reading);
        check_case(&(gradient_case){cases[i].schedule, model, cases[i].trainer});
    }
}

static void bound(void **state)
{
    (void)state;
    check_all(gaussian, "bound", fixed);
    check_all(gaussian, "bound", learned);
    check_all(gaussian, "bound", means);
    check_all(gaussian, "bound", learned_means);
}

static void pair(void **state)
{
    (void)state;
    check_all(gaussian, "pair", fixed);
    check_all(gaussian, "pair", means);
}

static void binomial_bound_and_pair(void **state)
{
    (void)state;
    check_all(binomial, "bound", rates);
    check_all(binomial, "pair", rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple),
        cmocka_unit_test(weighted),
        cmocka_unit_test(bound),
        cmocka_unit_test(pair),
        cmocka_unit_test(binomial_bound_and_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
