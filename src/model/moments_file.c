#include "model/moments_file.h"

#include "base/error.h"

#include <string.h>

static const char *const names[MOMENTS_TENSORS] = {"moments.signal", "moments.sigma", "moments.noise", "moments.error",
                                                   "moments.data_variance"};

static double *values_of(noise_moments *self, size_t index)
{
    double *const values[MOMENTS_TENSORS] = {self->signal, self->sigma, self->noise, self->error, &self->data_variance};
    return values[index];
}

static size_t count_of(const noise_moments *self, size_t index)
{
    return index + 1 < MOMENTS_TENSORS ? self->steps : 1;
}

void moments_describe(const noise_moments *self, safetensors_tensor tensors[MOMENTS_TENSORS])
{
    for (size_t i = 0; i < MOMENTS_TENSORS; i++)
        tensors[i] = (safetensors_tensor){
            .name = names[i],
            .rank = 1,
            .shape = {count_of(self, i)},
            .doubles = values_of((noise_moments *)self, i), /* which nobody writes to through this */
        };
}

int moments_owns_tensor(const char *name)
{
    for (size_t i = 0; i < MOMENTS_TENSORS; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

static diffusion_status read_tensor(noise_moments *self, size_t index, safetensors *file, const char *path)
{
    const safetensors_entry *entry = safetensors_find(file, names[index]);
    const size_t count = count_of(self, index);
    if (entry == NULL)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is missing", path, names[index]);
    if (entry->rank != 1 || entry->count != count)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' has %zu values in %zu dimensions, expected %zu in 1",
                         path, names[index], entry->count, entry->rank, count);
    return safetensors_read_double(file, entry, values_of(self, index), count);
}

static diffusion_status check_steps(size_t steps, const char *path)
{
    if (steps < 1 || steps > SCHEDULE_STEPS)
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' has %zu values, expected 1..%d", path, names[0], steps,
                         (int)SCHEDULE_STEPS);
    return DIFFUSION_OK;
}

diffusion_status moments_read(noise_moments **out, safetensors *file, const char *path)
{
    const safetensors_entry *first = NULL;
    *out = NULL;
    for (size_t i = 0; i < MOMENTS_TENSORS && first == NULL; i++)
        first = safetensors_find(file, names[i]);
    if (first == NULL)
        return DIFFUSION_OK;
    const safetensors_entry *levels = safetensors_find(file, names[0]);
    const size_t steps = levels != NULL ? levels->count : first->count;
    diffusion_status status = check_steps(steps, path);
    noise_moments *self = status == DIFFUSION_OK ? moments_make(steps) : NULL;
    if (self == NULL)
        return status == DIFFUSION_OK ? DIFFUSION_E_MEMORY : status;
    for (size_t i = 0; i < MOMENTS_TENSORS && status == DIFFUSION_OK; i++)
        status = read_tensor(self, i, file, path);
    if (status == DIFFUSION_OK && moments_check(self, path) != DIFFUSION_OK)
        status = DIFFUSION_E_CONTENT;
    if (status == DIFFUSION_OK)
        *out = self;
    else
        moments_free(self);
    return status;
}
