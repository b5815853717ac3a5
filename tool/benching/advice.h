/* What would make it faster here, in words. */
#ifndef BENCHING_ADVICE_H
#define BENCHING_ADVICE_H

#include <stddef.h>

/* What the machine is, and how fast its products were with one thread and with all. */
typedef struct machine {
    const char *core, *threading;
    int threads, cores;
    double load; /* processes that want a core, the mean of a minute; below 0 if that is not known */
    double one_thread, all_threads;
} machine;

void machine_look(machine *out);

enum { ADVICE_MOST = 6 };

/* Sentences, at most ADVICE_MOST, each freed by free(); returns how many. */
size_t advice_on(char **out, const machine *of);

#endif
