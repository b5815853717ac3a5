/* Each system call of a save made to fail, one after another: an interruption goes unnoticed, a fault is reported, and
 * there is the old file or the new one, and nothing beside it. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include "file_calls.h"
#include "folder.h"

#include "base/file.h"

#include <errno.h>

static const char *const call_names[FILE_CALLS] = {"open",   "write",  "fsync",  "close",
                                                   "fchmod", "rename", "unlink", "mkdir"};
static int made[FILE_CALLS], failing = -1, failing_at, failing_with;

static int file_call_fails(file_call which)
{
    if ((int)which != failing || ++made[which] != failing_at)
        return 0;
    errno = failing_with;
    return 1;
}

static diffusion_status save(const char *text)
{
    file_writer *writer = NULL;
    diffusion_status status = file_create(&writer, "file");
    if (status == DIFFUSION_OK && (status = file_write(writer, text, strlen(text))) != DIFFUSION_OK)
        file_abandon(writer);
    return status == DIFFUSION_OK ? file_commit(writer) : status;
}

static int holds(const char *text)
{
    size_t size;
    unsigned char *bytes = folder_read("file", &size);
    int same = size == strlen(text) && memcmp(bytes, text, size) == 0;
    free(bytes);
    return same;
}

/* The save with one fault; whether it was reached. `reported`: whether the save must say so. */
static int save_with(file_call which, int at, int error, int reported)
{
    assert_ok(save("old"));
    int descriptor = folder_next_descriptor();
    memset(made, 0, sizeof made);
    failing = (int)which, failing_at = at, failing_with = error;
    diffusion_status status = save("the new one");
    int reached = made[which] >= at;
    failing = -1;
    if (status != (reached && reported ? DIFFUSION_E_IO : DIFFUSION_OK))
        fail_msg("%s %d: %s: returned %d", call_names[which], at, strerror(error), (int)status);
    assert_true(holds("the new one") || (status != DIFFUSION_OK && holds("old")));
    if (status != DIFFUSION_OK)
        assert_non_null(strstr(diffusion_last_error(), strerror(error)));
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(folder_next_descriptor(), descriptor);
    return reached;
}

static void an_interrupted_call_is_made_again(void **state)
{
    (void)state;
    static const file_call calls[] = {OPEN, WRITE, FSYNC, CLOSE};
    static const int least[] = {2, 1, 2, 2}; /* the file and its folder */
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int at = 1;
        while (save_with(calls[i], at, EINTR, 0))
            at++;
        assert_true(at > least[i]);
    }
}

static void a_fault_is_reported_and_leaves_one_whole_file(void **state)
{
    (void)state;
    static const int errors[] = {EIO, ENOSPC, EDQUOT};
    static const file_call calls[] = {OPEN, WRITE, FSYNC, RENAME};
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            for (int at = 1; save_with(calls[i], at, errors[e], 1); at++)
                continue;
    assert_true(save_with(CLOSE, 1, EIO, 1));
}

static void what_a_file_system_does_not_have_is_no_fault(void **state)
{
    (void)state;
    assert_true(save_with(FCHMOD, 1, EPERM, 0));
    assert_true(save_with(OPEN, 2, EACCES, 0));  /* the folder, to be synced */
    assert_true(save_with(FSYNC, 2, EINVAL, 0)); /* the folder */
}

static int leave(void **state)
{
    unlink("file");
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupted_call_is_made_again),
        cmocka_unit_test(a_fault_is_reported_and_leaves_one_whole_file),
        cmocka_unit_test(what_a_file_system_does_not_have_is_no_fault),
    };
    return cmocka_run_group_tests(tests, folder_enter, leave);
}
