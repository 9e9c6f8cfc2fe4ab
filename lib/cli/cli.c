/* cli - a tool's command line: one table gives parsing, --help, --version and shell completion */
#include "cli/cli.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "cli/complete.h"
#include "cli/die.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cli_common cli_common;
static const struct cli *self;
static char *line;	/* the command line, quoted */
static bool help, version;
static int shell;

static const struct opt common[] = {
	{ 'h', "help", OPT_FLAG, &help, 0, 0, "print this help" , NULL },
	{ 'V', "version", OPT_FLAG, &version, 0, 0, "print name and version", NULL },
	{ 'q', "quiet", OPT_FLAG, &cli_common.quiet, 0, 0, "no progress and no summary", NULL },
	{ 'v', "verbose", OPT_FLAG, &cli_common.verbose, 0, 0, "print more details", NULL },
	{ 0, "completion", OPT_CHOICE, &shell, 0, 0, "print a completion script", OPT_NAMES(COMPLETE_SHELLS) },
	{ 0 }
};

/* A closed descriptor 0, 1 or 2 would be given to the next file that is opened: data in the wrong place. */
static void
hold_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			/* read-only for 1 and 2: writing there stays an error */
			int got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);

			assert(got == fd || got < 0);
		}
}

static void
quote(FILE *f, const char *s)
{
	if (*s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") == strlen(s)) {
		fputs(s, f);
		return;
	}
	fputc('\'', f);
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", f);
		else
			fputc(*s, f);
	fputc('\'', f);
}

static char *
join(const struct cli *cli, int argc, char **argv)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int i;

	fprintf(f, "%s %s", cli->name, TSCAE_VERSION);
	for (i = 1; i < argc; i++) {
		fputc(' ', f);
		quote(f, argv[i]);
	}
	fclose(f);
	return text;
}

static void
show_rows(const struct opt *o, bool settings)
{
	static const char *const kinds[] = {
		[OPT_FLAG] = "on|off", [OPT_INT] = "N", [OPT_BYTES] = "BYTES", [OPT_REAL] = "X", [OPT_RANGE] = "LOW,HIGH", [OPT_TEXT] = "TEXT"
	};
	char left[256], value[256];

	for (; o->name; o++) {
		const char *kind = o->values ? o->values : kinds[o->type];
		bool bare = o->type == OPT_FLAG && !settings;
		char letter[8] = "    ";

		if (o->letter)
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		snprintf(left, sizeof left, "%s%s%s%s%s", settings ? "" : letter, settings ? "" : "--", o->name,
			bare ? "" : settings ? "=" : " ", bare ? "" : kind);
		printf("  %-34s %s", left, o->help);
		opt_show(o, value, sizeof value);
		if (!bare && *value)
			printf(" [%s]", value);
		putchar('\n');
	}
}

static void
show_help(const struct cli *cli)
{
	printf("%s - %s\n\nUsage: %s [OPTION ...]%s%s\n\n", cli->name, cli->purpose, cli->name, *cli->operands ? " " : "", cli->operands);
	show_rows(cli->options, false);
	show_rows(common, false);
	if (cli->settings) {
		puts("\nSettings (key=value operands, or lines of a configuration file):\n");
		show_rows(cli->settings, true);
	}
	printf("\nManual: man %s\n", cli->name);
}

static _Noreturn void
print_and_leave(void)
{
	die_flush();
	exit(0);
}

int
cli_parse(const struct cli *cli, int argc, char **argv, char ***operands)
{
	const struct opt *tables[] = { cli->options, common, NULL };
	int first, i, n = 0;

	hold_descriptors();
	self = cli;
	die_as(cli->name);
	if (getenv("TSCAE_ISA") && !kernel_exists(getenv("TSCAE_ISA")))
		die_with(ERR_USAGE, "TSCAE_ISA=%s: there are no instructions of that name (tscae(7))", getenv("TSCAE_ISA"));
	line = join(cli, argc, argv);
	first = opt_parse(tables, argc, argv);
	if (first < 0) {
		err(ERR_USAGE, "%s; try '%s --help'", err_text(), cli->name);
		die();
	}
	if (help)
		show_help(cli);
	else if (version)
		printf("%s %s\n", cli->name, TSCAE_VERSION);
	else if (shell)
		complete_print(cli, common, (enum complete_shell)shell);
	if (help || version || shell)
		print_and_leave();
	if (cli->conf && *cli->conf && opt_load(cli->settings, *cli->conf) < 0)
		die();
	for (i = first; i < argc; i++) {
		if (!cli->settings || !strchr(argv[i], '='))
			argv[first + n++] = argv[i];
		else if (opt_assign(cli->settings, argv[i]) < 0)
			die();
	}
	if (n > 0 && !*cli->operands)
		die_with(ERR_USAGE, "unexpected operand '%s'; try '%s --help'", argv[first], cli->name);
	*operands = argv + first;
	return n;
}

const char *
cli_tool(void)
{
	return self ? self->name : "tscae";
}

const char *
cli_history(void)
{
	return line;
}
