/* What a failed write leaves untouched, by a limit on the size of files, which Windows has none of. */
#define _POSIX_C_SOURCE 200809L
#include "blocks.h"
#include "folder.h"

#include "format/safetensors.h"

#include <signal.h>
#include <sys/resource.h>

#define SAVED "saved.safetensors"

static block_counts blocks;

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    float *values = calloc(COUNT, sizeof *values);
    const safetensors_tensor small = {"w", 1, {1}, values, NULL}, large = {"w", 1, {COUNT}, values, NULL};
    struct rlimit limit, tight;
    size_t size, after_size;
    assert_ok(safetensors_save(SAVED, &small, 1, NULL, 0));
    unsigned char *before = folder_read(SAVED, &size);
    int descriptor = folder_next_descriptor();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    tight = limit;
    tight.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    diffusion_status status = safetensors_save(SAVED, &large, 1, NULL, 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_refused(status, DIFFUSION_E_IO, SAVED ": cannot write: File too large");
    unsigned char *after = folder_read(SAVED, &after_size);
    assert_int_equal(after_size, size);
    assert_memory_equal(after, before, size);
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(folder_next_descriptor(), descriptor);
    assert_int_equal(blocks.live, 0);
    free(before);
    free(after);
    free(values);
    remove(SAVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
    };
    blocks_use(&blocks);
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
