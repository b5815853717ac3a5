#include "math/convolution_winograd_columns.h"

#include "base/size.h"

/* Z of a column of frequencies, for the inputs from `input` on. */
static void weight_column(const winograd_steps *job, size_t column, size_t input, size_t inputs, float *du)
{
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out, count = inputs * out;
    const size_t step = count + WINOGRAD_PADDING, step_z = winograd_step_of(job->run->plan);
    for (size_t i = 0; i < WINOGRAD_WINDOW; i++) {
        size_t f = WINOGRAD_WINDOW * i + column;
        multiply(1, inputs, out, job->images * job->layout.tiles, 1.0f, job->v + f * job->layout.step_v + input, in,
                 job->dm + f * job->layout.step_m, out, 0.0f, du + i * step, out);
    }
    winograd_weight_column_backward(job->z + 3 * column * step_z + input * out, step_z, du, step, count,
                                    job->image != job->first);
}

/* dV of a column of frequencies, likewise; u: U^T, for six frequencies `step` floats apart. */
static void input_column(const winograd_steps *job, size_t column, size_t input, size_t inputs, const float *u,
                         size_t step)
{
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out;
    for (size_t i = 0; i < WINOGRAD_WINDOW; i++) {
        size_t f = WINOGRAD_WINDOW * i + column;
        multiply(0, job->images * job->layout.tiles, inputs, out, 1.0f, job->dm + f * job->layout.step_m, out,
                 u + i * step, inputs, 0.0f, job->v + f * job->layout.step_v + input, in);
    }
}

void winograd_multiply_column(const winograd_steps *job, size_t column, size_t input, float *columns)
{
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out,
                 step = winograd_step_of(job->run->plan);
    const size_t inputs = size_lesser(MULTIPLY_COLUMNS, in - input), count = inputs * out;
    weight_column(job, column, input, inputs, columns);
    if (job->run->dx == NULL)
        return;
    if (job->u != NULL) {
        input_column(job, column, input, inputs, job->u + column * step + input * out, WINOGRAD_WINDOW * step);
        return;
    }
    winograd_weight_column(columns, count + WINOGRAD_PADDING, job->turned + input * 9 * out, count, count, column);
    input_column(job, column, input, inputs, columns, count + WINOGRAD_PADDING);
}
