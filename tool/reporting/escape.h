/* Texts as a page can hold them. */
#ifndef REPORTING_ESCAPE_H
#define REPORTING_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* Writes the text so that it is no markup: control characters and what is not UTF-8 become U+FFFD. */
void escape_text(FILE *to, const char *text);

void escape_base64(FILE *to, const unsigned char *bytes, size_t size);

/* The text as a plot can show it: valid as above, without the marks of indices, at most `most` characters; freed by
 * free(). */
char *escape_label(const char *text, size_t most);

#endif
