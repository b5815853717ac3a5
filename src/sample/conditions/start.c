/* The chain's first state, where a caller gives it: r a delta at x_T, or, for chains that go upwards, at the data. */
#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "sample/sampler.h"

#include <string.h>

typedef struct start_values {
    double *x; /* [n, dim] */
    size_t n;  /* 0: nothing is given */
} start_values;

/* Takes x over. */
static diffusion_status put(struct diffusion_sampler *self, double *x, size_t n, const char *function)
{
    start_values *state = sampler_condition_state(self, &start_condition);
    const size_t dim = sampler_dim(self);
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        for (size_t j = 0; j < dim && status == DIFFUSION_OK; j++)
            status = given_check_value(self, function, "x", x[i * dim + j], j, i);
    if (status != DIFFUSION_OK) {
        memory_release(x);
        return status;
    }
    memory_release(state->x);
    *state = (start_values){x, n};
    sampler_forget(self);
    return DIFFUSION_OK;
}

/* Room for n samples; *x stays NULL for none. */
static diffusion_status make_room(double **x, const struct diffusion_sampler *self, size_t n, const char *function)
{
    const size_t dim = sampler_dim(self);
    diffusion_status status = array_check_size(function, n, dim, sizeof **x);
    if (status == DIFFUSION_OK && n > 0 && (*x = memory_allocate(n * dim, sizeof **x)) == NULL)
        status = DIFFUSION_E_MEMORY;
    return status;
}

diffusion_status start_set(struct diffusion_sampler *self, const float *x, size_t n)
{
    double *copy = NULL;
    diffusion_status status = make_room(&copy, self, n, "sampler_set_start");
    for (size_t i = 0; status == DIFFUSION_OK && i < n * sampler_dim(self); i++)
        copy[i] = (double)x[i];
    return status == DIFFUSION_OK ? put(self, copy, n, "sampler_set_start") : status;
}

diffusion_status start_set_double(struct diffusion_sampler *self, const double *x, size_t n)
{
    double *copy = NULL;
    diffusion_status status = make_room(&copy, self, n, "sampler_set_start_double");
    if (status == DIFFUSION_OK && n > 0)
        memcpy(copy, x, n * sampler_dim(self) * sizeof *x);
    return status == DIFFUSION_OK ? put(self, copy, n, "sampler_set_start_double") : status;
}

static void release(void *state)
{
    memory_release(((start_values *)state)->x);
}

/* A chain that goes upwards is, so that it can be refused without. */
static int is_active(const struct diffusion_sampler *self, const void *state)
{
    return ((const start_values *)state)->n > 0 || self->plan.rises;
}

static diffusion_status check(const struct diffusion_sampler *self, const void *own, size_t n)
{
    const start_values *state = own;
    if (state->n == 0)
        return error_set(DIFFUSION_E_STATE, "sampler: %s begins at data (call sampler_set_start first)",
                         self->solver->spec.name);
    if (self->options.posterior == POSTERIOR_EXACT)
        return error_set(DIFFUSION_E_STATE, "sampler: posterior=exact begins where the observation is, expected "
                                            "constant or annealed with sampler_set_start");
    return given_check(&(given){.n = state->n}, "sampler_set_start", n);
}

static diffusion_status begin(struct diffusion_sampler *self, void *own, solver_step *step)
{
    const start_values *state = own;
    const size_t dim = sampler_dim(self), particles = (size_t)self->options.particles;
    for (size_t row = 0; step->first && row < self->rows; row++) {
        memcpy(step->next.mean + row * dim, state->x + row / particles % state->n * dim, dim * sizeof *state->x);
        memset(step->next.variance + row * dim, 0, dim * sizeof *step->next.variance);
    }
    step->undrawn = step->undrawn || step->first;
    return DIFFUSION_OK;
}

const sample_condition start_condition = {
    .state_size = sizeof(start_values),
    .release = release,
    .is_active = is_active,
    .check = check,
    .predicted = begin,
};
