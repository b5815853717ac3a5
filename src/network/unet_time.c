/* The time and the class as the U-Net sees them: sinusoidal features, two dense layers with SiLU, and one projection
 * for all ResNet blocks. Dense layers are convolutions of images of one pixel. */
#include "base/memory.h"
#include "math/activation.h"
#include "network/unet_layers.h"

#include <math.h>
#include <string.h>

/* In float32 as the reference computes them: at t = 1000 their rounding can be seen in the features. */
diffusion_status unet_time_create(unet_time *time, const unet_options *options)
{
    time->features = (size_t)options->channels.size[0];
    time->width = 4 * time->features;
    size_t half = time->features / 2;
    time->frequencies = memory_allocate(half, sizeof *time->frequencies);
    if (time->frequencies == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t j = 0; j < half; j++)
        time->frequencies[j] = expf(-9.210340371976184f * (float)j / ((float)half - (float)options->freq_shift));
    return DIFFUSION_OK;
}

size_t unet_time_size(const unet *net, size_t n)
{
    return n * (net->time.features + 4 * net->time.width + net->time.projection.shape.out);
}

unet_time_memory unet_time_at(const unet *net, float *memory, size_t n)
{
    size_t layer = n * net->time.width;
    float *hidden = memory + n * net->time.features;
    return (unet_time_memory){
        memory, hidden, hidden + layer, hidden + 2 * layer, hidden + 3 * layer, hidden + 4 * layer};
}

/* The library counts steps from 1, the embedding from 0. */
static void embed(const unet *net, float *row, int32_t t)
{
    size_t half = net->time.features / 2;
    size_t sine = net->options.flip_sin_to_cos ? half : 0, cosine = half - sine;
    for (size_t j = 0; j < half; j++) {
        double angle = (double)((float)(t - 1) * net->time.frequencies[j]);
        row[sine + j] = (float)sin(angle);
        row[cosine + j] = (float)cos(angle);
    }
}

static void dense(const unet_run *run, const convolution *plan, float *y, const float *x, size_t weight,
                  size_t prepared, const float *bias)
{
    convolution_epilogue epilogue = {.bias = bias};
    unet_convolve(run, plan, y, plan->shape.out, x, plan->shape.in, weight, prepared, &epilogue);
}

static void add_classes(const unet *net, const float *parameters, float *rows, const int32_t *labels, size_t n)
{
    size_t width = net->time.width;
    for (size_t i = 0; labels != NULL && i < n; i++)
        if (labels[i] >= 0)
            bias_forward(rows + i * width, parameters + net->time.classes_weight + (size_t)labels[i] * width, 1, width);
}

void unet_time_forward(const unet_run *run, const unet_time_memory *memory, network_batch batch)
{
    const unet *net = run->net;
    const unet_time *time = &net->time;
    const float *parameters = run->parameters;
    for (size_t i = 0; i < run->n; i++)
        embed(net, memory->features + i * time->features, batch.t[i]);
    dense(run, &time->first, memory->hidden, memory->features, time->first_weight, time->first_prepared, NULL);
    activation_forward(ACTIVATION_SILU, memory->hidden, memory->hidden_slope, memory->hidden,
                       parameters + time->first_bias, NULL, run->n, time->width);
    dense(run, &time->second, memory->embedded, memory->hidden, time->second_weight, time->second_prepared, NULL);
    add_classes(net, parameters, memory->embedded, batch.labels, run->n);
    activation_forward(ACTIVATION_SILU, memory->embedded, memory->embedded_slope, memory->embedded,
                       parameters + time->second_bias, NULL, run->n, time->width);
    dense(run, &time->projection, memory->projected, memory->embedded, time->projection_weight,
          time->projection_prepared, parameters + time->projection_bias);
}

static void dense_backward(const unet_run *run, const convolution *plan, float *dx, float *gradient, size_t weight,
                           size_t bias, const float *x, const float *dy)
{
    convolution_backward(plan, dx, plan->shape.in, gradient + weight, gradient + bias, x, plan->shape.in, dy,
                         plan->shape.out, run->parameters + weight, run->n, run->scratch);
}

void unet_time_backward(const unet_run *run, const unet_gradients *to, const unet_time_memory *memory,
                        const int32_t *labels, float *dlayers)
{
    const unet_time *time = &run->net->time;
    size_t count = run->n * time->width;
    float *gradient = to->parameters, *dembedded = dlayers, *dhidden = dlayers + count;
    dense_backward(run, &time->projection, dembedded, gradient, time->projection_weight, time->projection_bias,
                   memory->embedded, to->dprojected);
    activation_backward(dembedded, dembedded, memory->embedded_slope, count);
    if (run->net->base.task.classes > 0) {
        float *classes = gradient + time->classes_weight;
        memset(classes, 0, run->net->base.task.classes * time->width * sizeof *classes);
        for (size_t i = 0; i < run->n; i++)
            if (labels[i] >= 0)
                bias_accumulate(classes + (size_t)labels[i] * time->width, dembedded + i * time->width, 1, time->width);
    }
    dense_backward(run, &time->second, dhidden, gradient, time->second_weight, time->second_bias, memory->hidden,
                   dembedded);
    activation_backward(dhidden, dhidden, memory->hidden_slope, count);
    dense_backward(run, &time->first, NULL, gradient, time->first_weight, time->first_bias, memory->features, dhidden);
}
