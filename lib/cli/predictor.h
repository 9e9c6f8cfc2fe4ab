/* predictor - a tool that adds the predictions of a trained model to each image: its options, its model, its loop

   Each image goes through the network alone: its prediction depends on the image and the model only, not on its
   neighbors in the stream or on the number of threads. One thread works on an image, and all idle threads help it. */
#ifndef CLI_PREDICTOR_H
#define CLI_PREDICTOR_H

#include "cli/cli.h"
#include "inference/predict.h"
#include "nn/parallel.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdbool.h>

/* The options of every such tool: the rows below. */
struct predictor_options {
	const char *path, *output;	/* "" and "-" to begin with */
	bool drop;
	long threads;
};

#define PREDICTOR_MODEL(p) CLI_MODEL(&(p).path)
#define PREDICTOR_OPTIONS(p) \
	CLI_DROP_IMAGE(&(p).drop), \
	CLI_THREADS(&(p).threads), \
	CLI_OUTPUT(&(p).output)

struct predictor {
	const struct task *task;
	const char *classes;		/* header key of the class names of the model (annotation/class_list.h) */
	const char *others;		/* tensor of another task whose class numbers have these names too, or NULL */
	struct predictor_options *options;
	void *arg;			/* of the callbacks, which find the open model in `model` */
	/* Complete the options once the model is open; dies on wrong ones. May be NULL. */
	void (*complete)(struct predictor *p);
	/* Declare the new fields. Images have the shape (H, W, C) of `image`, where a 0 is a size that varies. */
	void (*begin)(const struct predictor *p, struct header *h, const struct field_type *image);
	/* Add the prediction for one image, u8 or u16 (H, W, C). 0, or -1 and err(). Called on several threads, each
	   with its own context. */
	int (*each)(const struct predictor *p, struct record *r, const struct tensor *image, struct predict_context *c);
	/* As in cli/filter.h, called with `arg`. May be NULL. */
	int (*done)(void *arg, const struct record *r);

	struct predict model;		/* open from complete() on */
	struct predict_context *contexts;	/* one for each thread */
	struct parallel_for team;	/* threads that load the model and process the stream */
};

/* The whole of main() after the initialization of *p. Dies on errors; returns the exit status. */
int predictor_run(struct predictor *p, const struct cli *cli, int argc, char **argv);

#endif
