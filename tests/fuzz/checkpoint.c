/* Any bytes as a checkpoint: refused in one sentence that names the file, or a trainer that saves the same checkpoint
 * again and again, and takes a step. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"
#include "scratch.h"

#include <sys/stat.h>

enum { PARAMETERS_MOST = 1 << 16, DIM_MOST = 1024, BATCH = 2 };

static size_t size_of(const char *path)
{
    struct stat about;
    FUZZ_CHECK(stat(path, &about) == 0);
    return (size_t)about.st_size;
}

/* A file that one trainer wrote is written the same by the next that reads it. */
static void check_round_trip(const diffusion_trainer *trainer, const char *path)
{
    diffusion_trainer *again = NULL;
    FUZZ_CHECK(diffusion_trainer_save(trainer, path) == DIFFUSION_OK);
    size_t size = size_of(path);
    uint8_t *first = scratch_read(path, size);
    FUZZ_CHECK(diffusion_trainer_resume(&again, path) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_trainer_steps(again) == diffusion_trainer_steps(trainer));
    FUZZ_CHECK(diffusion_trainer_save(again, path) == DIFFUSION_OK && size_of(path) == size);
    uint8_t *second = scratch_read(path, size);
    FUZZ_CHECK(memcmp(first, second, size) == 0);
    free(second);
    free(first);
    diffusion_trainer_free(again);
    unlink(path);
}

/* Weights from anywhere may overflow: a step is taken, or refused with nothing changed. */
static void check_step(diffusion_trainer *trainer)
{
    size_t dim = diffusion_model_dim(diffusion_trainer_model(trainer));
    int64_t steps = diffusion_trainer_steps(trainer);
    float *x0 = calloc(BATCH * dim, sizeof *x0);
    FUZZ_CHECK(x0 != NULL);
    diffusion_status status = diffusion_trainer_step(trainer, x0, NULL, BATCH, NULL);
    FUZZ_CHECK(diffusion_trainer_steps(trainer) == steps + (status == DIFFUSION_OK));
    free(x0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[SCRATCH_PATH];
    diffusion_trainer *trainer = NULL;
    FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
    scratch_path(path, "");
    scratch_write(path, data, size);
    diffusion_status status = diffusion_trainer_resume(&trainer, path);
    unlink(path);
    if (status != DIFFUSION_OK) {
        check_refused(status, trainer, path);
        return 0;
    }
    check_round_trip(trainer, path);
    if (diffusion_model_dim(diffusion_trainer_model(trainer)) <= DIM_MOST)
        check_step(trainer);
    diffusion_trainer_free(trainer);
    return 0;
}
