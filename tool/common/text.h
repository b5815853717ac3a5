/* Text: formatting into new memory, endings of names, numbers. The command never calls setlocale(), so a decimal point
 * is a point wherever it runs. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* A new text; freed by free(). */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

char *text_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Lengthens a text that text_format() made. */
void text_append(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* In small letters or capitals. */
int text_ends_with(const char *text, const char *suffix);

/* The text without the suffix, if it has it; freed by free(). */
char *text_without(const char *text, const char *suffix);

/* Takes the last character, which may be several bytes of UTF-8, off a text that is not empty. */
void text_shorten(char *text);

/* Reads a decimal number from *text and moves *text behind it; 0 if there is none or it is not finite. */
int text_number(double *value, const char **text);

/* The whole text as a whole number minimum..maximum; 0 if it is none. */
int text_integer(int64_t *value, const char *text, int64_t minimum, int64_t maximum);

/* The same for seeds, 0..2^64-1. */
int text_unsigned(uint64_t *value, const char *text);

/* Comma-separated whole numbers 0..maximum, at most `capacity`; how many there are, 0 if the text is not of that form.
 */
size_t text_integers(int64_t *values, size_t capacity, const char *text, int64_t maximum);

/* The text for a POSIX shell: as it is, or quoted where the shell would not leave it alone; freed by free(). */
char *text_shell(const char *text);

/* The shortest text that reads back to the same bits; freed by free(). */
char *text_real(double value);

/* "s" behind the name of what is counted, "" of one. */
const char *text_plural(size_t count);

/* Bits for a table of four decimals, which is to show no minus zero. */
double text_bits(double bits);

/* The word that somebody who typed `word` probably meant, NULL if none is near. `words` ends with NULL. */
const char *text_nearest(const char *word, const char *const *words);

#endif
