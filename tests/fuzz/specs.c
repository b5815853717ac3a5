/* Any text as a spec of what its first byte says: refused in one sentence, or taken, and then the handle's own spec
 * makes the same, and what it does with a small model is finite, and the same for a sample alone as among others. */
#include "refused.h"
#include "specs_topics.h"

#include <math.h>

enum { PARAMETERS_MOST = 1 << 14, TEXT_MOST = 4096, ROWS = 3, DIM = 2, LONG = 1000 };

static const float data_rows[ROWS * DIM] = {-1.0f, 1.0f, 0.25f, -0.5f, 1.0f, 0.0f};

static diffusion_schedule *schedule;
static diffusion_model *model;

static int taken(diffusion_status status, const void *made)
{
    if (status != DIFFUSION_OK)
        check_refused(status, made, "");
    return status == DIFFUSION_OK;
}

/* What was made of a handle's own spec has that spec too. */
static void check_same(diffusion_status status, const char *spec, const char *own)
{
    FUZZ_CHECK(status == DIFFUSION_OK && strcmp(spec, own) == 0);
}

static void try_schedule(const char *text)
{
    diffusion_schedule *made = NULL, *again = NULL;
    diffusion_status status = diffusion_schedule_create(&made, text);
    if (!taken(status, made))
        return;
    status = diffusion_schedule_create(&again, diffusion_schedule_spec(made));
    check_same(status, diffusion_schedule_spec(again), diffusion_schedule_spec(made));
    diffusion_schedule_free(again);
    diffusion_schedule_free(made);
}

static void try_model(const char *text)
{
    diffusion_model *made = NULL, *again = NULL;
    diffusion_status status = diffusion_model_create(&made, text, 1);
    if (!taken(status, made))
        return;
    status = diffusion_model_create(&again, diffusion_model_spec(made), 1);
    check_same(status, diffusion_model_spec(again), diffusion_model_spec(made));
    diffusion_model_free(again);
    diffusion_model_free(made);
}

/* What a call that may fail with such a spec says of it. */
static int succeeded(diffusion_status status)
{
    FUZZ_CHECK(status == DIFFUSION_OK || strlen(diffusion_last_error()) > 0);
    return status == DIFFUSION_OK;
}

/* Work that is merely long is cut short. */
static int calls;

static int32_t stop_long(int64_t done, int64_t total, void *user)
{
    (void)done, (void)user;
    return total > LONG || calls++ > LONG;
}

/* A step of a copy, so that the model stays as it is. */
static void take_step(const char *spec)
{
    diffusion_trainer *trainer = NULL;
    diffusion_model *copy = NULL;
    size_t size;
    double loss = NAN;
    FUZZ_CHECK(diffusion_model_save_memory(model, NULL, 0, &size) == DIFFUSION_OK);
    void *bytes = malloc(size);
    FUZZ_CHECK(bytes != NULL && diffusion_model_save_memory(model, bytes, size, NULL) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_model_load_memory(&copy, bytes, size) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_trainer_create(&trainer, copy, schedule, spec) == DIFFUSION_OK);
    if (succeeded(diffusion_trainer_step(trainer, data_rows, NULL, ROWS, &loss)))
        FUZZ_CHECK(isfinite(loss) && diffusion_trainer_steps(trainer) == 1);
    diffusion_trainer_free(trainer);
    diffusion_model_free(copy);
    free(bytes);
}

static void try_trainer(const char *text)
{
    diffusion_trainer *made = NULL, *again = NULL;
    diffusion_status status = diffusion_trainer_create(&made, model, schedule, text);
    if (!taken(status, made))
        return;
    status = diffusion_trainer_create(&again, model, schedule, diffusion_trainer_spec(made));
    check_same(status, diffusion_trainer_spec(again), diffusion_trainer_spec(made));
    diffusion_trainer_free(again);
    take_step(text);
    diffusion_trainer_free(made);
}

/* Encoders begin at data. */
static void prepare(diffusion_sampler *sampler, const char *text)
{
    FUZZ_CHECK(diffusion_sampler_set_progress(sampler, stop_long, NULL) == DIFFUSION_OK);
    if (strstr(text, "_inverse") != NULL)
        FUZZ_CHECK(diffusion_sampler_set_start(sampler, data_rows, 1) == DIFFUSION_OK);
}

static void try_sampler(const char *text)
{
    diffusion_sampler *made = NULL, *again = NULL;
    float alone[DIM], among[ROWS * DIM];
    diffusion_status status = diffusion_sampler_create(&made, model, schedule, text);
    if (!taken(status, made))
        return;
    status = diffusion_sampler_create(&again, model, schedule, diffusion_sampler_spec(made));
    check_same(status, diffusion_sampler_spec(again), diffusion_sampler_spec(made));
    prepare(made, text);
    prepare(again, text);
    if (succeeded(diffusion_sampler_run(made, NULL, 1, alone)) &&
        succeeded(diffusion_sampler_run(again, NULL, ROWS, among))) {
        FUZZ_CHECK(memcmp(alone, among, sizeof alone) == 0);
        for (size_t i = 0; i < ROWS * DIM; i++)
            FUZZ_CHECK(isfinite(among[i]));
    }
    diffusion_sampler_free(again);
    diffusion_sampler_free(made);
}

/* Those that sample t find its chances by a pilot of the whole batch; others are for the sample alone. */
static void measure(diffusion_evaluator *one, diffusion_evaluator *other)
{
    double alone[1], among[ROWS];
    const char *spec = diffusion_evaluator_spec(one);
    FUZZ_CHECK(diffusion_evaluator_set_progress(one, stop_long, NULL) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_evaluator_set_progress(other, stop_long, NULL) == DIFFUSION_OK);
    const int whole = strncmp(spec, "elbo", 4) != 0 || strstr(spec, "terms=all") != NULL;
    if (!succeeded(diffusion_evaluator_run(one, data_rows, NULL, 1)) ||
        !succeeded(diffusion_evaluator_run(other, data_rows, NULL, ROWS)) ||
        !succeeded(diffusion_evaluator_samples(one, alone, NULL, 1)))
        return;
    FUZZ_CHECK(diffusion_evaluator_samples(other, among, NULL, ROWS) == DIFFUSION_OK);
    FUZZ_CHECK(!whole || memcmp(alone, among, sizeof alone) == 0);
    for (size_t i = 0; i < ROWS; i++)
        FUZZ_CHECK(!isnan(among[i]));
}

static void try_evaluator(const char *text)
{
    diffusion_evaluator *made = NULL, *again = NULL;
    diffusion_status status = diffusion_evaluator_create(&made, model, schedule, text);
    if (!taken(status, made))
        return;
    status = diffusion_evaluator_create(&again, model, schedule, diffusion_evaluator_spec(made));
    check_same(status, diffusion_evaluator_spec(again), diffusion_evaluator_spec(made));
    measure(made, again);
    diffusion_evaluator_free(again);
    diffusion_evaluator_free(made);
}

/* The ends of the grid are values of any number of levels. */
static void try_coder(const char *text)
{
    const float ends[ROWS * DIM] = {-1.0f, 1.0f, 1.0f, -1.0f, 1.0f, 1.0f};
    float decoded[ROWS * DIM];
    diffusion_coder *made = NULL, *again = NULL;
    diffusion_status status = diffusion_coder_create(&made, model, schedule, text);
    if (!taken(status, made))
        return;
    status = diffusion_coder_create(&again, model, schedule, diffusion_coder_spec(made));
    check_same(status, diffusion_coder_spec(again), diffusion_coder_spec(made));
    diffusion_coder_free(again);
    if (succeeded(diffusion_coder_encode(made, ends, NULL, ROWS))) {
        FUZZ_CHECK(diffusion_coder_decode(made, decoded, NULL, ROWS) == DIFFUSION_OK);
        FUZZ_CHECK(memcmp(decoded, ends, sizeof ends) == 0);
    }
    diffusion_coder_free(made);
}

static void (*const tries[SPECS_TOPICS])(const char *) = {try_schedule, try_model,     try_trainer,
                                                          try_sampler,  try_evaluator, try_coder};

static void leave(void)
{
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* The last layer's too, which begin at 0. */
static void fill_weights(void)
{
    float values[PARAMETERS_MOST];
    int64_t shape[8];
    size_t rank;
    for (size_t i = 0; i < diffusion_model_parameter_count(model); i++) {
        const char *name = diffusion_model_parameter_name(model, i);
        size_t count = 1;
        FUZZ_CHECK(diffusion_model_parameter_shape(model, name, shape, 8, &rank) == DIFFUSION_OK);
        for (size_t r = 0; r < rank; r++)
            count *= (size_t)shape[r];
        for (size_t j = 0; j < count; j++)
            values[j] = (float)sin((double)(7 * i + j + 1));
        FUZZ_CHECK(diffusion_model_set_parameter(model, name, values, count) == DIFFUSION_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MOST + 1];
    if (model == NULL) {
        FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
        FUZZ_CHECK(diffusion_model_create(&model, "mlp shape=2 width=4 depth=1", 1) == DIFFUSION_OK);
        FUZZ_CHECK(diffusion_schedule_create(&schedule, "linear steps=4") == DIFFUSION_OK);
        fill_weights();
        atexit(leave);
    }
    if (size == 0 || size > TEXT_MOST)
        return 0;
    calls = 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    tries[data[0] % SPECS_TOPICS](text);
    return 0;
}
