#include "common/tame.h"

void tame(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        int second = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0; /* U+0080..U+009F */
        if (*c < ' ' || *c == 0x7f || second)
            *c = '?';
        if (second)
            *++c = '?';
    }
}
