#include "completion/words.h"

#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\n";

/* The word at *line without its quotes; moves *line behind it. */
static char *take_word(const char **line)
{
    const char *at = *line;
    char *word = allocate(strlen(at) + 1, 1), *end = word, quote = '\0';
    for (; *at != '\0' && (quote != '\0' || strchr(blanks, *at) == NULL); at++) {
        if (quote == '\0' && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == quote)
            quote = '\0';
        else if (*at == '\\' && quote != '\'' && at[1] != '\0')
            *end++ = *++at;
        else
            *end++ = *at;
    }
    *line = at;
    return word;
}

void words_split(words *out, const char *line)
{
    *out = (words){.count = 0};
    line += strspn(line, blanks);
    do {
        out->at[out->count++] = take_word(&line);
        if (*line == '\0')
            return;
        line += strspn(line, blanks); /* a blank at the end begins an empty word */
    } while (out->count < WORDS_MOST);
}

void words_release(words *of)
{
    for (size_t i = 0; i < of->count; i++)
        free(of->at[i]);
}
