#include "reporting/escape.h"

#include "common/memory.h"
#include "common/utf8.h"

#include <string.h>

static const char replacement[] = UTF8_REPLACEMENT;

/* Control characters, and those that change the direction of what follows. */
static int commands(uint32_t code)
{
    const int space = code == '\t' || code == '\n';
    return (code < ' ' && !space) || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || utf8_is_noncharacter(code);
}

static void put(FILE *to, const char *text, size_t length, uint32_t code)
{
    const char *name = code == '&'    ? "&amp;"
                       : code == '<'  ? "&lt;"
                       : code == '>'  ? "&gt;"
                       : code == '"'  ? "&quot;"
                       : code == '\'' ? "&#39;"
                                      : NULL;
    if (name != NULL)
        fputs(name, to);
    else
        fwrite(text, 1, length, to);
}

void escape_text(FILE *to, const char *text)
{
    while (*text != '\0') {
        uint32_t code = 0;
        const size_t length = utf8_character(text, &code);
        if (length == 0 || commands(code))
            fputs(replacement, to);
        else
            put(to, text, length, code);
        text += length > 0 ? length : 1;
    }
}

char *escape_label(const char *text, size_t most)
{
    char *out = allocate(4 * (most + 2), 1), *end = out;
    size_t count = 0;
    for (; *text != '\0' && count < most; count++) {
        uint32_t code = 0;
        const size_t length = utf8_character(text, &code);
        const int mark = (*text == '_' || *text == '^') && text[1] == '{';
        const char *from = length == 0 || code < ' ' || commands(code) ? replacement : mark ? "-" : text;
        const size_t bytes = from == replacement ? 3 : mark ? 1 : length;
        memcpy(end, from, bytes);
        end += bytes;
        text += length > 0 ? length : 1;
    }
    if (*text != '\0')
        memcpy(end, "\u2026", sizeof "\u2026");
    return out;
}

void escape_base64(FILE *to, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        const char four[] = {digits[three >> 18], digits[three >> 12 & 63], left > 1 ? digits[three >> 6 & 63] : '=',
                             left > 2 ? digits[three & 63] : '='};
        fwrite(four, 1, sizeof four, to);
    }
}
