/* records - truth and predictions from streams into a set */
#include "metrics/records.h"
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "metrics/records_part.h"
#include "stream/reader.h"

#include <stdlib.h>

static const char *const true_names[] = { "class", "boxes", "labels" };
static const char *const said_names[] = { "predicted_class", "predicted_boxes", "predicted_labels" };

static int
take_boxes(struct evaluation *s, int image, const struct record *r)
{
	struct boxes from;
	long i;

	if (boxes_read(&from, r, BOXES_GT, BOXES_BOX | BOXES_CLASS, s->classes.count) < 0)
		return -1;
	for (i = 0; i < from.count; i++) {
		const float *x = from.box[i];
		struct evaluation_box b = { image, from.class[i], iou_corners(x[0], x[1], x[2], x[3]), 0, 0, 1,
			from.columns & BOXES_FLAGS ? from.flags[i] & (unsigned)(BOX_DIFFICULT | BOX_CROWD | BOX_TRUNCATED) : 0 };

		/* an image's detection data without areas (VOC) has that of the box, and nothing to warn of */
		b.area = from.columns & BOXES_AREA ? from.area[i] : b.box.width * b.box.height;
		if (evaluation_put_truth(s, &b) < 0)
			return -1;
	}
	return 0;
}

static int
take_map(struct evaluation *s, struct evaluation_image *image, const struct record *r)
{
	const struct tensor *t;

	if (!s->label_classes.count)
		return err(ERR_DATA, "the header has no 'label_classes'");
	if (!(t = segmap_read(r, SEGMAP_GT, image->height, image->width, s->label_classes.count)))
		return -1;
	runs_pack(&image->map, t->data, (int)t->shape[0], (int)t->shape[1]);
	return 0;
}

int
records_part_truth(struct records_part *p, const struct record *r)
{
	struct evaluation *s = p->set;
	struct evaluation_image *image = evaluation_add(s, r->key);
	const struct value *class = record_get(r, "class"), *id = record_get(r, "id");

	records_part_place(image, r);
	if (id && id->kind == VALUE_INT) {
		image->id = id->integer;
		image->numbered = true;
	}
	if (class) {
		if (!s->classes.count)
			return err(ERR_DATA, "the header has no 'classes'");
		if (class->kind != VALUE_INT || class->integer < 0 || class->integer >= s->classes.count)
			return err(ERR_DATA, "field 'class' is not a number from 0 to %d", s->classes.count - 1);
		image->class = (int)class->integer;
		p->true_count[0]++;
	}
	if (boxes_has(r, BOXES_GT)) {
		if (!s->classes.count)
			return err(ERR_DATA, "the header has no 'classes'");
		if (take_boxes(s, s->count - 1, r) < 0)
			return -1;
		p->true_count[1]++;
	}
	if (segmap_has(r, SEGMAP_GT)) {
		if (take_map(s, image, r) < 0)
			return -1;
		p->true_count[2]++;
	}
	return 0;
}

static int
take(struct records_part *p, unsigned sides, const struct record *r)
{
	int image;

	if (sides & RECORDS_TRUTH && records_part_truth(p, r) < 0)
		return -1;
	if (!(sides & RECORDS_SAID))
		return 0;
	image = sides & RECORDS_TRUTH ? p->set->count - 1 : evaluation_find(p->set, r->key);
	if (image == -2)
		return -1;
	if (image < 0 && !p->rules->restricted)
		return err(ERR_DATA, "the truth has no such image (--intersect leaves it out)");
	if (image < 0) {
		p->set->notes.images++;
		return 0;
	}
	return records_part_said(p, image, r);
}

int
records_part_open(struct records_part *p, unsigned sides, const struct header *h)
{
	struct evaluation *s = p->set;

	if (sides & RECORDS_TRUTH) {
		if (class_list_read(&s->classes, h, "classes", "class_ids") < 0 || class_list_read(&s->label_classes, h, "label_classes", NULL) < 0)
			return -1;
		s->class_ids = record_get(&h->extra, "class_ids");
		confusion_open(&s->pixels, s->label_classes.count);
	}
	return sides & RECORDS_SAID ? records_part_begin(p, h) : 0;
}

/* All records have a part, or none: a score over some of them would not tell. */
static int
parts(const long count[3], long records, const char *const names[3], unsigned scored, unsigned *set)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (scored && !(scored & 1U << i))
			continue;
		if (count[i] > 0 && count[i] < records)
			return err(ERR_DATA, "%ld of %ld records have no field '%s'", records - count[i], records, names[i]);
		if (count[i] > 0)
			*set |= 1U << i;
	}
	return 0;
}

int
records_part_end(struct records_part *p, unsigned sides, long records)
{
	struct evaluation *s = p->set;

	if (sides & RECORDS_TRUTH && parts(p->true_count, records, true_names, p->rules->parts, &s->true_parts) < 0)
		return -1;
	if (sides & RECORDS_SAID && parts(p->said_count, records - s->notes.images, said_names, p->rules->parts, &s->said_parts) < 0)
		return -1;
	return sides & RECORDS_TRUTH ? evaluation_seal(s) : 0;
}

void
records_part_free(struct records_part *p)
{
	class_list_free(&p->said);
	class_list_free(&p->said_labels);
	free(p->to);
	free(p->to_labels);
}

int
records_read(struct evaluation *s, const char *path, unsigned sides, const struct evaluation_rules *rules)
{
	struct reader *reader = reader_open(path);
	struct record r = { 0 };
	struct records_part p = { .set = s, .rules = rules };
	long records = 0;
	int got = -1;

	if (!reader)
		return -1;
	if (records_part_open(&p, sides, reader_header(reader)) < 0)
		err_in("%s", path);
	else {
		while ((got = reader_next(reader, &r)) > 0) {
			if (take(&p, sides, &r) < 0) {
				got = record_blame(&r, path);
				break;
			}
			records++;
		}
		if (got == 0 && records_part_end(&p, sides, records) < 0)
			got = err_in("%s", path);
	}
	record_free(&r);
	reader_close(reader);
	records_part_free(&p);
	return got;
}
