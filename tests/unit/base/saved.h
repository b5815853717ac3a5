/* A file written and read by the library, in a folder of the test's own. Define _POSIX_C_SOURCE before the first
 * include. */
#ifndef BASE_SAVED_H
#define BASE_SAVED_H

#include "folder.h"

#include "base/file.h"

static const char path[] = "file";

static inline void write_file(const char *text)
{
    file_writer *writer = NULL;
    assert_ok(file_create(&writer, path));
    assert_ok(file_write(writer, text, strlen(text)));
    assert_ok(file_commit(writer));
}

static inline void assert_content(const char *text)
{
    char bytes[64] = "";
    file_reader *reader = NULL;
    assert_ok(file_open(&reader, path));
    assert_int_equal(file_size(reader), strlen(text));
    assert_ok(file_read(reader, 0, bytes, strlen(text)));
    assert_string_equal(bytes, text);
    file_close(reader);
}

static inline int saved_leave(void **state)
{
    unlink(path);
    return folder_leave(state);
}

#endif
