#include "train/update.h"

#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"
#include "math/blas.h"
#include "train/muon.h"

#include <math.h>

enum { CHUNK = 16 * 1024 /* weights of a task */, SUMS = 32 /* of squares, side by side */ };

/* ---- pieces ---- */

typedef struct piece {
    size_t first, count;
    const network_parameter *matrix; /* NULL: its weights are a row of numbers */
} piece;

static int by_tensors(const struct diffusion_trainer *self)
{
    return self->options.optimizer == OPTIMIZER_MUON;
}

static size_t piece_count(const struct diffusion_trainer *self)
{
    return by_tensors(self) ? self->model->network->parameter_count : size_divide_up(model_size(self->model), CHUNK);
}

static piece piece_at(const struct diffusion_trainer *self, size_t task)
{
    if (by_tensors(self)) {
        const network_parameter *of = &self->model->network->parameters[task];
        return (piece){of->offset, of->count, muon_takes(of) ? of : NULL};
    }
    const size_t first = task * CHUNK;
    return (piece){first, size_lesser(CHUNK, model_size(self->model) - first), NULL};
}

/* Muon leaves what is no matrix to AdamW. */
static optimizer_step rule_of(const weight_update *update, const piece *of)
{
    optimizer_step rule = update->rule;
    if (rule.kind == OPTIMIZER_MUON && of->matrix == NULL)
        rule.kind = OPTIMIZER_ADAMW;
    return rule;
}

int update_reserve(struct diffusion_trainer *self)
{
    return buffer_reserve(&self->sums, piece_count(self), sizeof(double)) != NULL &&
           (!by_tensors(self) ||
            buffer_reserve(&self->directions, threads_count() * muon_scratch_size(self->model->network),
                           sizeof(float)) != NULL);
}

/* ---- the gradient's norm ---- */

VECTOR_CLONES static double sum_squares(const float *values, size_t count)
{
    double sums[SUMS] = {0}; /* side by side, so that the loop vectorises */
    size_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (size_t j = 0; j < SUMS; j++)
            sums[j] += (double)values[i + j] * (double)values[i + j];
    for (; i < count; i++)
        sums[0] += (double)values[i] * (double)values[i];
    double sum = 0.0;
    for (size_t j = 0; j < SUMS; j++)
        sum += sums[j];
    return sum;
}

static void square_piece(void *context, size_t task, size_t slot)
{
    (void)slot;
    const struct diffusion_trainer *self = context;
    const piece of = piece_at(self, task);
    ((double *)self->sums.memory)[task] = sum_squares(self->gradient + of.first, of.count);
}

static double sum_of_pieces(const struct diffusion_trainer *self)
{
    double sum = 0.0;
    for (size_t i = 0; i < piece_count(self); i++)
        sum += ((const double *)self->sums.memory)[i];
    return sum;
}

double update_norm(struct diffusion_trainer *self)
{
    parallel_for(piece_count(self), CHUNK / 8, square_piece, self);
    return sqrt(sum_of_pieces(self));
}

/* ---- whether it stays finite ---- */

/* A piece whose weights or moments the step would make infinite is counted in its sum. */
static void check_piece(void *context, size_t task, size_t slot)
{
    (void)slot;
    const weight_update *update = context;
    const struct diffusion_trainer *self = update->self;
    const piece of = piece_at(self, task);
    const optimizer_step rule = rule_of(update, &of);
    const float *weights = self->model->parameters + of.first;
    const int finite = of.matrix != NULL
                           ? muon_stays_finite(&rule, of.matrix, weights)
                           : optimizer_stays_finite(&rule, weights, self->gradient + of.first, self->moment1 + of.first,
                                                    self->moment2 != NULL ? self->moment2 + of.first : NULL, of.count);
    ((double *)self->sums.memory)[task] = finite ? 0.0 : 1.0;
}

diffusion_status update_check(const weight_update *update)
{
    const struct diffusion_trainer *self = update->self;
    if (optimizer_is_bounded(&update->rule, update->norm))
        return DIFFUSION_OK;
    parallel_for(piece_count(self), CHUNK, check_piece, (void *)update);
    if (sum_of_pieces(self) > 0.0)
        return error_set(DIFFUSION_E_NONFINITE,
                         "trainer: step %lld would make weights or moments that are not finite; the state of the step "
                         "before is kept (%s may help)",
                         (long long)self->step,
                         update->rule.epsilon > 0.0 ? "a lower rate" : "a lower rate or an epsilon above 0");
    return DIFFUSION_OK;
}

/* ---- the step ---- */

weight_update update_of_step(struct diffusion_trainer *self, double norm)
{
    weight_update update = {.self = self, .rule = optimizer_step_at(&self->options, self->step, norm)};
    update.norm = norm * update.rule.gradient_scale;
    for (size_t i = 0; i < POWER_AVERAGES && self->power[i] != NULL; i++)
        update.power[i] = power_decay(power_exponent(power_widths[i]), self->step + 1);
    if (by_tensors(self))
        update.room = muon_scratch_size(self->model->network);
    return update;
}

static void update_piece(void *context, size_t task, size_t slot)
{
    const weight_update *update = context;
    struct diffusion_trainer *self = update->self;
    const piece of = piece_at(self, task);
    const optimizer_step rule = rule_of(update, &of);
    float *moment1 = self->moment1 + of.first, *gradient = self->gradient + of.first;
    if (of.matrix != NULL)
        muon_direction(&rule, of.matrix, gradient, moment1, (float *)self->directions.memory + slot * update->room);
    optimizer_update(&rule, self->model->parameters + of.first, gradient, moment1,
                     self->moment2 != NULL ? self->moment2 + of.first : NULL,
                     self->average != NULL ? self->average->parameters + of.first : NULL, of.count);
    for (size_t i = 0; i < POWER_AVERAGES && self->power[i] != NULL; i++)
        optimizer_average(self->power[i] + of.first, self->model->parameters + of.first, update->power[i], of.count);
}

void update_weights(const weight_update *update)
{
    const struct diffusion_trainer *self = update->self;
    if (by_tensors(self))
        blas_parallel_for(piece_count(self), MUON_OPERATIONS, update_piece, (void *)update);
    else
        parallel_for(piece_count(self), CHUNK / 2, update_piece, (void *)update);
}
