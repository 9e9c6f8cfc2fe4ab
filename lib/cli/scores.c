/* scores - what a set of truth and predictions comes to, as tables */
#include "cli/scores.h"
#include "metrics/accuracy.h"
#include "metrics/ap.h"
#include "cli/table.h"

#include <math.h>
#include <stdlib.h>

/* How many classes are scored. */
static int
scored(const struct class_list *c)
{
	int i, n = 0;

	for (i = 0; i < c->count; i++)
		n += !c->left_out[i];
	return n;
}

static double
share(long part, long all)
{
	return all ? (double)part / (double)all : NAN;
}

/* Rows: true classes; columns: predicted ones, the last one for classes that the truth has not. */
static void
show_confusion(const char *name, const struct confusion *table, const struct class_list *c)
{
	const char **columns = mem_new(sizeof *columns * (size_t)(c->count + 2));
	int i, j;

	columns[0] = "true";
	for (i = 0; i < c->count; i++)
		columns[i + 1] = c->names[i];
	columns[c->count + 1] = "(other)";
	table_rows(name, columns, c->count + 2);
	for (i = 0; i < c->count; i++) {
		if (c->left_out[i])
			continue;
		table_row();
		table_text(NULL, c->names[i]);
		for (j = 0; j <= c->count; j++)
			table_count(NULL, table->counts[(size_t)i * (size_t)(c->count + 1) + (size_t)j]);
	}
	table_rows_end();
	free(columns);
}

/* What a table says of each class; `iou`: of segmentation maps, else of images. */
static void
show_classes(const char *name, const struct confusion *table, const struct class_list *c, bool iou)
{
	static const char *const images[] = { "class", "true", "predicted", "recall", "precision" };
	static const char *const pixels[] = { "class", "true", "predicted", "accuracy", "precision", "iou" };
	int i;

	table_rows(name, iou ? pixels : images, iou ? 6 : 5);
	for (i = 0; i < c->count; i++) {
		long truth = confusion_true(table, i), said = confusion_said(table, i);
		long right = table->counts[(size_t)i * (size_t)(c->count + 1) + (size_t)i];

		if (c->left_out[i])
			continue;
		table_row();
		table_text(NULL, c->names[i]);
		table_count(NULL, truth);
		table_count(NULL, said);
		table_score(NULL, share(right, truth));
		table_score(NULL, share(right, said));
		if (iou)
			table_score(NULL, confusion_iou(table, i));
	}
	table_rows_end();
}

static void
show_accuracy(const struct accuracy *a, const struct confusion *table, const struct evaluation *s)
{
	double low, high;

	accuracy_interval(a->right, a->n, &low, &high);
	table_count("images", a->n);
	table_count("classes", scored(&s->classes));
	table_score("top1", share(a->right, a->n));
	table_score("top1_low", low);
	table_score("top1_high", high);
	if (s->ranked) {
		accuracy_interval(a->among, a->n, &low, &high);
		table_score("top5", share(a->among, a->n));
		table_score("top5_low", low);
		table_score("top5_high", high);
	}
	table_score("class_accuracy", confusion_sum(table, 0, s->classes.left_out).class_accuracy);
}

struct box_scores {
	struct ap_score *coco, coco_mean;
	struct ap_voc *voc, voc_mean;
	int without;		/* classes without truth */
};

static void
score_boxes(const struct scores *show, struct box_scores *b)
{
	size_t n = (size_t)show->set->classes.count;

	b->coco = mem_new(sizeof *b->coco * n + 1);
	b->voc = mem_new(sizeof *b->voc * n + 1);
	ap_coco(show->set, show->compat, b->coco, &b->coco_mean);
	b->voc_mean = ap_voc(show->set, show->overlap, show->compat, b->voc, &b->without);
}

static void
show_boxes(const struct scores *show, const struct box_scores *b)
{
	const struct evaluation *s = show->set;
	int i;

	table_count("box_images", s->count);
	table_count("box_classes", scored(&s->classes));
	table_count("box_classes_without_truth", b->without);
	table_count("true_boxes", b->voc_mean.truth);
	table_count("found_boxes", b->voc_mean.found);
	for (i = 0; i < AP_NUMBERS; i++)
		table_score(ap_names[i], b->coco_mean.value[i]);
	table_score("VOC11", show->masks ? NAN : b->voc_mean.eleven);
	table_score("VOC", show->masks ? NAN : b->voc_mean.area);
}

static void
show_box_classes(const struct scores *show, const struct box_scores *b)
{
	const struct class_list *c = &show->set->classes;
	const char *columns[3 + AP_NUMBERS + 2] = { "class", "true", "found" };
	int i, j;

	for (j = 0; j < AP_NUMBERS; j++)
		columns[3 + j] = ap_names[j];
	columns[3 + AP_NUMBERS] = "VOC11";
	columns[4 + AP_NUMBERS] = "VOC";
	table_rows("box_class_scores", columns, 5 + AP_NUMBERS);
	for (i = 0; i < c->count; i++) {
		if (c->left_out[i])
			continue;
		table_row();
		table_text(NULL, c->names[i]);
		table_count(NULL, b->voc[i].truth);
		table_count(NULL, b->voc[i].found);
		for (j = 0; j < AP_NUMBERS; j++)
			table_score(NULL, b->coco[i].value[j]);
		table_score(NULL, show->masks ? NAN : b->voc[i].eleven);
		table_score(NULL, show->masks ? NAN : b->voc[i].area);
	}
	table_rows_end();
}

static void
show_maps(const struct scores *show)
{
	const struct evaluation *s = show->set;
	struct confusion_sums sums = confusion_sum(&s->pixels, show->absent_zero, s->label_classes.left_out);

	table_count("map_images", s->count);
	table_count("map_classes", scored(&s->label_classes));
	table_count("map_classes_absent", sums.absent);
	table_count("pixels", sums.n);
	table_score("mIoU", sums.mean_iou);
	table_score("pixel_accuracy", sums.accuracy);
	table_score("mean_accuracy", sums.class_accuracy);
}

void
scores_show(const struct scores *show, bool json)
{
	const struct evaluation *s = show->set;
	struct accuracy accuracy = { 0 };
	struct confusion table = { 0 };
	struct box_scores boxes = { 0 };

	table_open(json);
	if (show->parts & EVALUATION_CLASSES) {
		accuracy_set(&accuracy, &table, s);
		show_accuracy(&accuracy, &table, s);
	}
	if (show->parts & EVALUATION_BOXES) {
		score_boxes(show, &boxes);
		show_boxes(show, &boxes);
	}
	if (show->parts & EVALUATION_MAPS)
		show_maps(show);
	if (show->parts & EVALUATION_CLASSES && show->per_class)
		show_classes("class_scores", &table, &s->classes, false);
	if (show->parts & EVALUATION_CLASSES && show->confusion)
		show_confusion("confusion", &table, &s->classes);
	if (show->parts & EVALUATION_BOXES && show->per_class)
		show_box_classes(show, &boxes);
	if (show->parts & EVALUATION_MAPS && show->per_class)
		show_classes("map_class_scores", &s->pixels, &s->label_classes, true);
	if (show->parts & EVALUATION_MAPS && show->confusion)
		show_confusion("map_confusion", &s->pixels, &s->label_classes);
	table_close();
	confusion_close(&table);
	free(boxes.coco);
	free(boxes.voc);
}
