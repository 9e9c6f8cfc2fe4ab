/* gather - the pictures that a command line names: files, folders, archives, lists of names; with their classes */
#include "tool/gather.h"
#include "base/err.h"
#include "tool/cli.h"
#include "tool/die.h"

#include <string.h>
#include <unistd.h>

static void
find(const struct gather *g, struct listing *l, int n, char **operands)
{
	const int end = g->zero ? 0 : '\n';
	int i;

	if (n == 0 && !g->files_from && isatty(0))
		die_with(ERR_USAGE, "no pictures given (and standard input is a terminal); try '%s --help'", cli_tool());
	for (i = 0; i < n; i++)
		if ((strcmp(operands[i], "-") == 0 ? listing_add_names(l, "-", end) : listing_add(l, operands[i])) < 0)
			die();
	if ((g->files_from || n == 0) && listing_add_names(l, g->files_from ? g->files_from : "-", end) < 0)
		die();
	if (l->count == 0)
		die_with(ERR_INPUT, "%s: no pictures", n ? operands[0] : g->files_from ? g->files_from : "-");
	if (g->count >= 0 && l->count != g->count)
		die_with(ERR_DATA, "%ld pictures are there, %ld should be", l->count, g->count);
}

/* Returns what gather() does. */
static long
tell(const struct gather *g, const struct listing *l)
{
	const long cut = g->count < 0 ? l->open_ended : 0;

	if (cut && g->strict)
		die_with(ERR_DATA, "%ld archives without end blocks: cut short?", cut);
	if (cut)
		warn("%ld archives without end blocks: cut short? (--count or ARCHIVE.count would tell; counted as skipped)", cut);
	if (l->further)
		warn("%ld further pictures of archives share a key with the one before and are not read", l->further);
	if (l->links)
		warn("%ld links in archives are not followed", l->links);
	if (cli_common.verbose && l->passed_over)
		warn("%ld files of folders are no pictures", l->passed_over);
	return cut;
}

long
gather(const struct gather *g, struct listing *l, int n, char **operands)
{
	long cut;

	find(g, l, n, operands);
	cut = tell(g, l);
	if (g->labels == GATHER_DIRS)
		listing_label_folders(l);
	if ((g->labels == GATHER_CLS && listing_label_members(l) < 0) || (g->table && listing_label_table(l, g->table) < 0))
		die();
	return cut;
}
