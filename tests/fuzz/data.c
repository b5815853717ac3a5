/* Any bytes as a data file of the tool, of the name that FUZZ_SUFFIX ends: refused in one sentence that names the file,
 * or data whose parts agree with one another. */
#define _POSIX_C_SOURCE 200809L
#include "contained.h"
#include "scratch.h"

#include "data/dataset.h"

#include <math.h>
#include <string.h>

static char path[SCRATCH_PATH];

/* Every value once: a sanitizer sees what was not filled in bounds. */
static void check_values(const dataset *data)
{
    size_t dim = 1;
    for (size_t i = 0; i < data->rank; i++)
        dim *= (size_t)data->shape[i];
    FUZZ_CHECK(data->rank >= 1 && data->rank <= DATA_RANK && dim == data->dim && data->count > 0 && dim > 0);
    FUZZ_CHECK(data->minimum <= data->maximum);
    for (size_t i = 0; i < data->count * dim; i++) {
        FUZZ_CHECK(data->values[i] >= data->minimum && data->values[i] <= data->maximum);
        FUZZ_CHECK(!data_is_whole(data, i % dim) || data->values[i] == floor(data->values[i]));
    }
    for (size_t j = 0; data->names != NULL && j < dim; j++)
        FUZZ_CHECK(strlen(data->names[j]) < SIZE_MAX);
}

static void load(void *with)
{
    static const data_format as_it_is;
    dataset data;
    (void)with;
    data_load(&data, path, &as_it_is);
    check_values(&data);
    data_release(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char said[8192] = "";
    scratch_path(path, FUZZ_SUFFIX);
    scratch_write(path, bytes, size);
    int status = contained(load, NULL, said, sizeof said);
    unlink(path);
    if (status >= 0) {
        char *last = strstr(said, "diffusion: /");
        FUZZ_CHECK(status == 1 && last != NULL && strstr(last, path) == last + strlen("diffusion: "));
    }
    for (const char *at = said; *at != '\0'; at++) /* a terminal's own commands are none of ours */
        FUZZ_CHECK((unsigned char)*at >= ' ' || *at == '\n');
    return 0;
}
