#include "process/forward.h"

#include "base/size.h"

enum { BLOCK = LARGEST_GROUP /* components at a time, on the stack */ };

/* Whole groups of them. */
static size_t block_of(const struct diffusion_schedule *schedule)
{
    return BLOCK / schedule->kernel.group * schedule->kernel.group;
}

/* In double, rounded once: each product rounded to float32 would cost a digit where alpha_bar is near 0 or 1. */
void forward_draw(float *xt, const struct diffusion_schedule *schedule, const noise_level *s, const noise_level *t,
                  const float *xs, const float *noise, size_t dim)
{
    double x[BLOCK], z[BLOCK];
    const size_t block = block_of(schedule);
    for (size_t first = 0; first < dim; first += block) {
        const size_t count = size_lesser(block, dim - first);
        const kernel part = kernel_from(&schedule->kernel, first);
        for (size_t j = 0; j < count; j++) {
            x[j] = (double)xs[first + j];
            z[j] = (double)noise[first + j];
        }
        part.methods->diffuse(&part, x, s, t, x, z, count);
        for (size_t j = 0; j < count; j++)
            xt[first + j] = (float)x[j];
    }
}

static void kernel_law(const kernel *self, law out, const struct diffusion_schedule *schedule, forward_law_of which,
                       int32_t t, const double *first, const double *second, size_t count)
{
    const noise_level *below = &schedule->levels[t - 1], *at = &schedule->levels[t];
    if (which == FORWARD_STEP)
        self->methods->step(self, out, below, at, first, count);
    else if (which == FORWARD_MARGINAL)
        kernel_marginal(self, out, at, first, count);
    else
        self->methods->posterior(self, out, below, at, first, second, count);
}

void forward_law(law out, const struct diffusion_schedule *schedule, forward_law_of which, int32_t t,
                 const double *first, const double *second, size_t count)
{
    kernel_law(&schedule->kernel, out, schedule, which, t, first, second, count);
}

double forward_entropy(const struct diffusion_schedule *schedule, forward_law_of which, int32_t t, const double *first,
                       const double *second, size_t count)
{
    static const double nothing[BLOCK];
    double mean[BLOCK], variance[BLOCK], nats = 0.0;
    const size_t block = block_of(schedule);
    for (size_t at = 0; at < count; at += block) {
        const size_t rows = size_lesser(block, count - at);
        const kernel part = kernel_from(&schedule->kernel, at);
        const law out = {mean, variance};
        kernel_law(&part, out, schedule, which, t, first != NULL ? first + at : nothing,
                   second != NULL ? second + at : nothing, rows);
        nats += part.methods->entropy(&part, out, rows);
    }
    return nats;
}
