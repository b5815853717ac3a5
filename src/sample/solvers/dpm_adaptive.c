/* DPM-Solver with an embedded pair of orders 2 and 3 (or 1 and 2) and step control, as k-diffusion's
 * sample_dpm_adaptive: each sample has its own steps, so that it does not depend on its batch. The whole way from the
 * first level down to sigma_min is one step of the chain. */
#include "sample/churn.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <math.h>

typedef struct adaptive_options {
    int64_t order;
    double rtol, atol, h_init, proportional, integral, derivative, safety, eta;
} adaptive_options;
SPEC_OWN(adaptive_options);

#define OWN(field) offsetof(adaptive_options, field)
static const spec_key keys[] = {
    {"order", SPEC_INTEGER, OWN(order), "3", 2, 3, NULL, "order of the solver; the error is the next lower one's"},
    {"rtol", SPEC_REAL, OWN(rtol), "0.05", 0, 1, NULL, "relative tolerance"},
    {"atol", SPEC_REAL, OWN(atol), "0.0078", 1e-300, 1e6, NULL, "absolute tolerance, in units of x / signal"},
    {"h_init", SPEC_REAL, OWN(h_init), "0.05", 1e-6, 100, NULL, "first step in log sigma"},
    {"pcoeff", SPEC_REAL, OWN(proportional), "0", -10, 10, NULL, "step control's weight of the error"},
    {"icoeff", SPEC_REAL, OWN(integral), "1", -10, 10, NULL, "of its sum"},
    {"dcoeff", SPEC_REAL, OWN(derivative), "0", -10, 10, NULL, "of its change"},
    {"accept_safety", SPEC_REAL, OWN(safety), "0.81", 0, 1, NULL,
     "a step is taken if the next is to be at least this "
     "much of it"},
    {"eta", SPEC_REAL, OWN(eta), "0", 0, 1, NULL, "share of the noise that a step may draw"},
};

/* y = x / signal throughout; lambda = -log(sigma / signal). */
enum { MOST_TRIES = 100000 };
/* While the model is asked, MOVED and ROOM have the rows that it is asked about one behind another. */
enum { Y, BEFORE, LOW, FIRST, SECOND, THIRD, MOVED, ROOM, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static void plan(const void *options, plan_options *plan)
{
    (void)options;
    plan->steps = 1;
    plan->spacing = SPACING_TRAILING;
    plan->final = FINAL_SIGMA_MIN;
}

/* A sample on its way. */
typedef struct traveller {
    double lambda, h;      /* where it is, and the step that it tries next */
    double past[3];        /* inverse errors of the good tries before, the newest first; 0: none yet */
    double to, length, up; /* of the try under way: its end, its step without noise, and the noise behind it */
    int arrived, good;     /* at the end; the last try was good, so that the next begins elsewhere */
} traveller;

typedef struct journey {
    const solver_chain *chain;
    const adaptive_options *options;
    traveller *rows;
    noise_level *at; /* [count], where the model is asked, */
    size_t *asked;   /* [count], about which rows: none that has arrived */
    size_t asked_count;
    size_t count, dim;
    double end, part; /* lambda of the end; how far into the step is looked */
} journey;

static double *row_of(const journey *of, size_t array, size_t row)
{
    return linear_array(of->chain, array) + row * of->dim;
}

/* ---- one try ---- */

static void begin_try(const journey *of, traveller *row)
{
    const double sigma = exp(-row->lambda);
    row->to = fmin(of->end, row->lambda + row->h);
    row->length = row->to - row->lambda;
    row->up = 0.0;
    if (of->options->eta > 0.0) {
        const double to = exp(-row->to),
                     down = fmax(ancestral_step_of(sigma, to, of->options->eta).down, exp(-of->end));
        row->length = log(sigma / down);
        row->up = sqrt(fmax((to - down) * (to + down), 0.0));
    }
}

/* out = y - sigma (expm1(part h) e + bend (other - e)), sigma at the end of the part. */
static void move(const journey *of, size_t row, double *out, double part, double bend, size_t other)
{
    const double h = of->rows[row].length * part, sigma = exp(-of->rows[row].lambda - h), grown = expm1(h);
    const double *y = row_of(of, Y, row), *first = row_of(of, FIRST, row), *second = row_of(of, other, row);
    for (size_t i = 0; i < of->dim; i++)
        out[i] = y[i] - sigma * ((grown - bend) * first[i] + bend * second[i]);
}

/* phi_1(z) - 1 = expm1(z) / z - 1, 0 at 0. */
static double phi_less_1(double z)
{
    return z != 0.0 ? expm1(z) / z - 1.0 : 0.0;
}

static void move_to_look(void *context, size_t place, size_t slot)
{
    (void)slot;
    const journey *of = context;
    const size_t row = of->asked[place];
    const traveller *self = &of->rows[row];
    double *x = row_of(of, MOVED, place);
    of->at[place] = solver_level_at(of->chain, 2.0 * (self->lambda + of->part * self->length));
    const double far = 2.0 / 3.0;
    move(of, row, x, of->part, of->part == far ? 2.0 * phi_less_1(far * self->length) : 0.0, SECOND);
    for (size_t i = 0; i < of->dim; i++)
        x[i] *= of->at[place].signal;
}

static void keep_noise(void *context, size_t place, size_t slot)
{
    (void)slot;
    const journey *of = context;
    const double *x = row_of(of, MOVED, place), *x0 = row_of(of, ROOM, place);
    double *noise = row_of(of, of->part == 0.0 ? FIRST : of->part < 0.6 ? SECOND : THIRD, of->asked[place]);
    for (size_t i = 0; i < of->dim; i++)
        noise[i] = (x[i] - of->at[place].signal * x0[i]) / of->at[place].sigma;
}

/* Where a try begins again, what was seen there stands already. */
static void choose(journey *of)
{
    of->asked_count = 0;
    for (size_t row = 0; row < of->count; row++)
        if (!of->rows[row].arrived && (of->part > 0.0 || of->rows[row].good))
            of->asked[of->asked_count++] = row;
}

enum { ROW_COST = 20 /* nanoseconds a value */ };

static diffusion_status look(journey *of, double part)
{
    of->part = part;
    choose(of);
    parallel_for(of->asked_count, ROW_COST * of->dim, move_to_look, of);
    diffusion_status status = solver_predict_rows(of->chain, of->asked, of->asked_count, linear_array(of->chain, MOVED),
                                                  of->at, linear_array(of->chain, ROOM), linear_array(of->chain, LOW));
    if (status == DIFFUSION_OK)
        parallel_for(of->asked_count, ROW_COST * of->dim, keep_noise, of);
    return status;
}

/* ---- its end ---- */

/* By the lower order, in LOW, and by the higher, in MOVED. */
static void finish_row(const journey *of, size_t row)
{
    const double h = of->rows[row].length, part = of->options->order == 3 ? 1.0 / 3.0 : 0.5;
    const double second = expm1(h) / (2.0 * part);
    if (of->options->order == 2) {
        move(of, row, row_of(of, LOW, row), 1.0, 0.0, SECOND);
        move(of, row, row_of(of, MOVED, row), 1.0, second, SECOND);
    } else {
        move(of, row, row_of(of, LOW, row), 1.0, second, SECOND);
        move(of, row, row_of(of, MOVED, row), 1.0, 1.5 * phi_less_1(h), THIRD);
    }
}

static double error_of(const journey *of, size_t row)
{
    const double *low = row_of(of, LOW, row), *high = row_of(of, MOVED, row), *before = row_of(of, BEFORE, row);
    double sum = 0.0;
    for (size_t i = 0; i < of->dim; i++) {
        const double scale = fmax(of->options->atol, of->options->rtol * fmax(fabs(low[i]), fabs(before[i])));
        const double error = (low[i] - high[i]) / scale;
        sum += error * error;
    }
    return sqrt(sum / (double)of->dim);
}

/* A PID controller in the logarithm of the error; a factor far from 1 is tamed. */
static void control(const adaptive_options *options, traveller *row, double error)
{
    const double order = options->eta > 0.0 ? 1.5 : (double)options->order;
    const double p = options->proportional, i = options->integral, d = options->derivative;
    double *past = row->past;
    if (past[1] == 0.0)
        past[0] = past[1] = past[2] = 1.0 / (error + 1e-8);
    past[0] = 1.0 / (error + 1e-8);
    double factor = pow(past[0], (p + i + d) / order) * pow(past[1], -(p + 2.0 * d) / order) * pow(past[2], d / order);
    factor = 1.0 + atan(factor - 1.0);
    row->good = factor >= options->safety;
    if (row->good) {
        past[2] = past[1];
        past[1] = past[0];
    }
    row->h *= factor;
}

static void judge(void *context, size_t row, size_t slot)
{
    (void)slot;
    const journey *of = context;
    traveller *self = &of->rows[row];
    if (self->arrived) {
        self->good = 0;
        return;
    }
    finish_row(of, row);
    control(of->options, self, error_of(of, row));
    if (!self->good)
        return;
    double *y = row_of(of, Y, row), *before = row_of(of, BEFORE, row);
    for (size_t i = 0; i < of->dim; i++) {
        before[i] = row_of(of, LOW, row)[i];
        y[i] = row_of(of, MOVED, row)[i];
    }
    self->lambda = self->to;
    self->arrived = !(self->lambda < of->end - 1e-5);
}

/* A sample's draw has the number of its try, whatever others do. */
static diffusion_status add_noise(const journey *of)
{
    double *noise = linear_array(of->chain, ROOM);
    int wanted = 0;
    for (size_t row = 0; row < of->count; row++)
        wanted |= of->rows[row].good && of->rows[row].up > 0.0;
    if (!wanted) {
        solver_leave_draw(of->chain);
        return DIFFUSION_OK;
    }
    diffusion_status status = solver_draw(of->chain, noise);
    for (size_t row = 0; row < of->count && status == DIFFUSION_OK; row++)
        for (size_t i = 0; i < of->dim && of->rows[row].good; i++)
            row_of(of, Y, row)[i] += of->rows[row].up * row_of(of, ROOM, row)[i];
    return status;
}

/* ---- the way ---- */

static diffusion_status try_all(journey *of)
{
    for (size_t row = 0; row < of->count; row++)
        begin_try(of, &of->rows[row]);
    diffusion_status status = look(of, 0.0);
    if (status == DIFFUSION_OK)
        status = look(of, of->options->order == 3 ? 1.0 / 3.0 : 0.5);
    if (status == DIFFUSION_OK && of->options->order == 3)
        status = look(of, 2.0 / 3.0);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(of->count, ROW_COST * of->dim, judge, of);
    return add_noise(of);
}

static int all_arrived(const journey *of)
{
    int arrived = 1;
    for (size_t row = 0; row < of->count; row++)
        arrived &= of->rows[row].arrived;
    return arrived;
}

static diffusion_status travel(journey *of, const solver_step *step)
{
    const double begin = -log(level_ratio(&step->from));
    for (size_t row = 0; row < of->count; row++)
        of->rows[row] = (traveller){.lambda = begin, .h = of->options->h_init, .good = 1};
    linear_sum(of->chain, linear_array(of->chain, Y), (linear_term[]){{1.0 / step->from.signal, of->chain->x}}, 1);
    linear_sum(of->chain, linear_array(of->chain, BEFORE), (linear_term[]){{1.0, linear_array(of->chain, Y)}}, 1);
    diffusion_status status = DIFFUSION_OK;
    for (int64_t tries = 0; status == DIFFUSION_OK && !all_arrived(of); tries++)
        status = tries < MOST_TRIES
                     ? try_all(of)
                     : error_set(DIFFUSION_E_NONFINITE,
                                 "sampler_step: dpm_adaptive has tried %d steps and is not there, expected "
                                 "a larger rtol or atol",
                                 (int)MOST_TRIES);
    return status;
}

static diffusion_status step(const solver_chain *chain, solver_step *step)
{
    const size_t rows = solver_rows(chain);
    journey of = {.chain = chain, .options = chain->options, .count = rows, .dim = rows > 0 ? chain->count / rows : 0};
    of.end = -log(level_ratio(&step->aim));
    of.rows = memory_allocate(rows, sizeof *of.rows);
    of.at = memory_allocate(rows, sizeof *of.at);
    of.asked = memory_allocate(rows, sizeof *of.asked);
    diffusion_status status =
        of.rows != NULL && of.at != NULL && of.asked != NULL ? travel(&of, step) : DIFFUSION_E_MEMORY;
    memory_release(of.rows);
    memory_release(of.at);
    memory_release(of.asked);
    if (status == DIFFUSION_OK)
        linear_finish(chain, step, (linear_term[]){{step->aim.signal, linear_array(chain, Y)}}, 1, 0.0);
    return status;
}

const solver dpm_adaptive_solver = {
    .spec = {"dpm_adaptive", "DPM-Solver with a tolerance: each sample chooses its steps (Gaussian kernel).", keys,
             SPEC_COUNT(keys)},
    .additive = 1,
    .needs_signal = linear_needs_signal,
    .plan = plan,
    .whole_way = 1,
    .arrays = arrays,
    .step = step,
};
