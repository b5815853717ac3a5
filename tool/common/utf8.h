/* Characters of UTF-8. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* What stands for bytes that are none: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* The most bytes of a character. */
enum { UTF8_MOST = 4 };

/* How many bytes the character at `text` has, 0 if it is none, and its code. */
size_t utf8_character(const char *text, uint32_t *code);

/* Whether Unicode keeps that code for no character ever: others may refuse the text that has one. */
int utf8_is_noncharacter(uint32_t code);

/* Copies the character at *text, which is not the end, or U+FFFD for a byte that is none and for what is no character
 * ever; moves *text behind it. Returns how many bytes it wrote, at most UTF8_MOST. */
size_t utf8_copy(char *to, const char **text);

#endif
