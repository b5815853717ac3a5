#include "evaluate/flow_field.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { VALUE_COST = 5 }; /* nanoseconds */

double flow_angle(const noise_level *at)
{
    return atan2(at->sigma, at->signal);
}

double flow_whole(const noise_level *at)
{
    return sqrt(level_variance(at));
}

/* Of a network x_0 is linear in the output that is differentiated; where the variance's output has a part in it, it is
 * not. */
static diffusion_status check(const struct diffusion_model *model)
{
    if (model->network != NULL && parameterization_learns_variance(&model->options) &&
        parameterization_prediction(&model->options)->depends_on_variance)
        return error_set(DIFFUSION_E_STATE,
                         "evaluator: flow needs an x_0 that does not hang on a learned variance, which predict=%s has",
                         parameterization_prediction(&model->options)->name);
    return DIFFUSION_OK;
}

static diffusion_status reserve(flow_field *self, const struct diffusion_model *model)
{
    const size_t dim = model->dim, rows = self->rows;
    int complete = (self->steps = memory_allocate(rows, sizeof *self->steps)) != NULL &&
                   (self->at = memory_allocate(rows, sizeof *self->at)) != NULL &&
                   (self->x = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (self->x0 = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (self->epsilon = memory_allocate(rows, dim * sizeof(double))) != NULL;
    if (complete && model->network != NULL)
        complete = (self->weight = memory_allocate(rows, model->outputs * sizeof(double))) != NULL &&
                   (self->slope = memory_allocate(rows, dim * sizeof(double))) != NULL;
    else if (complete)
        complete = (self->moved = memory_allocate(rows, dim * sizeof(double))) != NULL &&
                   (self->ahead = memory_allocate(rows, dim * sizeof(double))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

diffusion_status flow_field_open(flow_field *self, const struct diffusion_model *model,
                                 const struct diffusion_schedule *schedule, size_t rows, int exact)
{
    *self = (flow_field){.rows = rows, .directions = exact ? model->dim : 1};
    diffusion_status status = check(model);
    if (status == DIFFUSION_OK)
        status = predictor_open(&self->predictor, model, schedule);
    if (status != DIFFUSION_OK)
        return status;
    status = reserve(self, model);
    if (status != DIFFUSION_OK)
        flow_field_close(self);
    return status;
}

void flow_field_close(flow_field *self)
{
    void *arrays[] = {self->steps, self->at,    self->x,      self->x0,   self->epsilon,
                      self->moved, self->ahead, self->weight, self->slope};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    predictor_close(&self->predictor);
    *self = (flow_field){.rows = 0};
}

/* ---- one batch ---- */

typedef struct batch {
    flow_field *field;
    flow_points points;
    double *out;
    size_t stride, dim;
    size_t direction;
    double side; /* of a difference: 1 or -1 */
} batch;

static noise_level level_of(const struct diffusion_schedule *schedule, double angle)
{
    return schedule_level_at(schedule, -2.0 * log(tan(angle)));
}

static void place_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    flow_field *self = of->field;
    const struct diffusion_schedule *schedule = self->predictor.schedule;
    const noise_level from = level_of(schedule, of->points.angle[row]), to = schedule->levels[0];
    self->steps[row] = reverse_step_between(&self->predictor.model->options, schedule, &from, &to, NULL);
    self->at[row] = &self->steps[row];
    for (size_t j = 0; j < of->dim; j++)
        self->x[row * of->dim + j] = flow_whole(&from) * of->points.z[row * of->points.stride + j];
}

static predictor_input input_of(const batch *of, const double *x)
{
    return (predictor_input){"evaluator", x, of->field->at, of->points.condition, of->points.n};
}

/* The divergence begins as what z has in dz / da by itself. */
static void slope_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    const noise_level *at = &of->field->steps[row].from;
    const double whole = flow_whole(at), cosine = at->signal / whole, sine = at->sigma / whole;
    double *out = of->out + row * of->stride;
    for (size_t j = 0; j < of->dim; j++) {
        const size_t i = row * of->dim + j;
        out[j] = cosine * of->field->epsilon[i] - sine * of->field->x0[i];
    }
    out[of->dim] = 0.0;
}

/* ---- the divergence: (dim cos(a) - w tr(dx_0 / dx)) / sin(a) ---- */

/* The direction's value j. */
static double toward(const batch *of, size_t row, size_t j)
{
    return of->points.probe != NULL ? of->points.probe[row * of->dim + j] : (double)(j == of->direction);
}

/* Adds the share of one direction: along is its component of dx_0 / dx along itself, square its square. */
static void add_direction(const batch *of, size_t row, double along, double square)
{
    const noise_level *at = &of->field->steps[row].from;
    const double whole = flow_whole(at), cosine = at->signal / whole, sine = at->sigma / whole;
    of->out[row * of->stride + of->dim] += (cosine * square - whole * along) / sine;
}

static void weigh_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    const size_t outputs = of->field->predictor.model->outputs;
    double *weight = of->field->weight + row * outputs;
    memset(weight, 0, outputs * sizeof *weight);
    for (size_t j = 0; j < of->dim; j++)
        weight[j] = toward(of, row, j);
}

static void add_network_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    const reverse_step *at = &of->field->steps[row];
    double square = 0.0, along = 0.0;
    for (size_t j = 0; j < of->dim; j++) {
        const double e = toward(of, row, j);
        square += e * e;
        along += e * of->field->slope[row * of->dim + j];
    }
    add_direction(of, row, at->x0_x * square + at->x0_output * along, square);
}

static diffusion_status add_network(batch *of)
{
    const size_t cost = VALUE_COST * of->dim;
    parallel_for(of->points.n, cost, weigh_row, of);
    diffusion_status status =
        predictor_vjp(&of->field->predictor, input_of(of, of->field->x), of->field->weight, of->field->slope);
    if (status == DIFFUSION_OK)
        parallel_for(of->points.n, cost, add_network_row, of);
    return status;
}

static int is_double(const batch *of)
{
    return of->field->predictor.model->predict_double != NULL;
}

/* Of the values of x, and sigma. */
static double largest(const batch *of, size_t row)
{
    const double *x = of->field->x + row * of->dim;
    double most = of->field->steps[row].from.sigma;
    for (size_t j = 0; j < of->dim; j++)
        most = fmax(most, fabs(x[j]));
    return most;
}

/* How far a callback's difference looks to each side: a model at sigma changes over some sigma, and what x is rounded
 * to has to be little beside it. The cut-off goes by the square of reach / sigma, the rounding by x / reach: this is
 * where both are alike, near 1e-10 in double and 1e-5 in float32 where sigma is as large as x. */
static double reach(const batch *of, size_t row)
{
    const double part = is_double(of) ? 1e-5 : 6e-3, sigma = of->field->steps[row].from.sigma;
    return part * sigma * cbrt(largest(of, row) / sigma);
}

enum { LEAST_REACH = 8 }; /* in units of what x is rounded to: with less the difference is some rounding's */

static diffusion_status check_reach(const batch *of)
{
    const double rounding = is_double(of) ? DBL_EPSILON : (double)FLT_EPSILON;
    for (size_t row = 0; row < of->points.n; row++)
        if (!(reach(of, row) >= LEAST_REACH * rounding * largest(of, row)))
            return error_set(DIFFUSION_E_ARGUMENT,
                             "evaluator: at sigma=%g beside an x of %g a callback in %s does not tell its divergence, "
                             "which rounding hides; use a larger from=%s",
                             of->field->steps[row].from.sigma, largest(of, row), is_double(of) ? "double" : "float32",
                             is_double(of) ? "" : ", or a callback in double");
    return DIFFUSION_OK;
}

static void move_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    const double far = of->side * reach(of, row);
    for (size_t j = 0; j < of->dim; j++)
        of->field->moved[row * of->dim + j] = of->field->x[row * of->dim + j] + far * toward(of, row, j);
}

static void add_callback_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const batch *of = context;
    double square = 0.0, along = 0.0;
    for (size_t j = 0; j < of->dim; j++) {
        const size_t i = row * of->dim + j;
        const double e = toward(of, row, j);
        square += e * e;
        along += e * (of->field->ahead[i] - of->field->x0[i]);
    }
    add_direction(of, row, along / (2.0 * reach(of, row)), square);
}

static diffusion_status look(batch *of, double side, double *x0)
{
    of->side = side;
    parallel_for(of->points.n, VALUE_COST * of->dim, move_row, of);
    return predictor_denoise(&of->field->predictor, input_of(of, of->field->moved), NULL, x0, of->field->epsilon);
}

static diffusion_status add_callback(batch *of)
{
    diffusion_status status = check_reach(of);
    if (status == DIFFUSION_OK)
        status = look(of, 1.0, of->field->ahead);
    if (status == DIFFUSION_OK)
        status = look(of, -1.0, of->field->x0);
    if (status == DIFFUSION_OK)
        parallel_for(of->points.n, VALUE_COST * of->dim, add_callback_row, of);
    return status;
}

diffusion_status flow_field_slopes(flow_field *self, flow_points points, double *out, size_t stride)
{
    batch of = {self, points, out, stride, self->predictor.model->dim, 0, 0.0};
    const size_t cost = VALUE_COST * of.dim;
    parallel_for(points.n, cost, place_row, &of);
    diffusion_status status =
        predictor_denoise(&self->predictor, input_of(&of, self->x), NULL, self->x0, self->epsilon);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(points.n, cost, slope_row, &of);
    for (of.direction = 0; of.direction < self->directions && status == DIFFUSION_OK; of.direction++)
        status = self->predictor.model->network != NULL ? add_network(&of) : add_callback(&of);
    return status;
}
