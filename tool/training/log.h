/* The log of a training: a line of JSON a step, {"step": 7, "loss": 0.5, …}, whole lines whatever ends the run. */
#ifndef TRAINING_LOG_H
#define TRAINING_LOG_H

#include <stdint.h>

typedef struct training_log {
    const char *path; /* NULL: none is written */
    int descriptor;
    double before; /* seconds that earlier parts of a resumed run took */
} training_log;

typedef struct log_entry {
    int64_t step;
    double loss;
    double held_out; /* NaN where it was not measured */
    double rate;     /* of that step */
    double seconds;  /* since this run began */
    double speed;    /* samples a second, of the step itself */
} log_entry;

/* Ends the command unless the path, which may be NULL, ends in .jsonl (or is standard output) and can be written. */
void log_check(const char *path, int force);

/* A new log; of a run that goes on at `step`, which is 0 for a new one, the log so far without the lines beyond it.
 * Ends the command if another training writes it. */
void log_begin(training_log *out, const char *path, int64_t step);

void log_write(training_log *to, const log_entry *entry);

/* Brings what was written to the disk: before a checkpoint, which a log should not fall behind. */
void log_sync(const training_log *of);

void log_end(training_log *of);

#endif
