/* Remarks on standard error, which --quiet leaves out. */
#ifndef COMMON_NOTE_H
#define COMMON_NOTE_H

/* From now on there are none. */
void note_quiet(int quiet);

/* "diffusion: note: " and a sentence, on a line of its own. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line as it is. */
void note_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
