/* golden-analytic-dpm FOLDER…: every file of a folder that Analytic-DPM's code has written (see tests/golden/README.md)
 * made again from its own options: variances, reverse runs, bounds and trajectories, with the model read as each of
 * four predictions. Prints a line a file: the worst difference of each kind; fails if one is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_analytic_dpm/replay.h"

#include "golden_folder.h"

typedef int check_fn(recorded *of, worst *found);

/* What a file may hold, and how near it has to come; the decoder's term is the logarithm of a difference of two
 * distribution functions, which the peer takes with an error of 1e-16, 1e-6 of a mass of 1e-10. */
static const struct {
    const char *name;
    check_fn *check;
    double allowed;
} checks[] = {
    {"variances", variances_check, 1e-10},
    {"runs", runs_check, 1e-10},
    {"bound", bound_check, 1e-9},
    {"decoder", decoder_check, 1e-6},
    {"optimal steps", optimal_check, 1e-10},
    {"segments", segments_check, 1e-10},
    {"paths", paths_check, 1e-10},
};

enum { CHECKS = sizeof checks / sizeof checks[0] };

static golden_verdict check_file(const char *folder, const char *name)
{
    char path[4096];
    recorded of = {0};
    int off = 0, known = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf("%-40s", name);
    if (!recorded_open(&of, path)) {
        printf(" OFF: %s\n", diffusion_last_error());
        return GOLDEN_OFF;
    }
    for (size_t i = 0; i < CHECKS; i++) {
        worst found = {.difference = 0.0};
        const int held = checks[i].check(&of, &found);
        if (held == 0)
            continue;
        const int fails = held < 0 || !(found.difference <= checks[i].allowed);
        printf(" %s%s %.1e (%zu)%s%s", fails ? "OFF: " : "", checks[i].name, found.difference, found.compared,
               held < 0 ? " " : "", held < 0 ? diffusion_last_error() : "");
        off |= fails;
        known = 1;
    }
    printf("%s\n", known ? "" : " OFF: nothing in it is known here");
    recorded_close(&of);
    return off || !known ? GOLDEN_OFF : GOLDEN_AGREES;
}

int main(int argc, char **argv)
{
    return golden_folders(argc, argv, check_file);
}
