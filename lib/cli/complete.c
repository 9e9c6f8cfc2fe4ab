/* complete - shell completion scripts from the option table of a tool */
#include "cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Print "random|block|grid" as "random block grid". */
static void
words(const char *values)
{
	for (; *values; values++)
		putchar(*values == '|' ? ' ' : *values);
}

/* Print a text inside single quotes of the shell, with a backslash before the characters in `escape`. */
static void
quoted(const char *s, const char *escape)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\'", stdout);
		else if (strchr(escape, *s))
			putchar('\\');
		putchar(*s);
	}
}

static void
bash_cases(const struct opt *o)
{
	for (; o->name; o++)
		if (o->type == OPT_CHOICE) {
			printf("\t--%s", o->name);
			if (o->letter)
				printf("|-%c", o->letter);
			fputs(") COMPREPLY=($(compgen -W '", stdout);
			words(o->values);
			puts("' -- \"$word\")); return;;");
		}
}

static void
bash_names(const struct opt *o, const char *before, const char *after)
{
	for (; o->name; o++)
		printf(" %s%s%s", before, o->name, after);
}

/* Print the name of the completion function: _tscae_mask for tscae-mask. */
static void
function_name(const char *name)
{
	putchar('_');
	for (; *name; name++)
		putchar(isalnum((unsigned char)*name) ? *name : '_');
}

static void
bash(const struct cli *cli, const struct opt *common)
{
	function_name(cli->name);
	puts("()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n\tcase $last in");
	bash_cases(cli->options);
	bash_cases(common);
	fputs("\tesac\n\tif [[ $word == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	bash_names(cli->options, "--", "");
	bash_names(common, "--", "");
	puts("' -- \"$word\"))");
	fputs("\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$word\")", stdout);
	if (cli->settings) {
		fputs(" $(compgen -W '", stdout);
		bash_names(cli->settings, "", "=");
		fputs("' -- \"$word\")", stdout);
	}
	fputs(")\n\tfi\n}\ncomplete -o filenames -F ", stdout);
	function_name(cli->name);
	printf(" %s\n", cli->name);
}

static void
zsh_rows(const struct opt *o)
{
	for (; o->name; o++) {
		fputs(" \\\n\t'", stdout);
		if (o->letter)
			printf("(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
		else
			printf("--%s", o->name);
		putchar('[');
		quoted(o->help, "[]:");
		putchar(']');
		if (o->type == OPT_CHOICE) {
			fputs(":value:(", stdout);
			words(o->values);
			putchar(')');
		} else if (o->type == OPT_TEXT || o->type == OPT_PATH)
			fputs(":file:_files", stdout);
		else if (o->type != OPT_FLAG)
			fputs(":number:", stdout);
		putchar('\'');
	}
}

static void
zsh(const struct cli *cli, const struct opt *common)
{
	printf("#compdef %s\n_arguments", cli->name);
	zsh_rows(cli->options);
	zsh_rows(common);
	puts(" \\\n\t'*:file:_files'");
}

static void
fish_rows(const char *name, const struct opt *o)
{
	for (; o->name; o++) {
		printf("complete -c %s -l %s", name, o->name);
		if (o->letter)
			printf(" -s %c", o->letter);
		if (o->type == OPT_CHOICE) {
			fputs(" -x -a '", stdout);
			words(o->values);
			putchar('\'');
		} else if (o->type != OPT_FLAG)
			fputs(" -r", stdout);
		fputs(" -d '", stdout);
		for (const char *s = o->help; *s; s++)
			if (*s == '\'' || *s == '\\')
				printf("\\%c", *s);
			else
				putchar(*s);
		puts("'");
	}
}

void
complete_print(const struct cli *cli, const struct opt *common, enum complete_shell shell)
{
	switch (shell) {
	case COMPLETE_BASH: bash(cli, common); break;
	case COMPLETE_ZSH: zsh(cli, common); break;
	case COMPLETE_FISH: fish_rows(cli->name, cli->options); fish_rows(cli->name, common); break;
	case COMPLETE_NONE: break;
	}
}
