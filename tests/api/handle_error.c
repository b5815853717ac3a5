/* Trainers, samplers, evaluators and coders keep the sentence of their own last failure: another thread reads it, and
 * what fails elsewhere in between leaves it alone. */
#include "make.h"

#include <pthread.h>
#include <string.h>

enum { DIM = 2 };

typedef struct handles {
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    diffusion_sampler *sampler;
    diffusion_evaluator *evaluator;
    diffusion_coder *coder;
} handles;

static const float zeros[DIM];

static void *fail_in_a_thread(void *argument)
{
    const handles *all = argument;
    const float infinite[DIM] = {0, HUGE_VALF};
    double loss;
    (void)diffusion_trainer_loss(all->trainer, infinite, NULL, 1, 0, &loss);
    (void)diffusion_sampler_step(all->sampler);
    (void)diffusion_evaluator_run(all->evaluator, infinite, NULL, 1);
    (void)diffusion_coder_encode(all->coder, infinite, NULL, 1);
    return NULL;
}

static int make_handles(void **state)
{
    static handles all;
    all.schedule = make_schedule("linear steps=6 beta_start=0.05 beta_end=0.5");
    all.model = make_model("mlp shape=2 width=8 depth=2", 1);
    assert_ok(diffusion_trainer_create(&all.trainer, all.model, all.schedule, "objective=simple"));
    assert_ok(diffusion_sampler_create(&all.sampler, all.model, all.schedule, "ancestral"));
    assert_ok(diffusion_evaluator_create(&all.evaluator, all.model, all.schedule, "elbo"));
    assert_ok(diffusion_coder_create(&all.coder, all.model, all.schedule, "bits_back levels=3"));
    *state = &all;
    return 0;
}

static int free_handles(void **state)
{
    handles *all = *state;
    diffusion_coder_free(all->coder);
    diffusion_evaluator_free(all->evaluator);
    diffusion_sampler_free(all->sampler);
    diffusion_trainer_free(all->trainer);
    diffusion_model_free(all->model);
    diffusion_schedule_free(all->schedule);
    return 0;
}

static void nothing_has_failed(void **state)
{
    const handles *all = *state;
    assert_string_equal(diffusion_trainer_error(all->trainer), "");
    assert_string_equal(diffusion_sampler_error(all->sampler), "");
    assert_string_equal(diffusion_evaluator_error(all->evaluator), "");
    assert_string_equal(diffusion_coder_error(all->coder), "");
}

static void begins_with(const char *sentence, const char *beginning)
{
    if (strncmp(sentence, beginning, strlen(beginning)) != 0)
        fail_msg("'%s' does not begin with '%s'", sentence, beginning);
}

static void another_thread_reads_it(void **state)
{
    const handles *all = *state;
    pthread_t thread;
    diffusion_model *none = NULL;
    double loss;
    assert_int_equal(pthread_create(&thread, NULL, fail_in_a_thread, *state), 0);
    pthread_join(thread, NULL);
    assert_int_equal(diffusion_model_create(&none, "mlp", 1), DIFFUSION_E_SPEC);
    assert_ok(diffusion_trainer_loss(all->trainer, zeros, NULL, 1, 0, &loss)); /* success does not clear it */
    begins_with(diffusion_trainer_error(all->trainer), "trainer: x0[1]=inf");
    begins_with(diffusion_sampler_error(all->sampler), "sampler_step: ");
    begins_with(diffusion_evaluator_error(all->evaluator), "evaluator: x0[1]=inf");
    begins_with(diffusion_coder_error(all->coder), "coder");
    begins_with(diffusion_last_error(), "model: ");
}

static int32_t stop(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total, (void)user;
    return 7;
}

static void a_callback_stops_the_call(void **state)
{
    const handles *all = *state;
    float x0[DIM];
    assert_ok(diffusion_sampler_set_progress(all->sampler, stop, NULL));
    assert_int_equal(diffusion_sampler_run(all->sampler, NULL, 1, x0), 7);
    assert_string_equal(diffusion_sampler_error(all->sampler), "progress: stopped by the callback (7)");
}

static int32_t run_again(int64_t done, int64_t total, void *user)
{
    const handles *all = user;
    float x0[DIM];
    (void)done, (void)total;
    assert_int_equal(diffusion_sampler_run(all->sampler, NULL, 1, x0), DIFFUSION_E_STATE);
    assert_string_equal(diffusion_sampler_error(all->sampler), diffusion_last_error());
    return 0;
}

/* A host that runs calls on other threads reads it here too. */
static void a_call_within_the_handles_own_is_one_that_failed(void **state)
{
    const handles *all = *state;
    float x0[DIM];
    assert_ok(diffusion_sampler_set_progress(all->sampler, run_again, *state));
    assert_ok(diffusion_sampler_run(all->sampler, NULL, 1, x0));
    begins_with(diffusion_sampler_error(all->sampler), "sampler_run: a call of this handle has not returned");
    assert_ok(diffusion_sampler_set_progress(all->sampler, NULL, NULL));
}

static void every_call_that_works_keeps_it(void **state)
{
    const handles *all = *state;
    const float infinite[DIM] = {0, HUGE_VALF};
    float gradient[1], x0[DIM];
    double loss;
    assert_int_not_equal(diffusion_trainer_step(all->trainer, infinite, NULL, 1, &loss), 0);
    assert_string_equal(diffusion_trainer_error(all->trainer), diffusion_last_error());
    assert_int_not_equal(diffusion_trainer_gradient(all->trainer, zeros, NULL, 1, &loss, gradient, 1), 0);
    assert_string_equal(diffusion_trainer_error(all->trainer), diffusion_last_error());
    assert_int_not_equal(diffusion_sampler_begin(all->sampler, NULL, SIZE_MAX), 0);
    assert_string_equal(diffusion_sampler_error(all->sampler), diffusion_last_error());
    assert_int_not_equal(diffusion_coder_decode(all->coder, x0, NULL, 1), 0);
    assert_string_equal(diffusion_coder_error(all->coder), diffusion_last_error());
    assert_int_not_equal(diffusion_coder_save(all->coder, "code"), 0);
    assert_string_equal(diffusion_coder_error(all->coder), diffusion_last_error());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_failed),
        cmocka_unit_test(another_thread_reads_it),
        cmocka_unit_test(a_callback_stops_the_call),
        cmocka_unit_test(a_call_within_the_handles_own_is_one_that_failed),
        cmocka_unit_test(every_call_that_works_keeps_it),
    };
    return cmocka_run_group_tests(tests, make_handles, free_handles);
}
