/* cli - the command line of a tool: one table gives parsing, --help, --version and shell completion

   In addition to its own rows every tool has -h/--help, -V/--version, -q/--quiet, -v/--verbose and
   --completion bash|zsh|fish. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#define TSCAE_VERSION "0.1.0"

struct cli {
	const char *name;		/* "tscae-mask" */
	const char *purpose;		/* one line, no full stop: NAME section of the page */
	const char *operands;		/* "[FILE ...]"; "": no operands allowed */
	const struct opt *options;	/* ends with a row whose name is NULL */
	const struct opt *settings;	/* table of key=value operands and configuration files, or NULL */
	const char *const *conf;	/* points to the option that names a configuration file, which is read
					   before the key=value operands; or NULL */
};

/* Rows of options that several tools have, for their option tables. */
#define CLI_DROP_IMAGE(to) { 'd', "drop-image", OPT_FLAG, to, 0, 0, "leave the images out of the stream", NULL }
#define CLI_LIMIT(to) { 'n', "limit", OPT_INT, to, 0, 9e15, "number of records (0: all)", "N" }
#define CLI_MODEL(to) { 'm', "model", OPT_PATH, to, 0, 0, "model file, checkpoint or run directory", "MODEL" }
#define CLI_OUTPUT(to) { 'o', "output", OPT_PATH, to, 0, 0, "output file (-: standard output)", "FILE" }
#define CLI_SEED(to) { 's', "seed", OPT_INT, to, 0, 9e15, "seed of the random numbers", "N" }
#define CLI_STRICT(to) { 0, "strict", OPT_FLAG, to, 0, 0, "exit with 1 if input was left out or repaired", NULL }
#define CLI_THREADS(to) { 't', "threads", OPT_INT, to, 0, 1024, "number of threads (0: all processors)", "N" }

/* Options of every tool. */
struct cli_common {
	bool quiet;		/* -q: no progress, no summary; errors and warnings stay */
	bool verbose;		/* -v */
};
extern struct cli_common cli_common;

/* Parse the command line. Prints help, version or completion on request and exits with 0; dies with ERR_USAGE on a
   wrong line. If the tool has a table of settings, operands of the form key=value set them, but not those with a slash
   before the sign (./a=b.tsc). Returns the number of other operands; *operands points at them (in argv). */
int cli_parse(const struct cli *cli, int argc, char **argv, char ***operands);

/* The number of threads for an option --threads: `requested`, or one for each processor where that is 0. */
long cli_threads(long requested);

/* The name of the tool, for messages. */
const char *cli_tool(void);

/* The command line on one line, quoted, for the history of the stream; one beyond STREAM_TEXT_MAX is cut and ends in
   " ...". */
const char *cli_history(void);

#endif
