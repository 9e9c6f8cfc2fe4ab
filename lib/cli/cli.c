/* cli - the command line of a tool: one table gives parsing, --help, --version and shell completion */
#include "cli/cli.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "cli/complete.h"
#include "cli/die.h"
#include "kernel/kernel.h"
#include "stream/reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cli_common cli_common;
static const char *tool = "tscae";
static char *history;	/* the command line, quoted */
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

/* If descriptor 0, 1 or 2 is closed, open /dev/null in its place: otherwise the next file opened would get its number,
   and messages or data would go to that file. */
static void
reserve_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			/* the wrong direction on purpose: a read of 0 or a write to 1 or 2 stays an error */
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

/* The command line, cut to what a stream can hold: a shell's list of 30,000 files is longer. */
static char *
join(const struct cli *cli, int argc, char **argv)
{
	static const char cut[] = " ...";
	struct mem_stream m;
	int i;

	mem_stream_open(&m);
	fprintf(m.file, "%s %s", cli->name, TSCAE_VERSION);
	for (i = 1; i < argc; i++) {
		fputc(' ', m.file);
		quote(m.file, argv[i]);
	}
	mem_stream_close(&m);
	if (m.size > STREAM_TEXT_MAX) {
		m.size = STREAM_TEXT_MAX - (sizeof cut - 1);
		while ((m.text[m.size] & 0xc0) == 0x80)
			m.size--;
		strcpy(m.text + m.size, cut);
	}
	return m.text;
}

static void
show_rows(const struct opt *o, bool settings)
{
	static const char *const kinds[] = {
		[OPT_FLAG] = "on|off", [OPT_INT] = "N", [OPT_BYTES] = "BYTES", [OPT_REAL] = "X",
		[OPT_RANGE] = "LOW,HIGH", [OPT_LIST] = "X,...", [OPT_SIZE] = "WxH",
		[OPT_TEXT] = "TEXT", [OPT_PATH] = "FILE"
	};
	char left[256], value[OPT_SHOW_SIZE];

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
	printf("%s - %s\n\nUsage: %s [OPTION ...]%s%s\n\n", cli->name, cli->purpose, cli->name,
		*cli->operands ? " " : "", cli->operands);
	show_rows(cli->options, false);
	show_rows(common, false);
	if (cli->settings) {
		puts("\nSettings (key=value operands, or lines of a configuration file):\n");
		show_rows(cli->settings, true);
	}
	printf("\nManual: man %s\n", cli->name);
}

static _Noreturn void
print_and_exit(void)
{
	die_flush();
	exit(0);
}

/* key=value, but not ./file=1.tsc */
static bool
is_setting(const char *operand)
{
	return strcspn(operand, "=") < strcspn(operand, "/");
}

int
cli_parse(const struct cli *cli, int argc, char **argv, char ***operands)
{
	const struct opt *tables[] = { cli->options, common, NULL };
	int first, i, n = 0;

	reserve_descriptors();
	tool = cli->name;
	die_as(tool);
	if (getenv("TSCAE_ISA") && !kernel_exists(getenv("TSCAE_ISA")))
		die_with(ERR_USAGE, "TSCAE_ISA=%s: unknown instruction set; see tscae(7) for their names",
			getenv("TSCAE_ISA"));
	history = join(cli, argc, argv);
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
		print_and_exit();
	if (cli->conf && *cli->conf && opt_load(cli->settings, *cli->conf) < 0)
		die();
	for (i = first; i < argc; i++) {
		if (!cli->settings || !is_setting(argv[i]))
			argv[first + n++] = argv[i];
		else if (opt_assign(cli->settings, argv[i]) < 0)
			die();
	}
	if (n > 0 && !*cli->operands)
		die_with(ERR_USAGE, "unexpected operand '%s'; try '%s --help'", argv[first], cli->name);
	*operands = argv + first;
	return n;
}

long
cli_threads(long requested)
{
	return requested ? requested : pool_default();
}

const char *
cli_tool(void)
{
	return tool;
}

const char *
cli_history(void)
{
	return history;
}
