/* The U-Net's pass in sampling: a part of the batch at a time, with prepared weights. */
#include "base/size.h"
#include "network/unet_layers.h"

enum { AT_ONCE = 4 * 1024 * 1024 /* floats of the widest buffer for the images that pass together */ };

/* ---- memory ---- */

/* As equal parts of the batch as can be. */
static size_t images_at_once(const unet *net, size_t n)
{
    size_t widest = 1;
    for (size_t i = 0; i < net->buffer_count; i++)
        widest = size_greater(widest, net->buffers[i].pixels * net->buffers[i].row);
    return size_divide_up(n, size_divide_up(n, size_greater(AT_ONCE / widest, 1)));
}

size_t unet_scratch_size(const network *self, size_t n, size_t threads)
{
    const unet *net = (const unet *)self;
    size_t images = images_at_once(net, n);
    return images * net->inference_size + unet_time_size(net, images) + unet_kernel_scratch(net, images, threads, 0);
}

/* ---- prepared weights ---- */

size_t unet_prepared_size(const network *self)
{
    return ((const unet *)self)->prepared;
}

static void prepare(const convolution *plan, float *prepared, size_t at, const float *weight)
{
    if (at != UNET_NONE)
        convolution_prepare(plan, prepared + at, weight);
}

void unet_prepare(const network *self, float *prepared, const float *parameters)
{
    const unet *net = (const unet *)self;
    const unet_time *time = &net->time;
    prepare(&time->first, prepared, time->first_prepared, parameters + time->first_weight);
    prepare(&time->second, prepared, time->second_prepared, parameters + time->second_weight);
    prepare(&time->projection, prepared, time->projection_prepared, parameters + time->projection_weight);
    for (size_t i = 0; i < net->op_count; i++)
        if (net->ops[i].kind == UNET_CONVOLUTION)
            prepare(&net->ops[i].convolution, prepared, net->ops[i].prepared, parameters + net->ops[i].weight);
}

/* ---- the pass ---- */

static void forward_images(const unet_run *run, float *out, network_batch batch, const unet_time_memory *time)
{
    unet_time_forward(run, time, batch);
    for (size_t i = 0; i < run->net->op_count; i++)
        unet_op_forward(run, &run->net->ops[i]);
    unet_halves(run->net, out, unet_at(run, &run->net->out), run->n, 0);
}

void unet_forward(const network *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                  float *scratch)
{
    const unet *net = (const unet *)self;
    size_t images = images_at_once(net, batch.n);
    for (size_t first = 0; first < batch.n; first += images) {
        network_batch part = batch;
        part.n = batch.n - first < images ? batch.n - first : images;
        part.x += first * self->task.dim;
        part.t += first;
        if (part.labels != NULL)
            part.labels += first;
        unet_time_memory time = unet_time_at(net, scratch + part.n * net->inference_size, part.n);
        unet_run run = {.net = net,
                        .parameters = parameters,
                        .prepared = prepared,
                        .stage = UNET_SAMPLING,
                        .n = part.n,
                        .arena = {(float *)part.x, NULL, scratch}, /* the input is only read */
                        .projected = time.projected,
                        .scratch = time.projected + part.n * net->time.projection.shape.out};
        forward_images(&run, out + first * self->task.outputs, part, &time);
    }
}
