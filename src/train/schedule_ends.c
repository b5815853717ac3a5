#include "train/schedule_ends.h"

#include "base/precision.h"
#include "base/rng.h"
#include "model/forward.h"
#include "process/log_snr_logits.h"

#include <math.h>
#include <string.h>

/* A sample passes at t = 1 of two schedules, one to either side, and at T. */
typedef enum side { LOWER, UPPER, LAST, SIDES } side;

enum { ONE_IN = 16 /* samples of a batch; at least one */ };
static const double raised = 0.05; /* what the two schedules' log SNR is more and less */

/* The rows of a pass, [SIDES, samples]. */
typedef struct pass {
    const batch *of;
    struct diffusion_schedule *moved[2]; /* owned */
    reverse_step at[SIDES];
    size_t samples;
    double *x0, *x, *out; /* [samples, dim], [SIDES, samples, …] */
    double *time, *scale; /* [SIDES, samples] */
    double *row;
    struct diffusion_condition condition;
} pass;

/* ---- what is passed ---- */

static diffusion_status open_steps(pass *self)
{
    const struct diffusion_trainer *trainer = self->of->self;
    const learned_schedule *learned = &trainer->learned;
    diffusion_status status = DIFFUSION_OK;
    for (size_t k = 0; k < 2 && status == DIFFUSION_OK; k++)
        status = log_snr_logits_schedule(&self->moved[k], trainer->schedule->steps, learned->value, learned->count,
                                         k == LOWER ? -raised : raised);
    for (size_t k = 0; k < 2 && status == DIFFUSION_OK; k++)
        self->at[k] = reverse_step_at(&trainer->model->options, self->moved[k], 1);
    self->at[LAST] = trainer->objective.steps[trainer->schedule->steps];
    return status;
}

static void close_steps(pass *self)
{
    for (size_t k = 0; k < 2; k++)
        schedule_release(self->moved[k]);
}

static int open_memory(pass *self, ends_memory *memory)
{
    const struct diffusion_model *model = self->of->self->model;
    const size_t rows = SIDES * self->samples, dim = model->dim;
    self->x0 = buffer_reserve(&memory->x, (self->samples + rows) * dim, sizeof(double));
    self->out = buffer_reserve(&memory->out, rows * (model->outputs + 2), sizeof(double));
    self->row = buffer_reserve(&memory->row, objective_scratch_size(&self->of->self->objective), sizeof(double));
    if (self->x0 == NULL || self->out == NULL || self->row == NULL)
        return 0;
    self->x = self->x0 + self->samples * dim;
    self->time = self->out + rows * model->outputs;
    self->scale = self->time + rows;
    return 1;
}

/* The samples' own, once for each side. */
static int open_condition(pass *self, ends_memory *memory, const int32_t *labels, const float *vectors)
{
    const size_t m = self->samples, width = (size_t)self->of->self->model->options.condition;
    int32_t *label = labels != NULL ? buffer_reserve(&memory->labels, SIDES * m, sizeof *label) : NULL;
    float *vector = vectors != NULL ? buffer_reserve(&memory->vectors, SIDES * m * width, sizeof *vector) : NULL;
    if ((labels != NULL && label == NULL) || (vectors != NULL && vector == NULL))
        return 0;
    for (size_t k = 0; k < SIDES && label != NULL; k++)
        memcpy(label + k * m, labels, m * sizeof *label);
    for (size_t k = 0; k < SIDES && vector != NULL; k++)
        memcpy(vector + k * m * width, vectors, m * width * sizeof *vector);
    self->condition = (struct diffusion_condition){.n = SIDES * m, .labels = label, .vectors = vector, .width = width};
    return 1;
}

/* The same noise on every side. */
static void draw(pass *self)
{
    const struct diffusion_trainer *trainer = self->of->self;
    const size_t dim = trainer->model->dim, m = self->samples;
    const kernel *of = &trainer->schedule->kernel;
    precision_widen(self->x0, trainer->x0.memory, m * dim);
    for (size_t i = 0; i < m; i++) {
        const rng_stream stream = {trainer->options.seed, RNG_ENDS, (uint64_t)trainer->step, i};
        of->methods->noise(self->row, 1, dim, stream);
        for (size_t k = 0; k < SIDES; k++) {
            const size_t row = k * m + i;
            kernel_diffuse_data(of, self->x + row * dim, &self->at[k].from, self->x0 + i * dim, self->row, dim);
            self->time[row] = self->at[k].time;
            self->scale[row] = self->at[k].input_scale;
        }
    }
}

static diffusion_status forward(pass *self)
{
    const struct diffusion_model *model = self->of->self->model;
    const int told = self->condition.labels != NULL || self->condition.vectors != NULL;
    forward_memory memory = forward_memory_open(model);
    diffusion_status status = model_forward_double(
        model, &memory, self->out, self->x,
        (forward_input){self->time, told ? &self->condition : NULL, SIDES * self->samples, self->scale});
    forward_memory_close(&memory, model);
    return status;
}

/* ---- derivatives ---- */

static objective_state state_at(const pass *self, side k, size_t i)
{
    const struct diffusion_model *model = self->of->self->model;
    const size_t row = (size_t)k * self->samples + i;
    return (objective_state){self->x0 + i * model->dim, self->x + row * model->dim, self->out + row * model->outputs,
                             self->of->observed != NULL ? self->of->observed + i * model->dim : NULL};
}

/* What a unit of log SNR adds to the integral there. */
static double density(const pass *self, side k, size_t i)
{
    const objective_state of = state_at(self, k, i);
    const noise_level *at = &self->at[k].from;
    const double error = objective_x0_error(&self->of->self->objective, &self->at[k], &of, self->row);
    return 0.5 * exp(at->log_snr) * error;
}

static double edge(const pass *self, side k, size_t i)
{
    const objective_state of = state_at(self, k, i);
    return objective_term(&self->of->self->objective, &self->at[k], &of, self->row);
}

/* The prior's KL is 1/2 (s^2 (x_0^2 - 1) - log sigma^2) of each value, s^2 + sigma^2 = 1, d s^2 = s^2 sigma^2 dl. */
static double prior(const pass *self, size_t i)
{
    const objective_state of = state_at(self, LAST, i);
    const noise_level *at = &self->at[LAST].from;
    const double kept = at->signal * at->signal, variance = at->sigma * at->sigma;
    double sum = 0.0;
    for (size_t j = 0; j < self->of->self->model->dim; j++)
        if (of.observed == NULL || of.observed[j] != 0)
            sum += 0.5 * kept * (1.0 + variance * (of.x0[j] * of.x0[j] - 1.0));
    return sum;
}

static void sum_up(const pass *self, double by_end[2])
{
    const double share = 1.0 / (double)(self->samples * self->of->self->model->dim);
    by_end[0] = by_end[1] = 0.0;
    for (size_t i = 0; i < self->samples; i++) {
        const double rise = (edge(self, UPPER, i) - edge(self, LOWER, i)) / (2.0 * raised);
        by_end[0] += share * (rise + 0.5 * (density(self, LOWER, i) + density(self, UPPER, i)));
        by_end[1] += share * (prior(self, i) - density(self, LAST, i));
    }
}

diffusion_status schedule_ends_gradient(const batch *of, const int32_t *labels, const float *vectors, double by_end[2])
{
    ends_memory *memory = &of->self->learned.ends;
    pass rows = {.of = of, .samples = (of->n + ONE_IN - 1) / ONE_IN};
    diffusion_status status = open_steps(&rows);
    if (status == DIFFUSION_OK && !(open_memory(&rows, memory) && open_condition(&rows, memory, labels, vectors)))
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK) {
        draw(&rows);
        status = forward(&rows);
    }
    if (status == DIFFUSION_OK)
        sum_up(&rows, by_end);
    close_steps(&rows);
    return status;
}
