#include "format/document.h"

#include "base/error.h"
#include "base/memory.h"

#define DOCUMENT_BYTES ((uint64_t)1 << 26) /* room for 100000 numbers many times over */

const char *document_show(char text[DOCUMENT_SHOWN], const json_value *value)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_NOT_FINITE] = "a number",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",    [JSON_NULL] = "null",
    };
    if (value == NULL)
        return "missing";
    return json_print(text, DOCUMENT_SHOWN, value, 0) < DOCUMENT_SHOWN ? text : types[value->kind];
}

diffusion_status document_parse(json_value **out, const char *path, const char *what, const char *text, size_t length)
{
    json_value *json = NULL;
    diffusion_status status = json_parse(&json, path, what, text, length);
    if (status == DIFFUSION_OK && !json_is(json, JSON_OBJECT)) {
        char shown[DOCUMENT_SHOWN];
        status =
            error_set(DIFFUSION_E_FORMAT, "%s: %s is %s, expected an object", path, what, document_show(shown, json));
    }
    if (status == DIFFUSION_OK)
        *out = json;
    else
        json_release(json);
    return status;
}

diffusion_status document_read(json_value **out, const char *path)
{
    file_reader *file = NULL;
    diffusion_status status = file_open(&file, path);
    if (status != DIFFUSION_OK)
        return status;
    uint64_t size = file_size(file);
    char *text = NULL;
    if (size > DOCUMENT_BYTES)
        status = error_set(DIFFUSION_E_FORMAT, "%s: %llu bytes, expected at most %llu", path, (unsigned long long)size,
                           (unsigned long long)DOCUMENT_BYTES);
    else if ((text = memory_allocate((size_t)size, 1)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = file_read(file, 0, text, (size_t)size);
    if (status == DIFFUSION_OK)
        status = document_parse(out, path, "the file", text, (size_t)size);
    memory_release(text);
    file_close(file);
    return status;
}

diffusion_status document_write(file_writer **out, const char *path, const json_value *json)
{
    file_writer *file = NULL;
    size_t length = json_print(NULL, 0, json, 1);
    char *text = memory_allocate(length + 1, 1);
    if (text == NULL)
        return DIFFUSION_E_MEMORY;
    json_print(text, length + 1, json, 1);
    text[length] = '\n';
    diffusion_status status = file_create(&file, path);
    if (status == DIFFUSION_OK)
        status = file_write(file, text, length + 1);
    if (status == DIFFUSION_OK)
        *out = file;
    else
        file_abandon(file);
    memory_release(text);
    return status;
}
