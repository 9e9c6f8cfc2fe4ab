/* opt - options as a table: one row is the letter, the long name, where the value goes, its range and its help

   The table is the one truth: it feeds the command line, `key=value` settings, configuration files,
   --help, shell completion and the test that compares them with the man page. */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_FLAG,	/* bool *: no value on the command line; on|off as a setting */
	OPT_INT,	/* long *: with an optional k, M or G (thousands) */
	OPT_REAL,	/* double * */
	OPT_TEXT,	/* const char **: points into argv or into memory that stays */
	OPT_CHOICE	/* int *: index into `values` */
};

struct opt {
	char letter;		/* 0: none */
	const char *name;	/* long name, lower case: dashes in options, underscores in settings; NULL ends a table */
	enum opt_type type;
	void *to;		/* holds the default until it is set */
	double min, max;	/* range of OPT_INT and OPT_REAL, both ends allowed */
	const char *help;	/* half a line, no full stop */
	const char *values;	/* OPT_CHOICE: "random|block|grid"; others: name of the value for --help ("FILE"), may be NULL */
};

/* Set one option from a text. -1 and err(ERR_USAGE): not a number, out of range, not a choice. */
int opt_set(const struct opt *o, const char *text);

/* The row of that long name, NULL if there is none. */
const struct opt *opt_find(const struct opt *table, const char *name);

/* Set one option from `name=value`. -1 and err(ERR_USAGE); an unknown name is answered with the nearest known one. */
int opt_assign(const struct opt *table, const char *assignment);

/* Read a file of `name = value` lines ('#' begins a comment). -1 and err() with file and line. Texts are never freed. */
int opt_load(const struct opt *table, const char *path);

/* The present value as text that opt_set would take, written to `text` of `size` bytes. Returns text. */
char *opt_show(const struct opt *o, char *text, size_t size);

/* Parse a command line against several tables (`tables` ends with NULL), GNU style: options and operands
   mix, `--` ends options. Operands are moved to the end of argv. The first operand's index, or -1 and err(ERR_USAGE). */
int opt_parse(const struct opt *const *tables, int argc, char **argv);

#endif
