/* Numbers as text, whatever the host's locale writes for a decimal point. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_SIZE = 32 }; /* room for any number and its terminator */

/* The whole of text[0..length) as a finite number; 0 if it is none. */
int number_parse_real(double *value, const char *text, size_t length);
int number_parse_integer(int64_t *value, const char *text, size_t length);
int number_parse_unsigned(uint64_t *value, const char *text, size_t length);

/* Whether two texts say the same: numbers by their value, words by their letters. */
int number_text_is_same(const char *text, size_t length, const char *other, size_t other_length);

/* The shortest text that reads back to the same bits. */
void number_format_real(char text[NUMBER_SIZE], double value);

#endif
