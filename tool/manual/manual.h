/* A command's manual page, from the same table as its --help. */
#ifndef MANUAL_MANUAL_H
#define MANUAL_MANUAL_H

#include "command.h"

/* Prints it as mdoc. */
void manual_print(const command *of);

#endif
