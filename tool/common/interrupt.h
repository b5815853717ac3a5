/* Ctrl-C and SIGTERM: they end the command cleanly, or wait until work at hand has been put in safety. */
#ifndef COMMON_INTERRUPT_H
#define COMMON_INTERRUPT_H

/* From now on a signal removes unfinished files and ends the command with 128 + its number. */
void interrupt_install(void);

/* From now on the first signal is only remembered; a second one ends the command as above. */
void interrupt_defer(void);

/* The number of the remembered signal, or 0. */
int interrupt_pending(void);

#endif
