#include "training/history.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <stdlib.h>

enum { POINTS_MOST = 256 }; /* of the losses that a model keeps, which may itself be small */

static diffusion_model *copy_of(const diffusion_model *model)
{
    size_t size;
    diffusion_model *copy;
    check(diffusion_model_save_memory(model, NULL, 0, &size));
    void *bytes = allocate(size, 1);
    check(diffusion_model_save_memory(model, bytes, size, NULL));
    check(diffusion_model_load_memory(&copy, bytes, size));
    free(bytes);
    return copy;
}

diffusion_model *history_model(const diffusion_trainer *trainer, const curve *losses)
{
    diffusion_model *model = copy_of(diffusion_trainer_model(trainer));
    curve kept = *losses;
    curve_shorten(&kept, POINTS_MOST);
    char *points = curve_text(&kept), *steps = text_format("%lld", (long long)diffusion_trainer_steps(trainer));
    check(diffusion_model_set_metadata(model, "training", diffusion_trainer_spec(trainer)));
    check(diffusion_model_set_metadata(model, "training.steps", steps));
    check(diffusion_model_set_metadata(model, "training.losses", points));
    free(steps);
    free(points);
    return model;
}

void history_forget(diffusion_model *model)
{
    static const char *const keys[] = {"training", "training.steps", "training.losses", "average_width"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        check(diffusion_model_set_metadata(model, keys[i], NULL));
}

static void take(history *out, const char *spec, int64_t steps, const char *losses)
{
    out->spec = text_format("%s", spec);
    out->steps = steps;
    if (losses == NULL || !curve_read(&out->losses, losses))
        curve_begin(&out->losses, 0);
}

void history_recall(history *out, const diffusion_model *model, const char *path)
{
    const char *spec = diffusion_model_metadata(model, "training"),
               *steps = diffusion_model_metadata(model, "training.steps");
    diffusion_trainer *trainer = NULL;
    int64_t count;
    *out = (history){0};
    if (spec != NULL && steps != NULL && text_integer(&count, steps, 0, INT64_MAX)) {
        take(out, spec, count, diffusion_model_metadata(model, "training.losses"));
    } else if (diffusion_trainer_resume(&trainer, path) == DIFFUSION_OK) { /* else it is no checkpoint */
        take(out, diffusion_trainer_spec(trainer), diffusion_trainer_steps(trainer),
             diffusion_trainer_metadata(trainer, "losses"));
        diffusion_trainer_free(trainer);
    }
}

void history_release(history *of)
{
    free(of->spec);
}
