/* complete - shell completion scripts from a tool's option table */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cli.h"

enum complete_shell { COMPLETE_NONE, COMPLETE_BASH, COMPLETE_ZSH, COMPLETE_FISH };

/* Print the script that completes options, choices and settings of the tool for that shell on stdout. */
void complete_print(const struct cli *cli, const struct opt *common, enum complete_shell shell);

#endif
