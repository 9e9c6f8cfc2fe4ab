/* rank_env - which one of several processes this is, as the launcher says in the environment */
#ifndef BASE_RANK_ENV_H
#define BASE_RANK_ENV_H

/* Number of this process (from 0) and how many there are, as Open MPI, MPICH (PMI), Slurm's srun or a Slurm array job say it;
   0 and 1 where nobody does. -1 and err(ERR_USAGE) where what they say makes no sense. */
int rank_env_rank(long *rank, long *ranks);

#endif
