/* inputs - the images that a command line names (files, folders, archives, lists of names) and their classes */
#include "cli/inputs.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <string.h>
#include <unistd.h>

/* List the images of the operands and of --files-from. */
static void
list(const struct inputs *in, struct listing *l, int n, char **operands)
{
	const int end = in->zero ? 0 : '\n';
	int i;

	l->skip_unreadable = !in->strict;
	if (n == 0 && !in->files_from && isatty(0))
		die_with(ERR_USAGE, "no images given, and standard input is a terminal; try '%s --help'", cli_tool());
	for (i = 0; i < n; i++)
		if ((strcmp(operands[i], "-") == 0 ? listing_add_names(l, "-", end) : listing_add(l, operands[i])) < 0)
			die();
	if ((in->files_from || n == 0) && listing_add_names(l, in->files_from ? in->files_from : "-", end) < 0)
		die();
	if (l->unreadable)
		warn("%ld links and subfolders cannot be opened, the first: %s (skipped)", l->unreadable,
			l->first_unreadable);
	if (l->count == 0)
		die_with(ERR_INPUT, "%s: no images found", n ? operands[0] : in->files_from ? in->files_from : "-");
	if (in->count >= 0 && l->count != in->count)
		die_with(ERR_DATA, "%ld images found, but --count requires %ld", l->count, in->count);
}

/* Warn about irregular archives and folders. Returns the number of archives that may be cut short. */
static long
warn_irregular(const struct inputs *in, const struct listing *l)
{
	const long cut = in->count < 0 ? l->open_ended : 0;

	if (cut && in->strict)
		die_with(ERR_DATA,
			"%ld archives have no end blocks and may be cut short; set --count if they are complete", cut);
	if (cut)
		warn("%ld archives have no end blocks and may be cut short: counted as skipped; "
			"set --count or write ARCHIVE.count if they are complete", cut);
	if (l->further)
		warn("%ld images of archives have the key of the image before them and are not read", l->further);
	if (l->links)
		warn("%ld links in archives are ignored", l->links);
	if (cli_common.verbose && l->passed_over)
		warn("%ld files in folders are not images and are ignored", l->passed_over);
	return cut + l->unreadable;
}

long
inputs(const struct inputs *in, struct listing *l, int n, char **operands)
{
	long skipped;

	list(in, l, n, operands);
	skipped = warn_irregular(in, l);
	if (in->labels == INPUTS_DIRS)
		listing_label_folders(l);
	if ((in->labels == INPUTS_CLS && listing_label_members(l) < 0) ||
		(in->table && listing_label_table(l, in->table) < 0))
		die();
	return skipped;
}
