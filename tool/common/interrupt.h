/* Signals that would end the command (SIGINT, SIGTERM, SIGHUP, SIGXCPU, …): they end it cleanly, or wait until work at
 * hand has been put in safety. One that was ignored when the command started stays so. */
#ifndef COMMON_INTERRUPT_H
#define COMMON_INTERRUPT_H

/* From now on a signal removes unfinished files and ends the command with 128 + its number; a file that outgrows its
 * limit is an error of its write. */
void interrupt_install(void);

/* From now on the first signal is only remembered. Those within a second are the same one; a later one ends the command
 * as above. */
void interrupt_defer(void);

/* While a file is saved every signal is only remembered. */
void interrupt_saving(int begins);

/* The number of the remembered signal, or 0. */
int interrupt_pending(void);

#endif
