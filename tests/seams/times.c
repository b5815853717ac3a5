/* The seam of the laws of t: the middle of the schedule alone, between its steps. */
#include "help.h"
#include "make.h"

#include "train/times.h"

static double quantile(const trained_times *self, double u)
{
    (void)u;
    return 0.5 * (1.0 + (double)self->last);
}

const times_class middle_times = {.name = "middle", .real = 1, .quantile = quantile};

enum { N = 4, DIM = 2 };

/* The network is told the level alone, not how its steps count. */
static double loss_with(const char *schedule_spec, const char *spec)
{
    float x0[N * DIM];
    double loss;
    make_numbers(x0, N * DIM, 5);
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model("mlp shape=2 predict=x0 time=log_snr", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    fill_weights(model, 3);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &loss, NULL, 0));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return loss;
}

/* The log SNR is 0 there: at step 2 of 3, and at none of 4 or 8. */
static void a_toy_draws_between_the_steps(void **state)
{
    (void)state;
    const double truth = loss_with("log_snr steps=3 maximum=4 minimum=-4", "times=middle");
    assert_close(loss_with("log_snr steps=4 maximum=4 minimum=-4", "times=middle"), truth, 1e-12, 0);
    assert_close(loss_with("log_snr steps=8 maximum=4 minimum=-4", "times=middle time_draws=antithetic"), truth, 1e-12,
                 0);
}

static void a_toy_is_refused_like_any_law(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("cosine steps=5");
    diffusion_model *model = make_model("mlp shape=2 predict=v", 1);
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "objective=bound times=middle"),
                   DIFFUSION_E_SPEC, "times=middle draws t between the steps");
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "times=muddle"), DIFFUSION_E_SPEC, "middle");
    assert_help("trainer", "middle");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_toy_draws_between_the_steps),
        cmocka_unit_test(a_toy_is_refused_like_any_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
