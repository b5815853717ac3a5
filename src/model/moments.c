#include "model/moments.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

noise_moments *moments_make(size_t steps)
{
    enum { ROWS = 4 };
    noise_moments *self = memory_allocate(1, sizeof *self);
    double *rows = memory_allocate(steps, ROWS * sizeof *rows);
    if (self == NULL || rows == NULL) {
        memory_release(self);
        memory_release(rows);
        return NULL;
    }
    *self = (noise_moments){steps, rows, rows + steps, rows + 2 * steps, rows + 3 * steps, 0.0};
    return self;
}

void moments_take_levels(noise_moments *self, const struct diffusion_schedule *schedule)
{
    for (size_t i = 0; i < self->steps; i++) {
        self->signal[i] = schedule->levels[i + 1].signal;
        self->sigma[i] = schedule->levels[i + 1].sigma;
    }
}

void moments_free(noise_moments *self)
{
    if (self != NULL)
        memory_release(self->signal); /* the first of the rows */
    memory_release(self);
}

static diffusion_status check_row(const char *what, const char *name, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(values[i] >= 0.0 && isfinite(values[i])))
            return error_set(isfinite(values[i]) ? DIFFUSION_E_ARGUMENT : DIFFUSION_E_NONFINITE,
                             "%s: %s[%zu]=%g, expected a finite number that is not below 0", what, name, i, values[i]);
    return DIFFUSION_OK;
}

diffusion_status moments_check(const noise_moments *self, const char *what)
{
    const struct {
        const char *name;
        const double *values;
        size_t count;
    } rows[] = {{"signal", self->signal, self->steps},
                {"sigma", self->sigma, self->steps},
                {"noise", self->noise, self->steps},
                {"error", self->error, self->steps},
                {"data_variance", &self->data_variance, 1}};
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == DIFFUSION_OK; i++)
        status = check_row(what, rows[i].name, rows[i].values, rows[i].count);
    return status;
}

/* The levels of one spec differ between machines by the rounding of their mathematics alone. */
static int is_near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

int moments_suit(const noise_moments *self, const struct diffusion_schedule *schedule)
{
    int suits = self->steps == (size_t)schedule->steps;
    for (size_t i = 0; suits && i < self->steps; i++)
        suits = is_near(self->signal[i], schedule->levels[i + 1].signal) &&
                is_near(self->sigma[i], schedule->levels[i + 1].sigma);
    return suits;
}

static double value_at(const noise_moments *self, const double *row, double t)
{
    const double last = (double)self->steps, at = t <= 1.0 ? 0.0 : t >= last ? last - 1.0 : t - 1.0;
    const size_t below = (size_t)at;
    const double part = at - (double)below;
    return part > 0.0 ? row[below] + part * (row[below + 1] - row[below]) : row[below];
}

static double ratio_square(const noise_level *at)
{
    return at->sigma * at->sigma / (at->signal * at->signal);
}

double moments_error(const noise_moments *self, const noise_level *at)
{
    return at->signal > 0.0 ? ratio_square(at) * value_at(self, self->error, at->t) : self->data_variance;
}

double moments_covariance(const noise_moments *self, const noise_level *at, int ideal)
{
    double covariance = moments_error(self, at);
    if (ideal && at->signal > 0.0)
        covariance = ratio_square(at) * (1.0 - value_at(self, self->noise, at->t));
    return fmin(fmax(covariance, 0.0), self->data_variance);
}
