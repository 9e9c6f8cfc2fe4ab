/* tscae-import - convert the weights of a published ViT or MAE (names of timm, MAE or Hugging Face) into a model

   The shapes of the tensors give the configuration. What they do not give is in config.json, given by an option, or an
   error; what the code of a family's authors has in one value only is assumed, with a warning. */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "model/config.h"
#include "nn/params.h"

#include <stdbool.h>
#include <stddef.h>

#define MEAN_STD(X) X(MEAN_STD_IMAGENET, "imagenet") X(MEAN_STD_HALF, "half") X(MEAN_STD_AUTO, "auto")
enum { MEAN_STD(OPT_CONSTANT) };

static struct {
	const char *output, *prefix;
	long heads, decoder_heads, image, bits;
	struct opt_list mean, std;
	double norm_eps;
	int mean_std;
	bool norm_pix, drop_positions, strict;
} args = { .output = "", .prefix = "", .norm_eps = -1, .mean_std = MEAN_STD_AUTO };

static const struct cli cli = {
	"tscae-import", "convert the weights of a published ViT or MAE", "FILE|DIRECTORY",
	(const struct opt[]){
		{ 'o', "output", OPT_PATH, &args.output, 0, 0, "output model (.safetensors)", "FILE" },
		{ 0, "prefix", OPT_TEXT, &args.prefix, 0, 0, "prefix of the tensor names, such as 'module.' (empty: "
		    "found)", "TEXT" },
		{ 0, "heads", OPT_INT, &args.heads, 0, CONFIG_HEADS_MAX,
			"attention heads (0: by config.json)", "N" },
		{ 0, "decoder-heads", OPT_INT, &args.decoder_heads, 0, CONFIG_HEADS_MAX,
			"attention heads of the MAE decoder (0: by config.json)", "N" },
		{ 0, "image", OPT_INT, &args.image, 0, CONFIG_IMAGE_MAX,
			"image size in pixels (0: from the position table)", "N" },
		{ 0, "norm-eps", OPT_REAL, &args.norm_eps, -1, 1,
			"epsilon of the layer norms (-1: by config.json, else 1e-6 for timm and MAE)", "R" },
		{ 0, "mean-std", OPT_CHOICE, &args.mean_std, 0, 0,
			"mean and standard deviation of the pixels (auto: by config.json, else imagenet)",
			OPT_NAMES(MEAN_STD) },
		{ 0, "mean", OPT_LIST, &args.mean, -10, 10, "mean of each channel, for samples from 0 to 1", NULL },
		{ 0, "std", OPT_LIST, &args.std, 1e-12, 10, "standard deviation of each channel, likewise", NULL },
		{ 0, "bits", OPT_INT, &args.bits, 0, 16, "bits of the samples of its images, 8 or 16 (0: 8)", "N" },
		{ 0, "norm-pix", OPT_FLAG, &args.norm_pix, 0, 0,
			"MAE: the decoder was trained on normalized patches", NULL },
		{ 0, "drop-pos-embed", OPT_FLAG, &args.drop_positions, 0, 0,
			"replace a learned or missing position table by the fixed one", NULL },
		CLI_STRICT(&args.strict),
		{ 0 }
	},
	NULL
};

int
main(int argc, char **argv)
{
	struct safetensors out = { 0 };
	struct class_list classes = { 0 };
	struct params params = { 0 };
	long notes[EXCHANGE_NOTES] = { 0 };
	struct exchange_import how;
	struct config c;
	char **operands;

	if (cli_parse(&cli, argc, argv, &operands) != 1 || !*args.output)
		die_with(ERR_USAGE, "one file to read and --output are required");
	if (args.bits != 0 && args.bits != 8 && args.bits != 16)
		die_with(ERR_USAGE, "--bits is 8 or 16, not %ld", args.bits);
	if (args.norm_eps < 0 && args.norm_eps != -1)
		die_with(ERR_USAGE, "--norm-eps %g is out of range: use -1, or at least 0", args.norm_eps);
	how = (struct exchange_import){
		args.prefix, { args.heads, args.decoder_heads, args.image, args.norm_eps },
		args.mean_std == MEAN_STD_AUTO ? NORMALIZE_AUTO : args.mean_std, args.mean, args.std, args.bits,
		args.norm_pix, args.drop_positions, die_warning, NULL, notes
	};
	if (exchange_import(&how, operands[0], &c, &params, &classes) < 0)
		die();
	model_file_describe(&out, &c);
	if (classes.count) {
		safetensors_set(&out, "task", "classify");
		safetensors_classes_save(&classes, &out);
	}
	model_file_add_params(&out, &params);
	if (safetensors_write(&out, args.output, true) < 0)
		die();
	if (!cli_common.quiet)
		warn("%s: width %ld, %ld blocks, %ld heads, patch size %ld, image size %ld%s; %ld tensors left out, "
			"%ld values assumed, %ld position tables computed",
			args.output, c.embed_dim, c.depth, c.heads, c.patch, c.image,
			params_find(&params, "decoder_embed.weight") >= 0 ? ", with the decoder of MAE" : "",
			notes[EXCHANGE_LEFT_OUT], notes[EXCHANGE_ASSUMED], notes[EXCHANGE_REPLACED]);
	safetensors_close(&out);
	class_list_free(&classes);
	params_free(&params);
	return args.strict && (notes[EXCHANGE_LEFT_OUT] || notes[EXCHANGE_ASSUMED] || notes[EXCHANGE_REPLACED])
		? ERR_SKIPPED : 0;
}
