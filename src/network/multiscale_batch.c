/* Batches of images: the dense path for all of them, then each image by itself; gradients of the shared weights are
 * added up in groups of images whose number depends on the batch's size alone, then across groups in order. */
#include "base/size.h"
#include "base/vector.h"
#include "math/blas.h"
#include "network/multiscale_layers.h"

#include <string.h>

enum {
    GROUPS = 16,  /* at most */
    CHUNK = 4096, /* weights whose groups are added up in one task */
};

/* What the dense path gives one image. */
static float *features_of(const multiscale *net, float *features, size_t image)
{
    return features + image * multiscale_features(net);
}

/* ---- forward without a tape: scratch is the features of all images, then the dense path's or every slot's ---- */

static size_t slot_size(const multiscale *net)
{
    return multiscale_image_tape_size(net) + multiscale_image_scratch_size(net);
}

size_t multiscale_scratch_size(const network *self, size_t n, size_t threads)
{
    const multiscale *net = (const multiscale *)self;
    size_t dense = net->dense != NULL ? net->dense->methods->scratch_size(net->dense, n, threads) : 0;
    return n * multiscale_features(net) + size_greater(dense, threads * slot_size(net));
}

typedef struct forward_job {
    const multiscale *net;
    const float *parameters;
    float *out;
    network_batch batch;
    float *features, *slots;
} forward_job;

static void forward_image(void *context, size_t image, size_t slot)
{
    const forward_job *job = context;
    const multiscale *net = job->net;
    float *tape = job->slots + slot * slot_size(net);
    multiscale_image_forward(net, job->parameters, job->out + image * net->base.task.outputs,
                             job->batch.x + image * net->base.task.dim, job->batch.t[image],
                             features_of(net, job->features, image), tape, 0, tape + multiscale_image_tape_size(net));
}

void multiscale_forward(const network *self, const float *parameters, const float *prepared, float *out,
                        network_batch batch, float *scratch)
{
    (void)prepared;
    const multiscale *net = (const multiscale *)self;
    float *rest = scratch + batch.n * multiscale_features(net);
    if (net->dense != NULL)
        net->dense->methods->forward(net->dense, parameters + net->image_size, NULL, scratch, batch, rest);
    forward_job job = {net, parameters, out, batch, scratch, rest};
    blas_parallel_for(batch.n, 2 * net->work, forward_image, &job);
}

/* ---- forward with a tape ---- */

typedef struct batch_tape {
    float *x;        /* [n, dim] */
    float *features; /* [n, pixels, DENSE_FEATURES], then their gradient */
    float *flipped;  /* multiscale_flip() */
    float *partials; /* [groups, image_size] */
    float *images;   /* [n, multiscale_image_tape_size()] */
    float *dense;    /* the dense path's own */
} batch_tape;

static size_t groups_of(size_t n)
{
    return n < GROUPS ? n : GROUPS;
}

static batch_tape tape_at(const multiscale *net, float *tape, size_t n)
{
    float *features = tape + n * net->base.task.dim, *flipped = features + n * multiscale_features(net);
    float *partials = flipped + multiscale_flipped_size(net), *images = partials + groups_of(n) * net->image_size;
    return (batch_tape){tape, features, flipped, partials, images, images + n * multiscale_image_tape_size(net)};
}

size_t multiscale_tape_size(const network *self, size_t n)
{
    const multiscale *net = (const multiscale *)self;
    size_t dense = net->dense != NULL ? net->dense->methods->tape_size(net->dense, n) : 0;
    return n * (self->task.dim + multiscale_features(net) + multiscale_image_tape_size(net)) +
           multiscale_flipped_size(net) + groups_of(n) * net->image_size + dense;
}

size_t multiscale_training_scratch_size(const network *self, size_t n, size_t threads)
{
    const multiscale *net = (const multiscale *)self;
    size_t dense = net->dense != NULL ? net->dense->methods->training_scratch_size(net->dense, n, threads) : 0;
    return size_greater(dense, threads * multiscale_image_scratch_size(net));
}

typedef struct training_job {
    const multiscale *net;
    const float *parameters;
    float *result;     /* out, or the gradient */
    const float *dout; /* of backward */
    network_batch batch;
    batch_tape tape;
    float *scratch;
} training_job;

static float *slot_scratch(const training_job *job, size_t slot)
{
    return job->scratch + slot * multiscale_image_scratch_size(job->net);
}

static void keep_image(void *context, size_t image, size_t slot)
{
    const training_job *job = context;
    const multiscale *net = job->net;
    const batch_tape *tape = &job->tape;
    size_t dim = net->base.task.dim;
    memcpy(tape->x + image * dim, job->batch.x + image * dim, dim * sizeof(float));
    multiscale_image_forward(net, job->parameters, job->result + image * net->base.task.outputs, tape->x + image * dim,
                             job->batch.t[image], features_of(net, tape->features, image),
                             tape->images + image * multiscale_image_tape_size(net), 1, slot_scratch(job, slot));
}

void multiscale_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                             float *scratch)
{
    const multiscale *net = (const multiscale *)self;
    training_job job = {net, parameters, out, NULL, batch, tape_at(net, tape, batch.n), scratch};
    if (net->dense != NULL)
        net->dense->methods->forward_keep(net->dense, parameters + net->image_size, job.tape.features, batch,
                                          job.tape.dense, scratch);
    blas_parallel_for(batch.n, 2 * net->work, keep_image, &job);
}

/* ---- backward ---- */

static void backward_group(void *context, size_t group, size_t slot)
{
    const training_job *job = context;
    const multiscale *net = job->net;
    const batch_tape *tape = &job->tape;
    size_t n = job->batch.n, groups = groups_of(n);
    float *partial = tape->partials + group * net->image_size;
    memset(partial, 0, net->image_size * sizeof *partial);
    for (size_t i = group * n / groups; i < (group + 1) * n / groups; i++)
        multiscale_image_backward(net, job->parameters, tape->flipped, partial, job->dout + i * net->base.task.outputs,
                                  tape->x + i * net->base.task.dim, features_of(net, tape->features, i),
                                  tape->images + i * multiscale_image_tape_size(net), slot_scratch(job, slot));
}

VECTOR_CLONES static void add(float *restrict to, const float *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

static void sum_chunk(void *context, size_t chunk, size_t slot)
{
    (void)slot;
    const training_job *job = context;
    size_t size = job->net->image_size, first = chunk * CHUNK, left = size - first;
    size_t count = left < CHUNK ? left : CHUNK;
    memcpy(job->result + first, job->tape.partials + first, count * sizeof(float));
    for (size_t group = 1; group < groups_of(job->batch.n); group++)
        add(job->result + first, job->tape.partials + group * size + first, count);
}

void multiscale_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                         size_t n, float *tape, float *scratch)
{
    (void)dx; /* not asked for without gives_dx */
    const multiscale *net = (const multiscale *)self;
    training_job job = {net, parameters, gradient, dout, {.n = n}, tape_at(net, tape, n), scratch};
    multiscale_flip(net, job.tape.flipped, parameters);
    blas_parallel_for(groups_of(n), 4 * net->work * (n / groups_of(n)), backward_group, &job);
    blas_parallel_for(size_divide_up(net->image_size, CHUNK), GROUPS * CHUNK, sum_chunk, &job);
    if (net->dense != NULL)
        net->dense->methods->backward(net->dense, parameters + net->image_size, gradient + net->image_size, NULL,
                                      job.tape.features, n, job.tape.dense, scratch);
}
