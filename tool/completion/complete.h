/* What may stand at the end of a command line, from the commands' tables and the library's help. */
#ifndef COMPLETION_COMPLETE_H
#define COMPLETION_COMPLETE_H

/* Prints the line's last word as the command would see it, then a line for each word that may take its place; ":files"
 * instead where it is the name of a file. */
void complete_line(const char *line);

#endif
