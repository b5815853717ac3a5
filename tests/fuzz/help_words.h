/* Words and values for mutators, from the help texts that the library and the command print. */
#ifndef FUZZ_HELP_WORDS_H
#define FUZZ_HELP_WORDS_H

#include "fuzz.h"

enum { HELP_WORD = 256 /* bytes that a value has at most */ };

extern unsigned help_state; /* a mutator's seed */

size_t help_below(size_t count);

const char *help_next_line(const char *line); /* NULL behind the last */

/* Puts `more` behind a text that has so much room; nothing where it does not fit. */
void help_append(char *text, size_t room, const char *more, size_t length);

/* A heading (`kind` NULL), or the line of a key that the kind has, each as likely; NULL if there is none. */
const char *help_pick(const char *help, const char *kind);

/* Puts one end of the range "a..b" that a line tells, or any number, behind a value [HELP_WORD]. */
void help_add_number(const char *line, char *value);

/* Puts " key=value" behind a spec, the key being that of a line, in place of the value that it has. */
void help_put_key(char *text, size_t room, const char *line);

/* Makes a spec of an empty text: a kind and some of its keys. */
void help_put_spec(char *text, size_t room, const char *help);

#endif
