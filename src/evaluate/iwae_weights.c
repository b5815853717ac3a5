/* Trajectories drawn downwards, and the mean of their weights. */
#include "evaluate/iwae_run.h"

#include "base/error.h"
#include "base/size.h"
#include "base/threads.h"

#include <math.h>

enum { VALUE_COST = 60 }; /* nanoseconds to draw a value and to measure it */

static const double *x0_of(const iwae_run *run, size_t row)
{
    return run->x0 + (run->first + row) / run->figures.samples * run->dim;
}

static law law_at(const iwae_run *run, double *mean, double *variance, size_t row)
{
    return (law){mean + row * run->dim, variance + row * run->dim};
}

static law spare(const iwae_run *run, size_t slot, size_t which)
{
    double *memory = run->laws + (slot * 4 + which * 2) * run->dim;
    return (law){memory, memory + run->dim};
}

/* ---- noise, told the step t of the x_t that it makes ---- */

static void seeded_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const iwae_run *run = context;
    run->kernel->methods->noise(
        run->noise + row * run->dim, 1, run->dim,
        (rng_stream){run->options.seed, RNG_TRAJECTORY, (uint64_t)chain_step(&run->chain, run->t), run->first + row});
}

static diffusion_status draw_noise(iwae_run *run, int32_t t)
{
    diffusion_status status = DIFFUSION_OK;
    run->t = t;
    if (run->self->noise == NULL)
        parallel_for(run->rows, VALUE_COST * run->dim, seeded_row, run);
    for (size_t row = 0; row < run->rows && run->self->noise != NULL && status == DIFFUSION_OK; row++)
        status = evaluator_noise(run->self, run->noise + row * run->dim, run->dim, run->first + row,
                                 chain_step(&run->chain, t));
    return status;
}

/* ---- the ratio, factor by factor ---- */

/* Draws x from q and multiplies the weight by p(x) / q(x). */
static void draw_row(iwae_run *run, size_t row, law p, law q)
{
    const kernel_class *methods = run->kernel->methods;
    double *x = run->x + row * run->dim;
    methods->draw(run->kernel, x, q, run->noise + row * run->dim, run->dim);
    run->weight[run->first + row] +=
        methods->log_probability(run->kernel, x, p, run->dim) - methods->log_probability(run->kernel, x, q, run->dim);
}

static void begin_row(void *context, size_t row, size_t slot)
{
    iwae_run *run = context;
    const law p = spare(run, slot, 0), q = spare(run, slot, 1);
    const noise_level *last = &run->chain.levels[run->chain.steps];
    run->kernel->methods->prior(run->kernel, p, last, run->dim);
    kernel_marginal(run->kernel, q, last, x0_of(run, row), run->dim);
    run->weight[run->first + row] = 0.0;
    draw_row(run, row, p, q);
}

static void step_row(void *context, size_t row, size_t slot)
{
    iwae_run *run = context;
    const noise_level *levels = run->chain.levels;
    const law q = spare(run, slot, 1);
    run->kernel->methods->posterior(run->kernel, q, &levels[run->t], &levels[run->t + 1], x0_of(run, row),
                                    run->x + row * run->dim, run->dim);
    draw_row(run, row, law_at(run, run->mean, run->variance, row), q);
}

static void end_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    iwae_run *run = context;
    const law p = law_at(run, run->mean, run->variance, row);
    if (run->options.edge.rule == EDGE_FORWARD)
        run->kernel->methods->edge_law(run->kernel, p, &run->chain.levels[1], run->x + row * run->dim, run->dim);
    run->weight[run->first + row] +=
        edge_log_probability(&run->options.edge, run->kernel, x0_of(run, row), p, run->dim);
}

/* p(x_{t-1} | x_t) of all rows. */
static diffusion_status predict(iwae_run *run, int32_t t)
{
    struct diffusion_condition rows;
    predictor_input input = {"evaluator", run->x, run->at, NULL, run->rows};
    for (size_t row = 0; row < run->rows; row++)
        run->at[row] = &run->chain.at[t];
    if (run->condition != NULL) {
        rows = condition_rows(run->condition, run->first, run->rows);
        input.condition = &rows;
    }
    const x0_limit limit = {.clip = run->options.chain.clip};
    return predictor_reverse(&run->predictor, input, &limit, (law){run->mean, run->variance});
}

diffusion_status iwae_tick(void *user, size_t rows)
{
    const iwae_run *run = user;
    return evaluator_progress(run->self, run->done + (int64_t)rows, run->total);
}

static diffusion_status tell(iwae_run *run)
{
    run->done += (int64_t)run->rows;
    return evaluator_progress(run->self, run->done, run->total);
}

static diffusion_status go_down(iwae_run *run)
{
    const size_t cost = VALUE_COST * run->dim;
    diffusion_status status = draw_noise(run, run->chain.steps);
    if (status == DIFFUSION_OK)
        parallel_for_at_most(run->threads, run->rows, cost, begin_row, run);
    for (int32_t t = run->chain.steps; t > 1 && status == DIFFUSION_OK; t--) {
        status = predict(run, t);
        if (status == DIFFUSION_OK)
            status = draw_noise(run, t - 1);
        if (status != DIFFUSION_OK)
            break;
        parallel_for_at_most(run->threads, run->rows, cost, step_row, run);
        status = tell(run);
    }
    if (status == DIFFUSION_OK && run->options.edge.rule != EDGE_FORWARD)
        status = predict(run, 1);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for_at_most(run->threads, run->rows, cost, end_row, run);
    return tell(run);
}

/* ---- the mean of the weights ---- */

static diffusion_status average(iwae_run *run, size_t i)
{
    const size_t samples = run->figures.samples;
    const double *weight = run->weight + i * samples, k = (double)samples;
    double most = -HUGE_VAL, sum = 0.0, squares = 0.0;
    for (size_t s = 0; s < samples; s++) {
        if (isnan(weight[s]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "evaluator: a trajectory of sample %zu has the weight infinity less infinity: the model's "
                             "variance underflows to 0",
                             i);
        most = fmax(most, weight[s]);
    }
    for (size_t s = 0; s < samples; s++) {
        const double share = isfinite(most) ? exp(weight[s] - most) : 1.0;
        sum += share;
        squares += share * share;
    }
    run->figures.nats[i] = most + log(sum / k);
    run->figures.effective[i] = sum * sum / squares;
    /* The relative spread of the mean: that of its logarithm where it is small. */
    run->figures.error[i] = samples > 1 ? sqrt(fmax(k * squares / (sum * sum) - 1.0, 0.0) / (k - 1.0)) : NAN;
    return DIFFUSION_OK;
}

diffusion_status iwae_run_weights(iwae_run *run, const float *data)
{
    const size_t total = run->figures.n * run->figures.samples;
    diffusion_status status = edge_check_data(&run->options.edge, run->kernel, data, run->figures.n * run->dim);
    for (size_t i = 0; i < run->figures.n && status == DIFFUSION_OK; i++)
        status = evaluator_dequantize(run->self, run->x0 + i * run->dim, data + i * run->dim, run->dim,
                                      run->options.edge.dequantize, run->options.seed, i);
    for (run->first = 0; run->first < total && status == DIFFUSION_OK; run->first += MODEL_FORWARD_ROWS) {
        run->rows = size_lesser(MODEL_FORWARD_ROWS, total - run->first);
        status = go_down(run);
    }
    for (size_t i = 0; i < run->figures.n && status == DIFFUSION_OK; i++)
        status = average(run, i);
    return status;
}
