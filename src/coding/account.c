/* What coding ought to cost: log p(x_{0..T}) - log q(x_{1..T} | x_0) of the trajectories drawn, whose mean is K. */
#include "coding/run.h"

#include "base/threads.h"

enum { VALUE_COST = 30 };

typedef struct drawn {
    coding_run *run;
    const double *x;
    double sign;
} drawn;

static void drawn_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const drawn *of = context;
    coding_run *run = of->run;
    run->nats[row] += of->sign * run->kernel->methods->log_probability(run->kernel, of->x + row * run->dim,
                                                                       coding_run_law(run, row), run->dim);
}

void account_drawn(coding_run *run, const double *x, double sign)
{
    drawn of = {run, x, sign};
    parallel_for(run->rows, VALUE_COST * run->dim, drawn_row, &of);
}

/* log p(x_0 | x_1) */
static void edge_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    coding_run *run = context;
    const kernel_class *methods = run->kernel->methods;
    const coder_options *options = &run->self->options;
    const law p = coding_run_law(run, row);
    const double *x0 = run->x0 + row * run->dim;
    double nats = 0.0;
    if (!methods->additive)
        nats = methods->log_probability(run->kernel, x0, p, run->dim);
    for (size_t j = 0; j < run->dim && methods->additive; j++)
        nats += bins_log_mass((bins){(int32_t)options->levels, BINS_NORMAL}, x0[j], p.mean[j], p.variance[j], NULL);
    run->nats[row] += nats;
}

void account_edge(coding_run *run)
{
    parallel_for(run->rows, VALUE_COST * run->dim, edge_row, run);
}
