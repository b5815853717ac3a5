#include "sampling/record.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/random.h"
#include "common/specs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void record_create(record *out, size_t moments, size_t count, size_t dim, int32_t steps)
{
    *out = (record){.moments = moments, .count = count, .dim = dim};
    for (size_t i = 0; i < moments; i++)
        out->t[i] = round((double)steps * (double)(moments - 1 - i) / (double)(moments - 1));
    size_t values = multiply(moments, multiply(count, dim, "trajectory"), "trajectory");
    out->reverse = allocate(values, sizeof *out->reverse);
    out->forward = allocate(values, sizeof *out->forward);
}

/* A chain of few steps may jump over moments: then its next state stands for all of them, at its own t. */
void record_reverse(record *r, const diffusion_sampler *sampler, float *all)
{
    double t;
    size_t passed = r->taken;
    check(diffusion_sampler_state(sampler, NULL, &t));
    while (passed < r->moments && t <= r->t[passed])
        passed++;
    if (passed == r->taken)
        return;
    check(diffusion_sampler_state(sampler, all, NULL));
    memcpy(r->reverse + r->taken * r->count * r->dim, all, r->count * r->dim * sizeof *all);
    r->t[r->taken++] = t;
    memmove(r->t + r->taken, r->t + passed, (r->moments - passed) * sizeof *r->t);
    r->moments -= passed - r->taken;
}

static void draw_noise(float *noise, size_t count, random_stream stream, int32_t t, int uniform)
{
    for (size_t i = 0; i < count; i++) {
        if (uniform)
            noise[i] = fminf((float)random_uniform(stream, (uint64_t)t, i), 0x1.fffffep-1f);
        else
            noise[i] = (float)random_normal(stream, (uint64_t)t, i);
    }
}

void record_forward(record *r, const diffusion_schedule *schedule, const float *x0, uint64_t seed)
{
    random_stream stream = {seed, RANDOM_FORWARD};
    size_t values = r->count * r->dim, moment = r->moments;
    int binomial = spec_is_binomial(diffusion_schedule_spec(schedule));
    float *x = allocate(values, sizeof *x), *noise = allocate(values, sizeof *noise);
    memcpy(x, x0, values * sizeof *x);
    for (int32_t t = 0; t <= diffusion_schedule_steps(schedule); t++) {
        if (t > 0) {
            draw_noise(noise, values, stream, t, binomial);
            check(diffusion_forward_step(schedule, t, x, noise, r->count, r->dim, x));
        }
        while (moment > 0 && lround(r->t[moment - 1]) <= t)
            memcpy(r->forward + --moment * values, x, values * sizeof *x);
    }
    free(x);
    free(noise);
}

double record_spread(const record *r, const diffusion_schedule *schedule, size_t moment)
{
    double signal, sigma;
    if (spec_is_binomial(diffusion_schedule_spec(schedule)))
        return 1;
    check(diffusion_schedule_level(schedule, r->t[moment], &signal, &sigma, NULL));
    double spread = hypot(signal, sigma);
    return fabs(spread - 1) > 1e-6 ? spread : 1; /* as it is where variance is preserved */
}

void record_normalise(record *r, const diffusion_schedule *schedule)
{
    size_t values = r->count * r->dim;
    for (size_t moment = 0; moment < r->moments; moment++) {
        float spread = (float)record_spread(r, schedule, moment);
        for (size_t i = moment * values; i < (moment + 1) * values; i++) {
            r->reverse[i] /= spread;
            r->forward[i] /= spread;
        }
    }
}

void record_release(record *r)
{
    free(r->reverse);
    free(r->forward);
}
