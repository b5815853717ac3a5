#include "model/predictor.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/size.h"
#include "base/threads.h"

#include <math.h>

diffusion_status predictor_open(predictor *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule)
{
    diffusion_status status = parameterization_check(&model->options, schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, "model", model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(model, schedule->steps);
    if (status != DIFFUSION_OK)
        return status;
    *self =
        (predictor){.model = model_retain(model), .schedule = schedule_retain(schedule), .part = MODEL_FORWARD_ROWS};
    self->memory = forward_memory_open(model);
    self->guidance = (guiding){.scale = 1.0};
    return DIFFUSION_OK;
}

void predictor_close(predictor *self)
{
    forward_memory_close(&self->memory, self->model);
    model_release(self->model);
    schedule_release(self->schedule);
    buffer_release(&self->time);
    buffer_release(&self->scale);
    buffer_release(&self->ratio);
    guided_memory_release(&self->guided);
    buffer_release(&self->raw);
    buffer_release(&self->room);
    *self = (predictor){.model = NULL};
}

/* ---- what is read of the raw output, by rows: two numbers for each value of x ---- */

enum { READ_COST = 20 /* nanoseconds per value */, READ_RUN = 512 /* values of a task, where a row has fewer */ };

typedef struct read_job read_job;
typedef struct read_kind {
    void (*rows)(const read_job *job, size_t row, size_t rows, const x0_limit *limit); /* at one transition */
    const char *first, *second; /* what they are called in sentences */
    int is_law;                 /* the first must be a mean of the kernel's */
} read_kind;

struct read_job {
    const struct diffusion_model *model;
    const kernel_class *kernel;
    const read_kind *kind;
    predictor_input input;
    const double *raw;
    x0_limit limit;         /* its room: [slots, dim] */
    double *first, *second; /* [n, dim] */
    size_t run;             /* rows of a task */
    int together;           /* rows at one transition go as one: each value by itself, one output to a value */
};

static void read_laws(const read_job *job, size_t row, size_t rows, const x0_limit *limit)
{
    size_t dim = job->model->dim;
    const law out = {job->first + row * dim, job->second + row * dim};
    reverse_step_law(job->input.at[row], out, job->input.x + row * dim, job->raw + row * job->model->outputs,
                     rows * dim, limit);
}

static void read_both(const read_job *job, size_t row, size_t rows, const x0_limit *limit)
{
    size_t dim = job->model->dim;
    reverse_step_denoise(job->input.at[row], job->first + row * dim, job->second + row * dim, job->input.x + row * dim,
                         job->raw + row * job->model->outputs, rows * dim, limit);
}

static const read_kind read_law = {read_laws, "mean", "variance", 1};
static const read_kind read_denoised = {read_both, "estimate of x_0", "estimate of the noise", 0};

static void read_run(void *context, size_t run, size_t slot)
{
    const read_job *job = context;
    const size_t end = size_lesser((run + 1) * job->run, job->input.n);
    x0_limit limit = job->limit;
    if (limit.room != NULL)
        limit.room += slot * job->model->dim;
    for (size_t row = run * job->run, next; row < end; row = next) {
        next = row + 1;
        while (job->together && next < end && job->input.at[next] == job->input.at[row])
            next++;
        job->kind->rows(job, row, next - row, &limit);
    }
}

static diffusion_status refuse(const read_job *job, const char *what, size_t i, double value)
{
    const kernel_class *methods = job->kernel;
    const char *function = job->input.function;
    const double t = job->input.at[i / job->model->dim]->from.t;
    if (isfinite(value))
        return error_set(DIFFUSION_E_NONFINITE, "%s: the model's %s at step %g is %g, expected %g..%g", function, what,
                         t, value, methods->mean_minimum, methods->mean_maximum);
    return error_set(DIFFUSION_E_NONFINITE, "%s: the model's %s at step %g is %g, expected a finite number", function,
                     what, t, value);
}

/* A NaN fails every comparison. */
static diffusion_status check(const read_job *job)
{
    const double low = job->kind->is_law ? job->kernel->mean_minimum : -INFINITY;
    const double high = job->kind->is_law ? job->kernel->mean_maximum : INFINITY;
    for (size_t i = 0; i < job->input.n * job->model->dim; i++) {
        double first = job->first[i];
        if (!(first >= low && first <= high) || !isfinite(first))
            return refuse(job, job->kind->first, i, first);
        if (!isfinite(job->second[i]))
            return refuse(job, job->kind->second, i, job->second[i]);
    }
    return DIFFUSION_OK;
}

/* ---- passes ---- */

enum { LISTENING_ROWS = 16 }; /* of the first part where somebody listens */

/* Of at most MODEL_FORWARD_ROWS rows: time, scale and room for the raw output. */
static diffusion_status open_pass(predictor *self, const predictor_input *input, forward_input *pass)
{
    double *time = buffer_reserve(&self->time, MODEL_FORWARD_ROWS, sizeof *time);
    double *scale = buffer_reserve(&self->scale, MODEL_FORWARD_ROWS, sizeof *scale);
    double *ratio = buffer_reserve(&self->ratio, MODEL_FORWARD_ROWS, sizeof *ratio);
    if (time == NULL || scale == NULL || ratio == NULL ||
        buffer_reserve(&self->raw, input->n * self->model->outputs, sizeof(double)) == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < input->n; i++) {
        time[i] = input->at[i]->time;
        scale[i] = input->at[i]->input_scale;
        ratio[i] = input->at[i]->ratio;
    }
    const int scales =
        self->model->network != NULL && parameterization_prediction(&self->model->options)->input_scale != NULL;
    *pass = (forward_input){time, input->condition, input->n, scales ? scale : NULL};
    return DIFFUSION_OK;
}

static diffusion_status read_chunk(predictor *self, read_job *job)
{
    forward_input pass;
    diffusion_status status = open_pass(self, &job->input, &pass);
    if (status == DIFFUSION_OK)
        status = guided_forward(&self->guidance, &self->guided, self->model, &self->memory, self->raw.memory,
                                job->input.x, self->ratio.memory, pass);
    if (status != DIFFUSION_OK)
        return status;
    job->raw = self->raw.memory;
    parallel_for(size_divide_up(job->input.n, job->run), READ_COST * self->model->dim * job->run, read_run, job);
    return check(job);
}

/* Rows of the input from `first` on; `rows` is what its condition then points to. */
static predictor_input input_part(const predictor *self, predictor_input whole, size_t first,
                                  struct diffusion_condition *rows)
{
    predictor_input part = whole;
    part.n = size_lesser(self->part, whole.n - first);
    part.x += first * self->model->dim;
    part.at += first;
    if (whole.condition != NULL) {
        *rows = condition_rows(whole.condition, first, part.n);
        part.condition = rows;
    }
    return part;
}

void predictor_listen(predictor *self, predictor_tick_fn *tick, void *user)
{
    self->tick = tick;
    self->tick_user = user;
    self->part = self->model->network != NULL ? LISTENING_ROWS : MODEL_FORWARD_ROWS;
}

/* Parts double or halve until they take between half a second and two. */
static void adapt(predictor *self, size_t rows, int64_t nanoseconds)
{
    if (self->model->network == NULL || rows < self->part)
        return;
    if (nanoseconds < 500000000 && self->part < MODEL_FORWARD_ROWS)
        self->part *= 2;
    else if (nanoseconds > 2000000000 && self->part > 1)
        self->part /= 2;
}

/* One part of a batch: rows `first` on. */
typedef diffusion_status part_fn(predictor *self, predictor_input part, size_t first, const void *context);

static diffusion_status run_parts(predictor *self, predictor_input whole, part_fn *run, const void *context)
{
    diffusion_status status = DIFFUSION_OK;
    size_t first = 0;
    while (first < whole.n && status == DIFFUSION_OK) {
        struct diffusion_condition rows;
        const predictor_input part = input_part(self, whole, first, &rows);
        const int64_t began = self->tick != NULL ? clock_nanoseconds() : 0;
        status = run(self, part, first, context);
        first += part.n;
        if (self->tick != NULL)
            adapt(self, part.n, clock_nanoseconds() - began);
        if (status == DIFFUSION_OK && self->tick != NULL && first < whole.n)
            status = self->tick(self->tick_user, first);
    }
    return status;
}

static diffusion_status read_part(predictor *self, predictor_input input, size_t first, const void *context)
{
    read_job part = *(const read_job *)context;
    part.input = input;
    part.first += first * self->model->dim;
    part.second += first * self->model->dim;
    return read_chunk(self, &part);
}

static diffusion_status read(predictor *self, const x0_limit *limit, read_job job)
{
    job.model = self->model;
    job.kernel = self->schedule->kernel.methods;
    job.limit = limit != NULL ? *limit : (x0_limit){0};
    job.run = self->model->dim < READ_RUN ? READ_RUN / self->model->dim : 1;
    job.together = job.kernel->additive && self->model->outputs == self->model->dim && job.limit.quantile == 0.0;
    if (job.limit.quantile > 0.0) {
        job.limit.room = buffer_reserve(&self->room, threads_count() * self->model->dim, sizeof(double));
        if (job.limit.room == NULL)
            return DIFFUSION_E_MEMORY;
    }
    return run_parts(self, job.input, read_part, &job);
}

diffusion_status predictor_reverse(predictor *self, predictor_input input, const x0_limit *limit, law out)
{
    return read(self, limit, (read_job){.kind = &read_law, .input = input, .first = out.mean, .second = out.variance});
}

diffusion_status predictor_denoise(predictor *self, predictor_input input, const x0_limit *limit, double *x0,
                                   double *epsilon)
{
    return read(self, limit, (read_job){.kind = &read_denoised, .input = input, .first = x0, .second = epsilon});
}

typedef struct vjp_job {
    const double *weight; /* [n, outputs] */
    double *dx;           /* [n, dim] */
} vjp_job;

static diffusion_status vjp_part(predictor *self, predictor_input input, size_t first, const void *context)
{
    const vjp_job *job = context;
    forward_input pass;
    diffusion_status status = open_pass(self, &input, &pass);
    return status == DIFFUSION_OK ? model_vjp(self->model, &self->memory, job->dx + first * self->model->dim, input.x,
                                              job->weight + first * self->model->outputs, pass)
                                  : status;
}

diffusion_status predictor_vjp(predictor *self, predictor_input input, const double *weight, double *dx)
{
    return run_parts(self, input, vjp_part, &(vjp_job){weight, dx});
}
