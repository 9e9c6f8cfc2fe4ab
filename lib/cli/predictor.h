/* predictor - a tool that says what a trained model thinks of each image: its options, its model, its loop

   Each image goes through the network alone: what is said of it depends on the image and the model, never on its neighbors in
   the stream or on the number of threads. It has a thread to itself, and all of them where no other is in work. */
#ifndef CLI_PREDICTOR_H
#define CLI_PREDICTOR_H

#include "nn/parallel_for.h"
#include "inference/predict.h"
#include "cli/cli.h"

struct predictor {
	const struct task *task;
	const char *classes;		/* field of the header that gets the names of what the model tells apart */
	/* After the model is open: complete the options, dies on wrong ones. May be NULL. */
	void (*complete)(void);
	/* The fields that are added. Images there are: (H, W, C) each, any of them 0 where they differ. */
	void (*begin)(struct header *h, const struct field_type *image);
	/* Say it of one image, u8 (H, W, C). 0, or -1 and err(). Called on several threads, each with a context of its own. */
	int (*each)(struct record *r, const struct tensor *image, struct predict_context *d);
	/* As in tool/filter.h. May be NULL. */
	int (*done)(const struct record *r);

	/* the options that every such tool has: the rows below */
	const char *path, *output;
	bool drop;
	long threads;

	struct predict model;		/* open from complete() on */
	struct predict_context *contexts;		/* one a thread */
	struct parallel_for team;	/* threads that load the model, go through the stream, and help where only one image is in work */
};

#define PREDICTOR_MODEL(p) { 'm', "model", OPT_TEXT, &(p).path, 0, 0, "model file, checkpoint or run directory", "MODEL" }
#define PREDICTOR_OPTIONS(p) \
	{ 'd', "drop-image", OPT_FLAG, &(p).drop, 0, 0, "leave the images out of the stream", NULL }, \
	{ 't', "threads", OPT_INT, &(p).threads, 0, 1024, "number of threads (0: all processors)", "N" }, \
	{ 'o', "output", OPT_TEXT, &(p).output, 0, 0, "output file (-: standard output)", "FILE" }

/* The whole of main(): path "" and output "-" to begin with. Dies on errors; returns the exit status. */
int predictor_run(struct predictor *p, const struct cli *cli, int argc, char **argv);

#endif
