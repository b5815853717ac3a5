/* What every model that came out of a file owes. */
#ifndef FUZZ_ROUND_TRIP_H
#define FUZZ_ROUND_TRIP_H

#include "fuzz.h"

#include <diffusion.h>
#include <string.h>

static inline void *round_trip_saved(const diffusion_model *model, size_t *size)
{
    FUZZ_CHECK(diffusion_model_save_memory(model, NULL, 0, size) == DIFFUSION_OK);
    void *bytes = malloc(*size);
    FUZZ_CHECK(bytes != NULL);
    FUZZ_CHECK(diffusion_model_save_memory(model, bytes, *size, NULL) == DIFFUSION_OK);
    return bytes;
}

/* Its own file reads back the same. */
static inline void check_round_trip(const diffusion_model *model)
{
    size_t size, size_again;
    void *bytes = round_trip_saved(model, &size);
    diffusion_model *again = NULL;
    FUZZ_CHECK(diffusion_model_load_memory(&again, bytes, size) == DIFFUSION_OK);
    void *bytes_again = round_trip_saved(again, &size_again);
    FUZZ_CHECK(size == size_again && memcmp(bytes, bytes_again, size) == 0);
    free(bytes_again);
    diffusion_model_free(again);
    free(bytes);
}

#endif
