#include "format/document.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

#define SHOWN_DIGITS JSON_REAL_PRECISION(15) /* 0.1, not what its double is exactly */
#define DOCUMENT_BYTES ((uint64_t)1 << 26)   /* room for 100000 numbers many times over */

const char *document_show(char text[DOCUMENT_SHOWN], const json_t *value)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string", [JSON_INTEGER] = "a number",
        [JSON_REAL] = "a number",    [JSON_TRUE] = "true",      [JSON_FALSE] = "false",     [JSON_NULL] = "null",
    };
    if (value == NULL)
        return "missing";
    size_t length = json_dumpb(value, text, DOCUMENT_SHOWN - 1, JSON_ENCODE_ANY | JSON_COMPACT | SHOWN_DIGITS);
    if (length == 0 || length >= DOCUMENT_SHOWN)
        return types[json_typeof(value)];
    text[length] = '\0';
    return text;
}

/* The parser refuses duplicate keys, \u0000 (it would cut a name short), bytes that are not UTF-8, and nesting beyond
 * 2048. Where an allocation of its own fails it may set no sentence. */
diffusion_status document_parse(json_t **out, const char *path, const char *what, const char *text, size_t length)
{
    json_error_t error;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json == NULL && (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0'))
        return error_set(DIFFUSION_E_MEMORY, "%s: no memory to parse %s of %zu bytes", path, what, length);
    if (json == NULL)
        return error_set(DIFFUSION_E_FORMAT, "%s: %s is not valid JSON: %s, at byte %d of %zu", path, what, error.text,
                         error.position, length);
    if (!json_is_object(json)) {
        char shown[DOCUMENT_SHOWN];
        error_set(DIFFUSION_E_FORMAT, "%s: %s is %s, expected an object", path, what, document_show(shown, json));
        json_decref(json);
        return DIFFUSION_E_FORMAT;
    }
    *out = json;
    return DIFFUSION_OK;
}

diffusion_status document_read(json_t **out, const char *path)
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

static int append(const char *bytes, size_t size, void *user)
{
    text_buffer *text = user;
    text_append(text, "%.*s", (int)size, bytes);
    return text->failed ? -1 : 0;
}

/* The text with so many digits; NULL with the sentence set if memory ran out, here or in the parser. */
static char *text_of(const json_t *json, const char *path, size_t digits)
{
    text_buffer text = {0};
    int failed = json_dump_callback(json, append, &text, JSON_INDENT(2) | JSON_REAL_PRECISION(digits)) != 0;
    if (failed && !text.failed) {
        error_set(DIFFUSION_E_MEMORY, "%s: no memory for its text", path);
        text.failed = 1;
    }
    text_append(&text, "\n");
    return text_finish(&text);
}

static int reads_back(const json_t *json, const char *text)
{
    json_t *again = json_loads(text, 0, NULL);
    int same = again != NULL && json_equal(json, again);
    json_decref(again);
    return same;
}

diffusion_status document_save(const char *path, const json_t *json)
{
    enum { DIGITS = 17 }; /* which any double survives */
    file_writer *file = NULL;
    size_t digits = 1;
    char *text = text_of(json, path, digits);
    while (text != NULL && digits < DIGITS && !reads_back(json, text)) {
        memory_release(text);
        text = text_of(json, path, ++digits);
    }
    if (text == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = file_create(&file, path);
    if (status == DIFFUSION_OK)
        status = file_write(file, text, strlen(text));
    if (status == DIFFUSION_OK)
        status = file_commit(file);
    else
        file_abandon(file);
    memory_release(text);
    return status;
}
