/* The strings and numbers of a JSON text. */
#include "format/json_parser.h"

#include "base/number.h"
#include "base/utf8.h"

#include <string.h>

int json_wrong(json_parser *self, const char *fault)
{
    self->fault = fault;
    return 0;
}

char json_peek(const json_parser *self)
{
    return self->at < self->length ? self->text[self->at] : '\0';
}

int json_take(json_parser *self, char expected)
{
    if (json_peek(self) != expected)
        return 0;
    self->at++;
    return 1;
}

/* ---- strings ---- */

static int parse_hex(json_parser *self, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, self->at++) {
        char c = json_peek(self);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return json_wrong(self, "\\u without four hexadecimal digits");
        *code = *code * 16 + digit;
    }
    return 1;
}

/* What follows \u: beyond 65535 two halves that must stand together. */
static int parse_code(json_parser *self, uint32_t *code)
{
    uint32_t low;
    if (!parse_hex(self, code))
        return 0;
    if (*code == 0)
        return json_wrong(self, "\\u0000 in a text");
    if (*code < 0xd800 || *code > 0xdfff)
        return 1;
    if (*code > 0xdbff || !json_take(self, '\\') || !json_take(self, 'u') || !parse_hex(self, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return json_wrong(self, "half of a surrogate pair");
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 1;
}

static int parse_escape(json_parser *self, char **to)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *name = json_peek(self) != '\0' ? strchr(names, json_peek(self)) : NULL;
    uint32_t code;
    if (name != NULL) {
        *(*to)++ = meant[name - names];
        self->at++;
        return 1;
    }
    if (!json_take(self, 'u'))
        return json_wrong(self, "invalid escape");
    if (!parse_code(self, &code))
        return 0;
    *to += utf8_put(*to, code);
    return 1;
}

int json_parse_string(json_parser *self, const char **out)
{
    if (!json_take(self, '"'))
        return json_wrong(self, "a string was expected");
    char *to = self->copy + self->at;
    *out = to;
    while (self->at < self->length && self->text[self->at] != '"') {
        size_t bytes = utf8_length(self->text + self->at, self->length - self->at);
        if (bytes == 0)
            return json_wrong(self, "bytes that are not UTF-8");
        if ((unsigned char)self->text[self->at] < ' ')
            return json_wrong(self, "a control character in a text");
        if (json_take(self, '\\')) {
            if (!parse_escape(self, &to))
                return 0;
            continue;
        }
        memcpy(to, self->text + self->at, bytes);
        to += bytes;
        self->at += bytes;
    }
    *to = '\0';
    return json_take(self, '"') ? 1 : json_wrong(self, "a text without its end");
}

/* ---- numbers ---- */

static int take_digits(json_parser *self)
{
    size_t from = self->at;
    while (json_peek(self) >= '0' && json_peek(self) <= '9')
        self->at++;
    return self->at > from;
}

int json_parse_number(json_parser *self, json_value *value)
{
    size_t from = self->at;
    double real;
    int64_t whole;
    (void)json_take(self, '-');
    if (!json_take(self, '0') && !take_digits(self))
        return json_wrong(self, "a value was expected");
    value->kind = JSON_INTEGER;
    if (json_take(self, '.')) {
        value->kind = JSON_REAL;
        if (!take_digits(self))
            return json_wrong(self, "a digit was expected");
    }
    if (json_take(self, 'e') || json_take(self, 'E')) {
        value->kind = JSON_REAL;
        if (!json_take(self, '-'))
            (void)json_take(self, '+');
        if (!take_digits(self))
            return json_wrong(self, "a digit was expected");
    }
    size_t length = self->at - from;
    if (length > JSON_NUMBER)
        return json_wrong(self, "a number of more than 63 characters");
    if (value->kind == JSON_INTEGER && !number_parse_integer(&whole, self->text + from, length))
        return json_wrong(self, "too big integer");
    if (value->kind == JSON_REAL && !number_parse_real(&real, self->text + from, length))
        return json_wrong(self, "real number overflow");
    value->text = memcpy(self->copy + from, self->text + from, length);
    self->copy[self->at] = '\0';
    return 1;
}
