/* holdout - some of the training rows kept back, to choose by */
#ifndef SCORE_HOLDOUT_H
#define SCORE_HOLDOUT_H

/* rows (n): the numbers of those to train on, ascending, then those of the `held` rows with the least draws (equal
   ones: the earlier row). draws (n): a number for each row that belongs to its record, whatever the order. */
void holdout(const double *draws, long n, long held, long *rows);

#endif
