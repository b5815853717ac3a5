/* Texts of files, which must not command a terminal. */
#ifndef COMMON_TAME_H
#define COMMON_TAME_H

/* Puts '?' for each byte of a control character, those of UTF-8 included. */
void tame(char *text);

#endif
