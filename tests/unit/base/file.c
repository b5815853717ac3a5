/* Reading with checked sizes; writing that leaves the old file or the new one, and nothing beside it. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char path[] = "file", missing[] = "none/file", folder[] = ".";

static void write_file(const char *text)
{
    file_writer *writer = NULL;
    assert_ok(file_create(&writer, path));
    assert_ok(file_write(writer, text, strlen(text)));
    assert_ok(file_commit(writer));
}

static void assert_content(const char *text)
{
    char bytes[64] = "";
    file_reader *reader = NULL;
    assert_ok(file_open(&reader, path));
    assert_int_equal(file_size(reader), strlen(text));
    assert_ok(file_read(reader, 0, bytes, strlen(text)));
    assert_string_equal(bytes, text);
    file_close(reader);
}

static void a_committed_file_replaces_the_old_one(void **state)
{
    (void)state;
    write_file("old");
    assert_content("old");
    write_file("the new one");
    assert_content("the new one");
    assert_int_equal(folder_entries(), 1);
}

static void the_old_file_stands_until_the_commit(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    write_file("old");
    assert_ok(file_create(&writer, path));
    assert_ok(file_write(writer, "new", 3));
    assert_content("old");
    assert_ok(file_commit(writer));
    assert_content("new");
}

static void an_abandoned_file_leaves_the_old_one_alone(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    write_file("old");
    assert_ok(file_create(&writer, path));
    assert_ok(file_write(writer, "half of", 7));
    file_abandon(writer);
    file_abandon(NULL);
    assert_content("old");
    assert_int_equal(folder_entries(), 1);
}

static void a_missing_folder_is_an_io_error_and_leaves_nothing(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    file_reader *reader = NULL;
    unlink(path);
    assert_refused(file_create(&writer, missing), DIFFUSION_E_IO, "cannot create a file beside");
    assert_refused(file_open(&reader, missing), DIFFUSION_E_IO, "none/file: cannot open: ");
    assert_true(writer == NULL && reader == NULL);
    assert_int_equal(folder_entries(), 0);
}

static void what_cannot_be_replaced_is_refused_at_once(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused(file_create(&writer, path), DIFFUSION_E_IO, "not a regular file");
    assert_refused(file_create(&writer, "/dev/null"), DIFFUSION_E_IO, "not a regular file");
    assert_refused(file_create(&writer, ""), DIFFUSION_E_IO, "is empty");
    assert_null(writer);
    assert_int_equal(folder_entries(), 1);
    assert_int_equal(rmdir(path), 0);
}

static void a_read_past_the_end_is_an_io_error(void **state)
{
    (void)state;
    char bytes[8];
    file_reader *reader = NULL;
    write_file("0123456789");
    assert_ok(file_open(&reader, path));
    assert_ok(file_read(reader, 7, bytes, 3));
    assert_memory_equal(bytes, "789", 3);
    assert_refused(file_read(reader, 7, bytes, 4), DIFFUSION_E_IO, "ends before byte 11");
    file_close(reader);
    file_close(NULL);
}

static void only_regular_files_are_opened(void **state)
{
    (void)state;
    file_reader *reader = NULL;
    assert_refused(file_open(&reader, folder), DIFFUSION_E_IO, "not a regular file");
    assert_refused(file_open(&reader, ""), DIFFUSION_E_IO, "the name of the file to read is empty");
    assert_null(reader);
}

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

static void a_folder_is_made_unless_it_is_there(void **state)
{
    (void)state;
    assert_false(file_is_there("made") || file_is_folder("made"));
    assert_ok(file_make_folder("made"));
    assert_ok(file_make_folder("made"));
    assert_true(file_is_there("made") && file_is_folder("made"));
    assert_int_equal(rmdir("made"), 0);
    write_file("content");
    assert_true(file_is_there(path) && !file_is_folder(path));
    assert_refused(file_make_folder(path), DIFFUSION_E_IO, "cannot make a folder: File exists");
    assert_refused(file_make_folder("no/such"), DIFFUSION_E_IO, "no/such: cannot make a folder: No such file");
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

/* What a killed process leaves is taken over, be it one name for ever; what is not its own is left alone. */
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
    assert_int_equal(mkdir("file.diffusion.part", 0700), 0);
    write_file("beside a folder");
    assert_content("beside a folder");
    assert_int_equal(rmdir("file.diffusion.part"), 0);
}

static void two_writers_of_one_file_do_not_meet(void **state)
{
    (void)state;
    file_writer *first = NULL, *second = NULL;
    assert_ok(file_create(&first, path));
    assert_ok(file_create(&second, path));
    assert_ok(file_write(first, "first", 5));
    assert_ok(file_write(second, "second", 6));
    assert_ok(file_commit(second));
    assert_content("second");
    assert_ok(file_commit(first));
    assert_content("first");
    assert_int_equal(folder_entries(), 1);
}

static void a_name_may_be_as_long_as_the_system_takes(void **state)
{
    (void)state;
    char name[300] = "";
    size_t entries = folder_entries();
    for (size_t length = 200; length <= 255; length++) {
        file_writer *writer = NULL;
        memset(name, 'n', length);
        assert_ok(file_create(&writer, name));
        assert_ok(file_commit(writer));
        assert_int_equal(unlink(name), 0);
    }
    file_writer *writer = NULL;
    memset(name, 'n', 256);
    assert_refused(file_create(&writer, name), DIFFUSION_E_IO, "File name too long");
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

static int leave(void **state)
{
    unlink(path);
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_committed_file_replaces_the_old_one),
        cmocka_unit_test(the_old_file_stands_until_the_commit),
        cmocka_unit_test(an_abandoned_file_leaves_the_old_one_alone),
        cmocka_unit_test(a_missing_folder_is_an_io_error_and_leaves_nothing),
        cmocka_unit_test(what_cannot_be_replaced_is_refused_at_once),
        cmocka_unit_test(a_read_past_the_end_is_an_io_error),
        cmocka_unit_test(only_regular_files_are_opened),
        cmocka_unit_test(a_replaced_file_keeps_its_mode),
        cmocka_unit_test(a_folder_is_made_unless_it_is_there),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(one_name_is_enough_for_all_kills),
        cmocka_unit_test(two_writers_of_one_file_do_not_meet),
        cmocka_unit_test(a_name_may_be_as_long_as_the_system_takes),
        cmocka_unit_test(standard_streams_are_never_files),
        cmocka_unit_test(a_pipe_is_refused_without_waiting),
    };
    return cmocka_run_group_tests(tests, folder_enter, leave);
}
