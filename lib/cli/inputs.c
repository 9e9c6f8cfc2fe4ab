/* inputs - the images that a command line names: files, folders, archives, lists of names; with their classes */
#include "cli/inputs.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <string.h>
#include <unistd.h>

static void
find(const struct inputs *g, struct listing *l, int n, char **operands)
{
	const int end = g->zero ? 0 : '\n';
	int i;

	l->skip_unreadable = !g->strict;
	if (n == 0 && !g->files_from && isatty(0))
		die_with(ERR_USAGE, "no images given (and standard input is a terminal); try '%s --help'", cli_tool());
	for (i = 0; i < n; i++)
		if ((strcmp(operands[i], "-") == 0 ? listing_add_names(l, "-", end) : listing_add(l, operands[i])) < 0)
			die();
	if ((g->files_from || n == 0) && listing_add_names(l, g->files_from ? g->files_from : "-", end) < 0)
		die();
	if (l->unreadable)
		warn("%ld links and subfolders cannot be opened, the first: %s (skipped)", l->unreadable,
			l->first_unreadable);
	if (l->count == 0)
		die_with(ERR_INPUT, "%s: no images", n ? operands[0] : g->files_from ? g->files_from : "-");
	if (g->count >= 0 && l->count != g->count)
		die_with(ERR_DATA, "%ld images are there, %ld should be", l->count, g->count);
}

/* Returns what inputs() does. */
static long
tell(const struct inputs *g, const struct listing *l)
{
	const long cut = g->count < 0 ? l->open_ended : 0;

	if (cut && g->strict)
		die_with(ERR_DATA, "%ld archives without end blocks: cut short?", cut);
	if (cut)
		warn("%ld archives without end blocks: cut short? (--count or ARCHIVE.count would tell; counted as skipped)", cut);
	if (l->further)
		warn("%ld further images of archives share a key with the one before and are not read", l->further);
	if (l->links)
		warn("%ld links in archives are not followed", l->links);
	if (cli_common.verbose && l->passed_over)
		warn("%ld files of folders are no images", l->passed_over);
	return cut + l->unreadable;
}

long
inputs(const struct inputs *g, struct listing *l, int n, char **operands)
{
	long skipped;

	find(g, l, n, operands);
	skipped = tell(g, l);
	if (g->labels == INPUTS_DIRS)
		listing_label_folders(l);
	if ((g->labels == INPUTS_CLS && listing_label_members(l) < 0) || (g->table && listing_label_table(l, g->table) < 0))
		die();
	return skipped;
}
