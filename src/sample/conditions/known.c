/* Inpainting: r is a delta on the known values (section 2.5 of the paper).
 *
 * With r(x_t) = r(x_0) a known value would stand at every t as it is at t = 0, where the network expects it diffused.
 * So r(x_t) is the delta on a path x_1..x_T drawn from q(x_{1..T} | x_0) of the known values: p~ is again p times r,
 * and the path ends at them. Downwards it is x_T ~ q(x_T | x_0), then x_s ~ q(x_s | x_t, x_0). */
#include "base/array.h"
#include "base/buffer.h"
#include "base/error.h"
#include "sample/sampler.h"

typedef struct known_values {
    given x0;
    buffer path; /* mean and variance of the path, [2, dim] */
} known_values;

diffusion_status known_set(struct diffusion_sampler *self, const float *x0, const uint8_t *mask, size_t n)
{
    known_values *state = sampler_condition_state(self, &known_condition);
    given fresh = {.n = 0};
    const size_t dim = sampler_dim(self);
    diffusion_status status = array_check_size("sampler_set_known", n, dim, sizeof *x0);
    if (n > 0 && self->solver->whole_way)
        return error_set(DIFFUSION_E_STATE,
                         "sampler_set_known: %s goes the whole way in one step, in which nothing "
                         "can be held",
                         self->solver->spec.name);
    if (n > 0 && self->plan.rises)
        return error_set(DIFFUSION_E_STATE, "sampler_set_known: %s begins at data, all of whose values are known",
                         self->solver->spec.name);
    for (size_t i = 0; i < n && status == DIFFUSION_OK; i++)
        for (size_t j = 0; j < dim && status == DIFFUSION_OK; j++)
            if (mask[i * dim + j] != 0)
                status = given_check_value(self, "sampler_set_known", "x0", (double)x0[i * dim + j], j, i);
    if (status == DIFFUSION_OK && buffer_reserve(&state->path, 3 * dim, sizeof(double)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK && n > 0)
        status = given_copy(&fresh, x0, mask, n, dim);
    if (status != DIFFUSION_OK)
        return status;
    given_release(&state->x0);
    state->x0 = fresh;
    sampler_forget(self);
    return DIFFUSION_OK;
}

static void release(void *state)
{
    given_release(&((known_values *)state)->x0);
    buffer_release(&((known_values *)state)->path);
}

static int is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)self;
    return ((const known_values *)state)->x0.n > 0;
}

int known_at(const struct diffusion_sampler *self, size_t row, size_t column)
{
    const given *x0 = &((const known_values *)sampler_condition_state(self, &known_condition))->x0;
    return x0->n > 0 && x0->mask[given_row(x0, self, row) * sampler_dim(self) + column] != 0;
}

double known_value(const struct diffusion_sampler *self, size_t row, size_t column)
{
    const given *x0 = &((const known_values *)sampler_condition_state(self, &known_condition))->x0;
    return (double)x0->values[given_row(x0, self, row) * sampler_dim(self) + column];
}

static diffusion_status check(const struct diffusion_sampler *self, const void *state, size_t n)
{
    (void)self;
    return given_check(&((const known_values *)state)->x0, "sampler_set_known", n);
}

/* At the data the values are known as they are. */
static int needs_noise(const solver_step *step)
{
    return step->to.t > 0.0;
}

/* The law of the path at step->to, of a whole row as if all of it were known: from q(x_t | x_0), or given x above. */
static void path_law(const struct diffusion_sampler *self, const solver_step *step, law out, const double *x0,
                     const double *x)
{
    const kernel *of = &sampler_schedule(self)->kernel;
    if (step->first)
        kernel_marginal(of, out, &step->to, x0, sampler_dim(self));
    else
        of->methods->posterior(of, out, &step->to, &step->from, x0, x, sampler_dim(self));
}

/* Draws the known values of a row with the noise of the sample's first particle, and leaves them where the chain makes
 * x of them: as a mean without variance. The particle's weight is their probability under the model. */
static void settle_row(struct diffusion_sampler *self, known_values *state, size_t row, const solver_step *step,
                       const double *noise)
{
    const kernel *of = &sampler_schedule(self)->kernel;
    const size_t dim = sampler_dim(self), group = of->group, particles = (size_t)self->options.particles;
    const float *known = state->x0.values + given_row(&state->x0, self, row) * dim;
    const double *x = (const double *)self->x.memory + row * dim;
    const law next = {step->next.mean + row * dim, step->next.variance + row * dim};
    double *values = state->path.memory, log_weight = 0.0;
    const law path = {values + dim, values + 2 * dim};
    for (size_t j = 0; j < dim; j++)
        values[j] = known_at(self, row, j) ? (double)known[j] : 0.0; /* what is not known is not looked at */
    if (step->to.t > 0.0) {
        path_law(self, step, path, values, x);
        of->methods->draw(of, values, path, noise + row / particles * particles * dim, dim);
    }
    for (size_t j = 0; j < dim && particles > 1 && !step->first; j += group)
        if (known_at(self, row, j))
            log_weight += of->methods->log_probability(of, &values[j], (law){&next.mean[j], &next.variance[j]}, group);
    for (size_t j = 0; j < dim; j++) {
        if (!known_at(self, row, j))
            continue;
        next.mean[j] = values[j];
        next.variance[j] = 0.0;
    }
    particles_weigh(self, row, log_weight);
}

static void drawn(struct diffusion_sampler *self, void *state, solver_step *step, const double *noise)
{
    for (size_t row = 0; row < self->rows; row++)
        settle_row(self, state, row, step, noise);
}

const sample_condition known_condition = {
    .state_size = sizeof(known_values),
    .release = release,
    .is_active = is_active,
    .needs_noise = needs_noise,
    .check = check,
    .drawn = drawn,
};
