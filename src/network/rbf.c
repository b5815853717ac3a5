#include "network/rbf.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "math/activation.h"
#include "math/blas.h"
#include "math/softmax.h"
#include "math/uniform.h"
#include "network/readout.h"

#include <math.h>
#include <string.h>

const spec_key rbf_keys[RBF_KEYS] = {
    {"units", SPEC_INTEGER, offsetof(rbf_options, units), "16", 1, 65536, NULL, "number of basis functions"},
    {"steps", SPEC_INTEGER, offsetof(rbf_options, steps), NULL, 1, NETWORK_STEPS, NULL,
     "the last step that the read-out has weights for, the schedule's steps"},
};

typedef struct rbf {
    network base;
    size_t units;
    size_t centres;    /* [units, dim], where they stand in the flat array */
    size_t log_widths; /* [units] */
    readout per_step;
} rbf;

enum {
    TILE_ROWS = UNIFORM_ROWS,
    TRAINING_ROWS = 128,
    BLOCK = 64, /* units whose gradient is one task */
};

static float squared_length(const float *x, size_t dim)
{
    float sum = 0.0f;
    for (size_t j = 0; j < dim; j++)
        sum += x[j] * x[j];
    return sum;
}

/* terms [2, units]: of each unit -1 / (2 w_k^2) and |c_k|^2. */
static void unit_terms(const rbf *net, const float *parameters, float *terms)
{
    for (size_t k = 0; k < net->units; k++) {
        terms[k] = -0.5f * expf(-2.0f * parameters[net->log_widths + k]);
        terms[net->units + k] = squared_length(parameters + net->centres + k * net->base.task.dim, net->base.task.dim);
    }
}

/* The softmax's exponents, -(|x|^2 - 2 x c_k + |c_k|^2) / (2 w_k^2): [rows, units]. */
static void exponents(const rbf *net, const float *parameters, float *exponent, const float *x, size_t rows,
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

/* ---- forward without a tape ---- */

static size_t slot_size(const rbf *net)
{
    return TILE_ROWS * (net->base.task.dim + net->units + net->base.task.outputs) + 2 * net->units;
}

static size_t scratch_size(const network *self, size_t n, size_t threads)
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
    size_t left = job->batch.n - first, samples = left < places->count ? left : places->count;
    float *x = job->scratch + slot * slot_size(net), *phi = x + TILE_ROWS * dim;
    float *product = phi + TILE_ROWS * net->units, *terms = product + TILE_ROWS * outputs;
    memset(x, 0, TILE_ROWS * dim * sizeof *x);
    for (size_t i = 0; i < samples; i++)
        memcpy(x + places->row[i] * dim, job->batch.x + (first + i) * dim, dim * sizeof *x);
    unit_terms(net, job->parameters, terms);
    exponents(net, job->parameters, phi, x, TILE_ROWS, terms);
    softmax_forward(phi, phi, TILE_ROWS, net->units);
    readout_forward_tile(&net->per_step, job->parameters, job->out + first * outputs, product, phi,
                         job->batch.t + first, samples);
}

/* Weights that a sample meets. */
static size_t work(const rbf *net)
{
    return net->units * (net->base.task.dim + net->base.task.outputs + 16);
}

static void forward(const network *self, const float *parameters, float *out, network_batch batch, float *scratch)
{
    forward_job job = {(const rbf *)self, parameters, out, batch, scratch};
    size_t samples = uniform_rows_get()->count;
    blas_parallel_for((batch.n + samples - 1) / samples, 2 * TILE_ROWS * work(job.net), forward_tile, &job);
}

/* ---- forward with a tape, and backward ---- */

/* Rows stand in the order of their steps. */
typedef struct rbf_tape {
    float *x;        /* [n, dim] */
    float *exponent; /* [n, units] */
    float *phi;      /* [n, units] */
    float *slope;    /* [n, units], the loss's with respect to the exponents */
    float *terms;    /* [2, units], unit_terms() */
    readout_batch batch;
} rbf_tape;

static size_t tape_size(const network *self, size_t n)
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
static size_t training_scratch_size(const network *self, size_t n)
{
    (void)n;
    return ((const rbf *)self)->units * (self->task.dim + 1);
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
    return end < n ? end : n;
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
    exponents(net, job->parameters, exponent, tape->x + first * dim, end - first, tape->terms);
    softmax_forward(tape->phi + first * net->units, exponent, end - first, net->units);
    readout_forward(&net->per_step, job->parameters, job->result, &tape->batch, tape->phi, first, end);
}

static void forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                         float *scratch)
{
    (void)scratch;
    const rbf *net = (const rbf *)self;
    training_job job = {net, parameters, out, batch.x, tape_at(net, tape, batch.n), NULL, NULL};
    unit_terms(net, parameters, job.tape.terms);
    readout_sort(&net->per_step, &job.tape.batch, batch.t);
    blas_parallel_for((batch.n + TRAINING_ROWS - 1) / TRAINING_ROWS, 2 * TRAINING_ROWS * work(net), keep_tile, &job);
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
        input_backward(job, first, end, job->scratch + slot * training_scratch_size(&net->base, 0));
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

static void backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                     size_t n, float *tape, float *scratch)
{
    const rbf *net = (const rbf *)self;
    training_job job = {net, parameters, gradient, dout, tape_at(net, tape, n), dx, scratch};
    blas_parallel_for((n + TRAINING_ROWS - 1) / TRAINING_ROWS, 2 * TRAINING_ROWS * work(net), backward_tile, &job);
    blas_parallel_for((net->units + BLOCK - 1) / BLOCK, 2 * n * work(net), gradient_block, &job);
    readout_gradient(&net->per_step, gradient, &job.tape.batch, job.tape.phi);
}

/* ---- making one ---- */

/* Centres where data of variance 1 lies, widths 1, and a read-out of zeros: training starts from an output of 0. */
static void initialise(const network *self, float *parameters, uint64_t seed)
{
    const rbf *net = (const rbf *)self;
    memset(parameters, 0, self->size * sizeof *parameters);
    rng_normal_float(parameters + net->centres, net->units * self->task.dim, (rng_stream){seed, RNG_PARAMETERS, 0, 0});
}

static void release(network *self)
{
    memory_release(self);
}

static void lay_out(rbf *net, const rbf_options *options)
{
    network *base = &net->base;
    net->units = (size_t)options->units;
    net->centres = base->size;
    network_add_parameter(base, "centres", 0, 2, (const int64_t[]){options->units, (int64_t)base->task.dim});
    net->log_widths = base->size;
    network_add_parameter(base, "log_widths", 0, 1, &options->units);
    readout_add(&net->per_step, base, (size_t)options->steps, net->units);
}

diffusion_status rbf_create(network **out, const void *options, network_task task)
{
    static const network_class methods = {release, initialise,   scratch_size, tape_size, training_scratch_size,
                                          forward, forward_keep, backward};
    if (task.classes > 0)
        return error_set(DIFFUSION_E_SPEC, "model: classes=%zu, but rbf looks at x alone; expected 0", task.classes);
    rbf *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    net->base.task = task;
    net->base.gives_dx = 1;
    net->base.parameters = memory_allocate(4, sizeof *net->base.parameters);
    if (net->base.parameters == NULL) {
        network_free(&net->base);
        return DIFFUSION_E_MEMORY;
    }
    lay_out(net, options);
    *out = &net->base;
    return DIFFUSION_OK;
}
