/* golden-analytic-dpm FOLDER…: every file of a folder that Analytic-DPM's code has written (see tests/golden/README.md)
 * made again from its own options: variances, reverse runs, bounds and trajectories, with the model read as each of
 * four predictions. Prints a line a file: the worst difference of each kind; fails if one is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_analytic_dpm/replay.h"

#include <dirent.h>
#include <stdlib.h>

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

/* 1 where the file is off. */
static int check_file(const char *folder, const char *name)
{
    char path[4096];
    recorded of = {0};
    int off = 0, known = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf("%-40s", name);
    if (!recorded_open(&of, path)) {
        printf(" OFF: %s\n", diffusion_last_error());
        return 1;
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
    return off || !known;
}

static int is_wanted(const struct dirent *entry)
{
    const char *end = strstr(entry->d_name, ".safetensors");
    return end != NULL && strcmp(end, ".safetensors") == 0;
}

static int check_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_wanted, alphasort);
    int off = 0;
    for (int i = 0; i < count; i++) {
        off += check_file(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %d of %d files agree\n", folder, count - off, count);
    return off > 0;
}

int main(int argc, char **argv)
{
    int off = 0, any = 0;
    for (int i = 1; i < argc; i++)
        if (access(argv[i], R_OK) == 0) {
            off |= check_folder(argv[i]);
            any = 1;
        } else {
            printf("%s: skipped, not there\n", argv[i]);
        }
    return any ? off : GOLDEN_SKIPPED;
}
