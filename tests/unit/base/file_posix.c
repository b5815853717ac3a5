/* What files have on POSIX systems alone: modes, links, processes that are killed, descriptors, pipes. */
#define _POSIX_C_SOURCE 200809L
#include "saved.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void a_replaced_file_keeps_its_mode(void **state)
{
    (void)state;
    struct stat about;
    write_file("old");
    assert_int_equal(chmod(path, 0640), 0);
    write_file("new");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0640);
    unlink(path);
    mode_t mask = umask(027);
    write_file("fresh");
    umask(mask);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0640);
}

static void a_link_is_followed(void **state)
{
    (void)state;
    struct stat about;
    unlink(path);
    assert_int_equal(mkdir("aside", 0700), 0);
    assert_int_equal(symlink("aside/real", "second"), 0);
    assert_int_equal(symlink("second", path), 0); /* that leads nowhere yet */
    write_file("new");
    assert_content("new");
    write_file("newer");
    assert_content("newer");
    assert_int_equal(lstat(path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(lstat("aside/real", &about), 0);
    assert_true(S_ISREG(about.st_mode));
    assert_int_equal(folder_entries(), 3);
    assert_int_equal(unlink("second") | unlink("aside/real") | rmdir("aside") | unlink(path), 0);
    file_writer *writer = NULL;
    assert_int_equal(symlink(path, path), 0);
    assert_refused(file_create(&writer, path), DIFFUSION_E_IO, "symbolic links");
    assert_int_equal(unlink(path), 0);
}

/* What a killed process leaves is taken over, be it one name for ever. */
static void one_name_is_enough_for_all_kills(void **state)
{
    (void)state;
    unlink(path);
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            file_writer *writer = NULL;
            _exit(file_create(&writer, path) == DIFFUSION_OK && file_write(writer, "half", 4) == DIFFUSION_OK ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(folder_entries(), 1);
    }
    write_file("whole");
    assert_content("whole");
    assert_int_equal(folder_entries(), 1);
}

#if defined(__linux__) && !defined(__GLIBC__)
#define TOO_LONG "Filename too long" /* musl */
#else
#define TOO_LONG "File name too long"
#endif

static void a_name_that_is_too_long_is_refused_at_once(void **state)
{
    (void)state;
    char name[300] = "";
    size_t entries = folder_entries();
    file_writer *writer = NULL;
    memset(name, 'n', 256);
    assert_refused(file_create(&writer, name), DIFFUSION_E_IO, TOO_LONG);
    assert_int_equal(folder_entries(), entries);
}

/* What the host prints would else land in the file. */
static void standard_streams_are_never_files(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    file_reader *reader = NULL;
    int kept[3];
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
        close(i);
    }
    diffusion_status created = file_create(&writer, path), opened = file_open(&reader, path);
    int used = fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0;
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    assert_ok(created);
    assert_ok(opened);
    assert_false(used);
    file_close(reader);
    file_abandon(writer);
}

static void a_pipe_is_refused_without_waiting(void **state)
{
    (void)state;
    file_reader *reader = NULL;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_refused(file_open(&reader, "pipe"), DIFFUSION_E_IO, "not a regular file");
    assert_int_equal(unlink("pipe"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_file_keeps_its_mode),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(one_name_is_enough_for_all_kills),
        cmocka_unit_test(standard_streams_are_never_files),
        cmocka_unit_test(a_name_that_is_too_long_is_refused_at_once),
        cmocka_unit_test(a_pipe_is_refused_without_waiting),
    };
    return cmocka_run_group_tests(tests, folder_enter, saved_leave);
}
