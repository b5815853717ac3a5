/* The way from the data to the noise: each draw by steps of its own, so that it does not depend on its batch. */
#include "evaluate/flow_run.h"

#include "base/error.h"
#include "base/threads.h"
#include "math/dormand_prince.h"

#include <math.h>
#include <string.h>

enum { ROW_COST = 20 /* nanoseconds a value */, MOST_TRIES = 100000 };

static size_t width_of(const flow_run *run)
{
    return run->dim + 1;
}

static double *slope_of(const flow_run *run, size_t row, size_t stage)
{
    return run->slopes + (row * DORMAND_PRINCE_STAGES + stage) * width_of(run);
}

/* ---- the slopes of one stage ---- */

typedef struct stage {
    flow_run *run;
    size_t number;
} stage;

/* The last step's end is the way's own: angle + (last - angle) may round to less. */
static double angle_at(const flow_run *run, const flow_row *of, double share)
{
    const int ends = share == 1.0 && of->h >= run->last - of->angle;
    return ends ? run->last : fmin(of->angle + share * of->h, run->last);
}

static void look_row(void *context, size_t place, size_t slot)
{
    (void)slot;
    const stage *at = context;
    flow_run *run = at->run;
    const size_t row = run->index[place], width = width_of(run);
    const flow_row *of = &run->row[row];
    run->angle[place] = angle_at(run, of, dormand_prince_time[at->number]);
    dormand_prince_sum(run->look + place * width, run->state + row * width, of->h, dormand_prince_weight[at->number],
                       at->number, slope_of(run, row, 0), width, width);
    if (run->probes != NULL)
        memcpy(run->probe + place * run->dim, run->probes + row * run->dim, run->dim * sizeof *run->probe);
}

static void keep_row(void *context, size_t place, size_t slot)
{
    (void)slot;
    const stage *at = context;
    const flow_run *run = at->run;
    const size_t width = width_of(run);
    memcpy(slope_of(run, run->index[place], at->number), run->slope + place * width, width * sizeof(double));
}

static diffusion_status take_stage(flow_run *run, size_t number)
{
    stage at = {run, number};
    const size_t width = width_of(run), cost = ROW_COST * width;
    parallel_for(run->active, cost, look_row, &at);
    const flow_points points = {run->active, run->angle, run->look, width, run->probes != NULL ? run->probe : NULL,
                                run->picked};
    diffusion_status status = flow_field_slopes(&run->field, points, run->slope, width);
    if (status == DIFFUSION_OK)
        parallel_for(run->active, cost, keep_row, &at);
    run->spent += (int64_t)run->active;
    return status;
}

/* ---- the end of a step ---- */

/* The root mean square over z, or the integral's for each dimension, in units of the tolerance. */
static double error_of(const flow_run *run, size_t row, const double *next)
{
    const size_t width = width_of(run), dim = run->dim;
    const double *state = run->state + row * width, h = run->row[row].h;
    double sum = 0.0, off = 0.0;
    for (size_t j = 0; j < width; j++) {
        off = 0.0;
        for (size_t i = 0; i < DORMAND_PRINCE_STAGES; i++)
            off += h * dormand_prince_error[i] * slope_of(run, row, i)[j];
        if (j < dim) {
            const double size = fmax(fabs(state[j]), fabs(next[j]));
            sum += pow(off / (run->options.atol + run->options.rtol * size), 2.0);
        }
    }
    const double nats = fabs(off) / ((run->options.atol + run->options.rtol) * (double)dim);
    return fmax(sqrt(sum / (double)dim), nats);
}

/* Stage 6 looked at the step's end from the solution of order 5: its point is the next state. */
static void end_row(void *context, size_t place, size_t slot)
{
    (void)slot;
    flow_run *run = context;
    const size_t row = run->index[place], width = width_of(run);
    const double *next = run->look + place * width;
    flow_row *of = &run->row[row];
    const double error = error_of(run, row, next), tried = of->h;
    of->tries++;
    of->h = dormand_prince_next(tried, isfinite(error) ? error : HUGE_VAL);
    if (error <= 1.0) {
        of->angle = run->angle[place];
        memcpy(run->state + row * width, next, width * sizeof *next);
        memcpy(slope_of(run, row, 0), slope_of(run, row, DORMAND_PRINCE_STAGES - 1), width * sizeof *next);
        of->arrived = of->angle >= run->last;
    }
    of->h = fmin(of->h, run->last - of->angle);
}

static diffusion_status check_steps(const flow_run *run)
{
    for (size_t place = 0; place < run->active; place++) {
        const flow_row *of = &run->row[run->index[place]];
        if (!of->arrived && (of->tries >= MOST_TRIES || of->angle + 1e-3 * of->h == of->angle))
            return error_set(
                DIFFUSION_E_NONFINITE,
                "evaluator: the flow of sample %zu does not go on at sigma / signal = %g: the model is too "
                "rough there for rtol=%g",
                (run->begin + run->index[place]) / run->figures.draws, tan(of->angle), run->options.rtol);
    }
    return DIFFUSION_OK;
}

/* ---- all of them ---- */

static diffusion_status tell(const flow_run *run)
{
    const double way = log(run->last / run->first);
    double done = 1000.0 * (double)run->begin;
    for (size_t row = 0; row < run->rows; row++)
        done += 1000.0 * log(run->row[row].angle / run->first) / way;
    return evaluator_progress(run->self, (int64_t)done, (int64_t)(1000 * run->figures.n * run->figures.draws));
}

diffusion_status flow_tick(void *user, size_t rows)
{
    (void)rows;
    return tell(user);
}

/* Those that still travel. */
static diffusion_status pick(flow_run *run)
{
    size_t rows[FLOW_ROWS], active = 0;
    for (size_t row = 0; row < run->rows; row++)
        if (!run->row[row].arrived) {
            rows[active] = (run->begin + row) / run->figures.draws;
            run->index[active++] = row;
        }
    if (active == run->active)
        return DIFFUSION_OK;
    run->active = active;
    condition_free(run->picked);
    run->picked = NULL;
    return active > 0 ? condition_pick(&run->picked, run->condition, rows, active) : DIFFUSION_OK;
}

static diffusion_status step(flow_run *run)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t number = 1; number < DORMAND_PRINCE_STAGES && status == DIFFUSION_OK; number++)
        status = take_stage(run, number);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(run->active, ROW_COST * width_of(run), end_row, run);
    status = check_steps(run);
    if (status == DIFFUSION_OK)
        status = pick(run);
    return status == DIFFUSION_OK ? tell(run) : status;
}

diffusion_status flow_travel(flow_run *run)
{
    for (size_t row = 0; row < run->rows; row++)
        run->row[row] = (flow_row){.angle = run->first, .h = fmin(0.1 * run->first, run->last - run->first)};
    run->active = 0;
    diffusion_status status = pick(run);
    if (status == DIFFUSION_OK)
        status = take_stage(run, 0);
    while (run->active > 0 && status == DIFFUSION_OK)
        status = step(run);
    return status;
}
