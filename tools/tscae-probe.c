/* tscae-probe - measure the accuracy of features with k-NN and a linear probe */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "json/writer.h"
#include "metrics/confusion.h"
#include "metrics/feature_set.h"
#include "metrics/knn.h"
#include "metrics/linear_probe.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHODS(X) X(METHOD_KNN, "knn") X(METHOD_LINEAR, "linear") X(METHOD_BOTH, "both")
enum { METHODS(OPT_CONSTANT) };

static struct {
	const char *name;
	long k, threads;
	double temperature;
	int method;
	bool pixels, json;
} args = { .name = "features", .k = 20, .temperature = 0.07 };	/* DINO's and formats/method.md's protocol */

static const struct cli cli = {
	"tscae-probe", "measure the accuracy of features with k-NN and a linear probe", "TRAIN TEST",
	(const struct opt[]){
		{ 0, "method", OPT_CHOICE, &args.method, 0, 0,
			"classifier: k-NN, linear probe, or both", OPT_NAMES(METHODS) },
		{ 0, "neighbors", OPT_INT, &args.k, 1, 1e6, "number of neighbors", NULL },
		{ 0, "temperature", OPT_REAL, &args.temperature, 1e-6, 1e6,
			"weight of a vote is exp(cosine / temperature)", NULL },
		{ 0, "pixels", OPT_FLAG, &args.pixels, 0, 0, "use the pixels of the images instead of features", NULL },
		{ 0, "name", OPT_TEXT, &args.name, 0, 0, "name of the row in the table", "TEXT" },
		{ 'j', "json", OPT_FLAG, &args.json, 0, 0, "print one JSON object instead of the table", NULL },
		CLI_THREADS(&args.threads),
		{ 0 }
	}
};

static void
show(const char *method, const char *setting, const struct accuracy *a, long train, int classes)
{
	static const char *const names[] = { "top1", "low", "high", "top5" };
	const double n = (double)a->n;
	double scores[4] = { (double)a->top1 / n, 0, 0, (double)a->top5 / n };
	struct json_writer *w = json_writer_new(stdout, false);
	char text[32];
	int i;

	accuracy_interval(a->top1, a->n, &scores[1], &scores[2]);
	if (!args.json)
		printf("%s\t%s\t%s\t%ld\t%ld\t%d\t%.4f\t%.4f\t%.4f\t%.4f\n", args.name, method, setting, train, a->n,
			classes, scores[0], scores[1], scores[2], scores[3]);
	else {
		json_put_object(w, NULL);
		json_put_text(w, "name", args.name);
		json_put_text(w, "probe", method);
		json_put_text(w, "setting", setting);
		json_put_int(w, "train", train);
		json_put_int(w, "test", a->n);
		json_put_int(w, "classes", classes);
		for (i = 0; i < 4; i++) {
			snprintf(text, sizeof text, "%.4f", scores[i]);
			json_put_number(w, names[i], text);
		}
		json_put_object_end(w);
		json_put_end(w);
	}
	json_writer_free(w);
}

static struct accuracy
score_top(const struct feature_set *test, const int *top)
{
	struct accuracy score = { 0 };
	long i;

	for (i = 0; i < test->n; i++)
		accuracy_add(&score, test->labels[i].class, top + i * KNN_TOP);
	return score;
}

static void
probe_linear(const struct feature_set *train, const struct feature_set *test, int classes, struct pool *pool, int *top)
{
	struct linear_probe l = linear_probe_default();
	struct accuracy score;
	char setting[64];

	if (linear_probe_train(&l, train, classes, pool) < 0)
		die();
	linear_probe_classify(&l, test, classes, pool, top);
	score = score_top(test, top);
	snprintf(setting, sizeof setting, "rate=%g held-out=%.4f", l.learning_rate,
		(double)l.val_correct / (double)l.val_count);
	show("linear", setting, &score, l.train_count, classes);
	if (l.learning_rate == l.learning_rates[0] || l.learning_rate == l.learning_rates[l.count - 1])
		warn("the best learning rate, %g, is the first or last of those tried", l.learning_rate);
	linear_probe_free(&l);
}

/* Normalizes the features in place. */
static void
probe_knn(struct feature_set *train, struct feature_set *test, int classes, struct pool *pool, int *top)
{
	struct accuracy score;
	char setting[64];

	feature_set_normalize(train, args.pixels);
	feature_set_normalize(test, args.pixels);
	knn_classify(train, test, classes, (int)args.k, args.temperature, pool, top);
	score = score_top(test, top);
	snprintf(setting, sizeof setting, "k=%ld temperature=%g", args.k, args.temperature);
	show("knn", setting, &score, train->n, classes);
}

int
main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct feature_set train, test;
	struct class_list classes = { 0 };
	struct pool *pool;
	char **paths;
	int *top;

	if (cli_parse(&cli, argc, argv, &paths) != 2)
		die_with(ERR_USAGE, "two operands are required, TRAIN and TEST; try 'tscae-probe --help'");
	if (strpbrk(args.name, "\"\\\t\n"))
		die_with(ERR_USAGE, "--name: quotes, backslashes, tabs and newlines are not allowed");
	progress_begin(&progress, "records");
	if (feature_set_read(&train, &classes, true, args.pixels, paths[0]) < 0 ||
		feature_set_read(&test, &classes, false, args.pixels, paths[1]) < 0)
		die();
	if (train.d != test.d)
		die_with(ERR_DATA, "%s: records have %d values, but %d in '%s'", paths[1], test.d, train.d, paths[0]);
	pool = pool_new((int)cli_threads(args.threads));
	if (!pool)
		die();
	top = mem_array((size_t)test.n, KNN_TOP * sizeof *top);
	if (!args.json)
		puts("name\tprobe\tsetting\ttrain\ttest\tclasses\ttop1\tlow\thigh\ttop5");
	if (args.method != METHOD_KNN)
		probe_linear(&train, &test, classes.count, pool, top);
	if (args.method != METHOD_LINEAR)
		probe_knn(&train, &test, classes.count, pool, top);
	die_flush();
	progress.records = test.n;
	progress_end(&progress);
	free(top);
	pool_free(pool);
	feature_set_free(&train);
	feature_set_free(&test);
	class_list_free(&classes);
	return 0;
}
