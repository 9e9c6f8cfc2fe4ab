/* scores - the scores of predictions as tables */
#include "cli/scores.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "cli/die.h"
#include "cli/show.h"
#include "json/writer.h"
#include "metrics/ap.h"
#include "metrics/bootstrap.h"
#include "metrics/confusion.h"
#include "metrics/evaluation.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Scores on standard output: name and value separated by a tab, or one JSON object. Values come first, then lists of
   rows: in text each list is a table of its own after an empty line, in JSON an array of objects. An undefined value
   is "nan" in text and null in JSON. */
struct scores_table {
	struct json_writer *json;	/* NULL: text */
	const char *const *columns;	/* inside rows, borrowed; else NULL */
	int count;			/* columns */
	int rows, cells;		/* rows begun; cells of the current one */
};

/* Returns the name of the next value, in rows that of its column; in text, prints what precedes the value. */
static const char *
before(struct scores_table *t, const char *name)
{
	if (t->columns) {
		assert(t->rows && t->cells < t->count);
		if (!t->json && t->cells)
			putchar('\t');
		return t->columns[t->cells++];
	}
	if (!t->json) {
		show_text(name);
		putchar('\t');
	}
	return name;
}

static void
after(const struct scores_table *t)
{
	if (!t->json && !t->columns)
		putchar('\n');
}

static void
table_open(struct scores_table *t, bool json)
{
	t->json = json ? json_writer_new(stdout, false) : NULL;
	if (json)
		json_put_object(t->json, NULL);
	else
		puts("name\tvalue");
}

static void
table_count(struct scores_table *t, const char *name, long n)
{
	name = before(t, name);
	if (t->json)
		json_put_int(t->json, name, n);
	else
		printf("%ld", n);
	after(t);
}

/* A score: six decimals in text, all digits in JSON. */
static void
table_score(struct scores_table *t, const char *name, double x)
{
	name = before(t, name);
	if (t->json)
		json_put_real(t->json, name, 17, x);
	else if (isfinite(x))
		printf("%.6f", x);
	else
		fputs("nan", stdout);
	after(t);
}

/* A score and the bounds of its interval. */
static void
table_interval(struct scores_table *t, const char *name, double x, double low, double high)
{
	char bound[40];

	table_score(t, name, x);
	snprintf(bound, sizeof bound, "%s_low", name);
	table_score(t, bound, low);
	snprintf(bound, sizeof bound, "%s_high", name);
	table_score(t, bound, high);
}

static void
table_text(struct scores_table *t, const char *name, const char *text)
{
	name = before(t, name);
	if (t->json)
		json_put_text(t->json, name, text);
	else
		show_text(text);
	after(t);
}

/* Begin a list of rows. Until table_rows_end(), the functions above give its cells, whose names come from `columns`. */
static void
table_rows(struct scores_table *t, const char *name, const char *const *columns, int count)
{
	int i;

	if (t->json)
		json_put_array(t->json, name);
	else {
		putchar('\n');
		for (i = 0; i < count; i++) {
			fputs(i ? "\t" : "", stdout);
			show_text(columns[i]);
		}
		putchar('\n');
	}
	t->columns = columns;
	t->count = count;
	t->rows = t->cells = 0;
}

/* End the previous row. */
static void
finish_row(const struct scores_table *t)
{
	assert(t->rows == 0 || t->cells == t->count);
	if (t->rows && t->json)
		json_put_object_end(t->json);
	else if (t->rows)
		putchar('\n');
}

static void
table_row(struct scores_table *t)
{
	finish_row(t);
	if (t->json) {
		json_put_line(t->json);
		json_put_object(t->json, NULL);
	}
	t->rows++;
	t->cells = 0;
}

static void
table_rows_end(struct scores_table *t)
{
	finish_row(t);
	if (t->json)
		json_put_array_end(t->json);
	t->columns = NULL;
}

/* End and flush; dies if the output fails. */
static void
table_close(struct scores_table *t)
{
	if (t->json) {
		json_put_object_end(t->json);
		json_put_end(t->json);
		json_writer_free(t->json);
	}
	die_flush();
}

/* The number of scored classes. */
static int
scored(const struct class_list *c)
{
	int i, n = 0;

	for (i = 0; i < c->count; i++)
		n += !c->list[i].left_out;
	return n;
}

static double
fraction(long part, long all)
{
	return all ? (double)part / (double)all : NAN;
}

/* Rows: true classes; columns: predicted classes, the last one for those that the ground truth does not have. */
static void
show_confusion(struct scores_table *out, const char *name, const struct confusion *table, const struct class_list *c)
{
	const char **columns = mem_array((size_t)(c->count + 2), sizeof *columns);
	int i, j;

	columns[0] = "gt";
	for (i = 0; i < c->count; i++)
		columns[i + 1] = c->list[i].name;
	columns[c->count + 1] = "(other)";
	table_rows(out, name, columns, c->count + 2);
	for (i = 0; i < c->count; i++) {
		if (c->list[i].left_out)
			continue;
		table_row(out);
		table_text(out, NULL, c->list[i].name);
		for (j = 0; j <= c->count; j++)
			table_count(out, NULL, table->counts[(size_t)i * (size_t)(c->count + 1) + (size_t)j]);
	}
	table_rows_end(out);
	free(columns);
}

/* The scores of each class from a confusion matrix; `iou`: of segmentation maps, else of images. */
static void
show_classes(struct scores_table *out, const char *name, const struct confusion *table, const struct class_list *c,
	bool iou)
{
	static const char *const images[] = { "class", "gt", "predicted", "recall", "precision" };
	static const char *const pixels[] = { "class", "gt", "predicted", "accuracy", "precision", "iou" };
	int i;

	table_rows(out, name, iou ? pixels : images, iou ? 6 : 5);
	for (i = 0; i < c->count; i++) {
		const struct confusion_class n = confusion_of(table, i);

		if (c->list[i].left_out)
			continue;
		table_row(out);
		table_text(out, NULL, c->list[i].name);
		table_count(out, NULL, n.gt);
		table_count(out, NULL, n.predicted);
		table_score(out, NULL, fraction(n.correct, n.gt));
		table_score(out, NULL, fraction(n.correct, n.predicted));
		if (iou)
			table_score(out, NULL, confusion_iou(&n));
	}
	table_rows_end(out);
}

static void
show_accuracy(struct scores_table *out, const struct accuracy *a, const struct confusion *table,
	const struct evaluation *s)
{
	double low, high;

	accuracy_interval(a->top1, a->n, &low, &high);
	table_count(out, "images", a->n);
	table_count(out, "classes", scored(&s->classes));
	table_interval(out, "top1", fraction(a->top1, a->n), low, high);
	if (s->ranked) {
		accuracy_interval(a->top5, a->n, &low, &high);
		table_interval(out, "top5", fraction(a->top5, a->n), low, high);
	}
	table_score(out, "class_accuracy", confusion_sum(table, 0, &s->classes).class_accuracy);
}

/* A score, with its interval from these samples if intervals are wanted. */
static void
show_sampled(struct scores_table *out, const struct scores *show, const char *name, double x,
	const struct bootstrap *samples)
{
	double low, high;

	bootstrap_interval(samples, x, &low, &high);
	if (show->samples)
		table_interval(out, name, x, low, high);
	else
		table_score(out, name, x);
}

struct box_scores {
	struct ap_score *coco, coco_mean;
	struct ap_voc *voc, voc_mean;
	int without;		/* classes without ground truth */
	struct bootstrap_boxes samples;
};

static void
score_boxes(const struct scores *show, struct box_scores *b)
{
	const size_t n = (size_t)show->set->classes.count + 1;
	struct ap_coco_matches *coco = ap_coco_match(show->set, show->compat);
	struct ap_voc_matches *voc = ap_voc_match(show->set, show->overlap, show->compat);

	b->coco = mem_array(n, sizeof *b->coco);
	b->voc = mem_array(n, sizeof *b->voc);
	ap_coco_score(coco, NULL, AP_NUMBERS, b->coco, &b->coco_mean);
	b->voc_mean = ap_voc_score(voc, NULL, b->voc, &b->without);
	bootstrap_boxes(&b->samples, show->set, coco, voc, show->samples);
	ap_coco_free(coco);
	ap_voc_free(voc);
}

static void
show_boxes(struct scores_table *out, const struct scores *show, const struct box_scores *b)
{
	const struct evaluation *s = show->set;
	int i;

	table_count(out, "box_images", s->count);
	table_count(out, "box_classes", scored(&s->classes));
	table_count(out, "box_classes_without_gt", b->without);
	table_count(out, "gt_boxes", b->voc_mean.gt);
	table_count(out, "detections", b->voc_mean.detections);
	for (i = 0; i < AP_MAIN; i++)
		show_sampled(out, show, ap_names[i], b->coco_mean.value[i], &b->samples.coco[i]);
	for (; i < AP_NUMBERS; i++)
		table_score(out, ap_names[i], b->coco_mean.value[i]);
	show_sampled(out, show, "VOC11", show->masks ? NAN : b->voc_mean.eleven, &b->samples.eleven);
	show_sampled(out, show, "VOC", show->masks ? NAN : b->voc_mean.area, &b->samples.area);
}

static void
show_box_classes(struct scores_table *out, const struct scores *show, const struct box_scores *b)
{
	const struct class_list *c = &show->set->classes;
	const char *columns[3 + AP_NUMBERS + 2] = { "class", "gt", "detections" };
	int i, j;

	for (j = 0; j < AP_NUMBERS; j++)
		columns[3 + j] = ap_names[j];
	columns[3 + AP_NUMBERS] = "VOC11";
	columns[4 + AP_NUMBERS] = "VOC";
	table_rows(out, "box_class_scores", columns, 5 + AP_NUMBERS);
	for (i = 0; i < c->count; i++) {
		if (c->list[i].left_out)
			continue;
		table_row(out);
		table_text(out, NULL, c->list[i].name);
		table_count(out, NULL, b->voc[i].gt);
		table_count(out, NULL, b->voc[i].detections);
		for (j = 0; j < AP_NUMBERS; j++)
			table_score(out, NULL, b->coco[i].value[j]);
		table_score(out, NULL, show->masks ? NAN : b->voc[i].eleven);
		table_score(out, NULL, show->masks ? NAN : b->voc[i].area);
	}
	table_rows_end(out);
}

static void
show_maps(struct scores_table *out, const struct scores *show)
{
	const struct evaluation *s = show->set;
	struct confusion_sums sums = confusion_sum(&s->pixels, show->absent_zero, &s->label_classes);
	struct bootstrap_maps samples = { 0 };

	bootstrap_maps(&samples, s, show->absent_zero, show->samples);
	table_count(out, "map_images", s->count);
	table_count(out, "map_classes", scored(&s->label_classes));
	table_count(out, "map_classes_absent", sums.absent);
	table_count(out, "pixels", sums.n);
	show_sampled(out, show, "mIoU", sums.mean_iou, &samples.mean_iou);
	show_sampled(out, show, "pixel_accuracy", sums.accuracy, &samples.accuracy);
	show_sampled(out, show, "mean_accuracy", sums.class_accuracy, &samples.class_accuracy);
}

void
scores_show(const struct scores *show, bool json)
{
	const struct evaluation *s = show->set;
	struct accuracy accuracy = { 0 };
	struct confusion table = { 0 };
	struct box_scores boxes = { 0 };
	struct scores_table out = { 0 };

	table_open(&out, json);
	if (show->parts & EVALUATION_CLASSIFY) {
		accuracy_count(&accuracy, &table, s);
		show_accuracy(&out, &accuracy, &table, s);
	}
	if (show->parts & EVALUATION_DETECT) {
		score_boxes(show, &boxes);
		show_boxes(&out, show, &boxes);
	}
	if (show->parts & EVALUATION_SEGMENT)
		show_maps(&out, show);
	if (show->parts & EVALUATION_CLASSIFY && show->per_class)
		show_classes(&out, "class_scores", &table, &s->classes, false);
	if (show->parts & EVALUATION_CLASSIFY && show->confusion)
		show_confusion(&out, "confusion", &table, &s->classes);
	if (show->parts & EVALUATION_DETECT && show->per_class)
		show_box_classes(&out, show, &boxes);
	if (show->parts & EVALUATION_SEGMENT && show->per_class)
		show_classes(&out, "map_class_scores", &s->pixels, &s->label_classes, true);
	if (show->parts & EVALUATION_SEGMENT && show->confusion)
		show_confusion(&out, "map_confusion", &s->pixels, &s->label_classes);
	table_close(&out);
	confusion_close(&table);
	free(boxes.coco);
	free(boxes.voc);
}
