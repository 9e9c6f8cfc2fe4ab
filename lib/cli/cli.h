/* cli - a tool's command line: one table gives parsing, --help, --version and shell completion

   Every tool has, besides its own rows: -h/--help, -V/--version, -q/--quiet, -v/--verbose,
   --completion bash|zsh|fish. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/opt.h"
#include "stream/record.h"

#define TSCAE_VERSION "0.1.0"

struct cli {
	const char *name;		/* "tscae-mask" */
	const char *purpose;		/* one line, no full stop: NAME section of the page */
	const char *operands;		/* "[FILE ...]"; "" for none allowed */
	const struct opt *options;	/* ends with a row whose name is NULL */
	const struct opt *settings;	/* table of key=value operands and configuration files, or NULL */
	const char *const *conf;	/* where an option puts the name of a configuration file, which is read before
					   the key=value operands; or NULL */
};

/* What every tool knows about its command line. */
struct cli_common {
	bool quiet;		/* -q: no progress, no summary; errors and warnings stay */
	bool verbose;		/* -v */
};
extern struct cli_common cli_common;

/* Parse; print help, version or completion and exit where asked; exit 2 on a wrong line. Operands of the
   form key=value are taken as settings where the tool has a table of them. The others remain:
   returns their number, and *operands points at them (in argv). */
int cli_parse(const struct cli *cli, int argc, char **argv, char ***operands);

/* The tool's name, for messages. */
const char *cli_tool(void);

/* The command line as given, one line, for the stream's history. */
const char *cli_history(void);

#endif
