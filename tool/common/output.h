/* Files that appear whole or not at all: written beside their place, renamed into it when they are finished. A symbolic
 * link is followed, and a file that is replaced keeps its mode. Pipes and standard output are written as they are. */
#ifndef COMMON_OUTPUT_H
#define COMMON_OUTPUT_H

#include <stdio.h>

typedef struct output output;

/* Whether a path is standard output: "-", or that with an ending which says the kind, "-.npy". */
int output_is_standard(const char *path);

/* Where what is said of a result goes: not among the result. */
FILE *output_report(const char *path);

/* Ends with a sentence if anything that was printed could not be written, at any time. */
void output_end_printing(void);

/* Ends the command if no file can be written at `path`. */
void output_check(const char *path);

/* Begins a file that takes the place of `path` when it is committed. */
output *output_open(const char *path);

/* Where to write it. */
FILE *output_stream(output *out);

const char *output_path(const output *out);

/* Ends the command if something of it could not be written. */
void output_flush(output *out);

/* Makes the file durable and visible, and releases `out`. */
void output_commit(output *out);

/* Removes it instead. */
void output_abandon(output *out);

/* Removes what was begun and not committed. Safe in a signal handler. */
void output_remove_unfinished(void);

#endif
