/* complete - shell completion scripts from a tool's option table */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cli.h"

#define COMPLETE_SHELLS(X) X(COMPLETE_NONE, "none") X(COMPLETE_BASH, "bash") X(COMPLETE_ZSH, "zsh") X(COMPLETE_FISH, "fish")

enum complete_shell { COMPLETE_SHELLS(OPT_CONSTANT) };

/* Print the script that completes options, choices and settings of the tool for that shell on stdout. */
void complete_print(const struct cli *cli, const struct opt *common, enum complete_shell shell);

#endif
