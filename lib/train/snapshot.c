/* snapshot - a training run on disk: appears whole, stays until the next one is proven */
#include "train/snapshot.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "train/folder.h"
#include "train/saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
verify(const char *folder)
{
	struct checkpoint model, state;

	if (saved_open(folder, &model, &state) < 0)
		return err_in("does not read back as it was written");
	checkpoint_close(&model);
	checkpoint_close(&state);
	return 0;
}

static void
prune(const struct snapshot *s)
{
	if (folder_prune(s->run, s->settings->keep) < 0)
		s->warn("an old snapshot stays: %s", err_text());
}

int
snapshot_save(const struct snapshot *s)
{
	char *path = folder_snapshot(s->run, s->state->step, ""), *aside = folder_snapshot(s->run, s->state->step, ".tmp"), *link = folder_path(s->run, "latest");
	int result = file_remove(aside) < 0 ? -1 : saved_write(s, aside);

	if (result == 0)
		result = file_publish(aside, path);
	if (result == 0)
		result = verify(path);
	if (result == 0)
		result = file_link(strrchr(path, '/') + 1, link);
	if (result < 0) {
		/* also where reading back failed: what is wrong is the output */
		char *why = mem_text(err_text());

		file_remove(aside);
		err(ERR_OUTPUT, "%s", why);
		free(why);
	} else
		prune(s);
	free(path);
	free(aside);
	free(link);
	return result;
}

/* Open the newest snapshot that is whole, number *at of the list. 1; 0: there is none at all; -1 and err(). */
static int
open_newest(const char *run, const struct folder_list *list, struct checkpoint *model, struct checkpoint *state, int *at)
{
	int result = list->count ? -1 : 0;

	for (*at = list->count; result < 0 && *at > 0;) {
		char *folder = folder_snapshot(run, list->steps[--*at], "");

		result = saved_open(folder, model, state) < 0 ? -1 : 1;
		free(folder);
	}
	return result < 0 ? err(ERR_DATA, "no snapshot is whole: %s", err_text()) : result;
}

/* A damaged snapshot newer than the one in use: named, and out of the way of the next ones. */
static int
set_aside(const struct snapshot *s, long step)
{
	char *from = folder_snapshot(s->run, step, ""), *to = folder_snapshot(s->run, step, ".damaged");
	int result = file_remove(to);

	s->warn("%s: damaged, passed over and renamed to %s", from, to);
	if (result == 0 && file_calls.rename(from, to) < 0)
		result = err(ERR_OUTPUT, "%s: %s", to, strerror(errno));
	free(from);
	free(to);
	return result;
}

/* Take what is in the newest whole snapshot, and make `latest` and the others agree with it. */
static int
go_on(const struct snapshot *s, const struct folder_list *list, int at, const struct checkpoint *model, const struct checkpoint *state)
{
	char *folder = folder_snapshot(s->run, list->steps[at], ""), *link = folder_path(s->run, "latest");
	int result = saved_read(s, model, state) < 0 ? err_in("%s", folder) : 1;

	for (at++; result > 0 && at < list->count; at++)
		if (set_aside(s, list->steps[at]) < 0)
			result = -1;
	/* a kill may have come between the snapshot and its link, or before the older ones went */
	if (result > 0 && file_link(strrchr(folder, '/') + 1, link) < 0)
		result = -1;
	if (result > 0)
		prune(s);
	free(folder);
	free(link);
	return result;
}

int
snapshot_load(const struct snapshot *s)
{
	struct folder_list list;
	struct checkpoint model, state;
	int at, result;

	if (folder_clear(s->run) < 0 || folder_steps(s->run, &list) < 0)
		return -1;
	result = open_newest(s->run, &list, &model, &state, &at);
	if (result > 0) {
		result = go_on(s, &list, at, &model, &state);
		checkpoint_close(&model);
		checkpoint_close(&state);
	}
	free(list.steps);
	return result;
}

int
snapshot_look(const struct snapshot *s)
{
	struct folder_list list;
	struct checkpoint model, state;
	int at, result;

	if (folder_steps(s->run, &list) < 0)
		return -1;
	result = open_newest(s->run, &list, &model, &state, &at);
	if (result > 0) {
		if (saved_read(s, &model, &state) < 0)
			result = err_in("%s", s->run);
		checkpoint_close(&model);
		checkpoint_close(&state);
	}
	free(list.steps);
	return result;
}

int
snapshot_state(const char *run, struct state *out)
{
	struct folder_list list;
	struct checkpoint model, state;
	int at, result;

	if (folder_steps(run, &list) < 0)
		return -1;
	result = open_newest(run, &list, &model, &state, &at);
	*out = (struct state){ 0 };
	if (result > 0) {
		result = saved_state(&state, out);
		checkpoint_close(&model);
		checkpoint_close(&state);
	}
	free(list.steps);
	return result < 0 ? -1 : 0;
}
