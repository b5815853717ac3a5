#define _POSIX_C_SOURCE 200809L

#include "training/snapshots.h"

#include "common/fail.h"
#include "common/interrupt.h"
#include "common/snapshots.h"
#include "common/specs.h"

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

static void remove_later(const char *folder, int64_t step)
{
    snapshot_list there;
    snapshots_list(&there, folder);
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
    remove_later(out->folder, diffusion_trainer_steps(trainer));
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
