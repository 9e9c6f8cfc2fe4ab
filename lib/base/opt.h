/* opt - options as a table: one row is the letter, the long name, where the value goes, its range and its help

   The table is the only description of an option: it feeds the command line, `key=value` settings, configuration files,
   --help, shell completion and the test that compares them with the man page. */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/err.h"

#include <stddef.h>

enum opt_type {
	OPT_FLAG, /* bool *: no value on the command line; on|off as a setting */
	OPT_INT, /* long *: with an optional k, M or G (thousands) */
	OPT_BYTES, /* long *: bytes, with an optional k, M, G or T (thousands), Ki, Mi, Gi or Ti (1024s), and B:
		64M, 1.5GiB */
	OPT_REAL, /* double * */
	OPT_RANGE, /* double [2]: LOW,HIGH with min < LOW <= HIGH <= max; unset while its low end is not above min */
	OPT_LIST, /* struct opt_list *: numbers joined by commas, each from min to max; empty: unset */
	OPT_SIZE, /* long [2]: width and height in pixels, each from min to max; WxH, or N for a square */
	OPT_TEXT, /* const char **: points into argv or into memory that stays */
	OPT_PATH, /* const char **: the same, the name of a file or folder; not empty, as an unset shell variable is */
	OPT_CHOICE /* int *: index into `values` */
};

enum { OPT_LIST_MAX = 16 };

struct opt_list {
	int count;		/* 0: unset */
	double x[OPT_LIST_MAX];
};

/* Bytes that hold the text of any option but OPT_TEXT and OPT_PATH. */
enum { OPT_SHOW_SIZE = 32 * OPT_LIST_MAX };

/* Choices are written once, beside their enum, and give its constants and the `values` of every table:
     #define MASK_KINDS(X) X(MASK_RANDOM, "random") X(MASK_BLOCK, "block")
     enum mask_kind { MASK_KINDS(OPT_CONSTANT) };
     { 'k', "kind", OPT_CHOICE, &args.kind, 0, 0, "pattern of the mask", OPT_NAMES(MASK_KINDS) } */
#define OPT_CONSTANT(constant, name) constant,
#define OPT_NAME(constant, name) "|" name
#define OPT_NAMES(list) (&(list(OPT_NAME))[1])

struct opt {
	char letter;		/* 0: none */
	const char *name; /* long name, lower case: dashes in options, underscores in settings; NULL ends a table */
	enum opt_type type;
	void *to;		/* holds the default until it is set */
	double min, max;	/* range of a number, both ends allowed (but see OPT_RANGE) */
	const char *help;	/* half a line, no full stop */
	const char *values; /* OPT_CHOICE: "random|block|grid"; others: name of the value for --help ("FILE"), may be
		NULL */
};

/* Set one option from a text. -1 and err(ERR_USAGE): not a number, out of range, not a choice, no path. */
int opt_set(const struct opt *o, const char *text) ERR_CHECK;

/* The row of that long name, NULL if there is none. */
const struct opt *opt_find(const struct opt *table, const char *name);

/* Set one option from `name=value`. -1 and err(ERR_USAGE); the message for an unknown name suggests the nearest one. */
int opt_assign(const struct opt *table, const char *assignment) ERR_CHECK;

/* Read a file of `name = value` lines ('#' begins a comment). -1 and err() with file and line. Texts are never
   freed. */
int opt_load(const struct opt *table, const char *path) ERR_CHECK;

/* The current value as text that opt_set accepts (but for an unset OPT_PATH), written to `text` of `size` bytes.
   Returns text. */
char *opt_show(const struct opt *o, char *text, size_t size);

/* The shortest text of at least 10 digits' precision that reads as the same number, written to `text` of `size` bytes
   (32 are enough). Returns text. */
char *opt_show_real(double x, char *text, size_t size);

/* Parse a command line against several tables (`tables` ends with NULL), GNU style: options and operands
   mix, `--` ends options. Operands are moved to the end of argv. The first operand's index, or -1 and
   err(ERR_USAGE). */
int opt_parse(const struct opt *const *tables, int argc, char **argv) ERR_CHECK;

#endif
