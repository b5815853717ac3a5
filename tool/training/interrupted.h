/* The checkpoint that an interrupted run left: hours of work, which a new run of the same name would write over. */
#ifndef TRAINING_INTERRUPTED_H
#define TRAINING_INTERRUPTED_H

/* Ends the command if what stands at `checkpoint` is a run that has taken steps and has others to go, whose model is
 * not at `output`, or that cannot be read (by the system, for want of memory or of a later version), unless the command
 * resumes it or `force` is set. `resumed` is what the command goes on from, or NULL. */
void interrupted_spare(const char *checkpoint, const char *output, const char *resumed, int force);

#endif
