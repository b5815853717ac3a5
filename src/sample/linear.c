#include "sample/linear.h"

#include "base/threads.h"

enum { RUN = 2048, RUN_COST = 1000 /* nanoseconds of a term */ };

typedef struct sum_job {
    double *out;
    const linear_term *terms;
    size_t terms_count, count;
} sum_job;

static void sum_run(void *context, size_t run, size_t slot)
{
    (void)slot;
    const sum_job *job = context;
    const size_t first = run * RUN, end = first + RUN < job->count ? first + RUN : job->count;
    for (size_t i = first; i < end; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < job->terms_count; k++)
            sum += job->terms[k].weight * job->terms[k].values[i];
        job->out[i] = sum;
    }
}

void linear_sum(const solver_chain *chain, double *out, const linear_term *terms, size_t count)
{
    linear_term kept[16];
    size_t terms_count = 0;
    for (size_t k = 0; k < count; k++)
        if (terms[k].weight != 0.0)
            kept[terms_count++] = terms[k];
    sum_job job = {out, kept, terms_count, chain->count};
    parallel_for((chain->count + RUN - 1) / RUN, RUN_COST * (terms_count + 1), sum_run, &job);
}

void linear_spread(const solver_chain *chain, solver_step *step, double deviation)
{
    for (size_t i = 0; i < chain->count; i++)
        step->next.variance[i] = deviation * deviation;
    step->undrawn = deviation == 0.0;
}

void linear_finish(const solver_chain *chain, solver_step *step, const linear_term *terms, size_t count,
                   double deviation)
{
    linear_sum(chain, step->next.mean, terms, count);
    linear_spread(chain, step, deviation);
}

diffusion_status linear_see(const solver_chain *chain, linear_sight sight, const double *x, const noise_level *at,
                            double *out, double *room)
{
    double *x0 = sight == SEES_X0 ? out : room;
    diffusion_status status = solver_predict(chain, x, at, x0, sight == SEES_X0 ? room : out);
    if (status == DIFFUSION_OK && sight == SEES_NOISE)
        linear_sum(chain, out, (linear_term[]){{1.0 / at->sigma, x}, {-at->signal / at->sigma, x0}}, 2);
    return status;
}

int linear_needs_signal(const void *options)
{
    (void)options;
    return 1;
}

double *linear_array(const solver_chain *chain, size_t index)
{
    return chain->arrays + index * chain->count;
}

double *history_push(history *self, const solver_chain *chain, int32_t most, const noise_level *at)
{
    const int32_t kept = self->count < most ? self->count : most - 1;
    const int32_t array = self->count < most ? self->count : self->array[most - 1];
    for (int32_t i = kept; i > 0; i--) {
        self->at[i] = self->at[i - 1];
        self->array[i] = self->array[i - 1];
    }
    self->at[0] = *at;
    self->array[0] = array;
    self->count = kept + 1;
    return linear_array(chain, (size_t)array);
}

const double *history_values(const history *self, const solver_chain *chain, int32_t index)
{
    return linear_array(chain, (size_t)self->array[index]);
}
