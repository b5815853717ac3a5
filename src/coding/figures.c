/* What a coder tells of what it has coded. */
#include "base/error.h"
#include "base/nearest.h"
#include "coding/coder.h"

#include <string.h>

enum { BITS_OF_WORD = 32 };

/* In the order of the names; per sample where the header says so. */
enum { VALUE_SAMPLES, VALUE_BYTES, VALUE_CODE, VALUE_CODE_DIMENSION, VALUE_INITIAL, VALUES_OF_FILES };
static const char *const quantities[] = {
    "samples",    "bytes", "code_bits", "bits_per_dimension", "initial_bits", "k_bits", "k_bits_per_dimension",
    "label_bits",
};

static double value_of(const struct diffusion_coder *self, size_t quantity)
{
    const double n = (double)self->content.n, dim = (double)self->model->dim;
    const double bytes = (double)coder_file_bytes(self), sample_nats = n * coder_nats_per_bit;
    const double values[] = {n,
                             bytes,
                             8.0 * bytes / n,
                             8.0 * bytes / n / dim,
                             BITS_OF_WORD * (double)self->content.stack.borrowed / n,
                             self->figures.bound / sample_nats,
                             self->figures.bound / sample_nats / dim,
                             self->figures.labels / sample_nats};
    return values[quantity];
}

static diffusion_status check_known(const struct diffusion_coder *self, size_t quantity)
{
    if (self->content.n == 0)
        return error_set(DIFFUSION_E_STATE, "coder_value: nothing has been coded (call coder_encode first)");
    if (quantity >= VALUES_OF_FILES && !self->figures.known)
        return error_set(DIFFUSION_E_STATE, "coder_value: %s is known where the data was coded, not from a file",
                         quantities[quantity]);
    return DIFFUSION_OK;
}

diffusion_status coder_value(const struct diffusion_coder *self, const char *quantity, double *out)
{
    for (size_t i = 0; i < SPEC_COUNT(quantities); i++)
        if (strcmp(quantities[i], quantity) == 0) {
            diffusion_status status = check_known(self, i);
            if (status == DIFFUSION_OK)
                *out = value_of(self, i);
            return status;
        }
    const char *nearest = nearest_name(quantity, strlen(quantity), quantities, SPEC_COUNT(quantities));
    return error_set(DIFFUSION_E_NAME, "coder_value: unknown quantity '%.80s'%s%s%s", quantity,
                     nearest != NULL ? ", did you mean '" : ", expected one such as '",
                     nearest != NULL ? nearest : quantities[0], nearest != NULL ? "'?" : "'");
}
