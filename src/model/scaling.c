#include "model/scaling.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const scaling_names[SCALING_LISTS] = {"shift", "scale", "dequantize", "minimum", "maximum"};

/* ---- reading ---- */

static const struct {
    double otherwise, least; /* where the text is missing; and what none may be below */
} rules[SCALING_LISTS] = {
    {0.0, -HUGE_VAL}, {1.0, 0.0}, {0.0, 0.0}, {-HUGE_VAL, -HUGE_VAL}, {HUGE_VAL, -HUGE_VAL},
};

static size_t list_length(const char *text)
{
    size_t length = 1;
    for (; *text != '\0'; text++)
        length += *text == ',';
    return length;
}

/* Numbers with commas between them; 0 where one is none. */
static int parse_list(double *out, const char *text)
{
    for (size_t j = 0;; j++) {
        const size_t length = strcspn(text, ",");
        if (!number_parse_real(&out[j], text, length))
            return 0;
        if (text[length] == '\0')
            return 1;
        text += length + 1;
    }
}

static diffusion_status read_list(double *out, const char *function, const struct diffusion_model *model, size_t list)
{
    char key[32];
    snprintf(key, sizeof key, "data.%s", scaling_names[list]);
    const char *text = metadata_get(&model->metadata, key);
    const size_t dim = model->dim, length = text != NULL ? list_length(text) : 1;
    int good = length == 1 || length == dim;
    out[0] = rules[list].otherwise;
    if (text != NULL && good)
        good = parse_list(out, text);
    for (size_t j = 1; j < dim && length == 1; j++)
        out[j] = out[0];
    for (size_t j = 0; j < dim && good; j++)
        good = out[j] >= rules[list].least && (list != SCALING_SCALE || out[j] > 0.0);
    if (good)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_CONTENT,
                     "%s: the model's metadata %s is '%.60s', expected a number%s, or one for each of %zu values",
                     function, key, text,
                     list == SCALING_SCALE   ? " above 0"
                     : list == SCALING_WIDTH ? ", 0 or above"
                                             : "",
                     dim);
}

static diffusion_status check_ranges(const scaling *self, const char *function, size_t dim)
{
    for (size_t j = 0; j < dim; j++)
        if (self->of[SCALING_MINIMUM][j] > self->of[SCALING_MAXIMUM][j])
            return error_set(DIFFUSION_E_CONTENT, "%s: the model's metadata data.minimum is %g and data.maximum is %g",
                             function, self->of[SCALING_MINIMUM][j], self->of[SCALING_MAXIMUM][j]);
    return DIFFUSION_OK;
}

diffusion_status scaling_read(scaling *out, const char *function, const struct diffusion_model *model)
{
    double *all = memory_allocate(model->dim, SCALING_LISTS * sizeof *all);
    diffusion_status status = all != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    scaling self = {{NULL}};
    for (size_t list = 0; list < SCALING_LISTS && status == DIFFUSION_OK; list++) {
        self.of[list] = all + list * model->dim;
        status = read_list(self.of[list], function, model, list);
    }
    if (status == DIFFUSION_OK)
        status = check_ranges(&self, function, model->dim);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        memory_release(all);
    return status;
}

void scaling_release(scaling *self)
{
    memory_release(self->of[0]);
}

/* ---- mapping ---- */

static double scaled(const scaling *self, size_t j, double value)
{
    return (value - self->of[SCALING_SHIFT][j]) / self->of[SCALING_SCALE][j];
}

diffusion_status scaling_apply(const scaling *self, const char *function, float *x, const double *values, size_t n,
                               size_t dim)
{
    for (size_t i = 0; i < n * dim; i++)
        if (!isfinite((float)scaled(self, i % dim, values[i])))
            return error_set(DIFFUSION_E_NONFINITE,
                             "%s: value %zu of sample %zu is %g, which is beyond float32 once scaled", function,
                             i % dim, i / dim, values[i]);
    for (size_t i = 0; i < n * dim; i++)
        x[i] = (float)scaled(self, i % dim, values[i]);
    return DIFFUSION_OK;
}

/* A number at the lower end of its interval may have been rounded down, by less than a step of float32. */
static double whole(const scaling *self, size_t j, float x)
{
    const double above = (double)nextafterf(x, INFINITY);
    const double value = floor(above * self->of[SCALING_SCALE][j] + self->of[SCALING_SHIFT][j]);
    return fmin(fmax(value, self->of[SCALING_MINIMUM][j]), self->of[SCALING_MAXIMUM][j]);
}

static double unscaled(const scaling *self, size_t j, float x)
{
    return self->of[SCALING_WIDTH][j] > 0.0 ? whole(self, j, x)
                                            : (double)x * self->of[SCALING_SCALE][j] + self->of[SCALING_SHIFT][j];
}

diffusion_status scaling_invert(const scaling *self, const char *function, double *values, const float *x, size_t n,
                                size_t dim)
{
    for (size_t i = 0; i < n * dim; i++)
        if (!isfinite(unscaled(self, i % dim, x[i])))
            return error_set(DIFFUSION_E_NONFINITE,
                             "%s: x %zu of sample %zu is %g, which is beyond double in the data's units", function,
                             i % dim, i / dim, (double)x[i]);
    for (size_t i = 0; i < n * dim; i++)
        values[i] = unscaled(self, i % dim, x[i]);
    return DIFFUSION_OK;
}

/* ---- bytes ---- */

/* "28,28,1" */
static char *shape_text(const spec_shape *shape)
{
    char text[SPEC_RANK * 24] = "";
    size_t used = 0;
    for (size_t i = 0; i < shape->rank; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i > 0 ? "," : "", (long long)shape->size[i]);
    return memory_text(text);
}

/* They map bytes 0..255 to -1..1; (value - shift) / scale with a byte's whole interval does the same, and back its
 * floor is the nearest byte. */
diffusion_status scaling_suppose_bytes(struct diffusion_model *model)
{
    char width[NUMBER_SIZE], *shape = shape_text(&model->options.shape);
    diffusion_status status = shape != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    number_format_real(width, 1.0 / 127.5);
    const char *const pairs[][2] = {{"data.kind", "images"}, {"data.shape", shape},   {"data.labels", "none"},
                                    {"data.shift", "128"},   {"data.scale", "127.5"}, {"data.dequantize", width},
                                    {"data.minimum", "0"},   {"data.maximum", "255"}, {"data.levels", "256"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && status == DIFFUSION_OK; i++)
        status = metadata_set(&model->metadata, pairs[i][0], pairs[i][1]);
    memory_release(shape);
    return status;
}
