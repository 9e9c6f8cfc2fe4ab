/* stop - signals to a long job: stop well at the next good moment, or tell how far it is */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <signal.h>

extern volatile sig_atomic_t stop_asked;	/* SIGTERM, SIGINT or SIGUSR2 came; the second one ends the program at once */
extern volatile sig_atomic_t stop_status;	/* SIGUSR1 came; the job sets it back to 0 */

/* Watch for them, except those that were ignored when the program was started. A wait for standard input ends with
   one of those three as if the input were cut. */
void stop_watch(void);

#endif
