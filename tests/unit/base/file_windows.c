/* What files have on Windows alone: names in UTF-8 of any length, sharing, attributes, standard handles. */
#include "saved.h"

#include "base/file_name.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/wide_windows.h"

static void names_are_utf8(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    static const char name[] = "\xc3\xa9t\xc3\xa9-\xe2\x82\xac.safetensors"; /* été-€ */
    assert_ok(file_create(&writer, name));
    assert_ok(file_commit(writer));
    assert_true(GetFileAttributesW(L"\x00e9t\x00e9-\x20ac.safetensors") != INVALID_FILE_ATTRIBUTES);
    assert_true(file_is_there(name));
    assert_true(DeleteFileW(L"\x00e9t\x00e9-\x20ac.safetensors"));
    assert_refused(file_create(&writer, "\xff"), DIFFUSION_E_IO, "the name is not UTF-8");
}

/* Beyond the 260 characters that calls take without a prefix. */
static void paths_may_be_long(void **state)
{
    (void)state;
    char name[600] = "";
    for (int i = 0; i < 4; i++) {
        memset(name + strlen(name), 'a' + i, 100);
        assert_ok(file_make_folder(name));
        strcat(name, i % 2 == 0 ? "/" : "\\");
    }
    file_writer *writer = NULL;
    file_reader *reader = NULL;
    strcat(name, "file");
    assert_ok(file_create(&writer, name));
    assert_ok(file_write(writer, "deep", 4));
    assert_ok(file_commit(writer));
    assert_ok(file_open(&reader, name));
    assert_int_equal(file_size(reader), 4);
    file_close(reader);
    while (name[0] != '\0') {
        wchar_t *full = NULL;
        assert_ok(wide_path(&full, name));
        assert_true(DeleteFileW(full) || RemoveDirectoryW(full));
        memory_release(full);
        const size_t folder = file_name_folder_length(name);
        name[folder > 0 ? folder - 1 : 0] = '\0';
    }
}

static void assert_folder(const char *of, const char *expected)
{
    char *folder = file_name_folder(of);
    assert_string_equal(folder, expected);
    memory_release(folder);
}

static void folders_end_at_either_slash_and_at_a_colon(void **state)
{
    (void)state;
    assert_folder("a\\b/file", "a\\b");
    assert_folder("a/b\\file", "a/b");
    assert_folder("C:\\file", "C:\\");
    assert_folder("C:file", "C:");
    assert_folder("\\file", "\\");
    assert_folder("file", ".");
}

static void what_is_read_only_or_in_use_stays(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    write_file("old");
    assert_true(SetFileAttributesW(L"file", FILE_ATTRIBUTE_READONLY));
    assert_refused(file_create(&writer, path), DIFFUSION_E_IO, "file: read-only, so it cannot be replaced");
    assert_true(SetFileAttributesW(L"file", FILE_ATTRIBUTE_NORMAL));
    const HANDLE user = CreateFileW(L"file", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(user != INVALID_HANDLE_VALUE);
    assert_ok(file_create(&writer, path));
    assert_ok(file_write(writer, "new", 3));
    assert_refused(file_commit(writer), DIFFUSION_E_IO, "file: cannot write: ");
    assert_int_equal(folder_entries(), 1);
    CloseHandle(user);
    assert_content("old");
}

static DWORD WINAPI let_go(LPVOID user)
{
    Sleep(50);
    CloseHandle(user);
    return 0;
}

static void who_looks_at_the_old_file_for_a_moment_is_waited_for(void **state)
{
    (void)state;
    write_file("old");
    const HANDLE user = CreateFileW(L"file", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    const HANDLE thread = CreateThread(NULL, 0, let_go, user, 0, NULL);
    assert_true(user != INVALID_HANDLE_VALUE && thread != NULL);
    write_file("new");
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    assert_content("new");
}

/* What the host prints would else land in the file. */
static void standard_handles_are_never_files(void **state)
{
    (void)state;
    file_writer *writer = NULL;
    file_reader *reader = NULL;
    write_file("old");
    const HANDLE kept = GetStdHandle(STD_INPUT_HANDLE);
    const HANDLE closed = CreateFileW(L"file", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    SetStdHandle(STD_INPUT_HANDLE, closed);
    CloseHandle(closed); /* the next handle is the same number */
    assert_ok(file_open(&reader, path));
    assert_ok(file_create(&writer, path));
    SetStdHandle(STD_INPUT_HANDLE, kept);
    HANDLE next = CreateFileW(L"file", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_equal(next, closed); /* neither has it */
    CloseHandle(next);
    file_close(reader);
    file_abandon(writer);
}

static void a_folder_is_held_by_one(void **state)
{
    (void)state;
    folder_hold first = {NULL}, second = {NULL};
    assert_ok(folder_take(&first, "."));
    assert_refused(folder_take(&second, "."), DIFFUSION_E_IO, "another is writing it");
    folder_release(&first);
    assert_ok(folder_take(&second, "."));
    folder_release(&second);
    assert_false(file_is_there(".diffusion.lock"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_utf8),
        cmocka_unit_test(paths_may_be_long),
        cmocka_unit_test(folders_end_at_either_slash_and_at_a_colon),
        cmocka_unit_test(what_is_read_only_or_in_use_stays),
        cmocka_unit_test(who_looks_at_the_old_file_for_a_moment_is_waited_for),
        cmocka_unit_test(standard_handles_are_never_files),
        cmocka_unit_test(a_folder_is_held_by_one),
    };
    return cmocka_run_group_tests(tests, folder_enter, saved_leave);
}
