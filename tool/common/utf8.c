#include "common/utf8.h"

#include <string.h>

size_t utf8_character(const char *text, uint32_t *code)
{
    const unsigned char *c = (const unsigned char *)text;
    const size_t more = c[0] < 0x80 ? 0 : c[0] >> 5 == 6 ? 1 : c[0] >> 4 == 14 ? 2 : c[0] >> 3 == 30 ? 3 : SIZE_MAX;
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (more == SIZE_MAX)
        return 0;
    *code = more == 0 ? c[0] : c[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (c[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (c[i] & 0x3f);
    }
    return *code < least[more] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000) ? 0 : more + 1;
}

int utf8_is_noncharacter(uint32_t code)
{
    return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
}

size_t utf8_copy(char *to, const char **text)
{
    uint32_t code = 0;
    const size_t length = utf8_character(*text, &code);
    const int good = length > 0 && !utf8_is_noncharacter(code);
    const char *from = good ? *text : UTF8_REPLACEMENT;
    const size_t bytes = good ? length : sizeof UTF8_REPLACEMENT - 1;
    memcpy(to, from, bytes);
    *text += length > 0 ? length : 1;
    return bytes;
}
