/* A trainer in one safetensors file. Under their plain names stand the weights that a model is loaded with (the
 * averaged ones, if there are any); what only the trainer needs stands under "trainer.". The generator has no state
 * beyond seed and step. */
#include "train/checkpoint.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/file.h"
#include "train/trainer.h"

#include <stdio.h>
#include <string.h>

enum { ARRAYS = 4 + POWER_AVERAGES, HISTORY = 2 /* tensors of the losses that t is drawn by */ };

/* One array of the checkpoint, of the layout of the model's parameters; values NULL where this trainer has none. */
typedef struct checkpoint_array {
    const char *prefix;
    float *values;
} checkpoint_array;

static void list_arrays(const struct diffusion_trainer *self, checkpoint_array arrays[ARRAYS])
{
    arrays[0] = (checkpoint_array){"", trainer_model(self)->parameters};
    arrays[1] =
        (checkpoint_array){MODEL_FILE_TRAINER "weights.", self->average != NULL ? self->model->parameters : NULL};
    arrays[2] = (checkpoint_array){MODEL_FILE_TRAINER "moment1.", self->moment1};
    arrays[3] = (checkpoint_array){MODEL_FILE_TRAINER "moment2.", self->moment2};
    arrays[4] = (checkpoint_array){MODEL_FILE_TRAINER "power0.", self->power[0]};
    arrays[5] = (checkpoint_array){MODEL_FILE_TRAINER "power1.", self->power[1]};
}

/* What describes the losses of a step that t is drawn by, from the first step that is drawn. */
static network_parameter history_tensor(const struct diffusion_trainer *self, size_t index)
{
    const loss_history *history = &self->objective.times.history;
    const int64_t steps = history->last - history->first + 1, width = index == 0 ? LOSS_HISTORY : 1;
    return (network_parameter){.rank = 2,
                               .shape = {steps, width},
                               .offset = (size_t)(history->first * width),
                               .count = (size_t)(steps * width)};
}

static const char *const history_names[HISTORY] = {MODEL_FILE_TRAINER "times.losses",
                                                   MODEL_FILE_TRAINER "times.counts"};

static float *history_values(const struct diffusion_trainer *self, size_t index)
{
    const loss_history *history = &self->objective.times.history;
    return index == 0 ? history->losses : history->counts;
}

/* ---- saving ---- */

static size_t describe_history(const struct diffusion_trainer *self, safetensors_tensor *tensors)
{
    if (!loss_history_is_open(&self->objective.times.history))
        return 0;
    for (size_t i = 0; i < HISTORY; i++) {
        const network_parameter of = history_tensor(self, i);
        tensors[i] = (safetensors_tensor){.name = history_names[i],
                                          .rank = of.rank,
                                          .shape = {(uint64_t)of.shape[0], (uint64_t)of.shape[1]},
                                          .values = history_values(self, i) + of.offset};
    }
    return HISTORY;
}

static size_t describe_arrays(const struct diffusion_trainer *self, model_tensor_name *names,
                              safetensors_tensor *tensors)
{
    checkpoint_array arrays[ARRAYS];
    list_arrays(self, arrays);
    size_t used = 0;
    for (size_t i = 0; i < ARRAYS; i++) {
        if (arrays[i].values == NULL)
            continue;
        model_describe(self->model, arrays[i].prefix, arrays[i].values, names + used, tensors + used);
        used += self->model->network->parameter_count;
    }
    return used + describe_history(self, tensors + used);
}

static char *learned_text(const struct diffusion_trainer *self)
{
    text_buffer text = {NULL, 0, 0, 0};
    learned_schedule_write(&self->learned, &text);
    return text_finish(&text);
}

safetensors_pair *checkpoint_pairs(const struct diffusion_trainer *self, size_t extra, size_t *count)
{
    safetensors_pair *pairs = model_file_pairs(self->model, extra, count);
    for (size_t i = 0; pairs != NULL && i < *count; i++)
        if (strcmp(pairs[i].key, "schedule") == 0)
            pairs[i].value = self->schedule->spec;
    return pairs;
}

diffusion_status trainer_save(const struct diffusion_trainer *self, const char *path)
{
    size_t most = ARRAYS * self->model->network->parameter_count, pair_count = 0;
    char step[NUMBER_SIZE], *learned = NULL;
    snprintf(step, sizeof step, "%lld", (long long)self->step);
    model_tensor_name *names = memory_allocate(most, sizeof *names);
    safetensors_tensor *tensors = memory_allocate(most + HISTORY, sizeof *tensors);
    safetensors_pair *pairs = checkpoint_pairs(self, 3 + self->texts.count, &pair_count);
    diffusion_status status = DIFFUSION_E_MEMORY;
    int complete = names != NULL && tensors != NULL && pairs != NULL;
    if (complete && learned_schedule_is_open(&self->learned))
        complete = (learned = learned_text(self)) != NULL;
    if (complete) {
        pairs[pair_count++] = (safetensors_pair){"trainer", self->spec};
        pairs[pair_count++] = (safetensors_pair){"trainer.step", step};
        if (learned != NULL)
            pairs[pair_count++] = (safetensors_pair){"trainer.schedule", learned};
        for (size_t i = 0; i < self->texts.count; i++)
            pairs[pair_count++] = (safetensors_pair){self->texts.pairs[i].key, self->texts.pairs[i].value};
        status = safetensors_save(path, tensors, describe_arrays(self, names, tensors), pairs, pair_count);
    }
    memory_release(names);
    memory_release(tensors);
    memory_release(pairs);
    memory_release(learned);
    return status;
}

/* ---- resuming ---- */

diffusion_status checkpoint_read_text(const safetensors *file, const char *path, const char *key, const char **text)
{
    *text = safetensors_metadata(file, key);
    if (*text == NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s: not a checkpoint (its metadata lacks \"%s\")", path, key);
    return DIFFUSION_OK;
}

diffusion_status checkpoint_read_step(const safetensors *file, const char *path, int64_t *step)
{
    const char *text;
    diffusion_status status = checkpoint_read_text(file, path, "trainer.step", &text);
    if (status == DIFFUSION_OK &&
        (!number_parse_integer(step, text, strlen(text)) || *step < 0 || *step > TRAINER_STEPS_MAX))
        status =
            error_set(DIFFUSION_E_CONTENT, "%s: trainer.step='%.40s', expected a whole number 0..10^15", path, text);
    return status;
}

/* The schedule comes back by its spec, and what moves it here. */
static diffusion_status read_learned(struct diffusion_trainer *self, const safetensors *file, const char *path)
{
    const char *text;
    if (!learned_schedule_is_open(&self->learned))
        return DIFFUSION_OK;
    diffusion_status status = checkpoint_read_text(file, path, "trainer.schedule", &text);
    if (status == DIFFUSION_OK && !learned_schedule_read(&self->learned, text))
        status = error_set(DIFFUSION_E_CONTENT, "%s: trainer.schedule does not hold %zu numbers", path,
                           learned_schedule_size(&self->learned));
    return status;
}

static diffusion_status read_texts(struct diffusion_trainer *self, const safetensors *file)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < safetensors_metadata_count(file) && status == DIFFUSION_OK; i++) {
        safetensors_pair pair = safetensors_metadata_at(file, i);
        if (strncmp(pair.key, TRAINER_TEXTS, strlen(TRAINER_TEXTS)) == 0)
            status = metadata_set(&self->texts, pair.key, pair.value);
    }
    return status;
}

static diffusion_status read_history(struct diffusion_trainer *self, safetensors *file, const char *path)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < HISTORY && status == DIFFUSION_OK; i++) {
        const network_parameter of = history_tensor(self, i);
        status = model_read_tensor(file, path, history_names[i], &of, history_values(self, i) + of.offset);
    }
    if (status == DIFFUSION_OK && !loss_history_restore(&self->objective.times.history))
        status = error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' holds other numbers than 0 to %d", path,
                           history_names[1], LOSS_HISTORY);
    return status;
}

static diffusion_status read_arrays(struct diffusion_trainer *self, safetensors *file, const char *path)
{
    checkpoint_array arrays[ARRAYS];
    list_arrays(self, arrays);
    diffusion_status status = DIFFUSION_OK;
    size_t expected = 0;
    for (size_t i = 0; i < ARRAYS && status == DIFFUSION_OK; i++) {
        if (arrays[i].values == NULL)
            continue;
        status = model_read_array(self->model, file, path, arrays[i].prefix, arrays[i].values);
        expected += self->model->network->parameter_count;
    }
    if (loss_history_is_open(&self->objective.times.history)) {
        if (status == DIFFUSION_OK)
            status = read_history(self, file, path);
        expected += HISTORY;
    }
    if (status == DIFFUSION_OK && safetensors_count(file) != expected)
        status = error_set(DIFFUSION_E_CONTENT, "%s: %zu tensors, expected the %zu of this trainer", path,
                           safetensors_count(file), expected);
    return status;
}

/* A trainer of the file's specs, at its step, with the weights of a fresh one. */
static diffusion_status create_from(struct diffusion_trainer **out, safetensors *file, const char *path)
{
    const char *schedule_spec, *spec;
    int64_t step = 0;
    struct diffusion_model *model = NULL;
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = checkpoint_read_text(file, path, "trainer", &spec);
    if (status == DIFFUSION_OK && safetensors_metadata(file, CHECKPOINT_SNAPSHOT) != NULL)
        status = error_set(DIFFUSION_E_CONTENT,
                           "%s: a snapshot of averages, which no training goes on from; that "
                           "takes a checkpoint",
                           path);
    if (status == DIFFUSION_OK)
        status = checkpoint_read_text(file, path, "schedule", &schedule_spec);
    if (status == DIFFUSION_OK)
        status = checkpoint_read_step(file, path, &step);
    if (status == DIFFUSION_OK)
        status = model_read(&model, file, path);
    if (status == DIFFUSION_OK)
        status = error_within(schedule_create(&schedule, schedule_spec), path);
    if (status == DIFFUSION_OK)
        status = error_within(trainer_create(out, model, schedule, spec, spec_parse_stored), path);
    if (status == DIFFUSION_OK)
        (*out)->step = step;
    model_release(model);
    schedule_release(schedule);
    return status;
}

diffusion_status trainer_resume(struct diffusion_trainer **out, const char *path)
{
    safetensors *file = NULL;
    struct diffusion_trainer *self = NULL;
    diffusion_status status = safetensors_open(&file, path);
    if (status == DIFFUSION_OK)
        status = create_from(&self, file, path);
    if (status == DIFFUSION_OK)
        status = read_arrays(self, file, path);
    if (status == DIFFUSION_OK)
        status = read_learned(self, file, path);
    if (status == DIFFUSION_OK)
        status = read_texts(self, file);
    safetensors_close(file);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        trainer_free(self);
    return status;
}
