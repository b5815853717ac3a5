/* Which models, schedules and specs suit one another: every pair that does not is refused by whoever is given it. */
#include "make.h"

static int32_t zeros(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                     void *user)
{
    (void)x, (void)time, (void)condition;
    memset(out, 0, n * *(const size_t *)user * sizeof *out);
    return 0;
}

/* Predict, a sampler and an evaluator refuse the pair alike, and give nothing. */
static void assert_unsuited(const char *model_spec, const char *schedule_spec, diffusion_status status,
                            const char *sentence)
{
    size_t outputs = 8;
    diffusion_model *model = make_callback(model_spec, zeros, &outputs);
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_sampler *sampler = NULL;
    diffusion_evaluator *elbo = NULL;
    float x[8] = {0}, mean[8] = {5};
    int32_t t = 1;
    assert_refused(diffusion_model_predict(model, schedule, x, &t, NULL, 1, mean, NULL), status, sentence);
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ancestral"), status, sentence);
    assert_refused(diffusion_evaluator_create(&elbo, model, schedule, "elbo"), status, sentence);
    assert_true(mean[0] == 5);
    assert_null(sampler);
    assert_null(elbo);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_reading_must_suit_the_kernel(void **state)
{
    (void)state;
    const char *bits = "linear steps=5 kernel=binomial";
    assert_unsuited(
        "shape=4 predict=epsilon", bits, DIFFUSION_E_KERNEL,
        "model: predict=epsilon needs the Gaussian kernel; with the binomial kernel use x0, mean or perturbation");
    assert_unsuited("shape=4 predict=v", bits, DIFFUSION_E_KERNEL, "model: predict=v needs the Gaussian kernel");
    assert_unsuited("shape=4 predict=x0 variance=learned", bits, DIFFUSION_E_KERNEL,
                    "model: variance=learned needs the Gaussian kernel");
    assert_unsuited("shape=4 predict=x0 variance=learned_range", bits, DIFFUSION_E_KERNEL,
                    "model: variance=learned_range needs the Gaussian kernel");
    assert_unsuited("shape=4 predict=epsilon", "linear steps=5 zero_terminal_snr=yes", DIFFUSION_E_KERNEL,
                    "model: predict=epsilon cannot tell x_0 at step 5, where alpha_bar is 0; use predict=v or x0");
    assert_unsuited("shape=4 predict=x0", "linear steps=5 kernel=binomial rate=0.1,0.2,0.3", DIFFUSION_E_SHAPE,
                    "model: 4 values to a sample, expected 3, one for each of the schedule's rates");
}

static void assert_untrainable(const char *model_spec, const char *schedule_spec, const char *spec,
                               diffusion_status status, const char *sentence)
{
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, spec), status, sentence);
    assert_null(trainer);
    assert_null(diffusion_model_metadata(model, "schedule"));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#define MLP "mlp shape=4 width=2 depth=1 time_features=2 "
#define BITS "linear steps=5 kernel=binomial"

static void an_objective_must_suit_model_and_kernel(void **state)
{
    (void)state;
    assert_untrainable(MLP, BITS, "objective=bound", DIFFUSION_E_KERNEL, "predict=epsilon needs the Gaussian kernel");
    assert_untrainable(MLP "predict=x0", BITS, "objective=simple", DIFFUSION_E_KERNEL,
                       "trainer: objective=simple needs the Gaussian kernel; use bound or pair");
    assert_untrainable(MLP "predict=x0", BITS, "objective=hybrid", DIFFUSION_E_KERNEL,
                       "trainer: objective=hybrid needs the Gaussian kernel; use bound or pair");
    assert_untrainable(MLP "predict=x0", BITS " rate=0.1,0.2", "objective=bound", DIFFUSION_E_SHAPE,
                       "trainer: 4 values to a sample, expected 2, one for each of the schedule's rates");
    assert_untrainable(MLP "predict=x0", BITS, "objective=bound dequantize=0.5", DIFFUSION_E_KERNEL,
                       "trainer: dequantize needs the Gaussian kernel");
    assert_untrainable(MLP, "linear steps=5 zero_terminal_snr=yes", "objective=simple", DIFFUSION_E_KERNEL,
                       "predict=epsilon cannot tell x_0 at step 5");
    assert_untrainable(MLP "predict=perturbation variance=learned", "linear steps=5", "objective=simple",
                       DIFFUSION_E_SPEC,
                       "trainer: objective=simple has no target for predict=perturbation with a learned variance");
    assert_untrainable(MLP "variance=learned_raw", "linear steps=5", "objective=hybrid", DIFFUSION_E_SPEC,
                       "trainer: variance=learned_raw is of models trained elsewhere");
    assert_untrainable(MLP "predict=perturbation variance=learned_range", "linear steps=5", "objective=hybrid",
                       DIFFUSION_E_SPEC,
                       "trainer: objective=hybrid has no target for predict=perturbation with a learned variance");
    assert_untrainable(MLP "predict=mean variance=learned", "linear steps=5", "objective=simple", DIFFUSION_E_SPEC,
                       "trainer: objective=simple does not train the model's learned variance; use bound or hybrid");
    assert_untrainable(MLP, "linear steps=5", "objective=hybrid", DIFFUSION_E_SPEC,
                       "trainer: objective=hybrid needs a model with variance=learned or learned_range");
    assert_untrainable(MLP "variance=learned", "linear steps=5", "objective=simple", DIFFUSION_E_SPEC,
                       "trainer: objective=simple does not train the model's learned variance; use bound or hybrid");
    assert_untrainable(MLP "variance=learned_range", "linear steps=5", "objective=pair", DIFFUSION_E_SPEC,
                       "trainer: objective=pair does not train the model's learned variance; use bound or hybrid");
    assert_untrainable(MLP, "linear steps=1", "objective=bound edge=forward", DIFFUSION_E_SPEC,
                       "trainer: objective=bound needs a schedule of at least 2 steps");
}

static void a_callback_cannot_be_trained(void **state)
{
    (void)state;
    size_t outputs = 4;
    diffusion_model *model = make_callback("shape=4", zeros, &outputs);
    diffusion_schedule *schedule = make_schedule("linear steps=5");
    diffusion_trainer *trainer = NULL;
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, ""), DIFFUSION_E_STATE,
                   "trainer: a callback model cannot be trained by the library");
    assert_null(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_sampler_must_suit_the_schedule(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *spec, *sentence;
        diffusion_status status;
    } cases[] = {
        {BITS, "ancestral steps=3", "sampler: a chain of fewer steps needs the Gaussian kernel", DIFFUSION_E_KERNEL},
        {BITS, "ancestral clip=1", "sampler: clip needs the Gaussian kernel", DIFFUSION_E_KERNEL},
        {BITS, "ancestral steps=6", "sampler: steps=6, expected at most the schedule's 5", DIFFUSION_E_SPEC},
        {"linear steps=5", "", "sampler: the spec is empty, expected a kind such as 'ancestral'", DIFFUSION_E_SPEC},
        {"linear steps=5", "ancestrial", "unknown kind 'ancestrial', did you mean 'ancestral'?", DIFFUSION_E_SPEC},
        {"linear steps=5", "ancestral sead=1", "unknown key 'sead', did you mean 'seed'?", DIFFUSION_E_SPEC},
        {"linear steps=5", "ancestral last=none", "sampler: last=none, expected mean|model|forward", DIFFUSION_E_SPEC},
        {"linear steps=5", "ancestral clip=-1", "sampler: clip=-1, expected a number at least 0", DIFFUSION_E_SPEC},
        {"linear steps=5", "ancestral first=-1", "sampler: first=-1, expected a whole number", DIFFUSION_E_SPEC},
    };
    size_t outputs = 4;
    diffusion_model *model = make_callback("shape=4 predict=x0", zeros, &outputs);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        diffusion_schedule *schedule = make_schedule(cases[i].schedule);
        diffusion_sampler *sampler = NULL;
        assert_refused(diffusion_sampler_create(&sampler, model, schedule, cases[i].spec), cases[i].status,
                       cases[i].sentence);
        assert_null(sampler);
        diffusion_schedule_free(schedule);
    }
    diffusion_model_free(model);
}

static void an_evaluator_must_suit_the_kernel(void **state)
{
    (void)state;
    size_t outputs = 4;
    diffusion_model *model = make_callback("shape=4 predict=x0", zeros, &outputs);
    diffusion_schedule *schedule = make_schedule(BITS);
    diffusion_evaluator *elbo = NULL;
    assert_refused(diffusion_evaluator_create(&elbo, model, schedule, "elbo edge=discretized"), DIFFUSION_E_KERNEL,
                   "evaluator: edge=discretized needs the Gaussian kernel");
    assert_refused(diffusion_evaluator_create(&elbo, model, schedule, "elbo dequantize=0.25"), DIFFUSION_E_KERNEL,
                   "evaluator: dequantize needs the Gaussian kernel");
    assert_null(elbo);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_must_suit_the_kernel),    cmocka_unit_test(an_objective_must_suit_model_and_kernel),
        cmocka_unit_test(a_callback_cannot_be_trained),      cmocka_unit_test(a_sampler_must_suit_the_schedule),
        cmocka_unit_test(an_evaluator_must_suit_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
