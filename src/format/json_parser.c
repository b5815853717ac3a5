/* The structure of a JSON text. */
#include "format/json_parser.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/sort.h"

#include <string.h>

enum { FEW_KEYS = 16 }; /* compared each with each */

static void skip_space(json_parser *self)
{
    while (self->at < self->length && memchr(" \t\n\r", self->text[self->at], 4) != NULL)
        self->at++;
}

/* ---- values ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *json_repeated(const char **keys, size_t count)
{
    sort_items(keys, count, sizeof *keys, compare_texts);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return keys[i];
    return NULL;
}

static int check_few_keys(json_parser *self, const json_value *object)
{
    for (const json_value *a = json_first(object); a != NULL; a = json_next(object, a))
        for (const json_value *b = json_first(object); b != a; b = json_next(object, b))
            if (strcmp(json_key(a), json_key(b)) == 0)
                return json_wrong(self, "duplicate object key");
    return 1;
}

/* A header may have a million keys: sorted, not compared each with each. */
static int check_keys(json_parser *self, const json_value *object, size_t count)
{
    if (count <= FEW_KEYS)
        return check_few_keys(self, object);
    const char **keys = memory_allocate(count, sizeof *keys);
    if (keys == NULL)
        return 0;
    size_t i = 0;
    for (const json_value *value = json_first(object); value != NULL; value = json_next(object, value))
        keys[i++] = json_key(value);
    int repeated = json_repeated(keys, count) != NULL;
    memory_release(keys);
    return repeated ? json_wrong(self, "duplicate object key") : 1;
}

static int parse_value(json_parser *self);

static int parse_member(json_parser *self)
{
    json_value *key = &self->values[self->used++];
    *key = (json_value){NULL, 1, JSON_STRING};
    skip_space(self);
    if (!json_parse_string(self, &key->text))
        return 0;
    skip_space(self);
    return json_take(self, ':') ? parse_value(self) : json_wrong(self, "':' was expected");
}

/* What stands between the brackets, the first of which was taken. */
static int parse_items(json_parser *self, json_value *value, char end)
{
    size_t count = 0;
    skip_space(self);
    if (json_take(self, end))
        return 1;
    do {
        if (!(value->kind == JSON_OBJECT ? parse_member(self) : parse_value(self)))
            return 0;
        count++;
        skip_space(self);
    } while (json_take(self, ','));
    value->size = (uint32_t)(&self->values[self->used] - value);
    if (!json_take(self, end))
        return json_wrong(self, value->kind == JSON_OBJECT ? "',' or '}' was expected" : "',' or ']' was expected");
    return value->kind == JSON_OBJECT ? check_keys(self, value, count) : 1;
}

static int parse_container(json_parser *self, json_value *value)
{
    if (++self->depth > JSON_DEPTH)
        return json_wrong(self, "nested more than 64 deep");
    value->kind = json_take(self, '{') ? JSON_OBJECT : JSON_ARRAY;
    if (value->kind == JSON_ARRAY)
        self->at++;
    int good = parse_items(self, value, value->kind == JSON_OBJECT ? '}' : ']');
    self->depth--;
    return good;
}

typedef struct word {
    const char *text;
    json_kind kind;
} word;

static int parse_word(json_parser *self, json_value *value)
{
    static const word words[] = {{"null", JSON_NULL},           {"false", JSON_FALSE},
                                 {"true", JSON_TRUE},           {"NaN", JSON_NOT_FINITE},
                                 {"Infinity", JSON_NOT_FINITE}, {"-Infinity", JSON_NOT_FINITE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t length = strlen(words[i].text);
        if (self->length - self->at >= length && memcmp(self->text + self->at, words[i].text, length) == 0) {
            *value = (json_value){words[i].text, 1, words[i].kind};
            self->at += length;
            return 1;
        }
    }
    return json_parse_number(self, value);
}

/* There is room for it: room_for() counted what may stand before a value. */
static int parse_value(json_parser *self)
{
    skip_space(self);
    json_value *value = &self->values[self->used++];
    *value = (json_value){NULL, 1, JSON_NULL};
    if (json_peek(self) == '{' || json_peek(self) == '[')
        return parse_container(self, value);
    if (json_peek(self) != '"')
        return parse_word(self, value);
    value->kind = JSON_STRING;
    return json_parse_string(self, &value->text);
}

static int parse_document(json_parser *self)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (self->length >= strlen(mark) && memcmp(self->text, mark, strlen(mark)) == 0)
        return json_wrong(self, "begins with a byte order mark, which JSON does not have");
    if (!parse_value(self))
        return 0;
    skip_space(self);
    return self->at == self->length ? 1 : json_wrong(self, "end of file expected");
}

/* At most so many values: each but the first stands behind one of [ { , : outside strings. */
static size_t room_for(const char *text, size_t length)
{
    size_t count = 1;
    int inside = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '"')
            inside = !inside;
        else if (inside)
            i += text[i] == '\\';
        else
            count += memchr("[{,:", text[i], 4) != NULL;
    return count;
}

diffusion_status json_parse(json_value **out, const char *path, const char *what, const char *text, size_t length)
{
    size_t room = room_for(text, length);
    if (room > JSON_VALUES)
        return error_set(DIFFUSION_E_FORMAT, "%s: %s has more than %d values", path, what, JSON_VALUES);
    json_value *values = memory_allocate(room * sizeof *values + length + 1, 1);
    if (values == NULL)
        return DIFFUSION_E_MEMORY;
    json_parser self = {.text = text, .length = length, .copy = (char *)(values + room), .values = values};
    if (parse_document(&self)) {
        *out = values;
        return DIFFUSION_OK;
    }
    memory_release(values);
    if (self.fault == NULL)
        return DIFFUSION_E_MEMORY;
    return error_set(DIFFUSION_E_FORMAT, "%s: %s is not valid JSON: %s, at byte %zu of %zu", path, what, self.fault,
                     self.at, length);
}

void json_release(json_value *document)
{
    memory_release(document);
}
