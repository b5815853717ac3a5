/* The library's own threads. They are made when first needed, sleep between calls, take no signals, hold on to nothing
 * of a caller's, and are made anew in a forked child; where none can be made, the caller works alone. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

/* The work of one member; members share it out between themselves. */
typedef void pool_work_fn(void *context, size_t member);

/* Calls work(context, 0) on this thread and work(context, i), i < members, on threads that are free, at the same time.
 * Returns when all that began have ended. Member 0 must be able to do everything: others come late, or not at all where
 * threads are scarce, or another caller has them, or this call comes out of a member's work. */
void pool_run(size_t members, pool_work_fn *work, void *context);

#endif
