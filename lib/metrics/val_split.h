/* val_split - some of the training rows kept back, to choose by */
#ifndef METRICS_VAL_SPLIT_H
#define METRICS_VAL_SPLIT_H

/* rows (n): the numbers of those to train on, ascending, then those of the `held` rows with the least draws (equal
   ones: the earlier row). draws (n): a number for each row that belongs to its record, whatever the order. */
void val_split(const double *draws, long n, long held, long *rows);

#endif
