#include "replay.h"

#include <stdlib.h>

double *recorded_tensor(safetensors *file, const char *name, size_t *count)
{
    const safetensors_entry *entry = safetensors_find(file, name);
    if (entry == NULL)
        return NULL;
    double *values = malloc(entry->count * sizeof *values + 1);
    if (values == NULL || safetensors_read_double(file, entry, values, entry->count) != DIFFUSION_OK)
        exit(2);
    if (count != NULL)
        *count = entry->count;
    return values;
}

int recorded_says(const recorded *self, const char *key, const char *text)
{
    const char *value = safetensors_metadata(self->file, key);
    return value != NULL && strstr(value, text) != NULL;
}

void recorded_read(recorded *self)
{
    static const char *const firsts[] = {"xT", "x_first", "latents"};
    const char *first = NULL;
    size_t count = 0, values = 0;
    for (size_t i = 0; i < 3 && first == NULL; i++)
        first = safetensors_find(self->file, firsts[i]) != NULL ? firsts[i] : NULL;
    if (first == NULL)
        return; /* no run */
    self->start = recorded_tensor(self->file, first, &values);
    self->x = recorded_tensor(self->file, "x", &count);
    self->states = count / values;
    self->final = recorded_tensor(self->file, "final", NULL);
    self->noise = recorded_tensor(self->file, "noise", &count);
    self->noises = self->noise != NULL ? count / values : 0;
    self->level = recorded_tensor(self->file, "level", NULL);
    self->gain = recorded_tensor(self->file, "gain", NULL);
    self->model_x = recorded_tensor(self->file, "model_x", &count);
    self->models = self->model_x != NULL ? count / values : 0;
    self->x_hat = recorded_tensor(self->file, "x_hat", NULL);
    self->n = (size_t)safetensors_find(self->file, first)->shape[0];
    self->dim = values / self->n;
}

void recorded_release(recorded *self)
{
    double *own[] = {self->start, self->x,    self->final,   self->noise,
                     self->level, self->gain, self->model_x, self->x_hat};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        free(own[i]);
    safetensors_close(self->file);
}

double options_number(const json_value *options, const char *key, double standard)
{
    double value = standard;
    json_real(&value, json_get(options, key));
    return value;
}

static const char *name_here(const char *name)
{
    static const char *const names[][2] = {{"S_churn", "s_churn"},  {"S_min", "s_tmin"},
                                           {"S_max", "s_tmax"},     {"S_noise", "s_noise"},
                                           {"solver_type", "type"}, {"num_steps", "steps"},
                                           {"n", "evaluations"},    {"use_clipped_model_output", "clipped_epsilon"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    return name;
}

void options_append(text_buffer *spec, const json_value *options, const char *known)
{
    for (const json_value *value = json_first(options); value != NULL; value = json_next(options, value)) {
        char with_commas[96];
        double number;
        snprintf(with_commas, sizeof with_commas, ",%s,", json_key(value));
        if (strstr(known, with_commas) != NULL || json_is(value, JSON_NULL))
            continue;
        text_append(spec, " %s", name_here(json_key(value)));
        if (json_string(value) != NULL)
            text_append(spec, "=%s", json_string(value));
        else if (json_real(&number, value))
            text_append_real(spec, "=", number);
        else
            text_append(spec, "=%s", json_is(value, JSON_TRUE) ? "yes" : "no");
    }
}
