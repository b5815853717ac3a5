/* Any bytes as a snapshot of a training, alone and beside a sound one: refused in one sentence that names a file or the
 * average, or a model whose own file reads back the same. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"
#include "round_trip.h"
#include "scratch.h"

enum { PARAMETERS_MOST = 1 << 16, N = 4 };

static char sound[SCRATCH_PATH];

static void remove_sound(void)
{
    unlink(sound);
}

/* Made once: of the run that the corpus's snapshots are of. */
static void make_sound(void)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    const float x0[N] = {-1, 0, 1, 2};
    scratch_path(sound, "-sound");
    FUZZ_CHECK(diffusion_schedule_create(&schedule, "linear steps=3") == 0);
    FUZZ_CHECK(diffusion_model_create(&model, "mlp shape=1 width=2 depth=1 time_features=0", 1) == 0);
    FUZZ_CHECK(diffusion_trainer_create(&trainer, model, schedule, "post_hoc_ema=yes seed=1") == 0);
    FUZZ_CHECK(diffusion_trainer_step(trainer, x0, NULL, N, NULL) == 0);
    FUZZ_CHECK(diffusion_trainer_save_snapshot(trainer, sound) == 0);
    FUZZ_CHECK(atexit(remove_sound) == 0);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void check_average(const char *const *paths, size_t count, double width)
{
    diffusion_model *model = NULL;
    double error = -1;
    diffusion_status status = diffusion_trainer_average(&model, paths, count, width, &error);
    if (status != DIFFUSION_OK) {
        const int of_all = strncmp(diffusion_last_error(), "average: ", 9) == 0;
        check_refused(status, model, of_all ? "average: " : paths[0]);
        return;
    }
    FUZZ_CHECK(error >= 0 && error <= 0.1);
    check_round_trip(model);
    diffusion_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[SCRATCH_PATH];
    FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
    if (sound[0] == '\0')
        make_sound();
    scratch_path(path, "");
    scratch_write(path, data, size);
    check_average((const char *const[]){path}, 1, 0.1);
    check_average((const char *const[]){path, sound}, 2, 0.07);
    unlink(path);
    return 0;
}
