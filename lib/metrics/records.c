/* records - read ground truth and predictions from streams, and ground truth from a VOC folder */
#include "metrics/records.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "dataset/listing.h"
#include "metrics/confusion.h"
#include "metrics/iou.h"
#include "metrics/records_internal.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdint.h>
#include <stdlib.h>

static int
take_gt_boxes(struct evaluation *s, int image, const struct record *r)
{
	struct boxes from;
	long i;

	if (boxes_read(&from, r, BOXES_GT, BOXES_BOX | BOXES_CLASS, s->classes.count) < 0)
		return -1;
	for (i = 0; i < from.count; i++) {
		const float *x = from.box[i];
		struct evaluation_box b = { image, from.class[i], iou_corners(x[0], x[1], x[2], x[3]), 0, 0, 1,
			from.columns & BOXES_FLAGS ? from.flags[i] : 0U, NULL };

		/* without box_area (VOC) the area of the box is exact: no warning */
		b.area = from.columns & BOXES_AREA ? from.area[i] : b.box.width * b.box.height;
		if (evaluation_put_gt(s, &b) < 0)
			return -1;
	}
	return 0;
}

static int
take_gt_segmap(struct evaluation *s, struct evaluation_image *image, const struct record *r)
{
	const struct tensor *t;

	if (!s->label_classes.count)
		return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_GT_SEGMAP);
	if (!(t = segmap_read(r, SEGMAP_GT, image->height, image->width, s->label_classes.count)))
		return -1;
	rle_pack(&image->segmap, t->data, (int)t->shape[0], (int)t->shape[1]);
	return 0;
}

static int
take_gt(struct records_input *p, const struct record *r)
{
	struct evaluation *s = p->set;
	struct evaluation_image *image = evaluation_add(s, r->key);
	const struct value *id = record_get(r, "id");
	int64_t class;
	int got;

	if (records_read_geometry(image, r) < 0)
		return -1;
	if (id && id->kind == VALUE_INT) {
		image->id = id->integer;
		image->has_id = true;
	}
	got = image_class_read(r, IMAGE_CLASS_GT, s->classes.count, &class);
	if (got < 0)
		return -1;
	if (got) {
		if (!s->classes.count)
			return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_GT);
		image->class = (int)class;
		p->gt_count[0]++;
	}
	if (boxes_has(r, BOXES_GT)) {
		if (!s->classes.count)
			return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_GT);
		if (take_gt_boxes(s, s->count - 1, r) < 0)
			return -1;
		p->gt_count[1]++;
	}
	if (segmap_has(r, SEGMAP_GT)) {
		if (take_gt_segmap(s, image, r) < 0)
			return -1;
		p->gt_count[2]++;
	}
	return 0;
}

static int
take_record(struct records_input *p, unsigned content, const struct record *r)
{
	int image;

	if (content & RECORDS_GT && take_gt(p, r) < 0)
		return -1;
	if (!(content & RECORDS_PREDICTIONS))
		return 0;
	image = content & RECORDS_GT ? p->set->count - 1 : evaluation_find(p->set, r->key);
	if (image == -2)
		return -1;
	if (image < 0 && !p->rules->intersect)
		return err(ERR_DATA, "the ground truth has no such image; use --intersect to drop it");
	if (image < 0) {
		p->set->notes.unmatched_images++;
		return 0;
	}
	return records_take_predictions(p, image, r);
}

static int
begin_input(struct records_input *p, unsigned content, const struct header *h)
{
	struct evaluation *s = p->set;

	if (content & RECORDS_GT) {
		if (class_list_read(&s->classes, h, CLASS_LIST_GT, CLASS_LIST_GT_IDS) < 0
			|| class_list_read(&s->label_classes, h, CLASS_LIST_GT_SEGMAP, NULL) < 0)
			return -1;
		s->class_ids = record_get(&h->extra, CLASS_LIST_GT_IDS);
		confusion_open(&s->pixels, s->label_classes.count);
	}
	return content & RECORDS_PREDICTIONS ? records_map_classes(p, h) : 0;
}

/* All records or none must have a field: a score over some of them is not comparable. */
static int
check_complete(const long count[3], long records, const char *const names[3], unsigned scored, unsigned *set)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (scored && !(scored & 1U << i))
			continue;
		if (count[i] > 0 && count[i] < records)
			return err(ERR_DATA, "%ld of %ld records have no field '%s'", records - count[i], records,
				names[i]);
		if (count[i] > 0)
			*set |= 1U << i;
	}
	return 0;
}

static int
end_input(struct records_input *p, unsigned content, long records)
{
	struct evaluation *s = p->set;
	const char *const gt[3] = { image_class_name(IMAGE_CLASS_GT), boxes_name(BOXES_GT), segmap_name(SEGMAP_GT) };
	const char *const predicted[3] = { image_class_name(IMAGE_CLASS_PREDICTED), boxes_name(BOXES_PREDICTED),
		segmap_name(SEGMAP_PREDICTED) };

	if (content & RECORDS_GT && check_complete(p->gt_count, records, gt, p->rules->tasks, &s->gt_tasks) < 0)
		return -1;
	if (content & RECORDS_PREDICTIONS &&
		check_complete(p->predicted_count, records - s->notes.unmatched_images, predicted,
			p->rules->tasks, &s->predicted_tasks) < 0)
		return -1;
	return content & RECORDS_GT ? evaluation_seal(s) : 0;
}

static void
free_input(struct records_input *p)
{
	class_list_free(&p->predicted_classes);
	class_list_free(&p->predicted_label_classes);
	free(p->class_map);
	free(p->label_class_map);
}

int
records_read(struct evaluation *s, const char *path, unsigned content, const struct evaluation_rules *rules)
{
	struct reader *reader = reader_open(path);
	struct record r = { 0 };
	struct records_input p = { .set = s, .rules = rules };
	long records = 0;
	int got = -1;

	if (!reader)
		return -1;
	if (begin_input(&p, content, reader_header(reader)) < 0)
		reader_blame(reader);
	else {
		while ((got = reader_next(reader, &r)) > 0) {
			if (take_record(&p, content, &r) < 0) {
				got = record_blame(&r, path);
				break;
			}
			records++;
		}
		if (got == 0 && end_input(&p, content, records) < 0)
			got = reader_blame(reader);
	}
	record_free(&r);
	reader_close(reader);
	free_input(&p);
	return got;
}

/* Add one record after the other; none is written. */
static int
take_voc_records(struct records_input *p, struct label *l, struct label_notes *notes)
{
	struct record r = { 0 };
	long i;
	int got = 1;

	for (i = 0; i < l->images.count && got > 0; i++) {
		record_reset(&r);
		record_set_key(&r, listing_key(&l->images, i, &r.arena));
		got = label_put(l, i, &r, notes);
		if (got == 0)
			got = err(ERR_DATA, "no annotation");
		if (got > 0 && take_gt(p, &r) < 0)
			got = -1;
		if (got < 0)
			err_in("%s", r.key);
	}
	record_free(&r);
	return got < 0 ? -1 : 0;
}

int
records_read_voc(struct evaluation *s, const char *folder, const char *split, bool segmaps,
	const struct evaluation_rules *rules, struct label_notes *notes)
{
	const struct label_options o = { .from = folder, .split = split, .ignore_index = -1, .want_segmaps = segmaps };
	struct records_input p = { .set = s, .rules = rules };
	struct header h = { 0 };
	struct label l;
	int i, result = label_open(&l, label_layouts[LABEL_LAYOUT_VOC], &o);

	if (result == 0) {
		header_set_kind(&h, "label");
		result = label_header(&l, &h, true);
	}
	if (result == 0)
		result = begin_input(&p, RECORDS_GT, &h);
	if (result == 0)
		result = take_voc_records(&p, &l, notes);
	if (result == 0)
		result = end_input(&p, RECORDS_GT, l.images.count);
	for (i = 0; i < LABEL_NOTES; i++)
		notes->count[i] += l.notes.count[i];
	free_input(&p);
	header_free(&h);
	label_close(&l);
	return result;
}
