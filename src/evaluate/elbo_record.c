/* Means of terms over draws and samples, and their standard errors over samples. */
#include "evaluate/elbo_figures.h"

#include "base/memory.h"

#include <math.h>

void elbo_record_step(elbo_figures *self, int32_t t, int is_edge, const double *nats)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < self->n * self->draws; i++) {
        self->chain[i] -= nats[i];
        sum += nats[i];
    }
    double mean = sum / (double)(self->n * self->draws);
    for (size_t i = 0; i < self->n; i++) {
        double sample = 0.0;
        for (size_t d = 0; d < self->draws; d++)
            sample += nats[i * self->draws + d] / (double)self->draws;
        squares += (sample - mean) * (sample - mean);
    }
    self->term[t - 1] = mean;
    self->term_error[t - 1] = self->n > 1 ? sqrt(squares / ((double)self->n - 1.0) / (double)self->n) : NAN;
    *(is_edge ? &self->edge : &self->kl) += mean;
}

void elbo_record_part(elbo_figures *self, size_t draw, double nats)
{
    self->chain[draw] -= nats;
    self->kl += nats / (double)(self->n * self->draws);
}

/* ---- terms of single steps, met by some samples only ---- */

/* What is known of a step: over samples, with c terms measured and s their sum. */
typedef struct step_sums {
    double here;             /* s of the sample at hand, */
    size_t count;            /* and its c */
    size_t samples;          /* with c > 0 */
    double c, s, cc, cs, ss; /* sums over samples, of products too */
} step_sums;

/* Adds what is at hand, once. */
static void settle(step_sums *of)
{
    const double c = (double)of->count, s = of->here;
    if (of->count == 0)
        return;
    of->samples++;
    of->c += c;
    of->s += s;
    of->cc += c * c;
    of->cs += c * s;
    of->ss += s * s;
    of->count = 0;
    of->here = 0.0;
}

/* The mean is a ratio of sums over samples; what a sample adds to its error is s - c mean. */
static double error_of_ratio(const step_sums *of)
{
    const double mean = of->s / of->c, samples = (double)of->samples;
    const double squares = of->ss - 2.0 * mean * of->cs + mean * mean * of->cc;
    return of->samples > 1 ? sqrt(fmax(squares, 0.0) * samples / (samples - 1.0)) / of->c : NAN;
}

static void add_sample(const elbo_figures *self, step_sums *of, size_t sample, size_t passes, const int32_t *t,
                       const double *nats)
{
    const size_t all = self->n * self->draws, first = sample * self->draws;
    for (size_t pass = 0; pass < passes; pass++)
        for (size_t i = pass * all + first; i < pass * all + first + self->draws; i++) {
            of[t[i]].here += nats[i];
            of[t[i]].count++;
        }
    for (size_t pass = 0; pass < passes; pass++)
        for (size_t i = pass * all + first; i < pass * all + first + self->draws; i++)
            settle(&of[t[i]]);
}

diffusion_status elbo_record_hits(elbo_figures *self, const chain *by, size_t passes, const int32_t *t,
                                  const double *nats)
{
    step_sums *of = memory_allocate((size_t)by->steps + 1, sizeof *of);
    if (of == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < self->n; i++)
        add_sample(self, of, i, passes, t, nats);
    for (int32_t at = 2; at <= by->steps; at++) {
        const int32_t step = chain_step(by, at);
        self->term[step - 1] = of[at].c > 0.0 ? of[at].s / of[at].c : NAN;
        self->term_error[step - 1] = of[at].c > 0.0 ? error_of_ratio(&of[at]) : NAN;
    }
    memory_release(of);
    return DIFFUSION_OK;
}
