/* Reading with checked sizes; writing that leaves the old file or the new one, and nothing beside it. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"

#include "base/file.h"

#include <sys/stat.h>

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

static void a_commit_over_a_folder_fails_and_leaves_nothing(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_ok(file_create(&writer, path));
    assert_refused(file_commit(writer), DIFFUSION_E_IO, "cannot replace");
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
        cmocka_unit_test(a_commit_over_a_folder_fails_and_leaves_nothing),
        cmocka_unit_test(a_read_past_the_end_is_an_io_error),
        cmocka_unit_test(only_regular_files_are_opened),
        cmocka_unit_test(a_replaced_file_keeps_its_mode),
        cmocka_unit_test(a_folder_is_made_unless_it_is_there),
    };
    return cmocka_run_group_tests(tests, folder_enter, leave);
}
