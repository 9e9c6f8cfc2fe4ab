/* tscae-export - write a model in the format of another program: timm, MAE, Hugging Face */
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/model_file.h"
#include "checkpoint/param_names.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <stddef.h>

static struct {
	const char *model, *output;
	int style;
} args = { .model = "", .output = "" };

static const struct cli cli = {
	"tscae-export", "write a model for timm, MAE or Hugging Face transformers", "",
	(const struct opt[]){
		CLI_MODEL(&args.model),
		{ 0, "format", OPT_CHOICE, &args.style, 0, 0, "program that will read the file",
			OPT_NAMES(PARAM_NAMES_STYLES) },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (hf: output directory)", "FILE" },
		{ 0 }
	},
	NULL
};

int
main(int argc, char **argv)
{
	struct model_file m;
	char **operands;

	cli_parse(&cli, argc, argv, &operands);
	if (!*args.model || !*args.output)
		die_with(ERR_USAGE, "--model and --output are required");
	if (model_file_open(&m, args.model) < 0 || exchange_export(&m, (enum param_names_style)args.style,
		args.output) < 0)
		die();
	model_file_close(&m);
	return 0;
}
