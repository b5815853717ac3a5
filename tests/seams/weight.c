/* The seam of weights: what score matching counts, the noise's variance times the score's error, which is 1 of epsilon
 * (arXiv:1907.05600), and of x_0 the signal-to-noise ratio. */
#include "help.h"
#include "make.h"

#include "train/weight.h"

static double of_x0(const weight_at *at)
{
    const noise_level *level = &at->step->from;
    return level->signal * level->signal / (level->sigma * level->sigma);
}

const weight_class score_weight = {.name = "score", .of_x0 = of_x0};

enum { N = 4, DIM = 2 };

/* Of a schedule of one step, whose t is 1 whatever is drawn. */
static double loss_with(const char *schedule_spec, const char *model_spec, const char *spec)
{
    float x0[N * DIM];
    double loss;
    make_numbers(x0, N * DIM, 5);
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, spec);
    fill_weights(model, 3);
    assert_ok(diffusion_trainer_gradient(trainer, x0, NULL, N, &loss, NULL, 0));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return loss;
}

static void is_none_times(double by, const char *schedule, const char *model)
{
    assert_close(loss_with(schedule, model, "weight=score"), by * loss_with(schedule, model, ""), 1e-12, 0);
}

static void a_toy_weighs_any_prediction(void **state)
{
    (void)state;
    is_none_times(1.0, "betas values=0.2", "mlp shape=2");
    is_none_times(4.0, "betas values=0.2", "mlp shape=2 predict=x0");
    is_none_times(0.8, "betas values=0.2", "mlp shape=2 predict=v");
    is_none_times(0.04, "edm steps=1 sigma_max=5", "mlp shape=2 predict=x0");
}

static void a_toy_is_refused_like_any_weight(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=5 zero_terminal_snr=yes");
    diffusion_model *model = make_model("mlp shape=2 predict=v readout=steps steps=5", 1);
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "weight=score"), DIFFUSION_E_SPEC,
                   "weight=score is 0 at step 5");
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, "weight=scare"), DIFFUSION_E_SPEC, "score");
    assert_help("trainer", "score");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_toy_weighs_any_prediction),
        cmocka_unit_test(a_toy_is_refused_like_any_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
