/* Any bytes as a model file: refused in one sentence, or a model that computes and whose own file reads back the same.
 */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"
#include "round_trip.h"

enum { PARAMETERS_MOST = 1 << 16, DIM_MOST = 4096 };

static void check_forward(const diffusion_model *model)
{
    size_t dim = diffusion_model_dim(model);
    const double time = 1;
    if (dim > DIM_MOST)
        return;
    float *x = calloc(dim, sizeof *x), *out = malloc(diffusion_model_outputs(model) * sizeof *out);
    FUZZ_CHECK(x != NULL && out != NULL);
    FUZZ_CHECK(diffusion_model_forward(model, x, &time, NULL, 1, out) == DIFFUSION_OK);
    free(out);
    free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    diffusion_model *model = NULL;
    FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
    diffusion_status status = diffusion_model_load_memory(&model, data, size);
    if (status != DIFFUSION_OK) {
        check_refused(status, model, "memory");
        return 0;
    }
    check_round_trip(model);
    check_forward(model);
    diffusion_model_free(model);
    return 0;
}
