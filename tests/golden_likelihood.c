/* golden-likelihood FOLDER…: every recorded bound (improved-diffusion) and every mixture (closed forms, scipy) of a
 * folder, see tests/golden/README.md, made again: terms of the bound for each prediction, likelihoods of the flow by
 * the exact trace and along probes, and a table of elbo <= iwae(k) <= truth, where the truth is a quadrature over the
 * chain's states, or of bits the sum over all trajectories. Fails if a number is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_likelihood/replay.h"

#include "golden_folder.h"

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

static golden_verdict check_file(const char *folder, const char *name)
{
    char path[4096];
    safetensors *file = NULL;
    mixture of;
    int good = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf("%s\n", name);
    if (safetensors_open(&file, path) != DIFFUSION_OK) {
        printf("  OFF: %s\n", diffusion_last_error());
        return GOLDEN_OFF;
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
    return good ? GOLDEN_AGREES : GOLDEN_OFF;
}

int main(int argc, char **argv)
{
    const int bits = bits_check(), folders = golden_folders(argc, argv, check_file);
    return bits ? folders : 1;
}
