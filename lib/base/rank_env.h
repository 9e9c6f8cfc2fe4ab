/* rank_env - the rank of this process, from the environment that the launcher sets */
#ifndef BASE_RANK_ENV_H
#define BASE_RANK_ENV_H

#include "base/err.h"

/* Rank of this process (from 0) and number of ranks, as set by Open MPI, MPICH (PMI), Slurm's srun or a Slurm array
   job; 0 and 1 where none of them is set. -1 and err(ERR_USAGE) for values that make no sense. */
int rank_env_rank(long *rank, long *ranks) ERR_CHECK;

#endif
