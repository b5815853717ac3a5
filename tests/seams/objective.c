/* The seam of objectives: the square error, of which a step counts no more than its signal-to-noise ratio allows
 * (arXiv:2303.09556, for epsilon). */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "folder.h"
#include "help.h"
#include "make.h"

#include "train/objective.h"

static double weight(const noise_level *at)
{
    return fmin(1.0, 5.0 * exp(-at->log_snr));
}

static double loss(const objective *self, const objective_row *row)
{
    (void)self;
    const double by = weight(&row->at->from), sum = objective_squared_error(row);
    for (size_t j = 0; j < row->dim; j++)
        row->doutput[j] *= by;
    return by * sum;
}

const objective_class least_snr_objective = {
    .name = "least_snr", .first_step = 1, .check = objective_check_target, .loss = loss};

/* Loss and gradient of a network on a schedule of one step, whose t is 1 whatever is drawn. */
enum { N = 4, DIM = 2, SIZE = 4096 };

typedef struct measured {
    double loss;
    float gradient[SIZE];
    size_t count;
} measured;

static void measure_at(measured *out, const char *name, const char *schedule_spec, const diffusion_condition *condition)
{
    char spec[80];
    float x0[N * DIM];
    make_numbers(x0, N * DIM, 5);
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1", 1);
    fill_weights(model, 3);
    snprintf(spec, sizeof spec, "objective=%s seed=3", name);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    out->count = model_parameters(model);
    assert_true(out->count <= SIZE);
    assert_ok(diffusion_trainer_gradient(trainer, x0, condition, N, &out->loss, out->gradient, out->count));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void is_simple_times(double by, const char *schedule, const diffusion_condition *condition)
{
    static measured simple, toy;
    measure_at(&simple, "simple", schedule, condition);
    measure_at(&toy, "least_snr", schedule, condition);
    assert_close(toy.loss, by * simple.loss, 1e-12, 0.0);
    for (size_t i = 0; i < toy.count; i++)
        assert_close((double)toy.gradient[i], by * (double)simple.gradient[i], 1e-5, 1e-7);
}

static void a_toy_weighs_loss_and_gradient(void **state)
{
    (void)state;
    is_simple_times(1.0, "betas values=0.5", NULL); /* an SNR of 1 */
    is_simple_times(5.0 / 99.0, "betas values=0.01", NULL);
}

static void a_toy_leaves_out_what_is_not_observed(void **state)
{
    (void)state;
    const uint8_t observed[N * DIM] = {1, 0, 1, 1, 0, 0, 1, 0};
    diffusion_condition *condition = NULL;
    assert_ok(diffusion_condition_create(&condition, N));
    assert_ok(diffusion_condition_set_observed(condition, observed, DIM));
    is_simple_times(5.0 / 99.0, "betas values=0.01", condition);
    diffusion_condition_free(condition);
}

static void a_toy_trains_resumes_and_is_refused_like_any_objective(void **state)
{
    (void)state;
    static const char path[] = "checkpoint";
    diffusion_schedule *schedule = make_schedule("cosine steps=20"), *bits = make_schedule("linear kernel=binomial");
    diffusion_model *model = make_model("mlp shape=2 width=8", 1), *other = make_model("mlp shape=2 predict=x0", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=least_snr rate=1e-2"), *again = NULL;
    float x0[N * DIM];
    double first, last = 0.0, resumed;
    make_numbers(x0, N * DIM, 5);
    assert_ok(diffusion_trainer_step(trainer, x0, NULL, N, &first));
    for (int step = 0; step < 300; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, N, &last));
    assert_true(last < first);
    assert_ok(diffusion_trainer_save(trainer, path));
    assert_ok(diffusion_trainer_resume(&again, path));
    assert_ok(diffusion_trainer_step(trainer, x0, NULL, N, &last));
    assert_ok(diffusion_trainer_step(again, x0, NULL, N, &resumed));
    assert_same(&resumed, &last, sizeof last);
    diffusion_trainer_free(again);
    again = NULL;
    assert_refused(diffusion_trainer_create(&again, other, bits, "objective=least_snr"), DIFFUSION_E_KERNEL,
                   "objective=least_snr");
    assert_refused(diffusion_trainer_create(&again, other, bits, "objective=least_snt"), DIFFUSION_E_SPEC, "least_snr");
    assert_help("trainer", "least_snr");
    diffusion_trainer_free(trainer);
    diffusion_model_free(other);
    diffusion_model_free(model);
    diffusion_schedule_free(bits);
    diffusion_schedule_free(schedule);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_toy_weighs_loss_and_gradient),
        cmocka_unit_test(a_toy_leaves_out_what_is_not_observed),
        cmocka_unit_test(a_toy_trains_resumes_and_is_refused_like_any_objective),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
