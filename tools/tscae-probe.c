/* tscae-probe - accuracy of features, by the classes of their nearest neighbours */
#include "base/err.h"
#include "base/mem.h"
#include "score/accuracy.h"
#include "score/knn.h"
#include "score/labelled.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *name;
	long k, threads;
	double temperature;
	bool pixels, json;
} args = { .name = "features", .k = 20, .temperature = 0.07 };	/* DINO's and formats/method.md's protocol */

static const struct cli cli = {
	"tscae-probe", "accuracy of features, by the classes of their nearest neighbours", "TRAIN TEST",
	(const struct opt[]){
		{ 'k', "neighbours", OPT_INT, &args.k, 1, 1e6, "neighbours that vote", NULL },
		{ 0, "temperature", OPT_REAL, &args.temperature, 1e-6, 1e6, "a vote weighs exp(cosine / temperature)", NULL },
		{ 0, "pixels", OPT_FLAG, &args.pixels, 0, 0, "score the pictures themselves, their mean removed", NULL },
		{ 'n', "name", OPT_TEXT, &args.name, 0, 0, "what the row is called", "TEXT" },
		{ 0, "json", OPT_FLAG, &args.json, 0, 0, "one JSON object in place of the table", NULL },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "threads; 0: one a processor", NULL },
		{ 0 }
	}
};

static void
show(const struct accuracy *a, const struct knn_set *train, int classes)
{
	double low, high, n = (double)a->n;
	const char *format = args.json
		? "{\"name\":\"%s\",\"k\":%ld,\"temperature\":%g,\"train\":%ld,\"test\":%ld,\"classes\":%d,\"top1\":%.4f,\"low\":%.4f,\"high\":%.4f,\"top5\":%.4f}\n"
		: "%s\t%ld\t%g\t%ld\t%ld\t%d\t%.4f\t%.4f\t%.4f\t%.4f\n";

	accuracy_interval(a->right, a->n, &low, &high);
	if (!args.json)
		puts("name\tk\ttemperature\ttrain\ttest\tclasses\ttop1\tlow\thigh\ttop5");
	printf(format, args.name, args.k, args.temperature, train->n, a->n, classes, (double)a->right / n, low, high, (double)a->among / n);
	die_flush();
}

int
main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct knn_set train, test;
	struct classes classes = { 0 };
	struct accuracy score = { 0 };
	struct pool *pool;
	char **paths;
	int *top;
	long i;

	if (cli_parse(&cli, argc, argv, &paths) != 2)
		die_with(ERR_USAGE, "two operands are needed, TRAIN and TEST; try 'tscae-probe --help'");
	if (strpbrk(args.name, "\"\\\t\n"))
		die_with(ERR_USAGE, "name: quotes, backslashes, tabs and line ends are not allowed");
	progress_begin(&progress, "records");
	if (labelled_read(&train, &classes, true, args.pixels, paths[0]) < 0 || labelled_read(&test, &classes, false, args.pixels, paths[1]) < 0)
		die();
	if (train.d != test.d)
		die_with(ERR_DATA, "%s: %d values a record, but %d in %s", paths[1], test.d, train.d, paths[0]);
	pool = pool_new(args.threads ? (int)args.threads : pool_default());
	if (!pool)
		die();
	knn_normalise(&train, args.pixels);
	knn_normalise(&test, args.pixels);
	top = mem_new(sizeof *top * KNN_TOP * (size_t)test.n);
	knn_classify(&train, &test, classes.count, (int)args.k, args.temperature, pool, top);
	for (i = 0; i < test.n; i++)
		accuracy_add(&score, test.classes[i], top + i * KNN_TOP);
	progress.records = test.n;
	show(&score, &train, classes.count);
	progress_end(&progress);
	free(top);
	pool_free(pool);
	labelled_free(&train);
	labelled_free(&test);
	classes_free(&classes);
	return 0;
}
