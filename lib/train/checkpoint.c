/* checkpoint - a training run on disk: written atomically, kept until the next one is verified */
#include "train/checkpoint.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "train/checkpoint_files.h"
#include "train/run_dir.h"
#include "train/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
verify(const char *folder)
{
	struct safetensors model, state;

	if (checkpoint_files_open(folder, &model, &state) < 0)
		return err_in(err_status() == ERR_DATA ? "the file read back differs from the data written" :
			"cannot read back the checkpoint");
	safetensors_close(&model);
	safetensors_close(&state);
	return 0;
}

static void
prune(const struct checkpoint *s)
{
	if (run_dir_prune(s->run, s->settings->keep_checkpoints) < 0)
		s->warn(s->warn_arg, "cannot remove an old checkpoint: %s", err_text());
}

int
checkpoint_save(const struct checkpoint *s)
{
	char *path = run_dir_checkpoint(s->run, s->state->step, ""), *aside = run_dir_checkpoint(s->run, s->state->step,
	    ".tmp"), *link = run_dir_path(s->run, "latest");
	int result = file_remove(aside) < 0 ? -1 : checkpoint_files_write(s, aside);

	if (result == 0)
		result = file_publish(aside, path);
	if (result == 0)
		result = verify(path);
	if (result == 0)
		result = file_link(strrchr(path, '/') + 1, link);
	if (result < 0) {
		/* a failure to read back is an output error, too, unless memory or descriptors ran out */
		const int status = err_status() == ERR_OS ? ERR_OS : ERR_OUTPUT;
		char *why = mem_text(err_text());

		if (file_remove(aside) < 0)
			err(status, "%s; %s", why, err_text());
		else
			err(status, "%s", why);
		free(why);
	} else
		prune(s);
	free(path);
	free(aside);
	free(link);
	return result;
}

/* The newest whole checkpoint of a run. */
struct newest {
	struct run_dir_list list;
	int at;				/* its index in the list */
	struct safetensors model, state;	/* open if newest_open() returned 1 */
};

/* 1: it is open; 0: no checkpoint; -1 and err(). Only wrong data is damage (ERR_DATA): any other error ends the search,
   or the run would resume from an older checkpoint than necessary. newest_close() it with the result. */
static int
newest_open(struct newest *n, const char *run)
{
	int result, status = ERR_DATA;

	if (run_dir_steps(run, &n->list) < 0)
		return -1;
	result = n->list.count ? -1 : 0;
	for (n->at = n->list.count; result < 0 && status == ERR_DATA && n->at > 0;) {
		char *folder = run_dir_checkpoint(run, n->list.steps[--n->at], "");

		result = checkpoint_files_open(folder, &n->model, &n->state) < 0 ? -1 : 1;
		status = result < 0 ? err_status() : 0;
		free(folder);
	}
	return status == ERR_DATA && result < 0 ? err_in("no checkpoint is whole") : result;
}

static void
newest_close(struct newest *n, int opened)
{
	if (opened > 0) {
		safetensors_close(&n->model);
		safetensors_close(&n->state);
	}
	free(n->list.steps);
}

/* Rename a damaged checkpoint that is newer than the one in use, so that a later one can take its name. */
static int
set_aside(const struct checkpoint *s, long step)
{
	char *from = run_dir_checkpoint(s->run, step, ""), *to = run_dir_checkpoint(s->run, step, ".damaged");
	int result = file_remove(to);

	s->warn(s->warn_arg, "%s: damaged, skipped and renamed to '%s'", from, to);
	if (result == 0 && file_calls.rename(from, to) < 0)
		result = err(ERR_OUTPUT, "%s: %s", to, strerror(errno));
	free(from);
	free(to);
	return result;
}

/* Load the newest whole checkpoint; update `latest`, set damaged newer ones aside, and remove old ones. */
static int
resume(const struct checkpoint *s, const struct newest *n)
{
	const struct run_dir_list *list = &n->list;
	char *folder = run_dir_checkpoint(s->run, list->steps[n->at], ""), *link = run_dir_path(s->run, "latest");
	int result = checkpoint_files_read(s, &n->model, &n->state) < 0 ? err_in("%s", folder) : 1, i;

	for (i = n->at + 1; result > 0 && i < list->count; i++)
		if (set_aside(s, list->steps[i]) < 0)
			result = -1;
	/* the process may have been killed before it updated the link, or before it removed older checkpoints */
	if (result > 0 && file_link(strrchr(folder, '/') + 1, link) < 0)
		result = -1;
	if (result > 0)
		prune(s);
	free(folder);
	free(link);
	return result;
}

int
checkpoint_load(const struct checkpoint *s)
{
	struct newest n;
	int opened, result;

	if (run_dir_clear(s->run) < 0)
		return -1;
	opened = newest_open(&n, s->run);
	result = opened > 0 ? resume(s, &n) : opened;
	newest_close(&n, opened);
	return result;
}

int
checkpoint_look(const struct checkpoint *s)
{
	struct newest n;
	const int opened = newest_open(&n, s->run);
	int result = opened;

	if (opened > 0 && checkpoint_files_read(s, &n.model, &n.state) < 0)
		result = err_in("%s", s->run);
	newest_close(&n, opened);
	return result;
}

int
checkpoint_state(const char *run, struct state *out)
{
	struct newest n;
	const int opened = newest_open(&n, run);
	int result = opened;

	*out = (struct state){ 0 };
	if (opened > 0 && checkpoint_files_state(&n.state, out) < 0)
		result = err_in("%s", run);
	newest_close(&n, opened);
	return result < 0 ? -1 : 0;
}
