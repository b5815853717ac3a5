/* How a command ends when it cannot go on: one sentence on stderr, nothing half-written left behind. */
#ifndef COMMON_FAIL_H
#define COMMON_FAIL_H

#include <diffusion/status.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 }; /* + the signal's number */

/* The work cannot be done (exit 1). */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The command line is wrong (exit 2). */
_Noreturn void fail_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on `clean_up`, which must not fail itself, is called before the sentence is printed; once, however often it
 * was given. */
void fail_clean_up(void (*clean_up)(void));

/* From now on `rescue` is called first and once, to save what can be saved: what it returns, freed by free(), ends the
 * sentence. NULL for none. Where it fails itself, the sentence tells both, and ends with what a rescue returns that it
 * gave in its turn. */
void fail_rescue(char *(*rescue)(void));

/* Goes on if the library did what it was asked; else ends with its sentence. A wrong spec is a wrong command line. */
void check(diffusion_status status);

/* The same where what was asked stands in a file, which the sentence then begins with; NULL if it was the command line.
 */
void check_of(diffusion_status status, const char *path);

#endif
