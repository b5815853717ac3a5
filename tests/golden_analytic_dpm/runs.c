/* Reverse runs and bounds, with the noise that was drawn. */
#include "replay.h"

#include "sample/sampler.h"

#include <stdlib.h>

static const char predictions[] = "exvf";

/* ---- noise, by the jump that it belongs to ---- */

typedef struct drawn {
    double *noise, *r; /* [jumps, n, dim], [jumps] */
    const double *x0;  /* what dequantises data of zeros: x_0 in double */
    size_t jumps, values, sample;
} drawn;

static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    const drawn *self = user;
    const size_t row = ((size_t)sample + self->sample) * count;
    if (step == 0)
        memcpy(values, self->x0 + row, count * sizeof *values);
    for (size_t k = 0; k < self->jumps; k++)
        if (step > 0 && (int32_t)self->r[k] == step)
            memcpy(values, self->noise + k * self->values + row, count * sizeof *values);
    return 0;
}

static drawn drawn_open(const recorded *of, const char *noise, const char *r)
{
    size_t count = 0;
    drawn self = {.noise = recorded_values(of, noise, &count), .values = of->n * of->dim};
    self.jumps = self.values > 0 ? count / self.values : 0;
    self.r = recorded_values(of, r, NULL);
    return self;
}

static void drawn_close(drawn *self)
{
    free(self->noise);
    free(self->r);
}

/* ---- runs ---- */

/* " noise_limit=… noise_limit_steps=…" of runs whose last variances were cut: "(2 * 2/255 * sqrt(pi/2))^2" says how
 * far. */
static void append_limit(char *spec, size_t size, const recorded *of, int clipped)
{
    const char *layout = safetensors_metadata(of->file, "layout");
    const char *at = layout != NULL ? strstr(layout, "* 2/255") : NULL;
    double pixels = 2.0;
    if (at != NULL) {
        while (at > layout && at[-1] != '(')
            at--;
        pixels = strtod(at, NULL);
    }
    snprintf(spec + strlen(spec), size - strlen(spec), " noise_limit=%.17g noise_limit_steps=%d",
             pixels * 2.0 / 255.0 * sqrt(acos(0.0)), clipped);
}

static int compare_run(const recorded *of, worst *found, const char *spec, const char *prefix)
{
    char name[64], r[64];
    snprintf(name, sizeof name, "%snoise", prefix);
    snprintf(r, sizeof r, "%sr", prefix);
    drawn noise = drawn_open(of, name, r);
    snprintf(name, sizeof name, "%sxT", prefix);
    double *start = recorded_values(of, name, NULL);
    snprintf(name, sizeof name, "%sx_final", prefix);
    double *end = recorded_values(of, name, NULL);
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, of->model, of->schedule, spec);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_noise(sampler, replay, &noise);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_set_start_double(sampler, start, of->n);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_begin(sampler, NULL, of->n);
    while (status == DIFFUSION_OK && sampler->step > 0)
        status = diffusion_sampler_step(sampler);
    for (size_t i = 0; status == DIFFUSION_OK && i < of->n * of->dim; i++)
        worst_note(found, end[i], ((const double *)sampler->x.memory)[i]);
    diffusion_sampler_free(sampler);
    free(start);
    free(end);
    drawn_close(&noise);
    return status == DIFFUSION_OK;
}

static int check_run(const recorded *of, worst *found, int clipped)
{
    char prefix[16] = "", name[64], spec[65536];
    if (clipped > 0)
        snprintf(prefix, sizeof prefix, "clip%d_", clipped);
    snprintf(name, sizeof name, "%sx_final", prefix);
    if (safetensors_find(of->file, name) == NULL)
        return 0;
    snprintf(name, sizeof name, "%sr", prefix);
    char *steps = recorded_steps(of, name);
    snprintf(spec, sizeof spec, "ancestral variance=%s clip=1%s", of->predict < 'g' ? "analytic" : "analytic_ideal",
             steps);
    free(steps);
    if (clipped > 0)
        append_limit(spec, sizeof spec, of, clipped);
    return compare_run(of, found, spec, prefix) ? 1 : -1;
}

int runs_check(recorded *of, worst *found)
{
    int known = 0;
    for (const char *as = predictions; *as != '\0' && of->schedule != NULL && known >= 0; as++) {
        if (!recorded_predict(of, *as))
            return -1;
        for (int clipped = 0; clipped < 10 && known >= 0; clipped++) {
            const int held = check_run(of, found, clipped);
            known = held < 0 ? held : known | held;
        }
    }
    return known;
}

/* ---- bounds ---- */

/* terms [jumps + 2, n] in nats: the decoder, the jumps upwards, the prior. */
static void compare_terms(const recorded *of, worst *decoder, worst *rest, const diffusion_evaluator *bound,
                          const double *truth, const drawn *noise)
{
    const double nats = log(2.0);
    double prior = 0.0, *bits = malloc((size_t)of->steps * sizeof *bits);
    if (bits == NULL || diffusion_evaluator_terms(bound, bits, NULL) != DIFFUSION_OK ||
        diffusion_evaluator_value(bound, "prior_bits", &prior) != DIFFUSION_OK)
        exit(2);
    for (size_t k = 0; k < noise->jumps; k++) {
        const size_t upwards = noise->jumps - 1 - k;
        worst_note(upwards == 0 ? decoder : rest, truth[upwards * of->n + noise->sample],
                   nats * bits[(size_t)noise->r[k] - 1]);
    }
    worst_note(rest, truth[noise->jumps * of->n + noise->sample], nats * prior);
    free(bits);
}

static int measure(const recorded *of, worst *decoder, worst *rest, const char *spec)
{
    const float *zeros = calloc(of->dim, sizeof *zeros);
    double *terms = recorded_values(of, "elbo_terms", NULL), *x0 = recorded_values(of, "elbo_x0", NULL);
    drawn noise = drawn_open(of, "elbo_noise", "r");
    diffusion_status status = DIFFUSION_OK;
    noise.x0 = x0;
    for (noise.sample = 0; noise.sample < of->n && status == DIFFUSION_OK; noise.sample++) {
        diffusion_evaluator *bound = NULL;
        status = diffusion_evaluator_create(&bound, of->model, of->schedule, spec);
        if (status == DIFFUSION_OK)
            status = diffusion_evaluator_set_noise(bound, replay, &noise);
        if (status == DIFFUSION_OK)
            status = diffusion_evaluator_run(bound, zeros, NULL, 1);
        if (status == DIFFUSION_OK)
            compare_terms(of, decoder, rest, bound, terms, &noise);
        diffusion_evaluator_free(bound);
    }
    drawn_close(&noise);
    free(terms);
    free(x0);
    free((void *)zeros);
    return status == DIFFUSION_OK;
}

static int check_bound(recorded *of, worst *decoder, worst *rest)
{
    if (of->schedule == NULL || safetensors_find(of->file, "elbo_terms") == NULL)
        return 0;
    char spec[65536], *steps = recorded_steps(of, "r");
    snprintf(spec, sizeof spec, "elbo edge=discretized cdf=tanh dequantize=1 variance=analytic clip=1%s", steps);
    free(steps);
    for (const char *as = predictions; *as != '\0'; as++)
        if (!recorded_predict(of, *as) || !measure(of, decoder, rest, spec))
            return -1;
    return 1;
}

int bound_check(recorded *of, worst *found)
{
    worst decoder = {0};
    return check_bound(of, &decoder, found);
}

int decoder_check(recorded *of, worst *found)
{
    worst rest = {0};
    return check_bound(of, found, &rest);
}
