/* Reading with checked sizes; writing that leaves the old file or the new one, and nothing beside it. */
#define _POSIX_C_SOURCE 200809L
#include "saved.h"

#include <sys/stat.h>

#if defined(_WIN32)
#define DEVICE "NUL"
#else
#define DEVICE "/dev/null"
#endif

static const char missing[] = "none/file", folder[] = ".";

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
    assert_refused(file_create(&writer, DEVICE), DIFFUSION_E_IO, "not a regular file");
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
    assert_refused(file_make_folder(path), DIFFUSION_E_IO, "cannot make a folder: " BECAUSE("File exists"));
    assert_refused(file_make_folder("no/such"), DIFFUSION_E_IO,
                   "no/such: cannot make a folder: " BECAUSE("No such file"));
}

/* As a kill leaves it; what is not the library's own is left alone. */
static void what_was_left_half_written_is_taken_over(void **state)
{
    (void)state;
    unlink(path);
    folder_write("file.diffusion.part", "half of it", 10);
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
    assert_int_equal(folder_entries(), entries);
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
        cmocka_unit_test(a_folder_is_made_unless_it_is_there),
        cmocka_unit_test(what_was_left_half_written_is_taken_over),
        cmocka_unit_test(two_writers_of_one_file_do_not_meet),
        cmocka_unit_test(a_name_may_be_as_long_as_the_system_takes),
    };
    return cmocka_run_group_tests(tests, folder_enter, saved_leave);
}
