#include "network/rbf.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "network/rbf_layers.h"

#include <string.h>

SPEC_OWN(rbf_options);

static const spec_key keys[] = {
    {"units", SPEC_INTEGER, offsetof(rbf_options, units), "16", 1, 65536, NULL, "number of basis functions"},
    {"steps", SPEC_INTEGER, offsetof(rbf_options, steps), NULL, 1, NETWORK_STEPS, NULL,
     "the last step that the read-out has weights for, the schedule's steps"},
};

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
    net->centres =
        network_add_parameter(base, 2, (const int64_t[]){options->units, (int64_t)base->task.dim}, "centres");
    net->log_widths = network_add_parameter(base, 1, &options->units, "log_widths");
    readout_add(&net->per_step, base, (size_t)options->steps, net->units);
}

static diffusion_status create(network **out, const void *options, network_task task)
{
    static const network_class methods = {
        release, initialise, rbf_scratch_size, rbf_tape_size,    rbf_training_scratch_size,
        NULL,    NULL,       rbf_forward,      rbf_forward_keep, rbf_backward};
    if (task.classes > 0)
        return error_set(DIFFUSION_E_SPEC, "model: classes=%zu, but rbf looks at x alone; expected 0", task.classes);
    if (task.vectors > 0)
        return error_set(DIFFUSION_E_SPEC, "model: condition=%zu, but rbf looks at x alone; expected 0", task.vectors);
    rbf *net = memory_allocate(1, sizeof *net);
    if (net == NULL)
        return DIFFUSION_E_MEMORY;
    net->base.methods = &methods;
    net->base.task = task;
    lay_out(net, options);
    diffusion_status status = net->base.status;
    if (status == DIFFUSION_OK)
        *out = &net->base;
    else
        network_free(&net->base);
    return status;
}

const network_kind rbf_kind = {
    {"rbf", "Normalised radial basis functions of x, read out with weights for each step.", keys, SPEC_COUNT(keys)},
    create,
};
