/* Radial basis functions with a tape, and backward. */
#include "base/size.h"
#include "math/activation.h"
#include "math/blas.h"
#include "math/softmax.h"
#include "network/rbf_layers.h"

#include <string.h>

enum {
    TRAINING_ROWS = 128, /* of a tile */
    BLOCK = 64,          /* units whose gradient is one task */
};

/* Rows stand in the order of their steps. */
typedef struct rbf_tape {
    float *x;        /* [n, dim] */
    float *exponent; /* [n, units] */
    float *phi;      /* [n, units] */
    float *slope;    /* [n, units], the loss's with respect to the exponents */
    float *terms;    /* [2, units], rbf_unit_terms() */
    readout_batch batch;
} rbf_tape;

size_t rbf_tape_size(const network *self, size_t n)
{
    const rbf *net = (const rbf *)self;
    return n * (self->task.dim + 3 * net->units) + 2 * net->units + readout_tape_size(&net->per_step, n);
}

static rbf_tape tape_at(const rbf *net, float *tape, size_t n)
{
    float *exponent = tape + n * net->base.task.dim, *phi = exponent + n * net->units, *slope = phi + n * net->units;
    float *terms = slope + n * net->units;
    return (rbf_tape){tape, exponent, phi, slope, terms, readout_batch_at(&net->per_step, terms + 2 * net->units, n)};
}

/* For dx: centres [units, dim] and their factors [units]. */
static size_t slot_size(const rbf *net)
{
    return net->units * (net->base.task.dim + 1);
}

size_t rbf_training_scratch_size(const network *self, size_t n, size_t threads)
{
    (void)n;
    return threads * slot_size((const rbf *)self);
}

typedef struct training_job {
    const rbf *net;
    const float *parameters;
    float *result;     /* out, or the gradient */
    const float *from; /* x, or dout */
    rbf_tape tape;
    float *dx, *scratch; /* of the backward pass; dx NULL: not wanted */
} training_job;

static size_t tile_end(size_t tile, size_t n)
{
    size_t end = (tile + 1) * TRAINING_ROWS;
    return size_lesser(end, n);
}

static void keep_tile(void *context, size_t tile, size_t slot)
{
    (void)slot;
    const training_job *job = context;
    const rbf *net = job->net;
    const rbf_tape *tape = &job->tape;
    size_t dim = net->base.task.dim, first = tile * TRAINING_ROWS, end = tile_end(tile, tape->batch.n);
    float *exponent = tape->exponent + first * net->units;
    for (size_t i = first; i < end; i++)
        memcpy(tape->x + i * dim, job->from + (size_t)tape->batch.sample[i] * dim, dim * sizeof(float));
    rbf_exponents(net, job->parameters, exponent, tape->x + first * dim, end - first, tape->terms);
    softmax_forward(tape->phi + first * net->units, exponent, end - first, net->units);
    readout_forward(&net->per_step, job->parameters, job->result, &tape->batch, tape->phi, first, end);
}

void rbf_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                      float *scratch)
{
    (void)scratch;
    const rbf *net = (const rbf *)self;
    training_job job = {net, parameters, out, batch.x, tape_at(net, tape, batch.n), NULL, NULL};
    rbf_unit_terms(net, parameters, job.tape.terms);
    readout_sort(&net->per_step, &job.tape.batch, batch.time);
    blas_parallel_for(size_divide_up(batch.n, TRAINING_ROWS), 2 * TRAINING_ROWS * rbf_work(net), keep_tile, &job);
}

/* dx_i = sum_k s_ik 2 terms_k (x_i - c_k), s the slopes of the exponents terms_k |x - c_k|^2. */
static void input_backward(const training_job *job, size_t first, size_t end, float *scratch)
{
    const rbf *net = job->net;
    const rbf_tape *tape = &job->tape;
    size_t dim = net->base.task.dim, units = net->units;
    float *factors = scratch, *centres = scratch + units;
    for (size_t k = 0; k < units; k++) {
        factors[k] = 2.0f * tape->terms[k];
        for (size_t j = 0; j < dim; j++)
            centres[k * dim + j] = factors[k] * job->parameters[net->centres + k * dim + j];
    }
    for (size_t i = first; i < end; i++) {
        float *dx = job->dx + (size_t)tape->batch.sample[i] * dim, weight;
        const float *slope = tape->slope + i * units;
        blas_sgemm(0, 0, 1, dim, units, -1.0f, slope, units, centres, dim, 0.0f, dx, dim);
        blas_sgemm(0, 0, 1, 1, units, 1.0f, slope, units, factors, 1, 0.0f, &weight, 1);
        for (size_t j = 0; j < dim; j++)
            dx[j] += weight * tape->x[i * dim + j];
    }
}

static void backward_tile(void *context, size_t tile, size_t slot)
{
    const training_job *job = context;
    const rbf *net = job->net;
    const rbf_tape *tape = &job->tape;
    size_t first = tile * TRAINING_ROWS, end = tile_end(tile, tape->batch.n);
    float *slope = tape->slope + first * net->units;
    readout_backward(&net->per_step, job->parameters, slope, &tape->batch, job->from, first, end);
    softmax_backward(slope, tape->phi + first * net->units, slope, end - first, net->units);
    if (job->dx != NULL)
        input_backward(job, first, end, job->scratch + slot * slot_size(net));
}

/* With slopes s_ik: dc_k = sum_i s_ik (x_i - c_k) / w_k^2, and dlog w_k = sum_i -2 s_ik exponent_ik. */
static void gradient_block(void *context, size_t block, size_t slot)
{
    (void)slot;
    const training_job *job = context;
    const rbf *net = job->net;
    const rbf_tape *tape = &job->tape;
    size_t dim = net->base.task.dim, units = net->units, n = tape->batch.n, first = block * BLOCK;
    size_t end = first + BLOCK < units ? first + BLOCK : units;
    const float *centres = job->parameters + net->centres;
    float *dcentres = job->result + net->centres, *dlog = job->result + net->log_widths;
    blas_sgemm(1, 0, end - first, dim, n, 1.0f, tape->slope + first, units, tape->x, dim, 0.0f, dcentres + first * dim,
               dim);
    bias_backward(dlog, tape->slope, n, units, first, end); /* sum_i s_ik */
    for (size_t k = first; k < end; k++)
        for (size_t j = 0; j < dim; j++)
            dcentres[k * dim + j] = -2.0f * tape->terms[k] * (dcentres[k * dim + j] - dlog[k] * centres[k * dim + j]);
    for (size_t i = 0; i < n; i++)
        for (size_t k = first; k < end; k++)
            tape->slope[i * units + k] *= -2.0f * tape->exponent[i * units + k];
    bias_backward(dlog, tape->slope, n, units, first, end);
}

void rbf_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                  float *tape, float *scratch)
{
    const rbf *net = (const rbf *)self;
    training_job job = {net, parameters, gradient, dout, tape_at(net, tape, n), dx, scratch};
    blas_parallel_for(size_divide_up(n, TRAINING_ROWS), 2 * TRAINING_ROWS * rbf_work(net), backward_tile, &job);
    if (gradient == NULL)
        return;
    blas_parallel_for(size_divide_up(net->units, BLOCK), 2 * n * rbf_work(net), gradient_block, &job);
    readout_gradient(&net->per_step, gradient, &job.tape.batch, job.tape.phi);
}
