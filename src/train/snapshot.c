#include "train/snapshot.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/file.h"
#include "train/checkpoint.h"

#include <stdio.h>
#include <string.h>

/* The first average stands under the parameters' own names, so that a snapshot is a model too. */
static const char *const prefixes[POWER_AVERAGES] = {"", MODEL_FILE_TRAINER "power."};

static const char widths[] = "0.05,0.1";

/* ---- saving ---- */

diffusion_status snapshot_save(const struct diffusion_trainer *self, const char *path)
{
    const size_t parameters = self->model->network->parameter_count, count = POWER_AVERAGES * parameters;
    if (self->power[0] == NULL)
        return error_set(DIFFUSION_E_STATE, "trainer: snapshots need post_hoc_ema=yes from the first step on");
    if (self->step == 0)
        return error_set(DIFFUSION_E_STATE, "trainer: no step has been taken, of which a snapshot could hold averages");
    size_t pair_count = 0;
    char step[NUMBER_SIZE];
    snprintf(step, sizeof step, "%lld", (long long)self->step);
    model_tensor_name *names = memory_allocate(count, sizeof *names);
    safetensors_tensor *tensors = memory_allocate(count, sizeof *tensors);
    safetensors_pair *pairs = checkpoint_pairs(self, 3, &pair_count);
    diffusion_status status = DIFFUSION_E_MEMORY;
    if (names != NULL && tensors != NULL && pairs != NULL) {
        for (size_t i = 0; i < POWER_AVERAGES; i++)
            model_describe(self->model, prefixes[i], self->power[i], names + i * parameters, tensors + i * parameters);
        pairs[pair_count++] = (safetensors_pair){"trainer", self->spec};
        pairs[pair_count++] = (safetensors_pair){"trainer.step", step};
        pairs[pair_count++] = (safetensors_pair){CHECKPOINT_SNAPSHOT, widths};
        status = safetensors_save(path, tensors, count, pairs, pair_count);
    }
    memory_release(names);
    memory_release(tensors);
    memory_release(pairs);
    return status;
}

/* ---- whether they belong together ---- */

static diffusion_status check_kind(const safetensors *file, const char *path)
{
    const char *found = safetensors_metadata(file, CHECKPOINT_SNAPSHOT);
    if (found == NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s: not a snapshot of a training with post_hoc_ema=yes", path);
    if (strcmp(found, widths) != 0)
        return error_set(DIFFUSION_E_CONTENT, "%s: averages of the widths %.40s, expected %s", path, found, widths);
    return DIFFUSION_OK;
}

/* The texts of a's model are b's; a learned schedule moves on between them. */
static const char *other_text(const safetensors *a, const safetensors *b)
{
    for (size_t i = 0; i < safetensors_metadata_count(a); i++) {
        const safetensors_pair pair = safetensors_metadata_at(a, i);
        const char *there = safetensors_metadata(b, pair.key);
        const int counts = !metadata_is_reserved(pair.key) || strcmp(pair.key, "model") == 0;
        if (counts && (there == NULL || strcmp(there, pair.value) != 0))
            return pair.key;
    }
    return NULL;
}

static diffusion_status check_same_run(const safetensors *first, const char *first_path, const safetensors *file,
                                       const char *path)
{
    const char *of_first, *own, *key = other_text(first, file);
    diffusion_status status = checkpoint_read_text(first, first_path, "trainer", &of_first);
    if (status == DIFFUSION_OK)
        status = checkpoint_read_text(file, path, "trainer", &own);
    if (status != DIFFUSION_OK)
        return status;
    if (key == NULL)
        key = other_text(file, first);
    if (key == NULL && !trainer_is_same_run(of_first, own))
        key = "trainer";
    if (key == NULL)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_CONTENT, "%s: of another run than %s: their \"%.60s\" is not the same", path,
                     first_path, key);
}

/* Of one of many: their steps, each once. */
static diffusion_status read_step(int64_t *steps, size_t at, const safetensors *file, const char *const *paths)
{
    diffusion_status status = checkpoint_read_step(file, paths[at], &steps[at]);
    if (status == DIFFUSION_OK && steps[at] == 0)
        return error_set(DIFFUSION_E_CONTENT, "%s: of step 0, expected at least 1", paths[at]);
    for (size_t i = 0; i < at && status == DIFFUSION_OK; i++)
        if (steps[i] == steps[at])
            status =
                error_set(DIFFUSION_E_CONTENT, "%s: of step %lld, as %s", paths[at], (long long)steps[at], paths[i]);
    return status;
}

static diffusion_status read_steps(int64_t *steps, const char *const *paths, size_t count)
{
    safetensors *first = NULL;
    diffusion_status status = safetensors_open(&first, paths[0]);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++) {
        safetensors *file = NULL;
        status = i > 0 ? safetensors_open(&file, paths[i]) : DIFFUSION_OK;
        const safetensors *of = i > 0 ? file : first;
        if (status == DIFFUSION_OK)
            status = check_kind(of, paths[i]);
        if (status == DIFFUSION_OK)
            status = check_same_run(first, paths[0], of, paths[i]);
        if (status == DIFFUSION_OK)
            status = read_step(steps, i, of, paths);
        safetensors_close(file);
    }
    safetensors_close(first);
    return status;
}

/* ---- averaging ---- */

/* A sum of snapshots that is on its way. */
typedef struct averaging {
    const char *const *paths;
    size_t count;
    int64_t *steps;                /* [count] */
    power_profile *profiles;       /* [count, POWER_AVERAGES] */
    double *weights;               /* [count, POWER_AVERAGES] */
    struct diffusion_model *model; /* of the last step */
    double *sum;                   /* [model_size] */
    float *values;                 /* [model_size] */
} averaging;

static void release(averaging *self)
{
    void *arrays[] = {self->steps, self->profiles, self->weights, self->sum, self->values};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    model_release(self->model);
}

static size_t last_of(const averaging *self)
{
    size_t last = 0;
    for (size_t i = 1; i < self->count; i++)
        if (self->steps[i] > self->steps[last])
            last = i;
    return last;
}

/* Where a tenth of the profile is missed, it is not the average that was asked for. */
static diffusion_status fit(averaging *self, double width, double *error)
{
    const double end = (double)self->steps[last_of(self)];
    for (size_t i = 0; i < self->count; i++)
        for (size_t j = 0; j < POWER_AVERAGES; j++)
            self->profiles[i * POWER_AVERAGES + j] =
                (power_profile){power_exponent(power_widths[j]), (double)self->steps[i]};
    diffusion_status status = power_fit(self->weights, error, self->profiles, self->count * POWER_AVERAGES,
                                        (power_profile){power_exponent(width), end});
    if (status == DIFFUSION_OK && !(*error <= 0.1))
        status = error_set(DIFFUSION_E_SPEC,
                           "average: %zu snapshot%s the width %g by %.2g of its weights, expected at most 0.1: take "
                           "more of them, or a width nearer to 0.05 and 0.1",
                           self->count, self->count > 1 ? "s miss" : " misses", width, *error);
    return status;
}

static diffusion_status prepare(averaging *self, double width, double *error)
{
    self->steps = memory_allocate(self->count, sizeof *self->steps);
    self->profiles = memory_allocate(self->count * POWER_AVERAGES, sizeof *self->profiles);
    self->weights = memory_allocate(self->count * POWER_AVERAGES, sizeof *self->weights);
    if (self->steps == NULL || self->profiles == NULL || self->weights == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = read_steps(self->steps, self->paths, self->count);
    return status == DIFFUSION_OK ? fit(self, width, error) : status;
}

static diffusion_status read_model(averaging *self)
{
    const char *path = self->paths[last_of(self)];
    safetensors *file = NULL;
    diffusion_status status = safetensors_open(&file, path);
    if (status == DIFFUSION_OK)
        status = model_read(&self->model, file, path);
    safetensors_close(file);
    if (status != DIFFUSION_OK)
        return status;
    self->sum = memory_allocate(model_size(self->model), sizeof *self->sum);
    self->values = memory_allocate(model_size(self->model), sizeof *self->values);
    return self->sum != NULL && self->values != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static diffusion_status add_snapshot(averaging *self, size_t at)
{
    safetensors *file = NULL;
    diffusion_status status = safetensors_open(&file, self->paths[at]);
    for (size_t j = 0; j < POWER_AVERAGES && status == DIFFUSION_OK; j++) {
        const double weight = self->weights[at * POWER_AVERAGES + j];
        status = model_read_array(self->model, file, self->paths[at], prefixes[j], self->values);
        for (size_t i = 0; i < model_size(self->model) && status == DIFFUSION_OK; i++)
            self->sum[i] += weight * (double)self->values[i];
    }
    safetensors_close(file);
    return status;
}

static diffusion_status finish(averaging *self, double width)
{
    char shown[NUMBER_SIZE];
    for (size_t i = 0; i < model_size(self->model); i++)
        self->model->parameters[i] = (float)self->sum[i];
    number_format_real(shown, width);
    return metadata_set(&self->model->metadata, "average_width", shown);
}

diffusion_status snapshot_average(struct diffusion_model **out, const char *const *paths, size_t count, double width,
                                  double *error)
{
    averaging self = {.paths = paths, .count = count};
    double missed = 0.0;
    diffusion_status status = prepare(&self, width, &missed);
    if (status == DIFFUSION_OK)
        status = read_model(&self);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = add_snapshot(&self, i);
    if (status == DIFFUSION_OK)
        status = finish(&self, width);
    if (status == DIFFUSION_OK) {
        *out = self.model;
        self.model = NULL;
        if (error != NULL)
            *error = missed;
    }
    release(&self);
    return status;
}
