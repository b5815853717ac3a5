/* The U-Net's two passes in training. Kept are what operations read, the norms' statistics and the time embedding; what
 * stands behind norms and upsampling is made again. */
#include "base/size.h"
#include "math/pixels.h"
#include "network/unet_layers.h"

#include <string.h>

/* ---- the tape ---- */

enum { STREAM = 16 /* floats for seed and step, whole vectors */ };

typedef struct unet_tape {
    uint64_t *stream; /* [2], seed and step of the batch */
    int32_t *labels;  /* [n], -1 where there are none */
    unet_time_memory time;
    float *statistics; /* [net->statistics, n] */
    float *buffers;
} unet_tape;

static unet_tape tape_at(const unet *net, float *tape, size_t n)
{
    float *labels = tape + STREAM, *time = labels + unet_aligned(n);
    float *statistics = time + unet_aligned(unet_time_size(net, n)),
          *buffers = statistics + unet_aligned(net->statistics * n);
    return (unet_tape){(uint64_t *)(void *)tape, (int32_t *)(void *)labels, unet_time_at(net, time, n), statistics,
                       buffers};
}

size_t unet_tape_size(const network *self, size_t n)
{
    const unet *net = (const unet *)self;
    return STREAM + unet_aligned(n) + unet_aligned(unet_time_size(net, n)) + unet_aligned(net->statistics * n) +
           net->tape_size * n;
}

static void keep_batch(const unet_tape *tape, network_batch batch)
{
    tape->stream[0] = batch.seed;
    tape->stream[1] = batch.step;
    for (size_t i = 0; i < batch.n; i++)
        tape->labels[i] = batch.labels != NULL ? batch.labels[i] : -1;
}

/* ---- scratch: the passing buffers, then what follows here ---- */

static size_t passing_size(const unet *net, size_t n)
{
    return n * size_greater(net->forward_size, net->backward_size);
}

static size_t time_gradient_size(const unet *net, size_t n)
{
    return unet_aligned(n * (net->time.projection.shape.out + 2 * net->time.width));
}

size_t unet_training_scratch_size(const network *self, size_t n, size_t threads)
{
    const unet *net = (const unet *)self;
    return passing_size(net, n) + time_gradient_size(net, n) + n * unet_aside_size(net) +
           unet_kernel_scratch(net, n, threads, 1);
}

static unet_run training_run(const unet *net, const float *parameters, unet_stage stage, size_t n,
                             const unet_tape *tape, float *scratch)
{
    float *kernels = scratch + passing_size(net, n) + time_gradient_size(net, n) + n * unet_aside_size(net);
    return (unet_run){.net = net,
                      .parameters = parameters,
                      .stage = stage,
                      .n = n,
                      .arena = {NULL, tape->buffers, scratch},
                      .statistics = tape->statistics,
                      .projected = tape->time.projected,
                      .scratch = kernels,
                      .seed = tape->stream[0],
                      .step = tape->stream[1]};
}

/* ---- the passes ---- */

void unet_forward_keep(const network *self, const float *parameters, float *out, network_batch batch, float *tape,
                       float *scratch)
{
    const unet *net = (const unet *)self;
    unet_tape kept = tape_at(net, tape, batch.n);
    keep_batch(&kept, batch);
    unet_run run = training_run(net, parameters, UNET_KEEPING, batch.n, &kept, scratch);
    memcpy(unet_at(&run, &net->ops[0].x), batch.x, batch.n * self->task.dim * sizeof *batch.x);
    unet_time_forward(&run, &kept.time, batch);
    for (size_t i = 0; i < net->op_count; i++)
        unet_op_forward(&run, &net->ops[i]);
    unet_halves(net, out, unet_at(&run, &net->out), batch.n, 0);
}

void unet_backward(const network *self, const float *parameters, float *gradient, float *dx, const float *dout,
                   size_t n, float *tape, float *scratch)
{
    const unet *net = (const unet *)self;
    unet_tape kept = tape_at(net, tape, n);
    unet_run run = training_run(net, parameters, UNET_REMAKING, n, &kept, scratch);
    float *dprojected = scratch + passing_size(net, n);
    unet_gradients to = {gradient, dx, dprojected, dprojected + time_gradient_size(net, n)};
    unet_halves(net, (float *)dout, unet_gradient_at(&run, &net->out), n, 1); /* dout is only read */
    for (size_t i = net->op_count; i-- > 0;)
        unet_op_backward(&run, &to, &net->ops[i]);
    unet_time_backward(&run, &to, &kept.time, kept.labels, dprojected + n * net->time.projection.shape.out);
}
