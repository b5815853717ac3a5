#include <diffusion/coder.h>

#include "base/error.h"
#include "coding/coder.h"
#include "model/condition.h"

diffusion_status diffusion_coder_create(diffusion_coder **out, const diffusion_model *model,
                                        const diffusion_schedule *schedule, const char *spec)
{
    ERROR_IF_NULL("coder_create", out);
    ERROR_IF_NULL("coder_create", model);
    ERROR_IF_NULL("coder_create", schedule);
    ERROR_IF_NULL("coder_create", spec);
    return coder_create(out, model, schedule, spec);
}

diffusion_status diffusion_coder_load(diffusion_coder **out, const diffusion_model *model,
                                      const diffusion_schedule *schedule, const char *path)
{
    ERROR_IF_NULL("coder_load", out);
    ERROR_IF_NULL("coder_load", model);
    ERROR_IF_NULL("coder_load", schedule);
    ERROR_IF_NULL("coder_load", path);
    return coder_load(out, model, schedule, path);
}

diffusion_status diffusion_coder_set_progress(diffusion_coder *coder, diffusion_progress_fn *progress, void *user)
{
    ERROR_IF_NULL("coder_set_progress", coder);
    diffusion_status status = busy_check(&coder->busy, "coder_set_progress");
    if (status != DIFFUSION_OK)
        return status;
    coder->progress = progress;
    coder->progress_user = user;
    return DIFFUSION_OK;
}

static diffusion_status end(diffusion_coder *coder, diffusion_status status)
{
    if (busy_end(&coder->busy, status)) /* a callback has freed it */
        coder_free(coder);
    return status;
}

diffusion_status diffusion_coder_encode(diffusion_coder *coder, const float *x0, const diffusion_condition *condition,
                                        size_t n)
{
    ERROR_IF_NULL("coder_encode", coder);
    ERROR_IF_NULL("coder_encode", x0);
    diffusion_status status = busy_begin(&coder->busy, "coder_encode");
    if (status != DIFFUSION_OK)
        return status;
    condition_retain(condition); /* a callback may free it */
    status = coder_encode(coder, x0, condition, n);
    condition_release(condition);
    return end(coder, status);
}

diffusion_status diffusion_coder_decode(diffusion_coder *coder, float *x0, int32_t *labels, size_t n)
{
    ERROR_IF_NULL("coder_decode", coder);
    ERROR_IF_NULL("coder_decode", x0);
    diffusion_status status = busy_begin(&coder->busy, "coder_decode");
    return status == DIFFUSION_OK ? end(coder, coder_decode(coder, x0, labels, n)) : status;
}

diffusion_status diffusion_coder_value(const diffusion_coder *coder, const char *quantity, double *out)
{
    ERROR_IF_NULL("coder_value", coder);
    ERROR_IF_NULL("coder_value", quantity);
    ERROR_IF_NULL("coder_value", out);
    return coder_value(coder, quantity, out);
}

diffusion_status diffusion_coder_save(diffusion_coder *coder, const char *path)
{
    ERROR_IF_NULL("coder_save", coder);
    ERROR_IF_NULL("coder_save", path);
    diffusion_status status = busy_begin(&coder->busy, "coder_save");
    return status == DIFFUSION_OK ? end(coder, coder_save(coder, path)) : status;
}

const char *diffusion_coder_spec(const diffusion_coder *coder)
{
    return coder != NULL ? coder->spec : NULL;
}

const char *diffusion_coder_error(const diffusion_coder *coder)
{
    return coder != NULL ? coder->busy.error.sentence : "";
}

void diffusion_coder_free(diffusion_coder *coder)
{
    if (coder != NULL && busy_may_free(&coder->busy))
        coder_free(coder);
}
