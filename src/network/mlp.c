#include "network/mlp.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "math/small_product.h"
#include "network/mlp_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { READOUT_SHARED, READOUT_STEPS };

_Static_assert((int)NETWORK_STEPS <= (int)TIME_EMBEDDING_STEPS, "every step is in the tables");

SPEC_OWN(mlp_options);

static const spec_key keys[] = {
    {"width", SPEC_INTEGER, offsetof(mlp_options, width), "128", 1, 16384, NULL, "units of a hidden layer"},
    {"depth", SPEC_INTEGER, offsetof(mlp_options, depth), "3", 1, 64, NULL, "number of hidden layers"},
    {"time_features", SPEC_INTEGER, offsetof(mlp_options, time_features), "32", 0, 4096, NULL,
     "features that tell the network the time: half sines, half cosines (rounded up to an even number); 0 for none"},
    {"activation", SPEC_CHOICE, offsetof(mlp_options, activation), "silu", 0, 0, ACTIVATION_CHOICES,
     "non-linearity of the hidden layers"},
    {"residual", SPEC_CHOICE, offsetof(mlp_options, residual), "no", 0, 0, "no|yes",
     "every hidden layer but the first adds to its input"},
    {"readout", SPEC_CHOICE, offsetof(mlp_options, readout), "shared", 0, 0, "shared|steps",
     "weights of the last layer: the same for every step, or each step's own, as in the paper"},
    {"steps", SPEC_INTEGER, offsetof(mlp_options, steps), "0", 0, NETWORK_STEPS, NULL,
     "readout=steps: the last step that has weights, the schedule's steps"},
};

/* Normal weights that keep the variance through the layers (He et al. 2015; Glorot and Bengio 2010 for the saturating
 * non-linearities), no bias, and a last layer of zeros: training starts from an output of 0. */
static void initialise(const network *self, float *parameters, uint64_t seed)
{
    const mlp *net = (const mlp *)self;
    memset(parameters, 0, self->size * sizeof *parameters);
    float gain = net->kind == ACTIVATION_SILU || net->kind == ACTIVATION_RELU ? 2.0f : 1.0f;
    for (size_t l = 0; l < net->depth; l++) {
        const linear *layer = &net->layers[l];
        rng_normal_float(parameters + layer->weight, layer->out * layer->in, (rng_stream){seed, RNG_PARAMETERS, l, 0});
        for (size_t i = 0; i < layer->out * layer->in; i++)
            parameters[layer->weight + i] *= sqrtf(gain / (float)layer->in);
    }
}

static void release(network *self)
{
    mlp *net = (mlp *)self;
    time_embedding_release(&net->embedding);
    memory_release(net->layers);
    memory_release(net);
}

static void add_layer(mlp *net, size_t in, size_t out, const char *name)
{
    size_t l = net->linears++;
    net->layers[l] = linear_add(&net->base, in, out, name);
    net->work += in * out;
    net->gradients += linear_gradient_tasks(&net->layers[l]);
}

static void lay_out(mlp *net, size_t steps)
{
    const network_task *task = &net->base.task;
    net->features = task->dim + 2 * net->embedding.half + task->classes + task->vectors;
    for (size_t l = 0; l < net->depth; l++) {
        char name[NETWORK_NAME];
        snprintf(name, sizeof name, "hidden.%zu", l);
        add_layer(net, l == 0 ? net->features : net->width, net->width, name);
    }
    if (steps > 0) {
        readout_add(&net->per_step, &net->base, steps, net->width);
        net->work += net->width * task->outputs;
    } else {
        add_layer(net, net->width, task->outputs, "output");
    }
}

/* By shape alone, never by the number of samples. */
static void lay_out_prepared(mlp *net)
{
    for (size_t l = 0; l < net->linears; l++)
        if (net->layers[l].in * net->layers[l].out > SMALL_PRODUCT_MOST)
            return;
    for (size_t l = 0; l < net->linears && net->per_step.steps == 0; l++) {
        net->layers[l].prepared = net->prepared;
        net->prepared += small_product_size(net->layers[l].out, net->layers[l].in);
    }
}

static diffusion_status check(const mlp_options *options)
{
    if (options->readout == READOUT_STEPS && options->steps == 0)
        return error_set(DIFFUSION_E_SPEC, "model: readout=steps needs steps, the last step that has weights");
    return DIFFUSION_OK;
}

static diffusion_status create(network **out, const void *chosen, network_task task)
{
    static const network_class methods = {
        release,           initialise,  mlp_scratch_size, mlp_tape_size,    mlp_training_scratch_size,
        mlp_prepared_size, mlp_prepare, mlp_forward,      mlp_forward_keep, mlp_backward};
    const mlp_options *options = chosen;
    diffusion_status status = check(options);
    if (status != DIFFUSION_OK)
        return status;
    mlp *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    net->base.task = task;
    net->kind = (activation)options->activation;
    net->residual = options->residual;
    net->depth = (size_t)options->depth;
    net->width = (size_t)options->width;
    net->layers = memory_allocate(net->depth + 1, sizeof *net->layers);
    status = net->layers != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = time_embedding_create(&net->embedding, ((size_t)options->time_features + 1) / 2 * 2);
    if (status == DIFFUSION_OK) {
        lay_out(net, (size_t)options->steps);
        lay_out_prepared(net);
        status = net->base.status;
    }
    if (status == DIFFUSION_OK)
        *out = &net->base;
    else
        network_free(&net->base);
    return status;
}

const network_kind mlp_kind = {
    {"mlp", "Multi-layer perceptron on [x, sinusoidal embedding of the time, one-hot label, vector].", keys,
     SPEC_COUNT(keys)},
    create,
};
