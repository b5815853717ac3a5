#include "base/busy.h"

diffusion_status busy_check(const busy *self, const char *function)
{
    if (self->calling)
        return error_set(DIFFUSION_E_STATE,
                         "%s: a call of this handle has not returned; its callbacks may read the handle, not use it",
                         function);
    return DIFFUSION_OK;
}

diffusion_status busy_begin(busy *self, const char *function)
{
    diffusion_status status = error_keep(&self->error, busy_check(self, function));
    if (status == DIFFUSION_OK)
        self->calling = 1;
    return status;
}

int busy_end(busy *self, diffusion_status status)
{
    error_keep(&self->error, status);
    self->calling = 0;
    return self->freed;
}

int busy_may_free(busy *self)
{
    self->freed = self->calling;
    return !self->calling;
}
