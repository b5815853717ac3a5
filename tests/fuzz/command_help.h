/* What the command says of itself, for the mutator of its lines. */
#ifndef FUZZ_COMMAND_HELP_H
#define FUZZ_COMMAND_HELP_H

#include <stddef.h>

/* The output of `diffusion help COMMAND`, "" where there is none; of `diffusion help` for "". */
void command_help(const char *command, char *text, size_t size);

#endif
