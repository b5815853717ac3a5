#include "training/sameness.h"

#include "common/fail.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

/* Of values and labels as they were read, in their order: what makes the resumed run the same run. */
static char *hash_of(const dataset *data)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, by words */
    for (size_t i = 0; i < data->count * data->dim; i++) {
        uint64_t bits;
        memcpy(&bits, &data->values[i], sizeof bits);
        hash = (hash ^ bits) * prime;
        hash ^= hash >> 32;
    }
    for (size_t i = 0; data->labels != NULL && i < data->count; i++) {
        hash = (hash ^ (uint32_t)data->labels[i]) * prime;
        hash ^= hash >> 32;
    }
    return text_format("%016llx", (unsigned long long)hash);
}

void sameness_store(const dataset *data, diffusion_model *model)
{
    char *hash = hash_of(data);
    check(diffusion_model_set_metadata(model, "data.hash", hash));
    free(hash);
}

void sameness_check(const dataset *data, const diffusion_model *model, const char *path)
{
    const char *samples = diffusion_model_metadata(model, "data.samples");
    char *now = text_format("%zu", data->count);
    if (samples != NULL && strcmp(samples, now) != 0)
        fail("%s: %s samples to train on, but the run began with %s; give the same DATA and --data as then", path, now,
             samples);
    const char *hash = diffusion_model_metadata(model, "data.hash");
    char *own = hash_of(data);
    if (hash != NULL && strcmp(hash, own) != 0)
        fail("%s: other values, or another order of them, than the run began with; give the same DATA and --data as "
             "then",
             path);
    free(own);
    free(now);
}
