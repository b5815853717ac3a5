#include "network/network.h"

#include "base/memory.h"

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

void network_add_parameter(network *self, const char *name, size_t rank, const int64_t *shape)
{
    network_parameter *parameter = &self->parameters[self->parameter_count++];
    snprintf(parameter->name, sizeof parameter->name, "%s", name);
    parameter->rank = rank;
    parameter->offset = self->size;
    parameter->count = 1;
    for (size_t i = 0; i < rank; i++) {
        parameter->shape[i] = shape[i];
        parameter->count *= (size_t)shape[i];
    }
    self->size += parameter->count;
}

void network_add_layer_parameter(network *self, const char *format, size_t layer, size_t rank, const int64_t *shape)
{
    char name[NETWORK_NAME];
    snprintf(name, sizeof name, format, layer);
    network_add_parameter(self, name, rank, shape);
}
