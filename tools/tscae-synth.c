/* tscae-synth - generate a synthetic dataset with classes, boxes and segmentation maps */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "dataset/synth.h"
#include "dataset/synth_write.h"

#include <stdint.h>
#include <stdlib.h>

static struct {
	const char *output;
	long size[2], count, classes, seed, objects, quality, jobs;
	int layout;
	double held_out;
} args = { .size = { 64, 64 }, .count = 1000, .classes = SYNTH_CLASSES, .objects = 4, .quality = 90, .held_out = 0.2 };

static const struct cli cli = {
	"tscae-synth", "generate a synthetic dataset with classes, boxes and segmentation maps", "",
	(const struct opt[]){
		{ 'o', "output", OPT_PATH, &args.output, 0, 0, "directory of the dataset", "FOLDER" },
		{ 0, "count", OPT_INT, &args.count, 1, 1e8, "number of images", NULL },
		{ 'S', "size", OPT_SIZE, args.size, 16, 4096,
			"size of the images in pixels (one number: a square)", NULL },
		{ 0, "classes", OPT_INT, &args.classes, 1, SYNTH_CLASSES, "number of classes", NULL },
		{ 'l', "layout", OPT_CHOICE, &args.layout, 0, 0,
			"dataset layout: PASCAL VOC, or one folder per class", OPT_NAMES(SYNTH_WRITE_LAYOUTS) },
		{ 0, "max-objects", OPT_INT, &args.objects, 1, SYNTH_OBJECTS_MAX,
			"maximum number of objects in an image (voc)", NULL },
		{ 0, "val-ratio", OPT_REAL, &args.held_out, 0, 1,
			"fraction of the images in the validation split", NULL },
		CLI_SEED(&args.seed),
		{ 0, "quality", OPT_INT, &args.quality, 1, 100, "JPEG quality", NULL },
		CLI_THREADS(&args.jobs),
		{ 0 }
	}
};

enum { ROUND = 64 };	/* images between two checks for errors and progress lines */

struct work {
	struct synth_write write;
	struct arena *arenas;		/* one for each thread */
	unsigned char *present;		/* see synth_write_lists() */
	long first;
	struct { int status; char *text; } failed[ROUND];
};

static void
draw(void *arg, int i, int worker)
{
	struct work *w = arg;
	struct synth_scene scene;
	long number = w->first + i;
	int k;

	if (synth_write_image(&w->write, number, &w->arenas[worker], &scene) < 0) {
		w->failed[i].status = err_status();
		w->failed[i].text = mem_text(err_text());
		return;
	}
	for (k = 0; k < scene.count; k++) {
		unsigned char *mark = &w->present[number * args.classes + scene.object[k].class];

		if (*mark < 2)
			*mark = scene.object[k].difficult ? 1 : 2;
	}
}

/* The dataset that the options describe. */
static struct synth_write
describe(void)
{
	struct synth_write w = { .layout = (enum synth_write_layout)args.layout, .folder = args.output,
		.quality = (int)args.quality, .held_out = args.held_out };
	struct synth *s = &w.synth;

	if (!args.output)
		die_with(ERR_USAGE, "no output folder given; use --output");
	s->width = (int)args.size[0];
	s->height = (int)args.size[1];
	s->classes = (int)args.classes;
	s->objects = args.layout == SYNTH_WRITE_FOLDERS ? 1 : (int)args.objects;
	s->seed = (uint64_t)args.seed;
	return w;
}

int
main(int argc, char **argv)
{
	struct work w = { 0 };
	struct progress progress = { .total = 0 };
	struct pool *pool;
	char **operands;
	int k, n, threads;

	cli_parse(&cli, argc, argv, &operands);
	w.write = describe();
	threads = (int)cli_threads(args.jobs);
	pool = pool_new(threads);
	if (!pool || synth_write_folders(&w.write) < 0)
		die();
	w.arenas = mem_array((size_t)threads, sizeof *w.arenas);
	w.present = mem_array((size_t)args.count, (size_t)args.classes);
	progress.total = args.count;
	progress_begin(&progress, "images");
	for (w.first = 0; w.first < args.count; w.first += n) {
		n = args.count - w.first < ROUND ? (int)(args.count - w.first) : ROUND;
		pool_run(pool, n, draw, &w);
		for (k = 0; k < n; k++)
			if (w.failed[k].text)
				die_with(w.failed[k].status, "%s", w.failed[k].text);
		progress.records += n;
		progress_step(&progress);
	}
	if (w.write.layout == SYNTH_WRITE_VOC && synth_write_lists(&w.write, args.count, w.present) < 0)
		die();
	progress_end(&progress);
	for (k = 0; k < threads; k++)
		arena_free(&w.arenas[k]);
	free(w.arenas);
	free(w.present);
	pool_free(pool);
	return 0;
}
