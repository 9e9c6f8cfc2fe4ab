/* log_table - a run's log as a table: every number averaged over equal stretches of steps */
#ifndef TRAIN_LOG_TABLE_H
#define TRAIN_LOG_TABLE_H

#include <stdio.h>

/* Write RUN/log.jsonl to `out` as tab-separated rows (at most `rows`, from 1) under a line of names: the last
   step of each stretch and the means of all other numbers in it, "-" where a stretch has none.
   -1 and err(): ERR_INPUT no log, ERR_DATA not one of ours or empty. */
int log_write_table(const char *run, int rows, FILE *out);

#endif
