/* tscae-export - write a model in the format of another program: timm, MAE, Hugging Face, ONNX */
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/model_file.h"
#include "checkpoint/onnx.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "model/config.h"

#include <stddef.h>

static struct {
	const char *model, *output;
	int format;
	long image;
	struct onnx_detections detections;
} args = { .model = "", .output = "", .detections = { 0.05, 0.6, 100 } };

static const struct cli cli = {
	"tscae-export", "write a model for timm, MAE, Hugging Face transformers or ONNX", "",
	(const struct opt[]){
		CLI_MODEL(&args.model),
		{ 0, "format", OPT_CHOICE, &args.format, 0, 0, "program that will read the file",
			OPT_NAMES(EXCHANGE_FORMATS) },
		{ 0, "image", OPT_INT, &args.image, 0, CONFIG_IMAGE_MAX,
			"image size in pixels, with the position table for it (0: that of the model)", "N" },
		{ 0, "score-threshold", OPT_REAL, &args.detections.score_threshold, 0, 1,
			"minimum score of a detection", "X" },
		{ 0, "iou-threshold", OPT_REAL, &args.detections.iou_threshold, 0, 1,
			"IoU threshold of non-maximum suppression", "X" },
		{ 0, "max-detections", OPT_INT, &args.detections.max_detections, 1, 10000,
			"maximum number of detections per image", "N" },
		{ 'o', "output", OPT_PATH, &args.output, 0, 0, "output file (timm-dir, hf: output directory)", "FILE" },
		{ 0 }
	},
	NULL
};

int
main(int argc, char **argv)
{
	struct exchange_export how;
	struct model_file m;
	char **operands;

	cli_parse(&cli, argc, argv, &operands);
	if (!*args.model || !*args.output)
		die_with(ERR_USAGE, "--model and --output are required");
	how = (struct exchange_export){ (enum exchange_format)args.format, args.image, args.detections, die_warning,
		NULL };
	if (model_file_open(&m, args.model) < 0 || exchange_export(&how, &m, args.output) < 0)
		die();
	model_file_close(&m);
	return 0;
}
