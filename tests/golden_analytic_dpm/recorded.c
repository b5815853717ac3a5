#include "replay.h"

#include <stdlib.h>

void worst_note(worst *self, double truth, double got)
{
    const double error = got == truth ? 0.0 : fabs(got - truth) / fmax(1.0, fabs(truth));
    self->compared++;
    if (!(error <= self->difference))
        self->difference = error;
}

/* ---- the model: every coordinate of x_0 is +1 or -1 with equal chance ---- */

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const recorded *self = user;
    for (size_t i = 0; i < n * self->dim; i++) {
        double signal, sigma, log_snr;
        if (diffusion_schedule_level(self->schedule, time[i / self->dim], &signal, &sigma, &log_snr) != DIFFUSION_OK)
            return 1;
        const double x0 = tanh(signal * x[i] / (sigma * sigma)), epsilon = (x[i] - signal * x0) / sigma;
        out[i] = self->predict == 'x'   ? x0
                 : self->predict == 'v' ? signal * epsilon - sigma * x0
                 : self->predict == 'f' ? epsilon - x0
                                        : epsilon;
    }
    return 0;
}

int recorded_predict(recorded *self, char as)
{
    char spec[96];
    double *noise = recorded_values(self, "ms_eps", NULL);
    self->predict = as;
    snprintf(spec, sizeof spec, "shape=%zu predict=%s", self->dim,
             as == 'x'   ? "x0"
             : as == 'v' ? "v"
             : as == 'f' ? "flow"
                         : "epsilon");
    diffusion_model_free(self->model);
    self->model = NULL;
    const int made = diffusion_model_create_callback_double(&self->model, spec, predict, self) == DIFFUSION_OK &&
                     diffusion_model_set_moments(self->model, self->schedule, noise, NULL, 1.0) == DIFFUSION_OK;
    free(noise);
    return made;
}

/* ---- the file ---- */

int recorded_is_integer(const safetensors_entry *entry)
{
    return entry->type == SAFETENSORS_I64;
}

/* I64, which the library's reader leaves alone. */
static int read_integers(const recorded *self, const safetensors_entry *entry, double *values)
{
    unsigned char bytes[8];
    FILE *stream = fopen(self->path, "rb");
    int whole = stream != NULL && fread(bytes, 1, 8, stream) == 8;
    long header = 0;
    for (size_t i = 0; i < 8 && whole; i++)
        header |= (long)bytes[i] << (8 * i);
    whole = whole && fseek(stream, 8 + header + (long)entry->begin, SEEK_SET) == 0;
    for (size_t i = 0; i < entry->count && whole; i++) {
        uint64_t value = 0;
        whole = fread(bytes, 1, 8, stream) == 8;
        for (size_t j = 0; j < 8; j++)
            value |= (uint64_t)bytes[j] << (8 * j);
        values[i] = (double)(int64_t)value;
    }
    if (stream != NULL)
        fclose(stream);
    return whole;
}

double *recorded_values(const recorded *self, const char *name, size_t *count)
{
    const safetensors_entry *entry = safetensors_find(self->file, name);
    if (entry == NULL)
        return NULL;
    double *values = malloc(entry->count * sizeof *values + 1);
    if (values == NULL ||
        (recorded_is_integer(entry) ? !read_integers(self, entry, values)
                                    : safetensors_read_double(self->file, entry, values, entry->count) != DIFFUSION_OK))
        exit(2);
    if (count != NULL)
        *count = entry->count;
    return values;
}

char *recorded_steps(const recorded *self, const char *name)
{
    size_t count = 0, used = 0;
    double *steps = recorded_values(self, name, &count);
    const size_t room = 16 + 12 * count;
    char *text = malloc(room);
    if (text == NULL || steps == NULL)
        exit(2);
    const int rises = count > 1 && steps[1] > steps[0];
    used += (size_t)snprintf(text, room, " steps_list=");
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(text + used, room - used, "%s%.0f", i > 0 ? "," : "", steps[rises ? count - 1 - i : i]);
    free(steps);
    return text;
}

static int make_schedule(recorded *self)
{
    size_t count = 0;
    double *betas = recorded_values(self, "betas", &count);
    if (betas == NULL)
        return 1;
    self->steps = (int32_t)count;
    const int made = diffusion_schedule_create_from_betas(&self->schedule, betas, self->steps, "") == DIFFUSION_OK;
    free(betas);
    return made;
}

int recorded_open(recorded *self, const char *path)
{
    self->path = path;
    if (safetensors_open(&self->file, path) != DIFFUSION_OK || !make_schedule(self))
        return 0;
    const safetensors_entry *first = safetensors_find(self->file, "xT");
    if (first == NULL)
        first = safetensors_find(self->file, "elbo_x0");
    self->n = first != NULL ? (size_t)first->shape[0] : 1;
    self->dim = first != NULL ? first->count / self->n : 1;
    return self->schedule == NULL || recorded_predict(self, 'e');
}

void recorded_close(recorded *self)
{
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
    safetensors_close(self->file);
}
