/* golden-likelihood FOLDER…: every recorded bound (improved-diffusion) and every mixture (closed forms, scipy) of a
 * folder, see tests/golden/README.md, made again: terms of the bound for each prediction, likelihoods of the flow by
 * the exact trace and along probes, and a table of elbo <= iwae(k) <= truth, where the truth is a quadrature over the
 * chain's states, or of bits the sum over all trajectories. Fails if a number is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_likelihood/replay.h"

#include <dirent.h>

double *tensor_of(safetensors *file, const char *name, size_t *count)
{
    const safetensors_entry *entry = safetensors_find(file, name);
    if (entry == NULL)
        return NULL;
    double *values = malloc(entry->count * sizeof *values + 1);
    assert_ok(safetensors_read_double(file, entry, values, entry->count));
    if (count != NULL)
        *count = entry->count;
    return values;
}

static int check_file(const char *folder, const char *name)
{
    char path[4096];
    safetensors *file = NULL;
    mixture of;
    int good = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf("%s\n", name);
    if (safetensors_open(&file, path) != DIFFUSION_OK) {
        printf("  OFF: %s\n", diffusion_last_error());
        return 0;
    }
    if (safetensors_find(file, "vb") != NULL) {
        good = bound_check(file);
    } else {
        if (mixture_read(&of, file))
            good = flow_check(file, &of) & table_check(file, &of);
        else
            printf("  OFF: neither a bound nor a mixture in the plane\n");
        mixture_release(&of);
    }
    safetensors_close(file);
    return good;
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
    int good = 0;
    for (int i = 0; i < count; i++) {
        good += check_file(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %d of %d files agree\n", folder, good, count);
    return good == count;
}

int main(int argc, char **argv)
{
    int good = bits_check(), any = 0;
    for (int i = 1; i < argc; i++)
        if (access(argv[i], R_OK) == 0) {
            good &= check_folder(argv[i]);
            any = 1;
        } else {
            printf("%s: skipped, not there\n", argv[i]);
        }
    return good && any ? 0 : 1;
}
