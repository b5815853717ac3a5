#define _POSIX_C_SOURCE 200809L

#include "training/snapshots.h"

#include "common/fail.h"
#include "common/interrupt.h"
#include "common/snapshots.h"
#include "common/specs.h"
#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SNAPSHOTS = 32 /* of a run */ };

void snapshots_check(const snapshot_options *options, int resumed)
{
    if (options->folder == NULL && options->every > 0)
        fail_usage("train: --snapshot-every %lld: expected --snapshots FOLDER, where they go", options->every);
    if (options->folder == NULL)
        return;
    snapshot_list there;
    if (options->folder[0] == '\0')
        fail_usage("train: the name of the folder of snapshots is empty");
    snapshots_list(&there, options->folder);
    if (there.count > 0 && !resumed)
        fail_usage("%s: of another run, expected a folder without snapshots", there.paths[0]);
    snapshots_release(&there);
}

/* Whether a snapshot is of the run of `own`: averages are made of one run's alone. */
static int is_of_run(const char *path, const char *own)
{
    const char *const both[] = {own, path};
    diffusion_model *average = NULL;
    const diffusion_status status = diffusion_trainer_average(&average, both, 2, 0.1, NULL);
    diffusion_model_free(average);
    return status == DIFFUSION_OK || status == DIFFUSION_E_SPEC; /* two may be too few */
}

/* The first of those beyond the run's step that is not known to be of this run; NULL if all are. */
static const char *find_foreign(const snapshot_list *there, const char *folder, const diffusion_trainer *trainer)
{
    if (diffusion_trainer_steps(trainer) == 0)
        return there->paths[0];
    char *own = text_format("%s/resumed.part", folder);
    const char *found = NULL;
    interrupt_defer(); /* no signal leaves it there */
    interrupt_saving(1);
    check(diffusion_trainer_save_snapshot(trainer, own));
    for (size_t i = 0; i < there->count && found == NULL; i++)
        if (there->steps[i] > diffusion_trainer_steps(trainer) && !is_of_run(there->paths[i], own))
            found = there->paths[i];
    remove(own);
    interrupt_saving(0);
    free(own);
    return found;
}

/* What a killed run saved after its checkpoint. */
static void remove_later(const char *folder, const diffusion_trainer *trainer)
{
    const int64_t step = diffusion_trainer_steps(trainer);
    snapshot_list there;
    snapshots_list(&there, folder);
    const int any = there.count > 0 && there.steps[there.count - 1] > step; /* they are in order */
    const char *foreign = any ? find_foreign(&there, folder, trainer) : NULL;
    if (foreign != NULL)
        fail_usage("%s: would be removed, but is not known to be of the run that is resumed; expected that run's own "
                   "folder of snapshots",
                   foreign);
    for (size_t i = 0; i < there.count; i++)
        if (there.steps[i] > step && remove(there.paths[i]) != 0)
            fail("%s: cannot remove: %s", there.paths[i], strerror(errno));
    snapshots_release(&there);
}

void snapshots_begin(snapshots *out, const snapshot_options *options, const diffusion_trainer *trainer, int64_t steps)
{
    *out = (snapshots){.folder = options->folder, .every = options->every};
    if (out->folder == NULL)
        return;
    if (out->every == 0)
        out->every = steps > SNAPSHOTS ? steps / SNAPSHOTS : 1;
    char *keeps = spec_value(diffusion_trainer_spec(trainer), "post_hoc_ema");
    if (strcmp(keeps, "yes") != 0)
        fail_usage("train: --snapshots needs post_hoc_ema=yes, and the run was begun with %s", keeps);
    free(keeps);
    if (mkdir(out->folder, 0777) != 0 && errno != EEXIST)
        fail("%s: cannot make the folder: %s", out->folder, strerror(errno));
    remove_later(out->folder, trainer);
}

void snapshots_save(const snapshots *to, const diffusion_trainer *trainer, int64_t steps)
{
    const int64_t step = diffusion_trainer_steps(trainer);
    if (to->folder == NULL || (step % to->every != 0 && step != steps))
        return;
    char *path = snapshot_name(to->folder, step);
    interrupt_saving(1);
    check(diffusion_trainer_save_snapshot(trainer, path));
    interrupt_saving(0);
    free(path);
}
