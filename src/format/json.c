/* The parser reads the text and writes into its own copy, where a string's escapes are undone (which makes none longer)
 * and every text gets its terminator in place of the character behind it. */
#include "format/json.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/sort.h"
#include "format/utf8.h"

#include <string.h>

enum { FEW_KEYS = 16 }; /* compared each with each */

typedef struct parser {
    const char *text;
    size_t length, at;
    char *copy;
    json_value *values;
    size_t used;
    int depth;
    const char *fault; /* what is wrong at `at`; NULL where memory ran out */
} parser;

static int wrong(parser *self, const char *fault)
{
    self->fault = fault;
    return 0;
}

/* The next byte, or 0 at the end. */
static char peek(const parser *self)
{
    return self->at < self->length ? self->text[self->at] : '\0';
}

static void skip_space(parser *self)
{
    while (self->at < self->length && memchr(" \t\n\r", self->text[self->at], 4) != NULL)
        self->at++;
}

static int take(parser *self, char expected)
{
    if (peek(self) != expected)
        return 0;
    self->at++;
    return 1;
}

/* ---- strings ---- */

static int parse_hex(parser *self, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, self->at++) {
        char c = peek(self);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return wrong(self, "\\u without four hexadecimal digits");
        *code = *code * 16 + digit;
    }
    return 1;
}

/* What follows \u: beyond 65535 two halves that must stand together. */
static int parse_code(parser *self, uint32_t *code)
{
    uint32_t low;
    if (!parse_hex(self, code))
        return 0;
    if (*code == 0)
        return wrong(self, "\\u0000 in a text");
    if (*code < 0xd800 || *code > 0xdfff)
        return 1;
    if (*code > 0xdbff || !take(self, '\\') || !take(self, 'u') || !parse_hex(self, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return wrong(self, "half of a surrogate pair");
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 1;
}

static int parse_escape(parser *self, char **to)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *name = peek(self) != '\0' ? strchr(names, peek(self)) : NULL;
    uint32_t code;
    if (name != NULL) {
        *(*to)++ = meant[name - names];
        self->at++;
        return 1;
    }
    if (!take(self, 'u'))
        return wrong(self, "invalid escape");
    if (!parse_code(self, &code))
        return 0;
    *to += utf8_put(*to, code);
    return 1;
}

static int parse_string(parser *self, const char **out)
{
    if (!take(self, '"'))
        return wrong(self, "a string was expected");
    char *to = self->copy + self->at;
    *out = to;
    while (self->at < self->length && self->text[self->at] != '"') {
        size_t bytes = utf8_length(self->text + self->at, self->length - self->at);
        if (bytes == 0)
            return wrong(self, "bytes that are not UTF-8");
        if ((unsigned char)self->text[self->at] < ' ')
            return wrong(self, "a control character in a text");
        if (take(self, '\\')) {
            if (!parse_escape(self, &to))
                return 0;
            continue;
        }
        memcpy(to, self->text + self->at, bytes);
        to += bytes;
        self->at += bytes;
    }
    *to = '\0';
    return take(self, '"') ? 1 : wrong(self, "a text without its end");
}

/* ---- numbers ---- */

static int take_digits(parser *self)
{
    size_t from = self->at;
    while (peek(self) >= '0' && peek(self) <= '9')
        self->at++;
    return self->at > from;
}

static int parse_number(parser *self, json_value *value)
{
    size_t from = self->at;
    double real;
    int64_t whole;
    (void)take(self, '-');
    if (!take(self, '0') && !take_digits(self))
        return wrong(self, "a value was expected");
    value->kind = JSON_INTEGER;
    if (take(self, '.')) {
        value->kind = JSON_REAL;
        if (!take_digits(self))
            return wrong(self, "a digit was expected");
    }
    if (take(self, 'e') || take(self, 'E')) {
        value->kind = JSON_REAL;
        if (!take(self, '-'))
            (void)take(self, '+');
        if (!take_digits(self))
            return wrong(self, "a digit was expected");
    }
    size_t length = self->at - from;
    if (length > JSON_NUMBER)
        return wrong(self, "a number of more than 63 characters");
    if (value->kind == JSON_INTEGER && !number_parse_integer(&whole, self->text + from, length))
        return wrong(self, "too big integer");
    if (value->kind == JSON_REAL && !number_parse_real(&real, self->text + from, length))
        return wrong(self, "real number overflow");
    value->text = memcpy(self->copy + from, self->text + from, length);
    self->copy[self->at] = '\0';
    return 1;
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

static int check_few_keys(parser *self, const json_value *object)
{
    for (const json_value *a = json_first(object); a != NULL; a = json_next(object, a))
        for (const json_value *b = json_first(object); b != a; b = json_next(object, b))
            if (strcmp(json_key(a), json_key(b)) == 0)
                return wrong(self, "duplicate object key");
    return 1;
}

/* A header may have a million keys: sorted, not compared each with each. */
static int check_keys(parser *self, const json_value *object, size_t count)
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
    return repeated ? wrong(self, "duplicate object key") : 1;
}

static int parse_value(parser *self);

static int parse_member(parser *self)
{
    json_value *key = &self->values[self->used++];
    *key = (json_value){NULL, 1, JSON_STRING};
    skip_space(self);
    if (!parse_string(self, &key->text))
        return 0;
    skip_space(self);
    return take(self, ':') ? parse_value(self) : wrong(self, "':' was expected");
}

/* What stands between the brackets, the first of which was taken. */
static int parse_items(parser *self, json_value *value, char end)
{
    size_t count = 0;
    skip_space(self);
    if (take(self, end))
        return 1;
    do {
        if (!(value->kind == JSON_OBJECT ? parse_member(self) : parse_value(self)))
            return 0;
        count++;
        skip_space(self);
    } while (take(self, ','));
    value->size = (uint32_t)(&self->values[self->used] - value);
    if (!take(self, end))
        return wrong(self, value->kind == JSON_OBJECT ? "',' or '}' was expected" : "',' or ']' was expected");
    return value->kind == JSON_OBJECT ? check_keys(self, value, count) : 1;
}

static int parse_container(parser *self, json_value *value)
{
    if (++self->depth > JSON_DEPTH)
        return wrong(self, "nested more than 64 deep");
    value->kind = take(self, '{') ? JSON_OBJECT : JSON_ARRAY;
    if (value->kind == JSON_ARRAY)
        self->at++;
    int good = parse_items(self, value, value->kind == JSON_OBJECT ? '}' : ']');
    self->depth--;
    return good;
}

static int parse_word(parser *self, json_value *value)
{
    static const char *const words[] = {[JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    for (int i = JSON_NULL; i <= JSON_TRUE; i++) {
        size_t length = strlen(words[i]);
        if (self->length - self->at >= length && memcmp(self->text + self->at, words[i], length) == 0) {
            value->kind = (json_kind)i;
            self->at += length;
            return 1;
        }
    }
    return parse_number(self, value);
}

/* There is room for it: room_for() counted what may stand before a value. */
static int parse_value(parser *self)
{
    skip_space(self);
    json_value *value = &self->values[self->used++];
    *value = (json_value){NULL, 1, JSON_NULL};
    if (peek(self) == '{' || peek(self) == '[')
        return parse_container(self, value);
    if (peek(self) != '"')
        return parse_word(self, value);
    value->kind = JSON_STRING;
    return parse_string(self, &value->text);
}

static int parse_document(parser *self)
{
    if (!parse_value(self))
        return 0;
    skip_space(self);
    return self->at == self->length ? 1 : wrong(self, "end of file expected");
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
    parser self = {.text = text, .length = length, .copy = (char *)(values + room), .values = values};
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
