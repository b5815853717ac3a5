/* The draws of the moments, step after step, and what they sum up to. */
#include "evaluate/moments_run.h"

#include "base/rng.h"
#include "base/size.h"
#include "base/threads.h"

#include <math.h>

enum { VALUE_COST = 20 /* nanoseconds to draw or to measure one value */ };

/* ---- the draws: item i is of step i / rows + 1, and of the rows of the data in an order that is new each time ---- */

static size_t total_of(const moments_run *run)
{
    return run->rows * (size_t)run->self->schedule->steps;
}

static int32_t step_of(const moments_run *run, size_t item)
{
    return (int32_t)(item / run->rows) + 1;
}

static size_t pick(const moments_run *run, size_t item)
{
    enum { ORDERS = 1 << 30 }; /* keeps the orders' streams apart from those of the noise */
    const rng_stream stream = {run->options.seed, RNG_MOMENTS, (uint64_t)ORDERS + item / run->n, 0};
    return (size_t)rng_permute(item % run->n, run->n, stream);
}

static void seeded_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const moments_run *run = context;
    const size_t item = run->first + row;
    const rng_stream stream = {run->options.seed, RNG_MOMENTS, (uint64_t)step_of(run, item), item % run->rows};
    rng_normal(run->noise + row * run->dim, run->dim, stream);
}

static diffusion_status draw_noise(moments_run *run)
{
    diffusion_status status = DIFFUSION_OK;
    if (run->self->noise == NULL)
        parallel_for(run->count, VALUE_COST * run->dim, seeded_row, run);
    for (size_t row = 0; row < run->count && run->self->noise != NULL && status == DIFFUSION_OK; row++)
        status = evaluator_noise(run->self, run->noise + row * run->dim, run->dim, run->row_of[row],
                                 step_of(run, run->first + row));
    return status;
}

static diffusion_status take_rows(moments_run *run)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t row = 0; row < run->count && status == DIFFUSION_OK; row++) {
        const size_t of = pick(run, run->first + row);
        run->row_of[row] = of;
        run->at[row] = &run->steps[step_of(run, run->first + row)];
        status = evaluator_dequantize(run->self, run->x0 + row * run->dim, run->data + of * run->dim, run->dim,
                                      run->options.dequantize, run->options.seed, of);
    }
    condition_free(run->picked);
    run->picked = NULL;
    return status == DIFFUSION_OK ? condition_pick(&run->picked, run->condition, run->row_of, run->count) : status;
}

static void diffuse_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const moments_run *run = context;
    const size_t at = row * run->dim;
    kernel_diffuse_data(&run->self->schedule->kernel, run->xt + at, &run->at[row]->from, run->x0 + at, run->noise + at,
                        run->dim);
}

static void square_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    moments_run *run = context;
    const double *seen = run->epsilon + row * run->dim, *drawn = run->noise + row * run->dim;
    double *out = run->squares[row];
    out[0] = out[1] = out[2] = 0.0;
    for (size_t j = 0; j < run->dim; j++) {
        out[0] += seen[j] * seen[j];
        out[1] += drawn[j] * drawn[j];
        out[2] += (seen[j] - drawn[j]) * (seen[j] - drawn[j]);
    }
}

static void add_rows(moments_run *run)
{
    for (size_t row = 0; row < run->count; row++) {
        const double a = run->squares[row][0], b = run->squares[row][1];
        step_sums *of = &run->sums[step_of(run, run->first + row) - 1];
        of->a += a;
        of->b += b;
        of->ab += a * b;
        of->bb += b * b;
        of->error += run->squares[row][2];
    }
}

static diffusion_status measure_chunk(moments_run *run)
{
    const size_t cost = VALUE_COST * run->dim;
    diffusion_status status = take_rows(run);
    if (status == DIFFUSION_OK)
        status = draw_noise(run);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(run->count, cost, diffuse_row, run);
    const predictor_input input = {"evaluator", run->xt, run->at, run->picked, run->count};
    status = predictor_denoise(&run->predictor, input, NULL, run->x0, run->epsilon);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(run->count, cost, square_row, run);
    add_rows(run);
    return DIFFUSION_OK;
}

/* ---- the figures ---- */

/* The mean of a. What the draws' noise is larger or smaller than its expectation by, a is too, in part: that part is
 * known, and taken off (a control variate). */
static double mean_square(const step_sums *of, size_t rows, size_t dim)
{
    const double n = (double)rows, a = of->a / n, b = of->b / n;
    const double together = of->ab / n - a * b, alone = of->bb / n - b * b;
    const double part = alone > 1e-9 * b * b ? fmin(fmax(together / alone, 0.0), 1.0) : 0.0;
    return fmax(a - part * (b - (double)dim), 0.0) / (double)dim;
}

static void settle(moments_run *run)
{
    for (size_t i = 0; i < (size_t)run->self->schedule->steps; i++) {
        run->figures.noise[i] = mean_square(&run->sums[i], run->rows, run->dim);
        run->figures.error[i] = run->sums[i].error / (double)run->rows / (double)run->dim;
    }
}

static double column_variance(const moments_run *run, size_t column)
{
    double mean = 0.0, squares = 0.0;
    for (size_t i = 0; i < run->n; i++)
        mean += (double)run->data[i * run->dim + column] / (double)run->n;
    for (size_t i = 0; i < run->n; i++) {
        const double off = (double)run->data[i * run->dim + column] - mean;
        squares += off * off;
    }
    return squares / (double)run->n;
}

/* That of uniform noise included. */
static double data_variance(const moments_run *run)
{
    double sum = 0.0;
    for (size_t j = 0; j < run->dim; j++)
        sum += column_variance(run, j);
    return sum / (double)run->dim + run->options.dequantize * run->options.dequantize / 12.0;
}

diffusion_status moments_tick(void *user, size_t rows)
{
    const moments_run *run = user;
    return evaluator_progress(run->self, (int64_t)(run->first + rows), (int64_t)total_of(run));
}

diffusion_status moments_take_all(moments_run *run)
{
    const size_t total = total_of(run);
    diffusion_status status = DIFFUSION_OK;
    for (run->first = 0; run->first < total && status == DIFFUSION_OK; run->first += run->count) {
        run->count = size_lesser(MODEL_FORWARD_ROWS, total - run->first);
        status = measure_chunk(run);
        if (status == DIFFUSION_OK)
            status = moments_tick(run, run->count);
    }
    if (status != DIFFUSION_OK)
        return status;
    settle(run);
    run->figures.rows = run->rows;
    run->figures.data_variance = data_variance(run);
    return DIFFUSION_OK;
}
