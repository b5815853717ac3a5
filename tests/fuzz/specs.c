/* Any text as a spec of one of five kinds, which the first byte chooses: refused in one sentence, or taken, and then
 * the handle's own spec makes the same. */
#include "refused.h"

enum { PARAMETERS_MOST = 1 << 14, TEXT_MOST = 4096 };

static diffusion_schedule *schedule;
static diffusion_model *model;

static void try_schedule(const char *text)
{
    diffusion_schedule *made = NULL, *again = NULL;
    diffusion_status status = diffusion_schedule_create(&made, text);
    if (status != DIFFUSION_OK) {
        check_refused(status, made, "");
        return;
    }
    FUZZ_CHECK(diffusion_schedule_create(&again, diffusion_schedule_spec(made)) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_schedule_spec(again), diffusion_schedule_spec(made)) == 0);
    diffusion_schedule_free(again);
    diffusion_schedule_free(made);
}

static void try_model(const char *text)
{
    diffusion_model *made = NULL, *again = NULL;
    diffusion_status status = diffusion_model_create(&made, text, 1);
    if (status != DIFFUSION_OK) {
        check_refused(status, made, "");
        return;
    }
    FUZZ_CHECK(diffusion_model_create(&again, diffusion_model_spec(made), 1) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_model_spec(again), diffusion_model_spec(made)) == 0);
    diffusion_model_free(again);
    diffusion_model_free(made);
}

static void try_trainer(const char *text)
{
    diffusion_trainer *made = NULL, *again = NULL;
    diffusion_status status = diffusion_trainer_create(&made, model, schedule, text);
    if (status != DIFFUSION_OK) {
        check_refused(status, made, "");
        return;
    }
    FUZZ_CHECK(diffusion_trainer_create(&again, model, schedule, diffusion_trainer_spec(made)) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_trainer_spec(again), diffusion_trainer_spec(made)) == 0);
    diffusion_trainer_free(again);
    diffusion_trainer_free(made);
}

static void try_sampler(const char *text)
{
    diffusion_sampler *made = NULL, *again = NULL;
    float x0[2];
    diffusion_status status = diffusion_sampler_create(&made, model, schedule, text);
    if (status != DIFFUSION_OK) {
        check_refused(status, made, "");
        return;
    }
    FUZZ_CHECK(diffusion_sampler_create(&again, model, schedule, diffusion_sampler_spec(made)) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_sampler_spec(again), diffusion_sampler_spec(made)) == 0);
    diffusion_sampler_free(again);
    status = diffusion_sampler_run(made, NULL, 1, x0);
    FUZZ_CHECK(status == DIFFUSION_OK || strlen(diffusion_last_error()) > 0);
    diffusion_sampler_free(made);
}

static void try_evaluator(const char *text)
{
    diffusion_evaluator *made = NULL, *again = NULL;
    diffusion_status status = diffusion_evaluator_create(&made, model, schedule, text);
    if (status != DIFFUSION_OK) {
        check_refused(status, made, "");
        return;
    }
    FUZZ_CHECK(diffusion_evaluator_create(&again, model, schedule, diffusion_evaluator_spec(made)) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_evaluator_spec(again), diffusion_evaluator_spec(made)) == 0);
    diffusion_evaluator_free(again);
    diffusion_evaluator_free(made);
}

static void (*const tries[])(const char *) = {try_schedule, try_model, try_trainer, try_sampler, try_evaluator};

static void leave(void)
{
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MOST + 1];
    if (model == NULL) {
        FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
        FUZZ_CHECK(diffusion_model_create(&model, "mlp shape=2 width=4 depth=1", 1) == DIFFUSION_OK);
        FUZZ_CHECK(diffusion_schedule_create(&schedule, "linear steps=4") == DIFFUSION_OK);
        atexit(leave);
    }
    if (size == 0 || size > TEXT_MOST)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    tries[data[0] % (sizeof tries / sizeof *tries)](text);
    return 0;
}
