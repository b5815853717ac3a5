/* A command line as its shell splits it, as far as completion needs. */
#ifndef COMPLETION_WORDS_H
#define COMPLETION_WORDS_H

#include <stddef.h>

enum { WORDS_MOST = 64 };

typedef struct words {
    char *at[WORDS_MOST]; /* without quotes; the last one may be empty or unfinished */
    size_t count;
} words;

/* Of a line that is too long the words beyond WORDS_MOST are left out. */
void words_split(words *out, const char *line);
void words_release(words *of);

#endif
