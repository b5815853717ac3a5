#include "base/utf8.h"

#include <string.h>

size_t utf8_length(const char *text, size_t left)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t bytes = byte[0] < 0x80   ? 1
                   : byte[0] < 0xc2 ? 0
                   : byte[0] < 0xe0 ? 2
                   : byte[0] < 0xf0 ? 3
                   : byte[0] < 0xf5 ? 4
                                    : 0;
    if (bytes > left)
        return 0;
    for (size_t i = 1; i < bytes; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    int too_long = (byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xf0 && byte[1] < 0x90);
    int surrogate = byte[0] == 0xed && byte[1] > 0x9f;
    int beyond = byte[0] == 0xf4 && byte[1] > 0x8f;
    return too_long || surrogate || beyond ? 0 : bytes;
}

int utf8_is_sound(const char *text)
{
    size_t left = strlen(text);
    for (size_t bytes; left > 0; left -= bytes, text += bytes)
        if ((bytes = utf8_length(text, left)) == 0)
            return 0;
    return 1;
}

void utf8_mend(char *text)
{
    size_t left = strlen(text);
    for (size_t bytes; left > 0; left -= bytes, text += bytes)
        if ((bytes = utf8_length(text, left)) == 0) {
            *text = '?';
            bytes = 1;
        }
}

size_t utf8_put(char *to, uint32_t code)
{
    static const unsigned char first[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    size_t bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = bytes; i-- > 1; code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(first[bytes] | code);
    return bytes;
}
