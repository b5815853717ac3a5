/* Three texts as the JSON of a folder of diffusers, with form feeds between them: model_index, scheduler, unet. The
 * tensors are those of the corpus's first network. Refused in one sentence that names the folder, or a model that can
 * be written as a folder, which loads again. */
#define _POSIX_C_SOURCE 200809L
#include "refused.h"
#include "scratch.h"

#include <sys/stat.h>

#define SPEC "unet shape=4,4,1 channels=4,4 blocks=1 groups=2"
enum { PARAMETERS_MOST = 1 << 14, PARTS = 3 };

static const char *const folders[] = {"", "/scheduler", "/unet"};
static const char *const files[PARTS] = {"/model_index.json", "/scheduler/scheduler_config.json", "/unet/config.json"};
static const char tensors[] = "/unet/diffusion_pytorch_model.safetensors";

static char folder[SCRATCH_PATH], second[SCRATCH_PATH];

static const char *joined(const char *place, const char *name)
{
    static char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s%s", place, name);
    return path;
}

static void clean(const char *place)
{
    for (size_t i = 0; i < PARTS; i++)
        unlink(joined(place, files[i]));
    unlink(joined(place, tensors));
    for (size_t i = PARTS; i-- > 0;)
        rmdir(joined(place, folders[i]));
}

static void leave(void)
{
    clean(folder);
}

static void make_folder(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    FUZZ_CHECK(diffusion_model_create(&model, SPEC, 1) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_schedule_create(&schedule, "linear steps=10") == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_model_save_diffusers(model, schedule, folder) == DIFFUSION_OK);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

/* Its parts in place of the folder's; a part that is not there leaves its file missing. */
static void write_parts(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < PARTS; i++) {
        unlink(joined(folder, files[i]));
        if (data == NULL)
            continue;
        const uint8_t *end = size > 0 ? memchr(data, '\f', size) : NULL;
        size_t length = end != NULL ? (size_t)(end - data) : size;
        scratch_write(joined(folder, files[i]), data, length);
        size -= length + (end != NULL);
        data = end != NULL ? end + 1 : NULL;
    }
}

static void check_round_trip(const diffusion_model *model)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *again = NULL;
    const char *spec = diffusion_model_metadata(model, "schedule");
    FUZZ_CHECK(spec != NULL && diffusion_schedule_create(&schedule, spec) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_model_save_diffusers(model, schedule, second) == DIFFUSION_OK);
    FUZZ_CHECK(diffusion_model_load(&again, second) == DIFFUSION_OK);
    FUZZ_CHECK(strcmp(diffusion_model_spec(again), diffusion_model_spec(model)) == 0);
    diffusion_model_free(again);
    diffusion_schedule_free(schedule);
    clean(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    diffusion_model *model = NULL;
    if (folder[0] == '\0') {
        FUZZ_CHECK(diffusion_set_parameter_limit(PARAMETERS_MOST) == DIFFUSION_OK && diffusion_set_threads(1) == 0);
        scratch_path(folder, "");
        scratch_path(second, ".saved");
        make_folder();
        atexit(leave);
    }
    write_parts(data, size);
    diffusion_status status = diffusion_model_load(&model, folder);
    if (status != DIFFUSION_OK) {
        check_refused(status, model, folder);
        return 0;
    }
    check_round_trip(model);
    diffusion_model_free(model);
    return 0;
}
