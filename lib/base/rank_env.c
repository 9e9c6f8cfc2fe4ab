/* rank_env - the rank of this process, from the environment that the launcher sets */
#include "base/rank_env.h"
#include "base/err.h"

#include <stdlib.h>

/* The first pair with several processes is used: in an array job with several tasks each, the tasks of a job divide the
   work. `base` is the variable that holds the smallest rank; NULL: 0. */
static const struct { const char *rank, *ranks, *base; } launchers[] = {
	{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL },
	{ "PMI_RANK", "PMI_SIZE", NULL },
	{ "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", NULL },	/* not SLURM_NTASKS: it is set outside of srun, too */
	{ "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN" }
};

/* The number in a variable; -1 and err(). */
static long
number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long x = text ? strtol(text, &end, 10) : 0;

	if (text && (end == text || *end || x < 0))
		return err(ERR_USAGE, "%s=%s: not a number", name, text);
	return x;
}

int
rank_env_rank(long *rank, long *ranks)
{
	size_t i;

	*rank = 0;
	*ranks = 1;
	for (i = 0; i < sizeof launchers / sizeof *launchers; i++) {
		const char *base = launchers[i].base;
		long first;

		if (!getenv(launchers[i].rank) || !getenv(launchers[i].ranks))
			continue;
		*rank = number(launchers[i].rank);
		*ranks = number(launchers[i].ranks);
		first = base ? number(base) : 0;
		if (*rank < 0 || *ranks < 0 || first < 0)
			return -1;
		*rank -= first;
		if (*rank < 0 || *rank >= *ranks)
			return err(ERR_USAGE, "%s and %s: number %ld of %ld", launchers[i].rank, launchers[i].ranks,
				*rank, *ranks);
		if (*ranks > 1)
			return 0;
	}
	return 0;
}
