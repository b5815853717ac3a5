/* What loops and products ask of the operating system, but for files and memory. */
#ifndef BASE_SYSTEM_H
#define BASE_SYSTEM_H

#include <stddef.h>

/* Processors that this process may use. */
size_t system_processors(void);

/* Starts a thread with so many bytes of stack that takes no signals and that nobody waits for. 0: none can be had.
 * From then on the library stays loaded. */
int system_start_thread(void *(*run)(void *), void *argument, size_t stack);

/* Has these called around each fork(), NULL for nothing. 0: they cannot be. */
int system_guard_forks(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

/* A function of the libraries that the process has loaded; NULL: none has one of that name. */
void *system_symbol(const char *name);

#endif
