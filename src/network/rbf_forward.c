/* Radial basis functions without a tape. */
#include "base/size.h"
#include "math/blas.h"
#include "math/softmax.h"
#include "math/uniform.h"
#include "network/rbf_layers.h"

#include <math.h>
#include <string.h>

enum { TILE_ROWS = UNIFORM_ROWS };

static float squared_length(const float *x, size_t dim)
{
    float sum = 0.0f;
    for (size_t j = 0; j < dim; j++)
        sum += x[j] * x[j];
    return sum;
}

void rbf_unit_terms(const rbf *net, const float *parameters, float *terms)
{
    for (size_t k = 0; k < net->units; k++) {
        terms[k] = -0.5f * expf(-2.0f * parameters[net->log_widths + k]);
        terms[net->units + k] = squared_length(parameters + net->centres + k * net->base.task.dim, net->base.task.dim);
    }
}

void rbf_exponents(const rbf *net, const float *parameters, float *exponent, const float *x, size_t rows,
                   const float *terms)
{
    size_t dim = net->base.task.dim, units = net->units;
    blas_sgemm(0, 1, rows, units, dim, -2.0f, x, dim, parameters + net->centres, dim, 0.0f, exponent, units);
    for (size_t i = 0; i < rows; i++) {
        float length = squared_length(x + i * dim, dim);
        float *row = exponent + i * units;
        for (size_t k = 0; k < units; k++)
            row[k] = terms[k] * (row[k] + (terms[units + k] + length));
    }
}

static size_t slot_size(const rbf *net)
{
    return TILE_ROWS * (net->base.task.dim + net->units + net->base.task.outputs) + 2 * net->units;
}

size_t rbf_scratch_size(const network *self, size_t n, size_t threads)
{
    (void)n;
    return threads * slot_size((const rbf *)self);
}

typedef struct forward_job {
    const rbf *net;
    const float *parameters;
    float *out;
    network_batch batch;
    float *scratch;
} forward_job;

static void forward_tile(void *context, size_t tile, size_t slot)
{
    const forward_job *job = context;
    const rbf *net = job->net;
    const uniform_rows *places = uniform_rows_get();
    size_t dim = net->base.task.dim, outputs = net->base.task.outputs, first = tile * places->count;
    size_t left = job->batch.n - first, samples = size_lesser(left, places->count);
    float *x = job->scratch + slot * slot_size(net), *phi = x + TILE_ROWS * dim;
    float *product = phi + TILE_ROWS * net->units, *terms = product + TILE_ROWS * outputs;
    memset(x, 0, TILE_ROWS * dim * sizeof *x);
    for (size_t i = 0; i < samples; i++)
        memcpy(x + places->row[i] * dim, job->batch.x + (first + i) * dim, dim * sizeof *x);
    rbf_unit_terms(net, job->parameters, terms);
    rbf_exponents(net, job->parameters, phi, x, TILE_ROWS, terms);
    softmax_forward(phi, phi, TILE_ROWS, net->units);
    readout_forward_tile(&net->per_step, job->parameters, job->out + first * outputs, product, phi,
                         job->batch.time + first, samples);
}

size_t rbf_work(const rbf *net)
{
    return net->units * (net->base.task.dim + net->base.task.outputs + 16);
}

void rbf_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                 float *scratch)
{
    (void)prepared;
    forward_job job = {(const rbf *)self, parameters, out, batch, scratch};
    size_t samples = uniform_rows_get()->count;
    blas_parallel_for(size_divide_up(batch.n, samples), 2 * TILE_ROWS * rbf_work(job.net), forward_tile, &job);
}
