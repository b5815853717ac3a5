#include "network/network.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void network_free(network *self)
{
    if (self == NULL)
        return;
    memory_release(self->parameters);
    self->methods->release(self);
}

const network_parameter *network_find(const network *self, const char *name)
{
    for (size_t i = 0; i < self->parameter_count; i++)
        if (strcmp(self->parameters[i].name, name) == 0)
            return &self->parameters[i];
    return NULL;
}

/* ---- laying out parameters ---- */

static diffusion_status reserve(network *self)
{
    network_parameter *parameters =
        memory_grow(self->parameters, self->parameter_count, &self->parameter_capacity, sizeof *parameters);
    if (parameters == NULL)
        return DIFFUSION_E_MEMORY;
    self->parameters = parameters;
    return DIFFUSION_OK;
}

static diffusion_status check_name(const network *self, const char *name, int length)
{
    if (length < 0 || length >= NETWORK_NAME)
        return error_set(DIFFUSION_E_SPEC, "model: the parameter name %s… has %d characters, expected at most %d", name,
                         length, NETWORK_NAME - 1);
    if (network_find(self, name) != NULL)
        return error_set(DIFFUSION_E_SPEC, "model: two parameters are named %s", name);
    return DIFFUSION_OK;
}

static diffusion_status fill(network_parameter *to, size_t rank, const int64_t *shape, size_t offset)
{
    to->rank = rank;
    to->offset = offset;
    to->count = 1;
    for (size_t i = 0; i < rank; i++) {
        to->shape[i] = shape[i];
        if (!size_multiply(&to->count, to->count, (size_t)shape[i]) || to->count > SIZE_MAX / 16 - offset)
            return error_set(DIFFUSION_E_MEMORY, "model: more parameters than memory can hold, up to %s", to->name);
    }
    return DIFFUSION_OK;
}

size_t network_add_parameter(network *self, size_t rank, const int64_t *shape, const char *name, ...)
{
    network_parameter added;
    va_list arguments;
    va_start(arguments, name);
    int length = vsnprintf(added.name, sizeof added.name, name, arguments);
    va_end(arguments);
    if (self->status == DIFFUSION_OK)
        self->status = check_name(self, added.name, length);
    if (self->status == DIFFUSION_OK)
        self->status = fill(&added, rank, shape, self->size);
    if (self->status == DIFFUSION_OK)
        self->status = reserve(self);
    if (self->status != DIFFUSION_OK)
        return 0;
    self->parameters[self->parameter_count++] = added;
    self->size += added.count;
    return added.offset;
}
