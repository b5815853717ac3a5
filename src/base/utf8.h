/* Characters as UTF-8: RFC 3629, without its overlong forms, surrogates and codes beyond U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that `text` begins with, of `left` bytes (1 or more); 0 if it is none. */
size_t utf8_length(const char *text, size_t left);

/* Whether a text holds nothing else. */
int utf8_is_sound(const char *text);

/* Puts a question mark in the place of each byte that is of no character, as where a limit has cut one in two. */
void utf8_mend(char *text);

/* Writes one of code 1..0x10FFFF and returns its bytes, up to 4. */
size_t utf8_put(char *to, uint32_t code);

#endif
