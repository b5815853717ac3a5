/* The calls of the C library that touch files, standing before it: one of them, the N-th of its kind on a file below
 * the working directory, fails, falls short, or is where the process is killed. */
#ifndef FILE_FAULTY_H
#define FILE_FAULTY_H

typedef enum faulty_call {
    FAULTY_OPEN,
    FAULTY_READ,
    FAULTY_WRITE,
    FAULTY_FSYNC,
    FAULTY_CLOSE,
    FAULTY_STAT,
    FAULTY_LOCK,
    FAULTY_MODE,
    FAULTY_RENAME,
    FAULTY_UNLINK,
    FAULTY_MKDIR,
    FAULTY_CALLS,
    FAULTY_ANY = FAULTY_CALLS,
} faulty_call;

extern const char *const faulty_names[FAULTY_CALLS];

/* In place of a number of errno. */
enum { FAULTY_NOTHING = 0, FAULTY_SHORT = -1, FAULTY_KILL = -2 };

/* How many calls there were of each kind, [FAULTY_CALLS + 1], of all together in the last; common to a process and its
 * children from the first faulty_arm() on. */
extern long *faulty_made;

/* From now on call `at`, from 1, of this kind goes wrong; with `ever` all those after it too. FAULTY_NOTHING: none. */
void faulty_arm(faulty_call call, long at, int error, int ever);

#endif
