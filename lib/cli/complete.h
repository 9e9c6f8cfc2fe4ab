/* complete - shell completion scripts from the option table of a tool */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "base/opt.h"
#include "cli/cli.h"

#define COMPLETE_SHELLS(X) \
	X(COMPLETE_NONE, "none") X(COMPLETE_BASH, "bash") X(COMPLETE_ZSH, "zsh") X(COMPLETE_FISH, "fish")

enum complete_shell { COMPLETE_SHELLS(OPT_CONSTANT) };

/* Print a script for that shell on stdout, which completes options, choices and settings of the tool. */
void complete_print(const struct cli *cli, const struct opt *common, enum complete_shell shell);

#endif
