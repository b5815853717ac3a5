/* The terms of K, one of every draw at a time. */
#include "evaluate/elbo_run.h"

#include "base/size.h"
#include "base/threads.h"

enum { VALUE_COST = 20 }; /* nanoseconds to draw or to measure one value */

/* ---- one chunk of draws ---- */

typedef struct chunk {
    elbo_run *run;
    elbo_pass pass;
    size_t first, rows; /* draws first..first+rows-1 */
} chunk;

static const double *x0_of(const chunk *part, size_t row)
{
    const elbo_run *run = part->run;
    return run->x0 + (part->first + row) / run->figures.draws * run->model->dim;
}

static int32_t step_of(const chunk *part, size_t row)
{
    return part->pass.t[part->first + row];
}

static void seeded_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    const elbo_run *run = part->run;
    rng_stream stream = {run->options.seed, part->pass.purpose,
                         (uint64_t)chain_step(&run->chain, step_of(part, row)) | (uint64_t)part->pass.again << 32,
                         part->first + row};
    run->kernel->methods->noise(run->xt + row * run->model->dim, 1, run->model->dim, stream);
}

static diffusion_status draw_noise(chunk *part)
{
    elbo_run *run = part->run;
    size_t dim = run->model->dim;
    const int seeded = run->self->noise == NULL || part->pass.purpose != RNG_BOUND;
    diffusion_status status = DIFFUSION_OK;
    if (seeded)
        parallel_for(part->rows, VALUE_COST * dim, seeded_row, part);
    for (size_t row = 0; row < part->rows && !seeded && status == DIFFUSION_OK; row++)
        status = evaluator_noise(run->self, run->xt + row * dim, dim, part->first + row,
                                 chain_step(&run->chain, step_of(part, row)));
    return status;
}

/* x_t ~ q(x_t | x_0), in place on the noise. */
static void diffuse_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const chunk *part = context;
    const elbo_run *run = part->run;
    double *xt = run->xt + row * run->model->dim;
    kernel_diffuse_data(run->kernel, xt, &run->chain.levels[step_of(part, row)], x0_of(part, row), xt, run->model->dim);
}

/* KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)) */
static double kl_term(const elbo_run *run, int32_t t, const double *x0, const double *xt, law p, law q)
{
    const noise_level *levels = run->chain.levels;
    run->kernel->methods->posterior(run->kernel, q, &levels[t - 1], &levels[t], x0, xt, run->model->dim);
    return run->kernel->methods->divergence(run->kernel, q, p, run->model->dim);
}

static void term_row(void *context, size_t row, size_t slot)
{
    const chunk *part = context;
    elbo_run *run = part->run;
    size_t dim = run->model->dim, at = row * dim;
    const int32_t t = step_of(part, row);
    const law p = {run->mean + at, run->variance + at}, q = elbo_law(run->laws + slot * 2 * dim, dim);
    part->pass.nats[part->first + row] =
        t == 1 ? -edge_log_probability(&run->options.edge, run->kernel, x0_of(part, row), p, dim)
               : kl_term(run, t, x0_of(part, row), run->xt + at, p, q);
}

static diffusion_status measure_chunk(chunk *part)
{
    elbo_run *run = part->run;
    struct diffusion_condition rows;
    predictor_input input = {"evaluator", run->xt, run->at, NULL, part->rows};
    const x0_limit limit = {.clip = run->options.chain.clip};
    diffusion_status status = draw_noise(part);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(part->rows, VALUE_COST * run->model->dim, diffuse_row, part);
    for (size_t row = 0; row < part->rows; row++)
        run->at[row] = &run->chain.at[step_of(part, row)];
    if (run->condition != NULL) {
        rows = condition_rows(run->condition, part->first, part->rows);
        input.condition = &rows;
    }
    status = predictor_reverse(&run->predictor, input, &limit, (law){run->mean, run->variance});
    if (status == DIFFUSION_OK)
        parallel_for_at_most(run->threads, part->rows, VALUE_COST * run->model->dim, term_row, part);
    return status;
}

/* ---- one term of all draws ---- */

diffusion_status elbo_tick(void *user, size_t rows)
{
    const elbo_run *run = user;
    return evaluator_progress(run->self, run->done + (int64_t)(run->chunk + rows), run->total);
}

diffusion_status elbo_measure_pass(elbo_run *run, elbo_pass pass)
{
    const size_t total = run->figures.n * run->figures.draws;
    diffusion_status status = DIFFUSION_OK;
    for (size_t first = 0; first < total && status == DIFFUSION_OK; first += MODEL_FORWARD_ROWS) {
        chunk part = {run, pass, first, size_lesser(MODEL_FORWARD_ROWS, total - first)};
        run->chunk = first;
        status = measure_chunk(&part);
        if (status == DIFFUSION_OK && first + part.rows < total)
            status = elbo_tick(run, part.rows);
    }
    return status;
}
