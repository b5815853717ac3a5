#define _POSIX_C_SOURCE 200809L

#include "training/interrupted.h"

#include "common/fail.h"
#include "common/same_file.h"
#include "common/text.h"
#include "training/setup.h"

#include <stdlib.h>
#include <unistd.h>

void interrupted_spare(const char *checkpoint, const char *output, const char *resumed, int force)
{
    diffusion_trainer *trainer;
    if (force || (resumed != NULL && same_file(checkpoint, resumed)) || access(checkpoint, F_OK) != 0)
        return;
    const diffusion_status status = diffusion_trainer_resume(&trainer, checkpoint);
    /* The system, a later version or a larger machine might. */
    if (status == DIFFUSION_E_IO || status == DIFFUSION_E_SPEC || status == DIFFUSION_E_MEMORY)
        (status == DIFFUSION_E_IO ? fail : fail_usage)(
            "%s: would be written over, but a run may be there that cannot be read here; --force gives it up: %s",
            checkpoint, diffusion_last_error());
    if (status != DIFFUSION_OK)
        return; /* nothing that could go on */
    const int64_t done = diffusion_trainer_steps(trainer), steps = training_number(trainer, "steps");
    diffusion_trainer_free(trainer);
    if (done == 0 || (steps > 0 && done >= steps && access(output, F_OK) == 0))
        return; /* no work is in it, or its model is there, which a full disk may have had no room for */
    char *name = text_shell(checkpoint), *step = text_format("%lld", (long long)done);
    if (steps > 0) /* a program's own run need not say how long it is to be */
        text_append(&step, " of %lld", (long long)steps);
    fail_usage("%s: would be written over, but a run is there that has come to step %s; --resume %s goes on with it, "
               "--force gives it up",
               checkpoint, step, name);
}
