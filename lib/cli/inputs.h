/* inputs - the images that a command line names (files, folders, archives, lists of names) and their classes */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "base/opt.h"
#include "dataset/listing.h"

#include <stdbool.h>

#define INPUTS_LABELS(X) X(INPUTS_NONE, "none") X(INPUTS_DIRS, "dirs") X(INPUTS_CLS, "cls") X(INPUTS_JSON, "json")
enum inputs_labels { INPUTS_LABELS(OPT_CONSTANT) };

#define INPUTS_PAGES(X) X(INPUTS_PAGE_FIRST, "first") X(INPUTS_PAGES_ALL, "all")
enum inputs_pages { INPUTS_PAGES(OPT_CONSTANT) };

struct tar;

struct inputs {
	const char *files_from;		/* a file of names, or NULL */
	bool zero;			/* names end in zero bytes */
	int labels;			/* enum inputs_labels: no classes, folders, KEY.cls or KEY.json in archives */
	const char *class_field;	/* of the object in KEY.json */
	const char *image_member;	/* extensions of the image of a sample, or NULL */
	const char *table;		/* a file of lines NAME LABEL, or NULL */
	int pages;			/* enum inputs_pages */
	long max_bytes;			/* of a file whose pages are counted */
	long count;			/* required number of images; -1: any number */
	bool strict;			/* errors: what would be skipped */
	/* results: */
	long skipped;			/* files, images and archives that are left out */
	bool irregular;			/* something is left out, or guessed, that --strict does not accept */
	char *note;			/* what was left out or guessed, for the closing line; NULL: nothing */
	/* the input is this archive, from a pipe or compressed, and the listing is empty; NULL: it is not */
	struct tar *pipe;
	const char *packed;		/* its compression ("gzip", "zstd"); NULL: none */
};

/* Fill the listing from n operands; warns about irregular input, dies on errors. */
void inputs(struct inputs *in, struct listing *l, int n, char **operands);

/* Warn about what is left out of a listing, or guessed, and add it to the results; inputs() does so itself. */
void inputs_irregular(struct inputs *in, const struct listing *l);

#endif
