/* What a shell reads: it asks the command itself, so that it knows what this version knows. */
#ifndef COMPLETION_SCRIPTS_H
#define COMPLETION_SCRIPTS_H

/* That of bash, zsh or fish; NULL for any other. */
const char *completion_script(const char *shell);

#endif
