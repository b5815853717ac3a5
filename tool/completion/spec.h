/* Kinds, keys and values of specs, as the help has them. */
#ifndef COMPLETION_SPEC_H
#define COMPLETION_SPEC_H

/* Prints what may stand at the end of a spec. `help` is the text of its topic; `kind` is NULL where the spec names it
 * itself, and "" where there is none. */
void complete_spec(const char *help, const char *kind, const char *spec);

#endif
