/* Characters of UTF-8. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* What stands for bytes that are none: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* How many bytes the character at `text` has, 0 if it is none, and its code. */
size_t utf8_character(const char *text, uint32_t *code);

#endif
