#include "network/readout.h"

#include "base/size.h"
#include "math/blas.h"
#include "math/uniform.h"

#include <math.h>
#include <string.h>

void readout_add(readout *self, network *owner, size_t steps, size_t in)
{
    size_t out = owner->task.outputs;
    const int64_t shape[] = {(int64_t)steps, (int64_t)out, (int64_t)in};
    *self = (readout){.steps = steps, .first = {.in = in, .out = out}};
    self->first.weight = network_add_parameter(owner, 3, shape, "output.weight");
    self->first.bias = network_add_parameter(owner, 2, shape, "output.bias");
    owner->last_step = (int32_t)steps;
}

int32_t readout_step(const readout *self, double time)
{
    double last = (double)self->steps, step = floor(time + 0.5);
    return step >= last ? (int32_t)self->steps : step >= 1.0 ? (int32_t)step : 1;
}

linear readout_layer(const readout *self, int32_t step)
{
    linear layer = self->first;
    layer.weight += (size_t)(step - 1) * layer.out * layer.in;
    layer.bias += (size_t)(step - 1) * layer.out;
    return layer;
}

static int seen_before(const int32_t *step, size_t sample)
{
    for (size_t i = 0; i < sample; i++)
        if (step[i] == step[sample])
            return 1;
    return 0;
}

/* Always the whole tile, so that a sample's bits do not depend on which other steps are there. */
void readout_forward_tile(const readout *self, const float *parameters, float *out, float *product, const float *x,
                          const double *time, size_t samples)
{
    const uniform_rows *places = uniform_rows_get();
    int32_t step[UNIFORM_ROWS];
    for (size_t i = 0; i < samples; i++)
        step[i] = readout_step(self, time[i]);
    for (size_t i = 0; i < samples; i++) {
        if (seen_before(step, i))
            continue;
        linear layer = readout_layer(self, step[i]);
        linear_forward(&layer, parameters, NULL, product, x, UNIFORM_ROWS);
        for (size_t j = i; j < samples; j++)
            if (step[j] == step[i])
                memcpy(out + j * layer.out, product + places->row[j] * layer.out, layer.out * sizeof *out);
    }
}

/* ---- training ---- */

size_t readout_tape_size(const readout *self, size_t n)
{
    return self->steps + 2 + n * (2 + self->first.out);
}

readout_batch readout_batch_at(const readout *self, float *tape, size_t n)
{
    int32_t *first = (int32_t *)(void *)tape;
    int32_t *sample = first + self->steps + 2;
    return (readout_batch){n, first, sample, sample + n, tape + self->steps + 2 + 2 * n};
}

/* Counts, then places; samples of a step keep their order. */
void readout_sort(const readout *self, readout_batch *batch, const double *time)
{
    memset(batch->first, 0, (self->steps + 2) * sizeof *batch->first);
    for (size_t i = 0; i < batch->n; i++)
        batch->first[readout_step(self, time[i])]++;
    int32_t before = 0;
    for (size_t step = 0; step < self->steps + 2; step++) {
        int32_t count = batch->first[step];
        batch->first[step] = before;
        before += count;
    }
    for (size_t i = 0; i < batch->n; i++) {
        int32_t step = readout_step(self, time[i]), row = batch->first[step]++;
        batch->sample[row] = (int32_t)i;
        batch->step[row] = step;
    }
    /* Each entry has moved on to where the next step begins. */
    memmove(batch->first + 1, batch->first, (self->steps + 1) * sizeof *batch->first);
    batch->first[0] = 0;
}

/* Past the rows that are of one step with row `begin`. */
static size_t same_step_end(const readout_batch *batch, size_t begin, size_t end)
{
    size_t next = (size_t)batch->first[batch->step[begin] + 1];
    return size_lesser(next, end);
}

void readout_forward(const readout *self, const float *parameters, float *out, const readout_batch *batch,
                     const float *x, size_t begin, size_t end)
{
    size_t in = self->first.in, width = self->first.out;
    for (size_t i = begin, next; i < end; i = next) {
        next = same_step_end(batch, i, end);
        linear layer = readout_layer(self, batch->step[i]);
        linear_forward(&layer, parameters, NULL, batch->rows + i * width, x + i * in, next - i);
    }
    for (size_t i = begin; i < end; i++)
        memcpy(out + (size_t)batch->sample[i] * width, batch->rows + i * width, width * sizeof *out);
}

void readout_backward(const readout *self, const float *parameters, float *dx, const readout_batch *batch,
                      const float *dout, size_t begin, size_t end)
{
    size_t in = self->first.in, width = self->first.out;
    for (size_t i = begin; i < end; i++)
        memcpy(batch->rows + i * width, dout + (size_t)batch->sample[i] * width, width * sizeof *dout);
    for (size_t i = begin, next; i < end; i = next) {
        next = same_step_end(batch, i, end);
        linear layer = readout_layer(self, batch->step[i]);
        linear_backward(&layer, parameters, dx + (i - begin) * in, batch->rows + i * width, next - i, 0);
    }
}

typedef struct gradient_job {
    const readout *self;
    float *gradient;
    const readout_batch *batch;
    const float *x;
} gradient_job;

static void gradient_step(void *context, size_t task, size_t slot)
{
    (void)slot;
    const gradient_job *job = context;
    linear layer = readout_layer(job->self, (int32_t)task + 1);
    size_t begin = (size_t)job->batch->first[task + 1], end = (size_t)job->batch->first[task + 2];
    if (begin == end) {
        memset(job->gradient + layer.weight, 0, layer.out * layer.in * sizeof(float));
        memset(job->gradient + layer.bias, 0, layer.out * sizeof(float));
        return;
    }
    for (size_t i = 0; i < linear_gradient_tasks(&layer); i++)
        linear_gradient(&layer, job->gradient, job->batch->rows + begin * layer.out, job->x + begin * layer.in,
                        end - begin, i);
}

void readout_gradient(const readout *self, float *gradient, const readout_batch *batch, const float *x)
{
    gradient_job job = {self, gradient, batch, x};
    size_t values = self->first.out * self->first.in;
    blas_parallel_for(self->steps, values * (8 + 2 * batch->n / self->steps), gradient_step, &job);
}
