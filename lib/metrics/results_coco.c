/* results_coco - read COCO ground truth, results and their masks

   Masks are read in a second pass: an annotation keeps only its byte range in the file until then. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/raster.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/coco.h"
#include "dataset/coco_index.h"
#include "dataset/coco_object.h"
#include "dataset/coco_segmentation.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "metrics/results.h"
#include "stream/reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An annotation without its image and class, which the index resolves at the end. */
struct gt_annotation { int64_t id; struct iou_box box; double area; unsigned flags; struct evaluation_mask *mask; };

struct coco_gt {
	struct coco_index index;
	struct evaluation *set;
	const struct evaluation_rules *rules;
	struct gt_annotation *list;
	long count;
	size_t room;
};

/* The byte range of an object for its mask, with rules->masks. */
static struct evaluation_mask *
new_mask(struct evaluation *s, const struct evaluation_rules *rules, const struct coco_object *o)
{
	struct evaluation_mask *m = rules->masks ? arena_get(&s->text, sizeof *m) : NULL;

	if (m)
		*m = (struct evaluation_mask){ .begin = o->begin, .end = o->end };
	return m;
}

static int
take_annotation(void *arg, const struct coco_object *o)
{
	struct coco_gt *t = arg;

	t->list = mem_room(t->list, &t->room, (size_t)t->count + 1, sizeof *t->list);
	t->list[t->count++] = (struct gt_annotation){ o->has & COCO_ID ? o->id : 1,
		iou_size(o->bbox[0], o->bbox[1], o->bbox[2], o->bbox[3]),
		o->has & COCO_AREA ? o->area : -1,
		(o->iscrowd ? BOX_CROWD : 0U) | (o->ignore ? BOX_IGNORE : 0U),
		new_mask(t->set, t->rules, o) };
	return 0;
}

/* Add the images and classes of the index; keys are escaped like those of records. */
static int
take_index(struct evaluation *s, const struct coco_index *c)
{
	struct arena a = { 0 };
	long i;
	int k;

	for (i = 0; i < c->image_count; i++) {
		const struct coco_image *from = &c->images[i];
		struct evaluation_image *image;

		arena_reset(&a);
		image = evaluation_add(s, utf8_escape(&a, from->file_name, strlen(from->file_name)));
		image->id = from->id;
		image->has_id = true;
		image->height = from->height;
		image->width = from->width;
	}
	arena_free(&a);
	for (k = 0; k < c->classes.count; k++)
		if (class_list_add(&s->classes, c->classes.list[k].name, c->classes.list[k].id) < 0)
			return -1;
	for (k = 0; k < COCO_NOTES; k++) {
		s->notes.coco[k] += c->notes[k];
		s->notes.coco_first[k] = c->first[k];
	}
	s->class_ids = true;
	s->gt_tasks |= EVALUATION_DETECT;
	return evaluation_seal(s);
}

static int
resolve(struct coco_gt *t)
{
	struct evaluation *s = t->set;
	long i;

	if (take_index(s, &t->index) < 0)
		return -1;
	for (i = 0; i < t->count; i++) {
		const struct gt_annotation *a = &t->list[i];
		const struct coco_annotation *where = &t->index.annotations[i];
		struct evaluation_box b = { (int)where->image, where->class, a->box, a->area, 0, a->id, a->flags,
			a->mask };

		if (b.image < 0)
			continue;
		if (b.box.width < 0 || b.box.height < 0)
			s->notes.coco[COCO_NEGATIVE]++;
		else if (evaluation_put_gt(s, &b) < 0)
			return err_in("annotation %" PRId64, a->id);
	}
	return 0;
}

struct coco_results {
	struct evaluation *set;
	const struct evaluation_rules *rules;
	int class;		/* of the last result: neighboring results often share it */
	const char *path;	/* of the file; NULL: in memory */
	long boxless;		/* results that have a mask but no box, where boxes are scored */
};

static int
take_result(void *arg, enum coco_list list, const struct coco_object *o)
{
	struct coco_results *j = arg;
	struct evaluation *s = j->set;
	struct evaluation_box b = { .box = iou_size(o->bbox[0], o->bbox[1], o->bbox[2], o->bbox[3]),
		.score = o->score };

	(void)list;
	if (coco_object_need(o, COCO_IMAGE_ID | COCO_CATEGORY_ID | COCO_SCORE |
		(j->rules->masks || j->path ? 0U : (unsigned)COCO_BBOX)) < 0)
		return -1;
	if (j->class >= s->classes.count || s->classes.list[j->class].id != o->category_id)
		j->class = class_list_find_id(&s->classes, o->category_id);
	b.image = evaluation_find_id(s, o->image_id);
	b.class = j->class;
	b.mask = new_mask(s, o->has & COCO_BBOX ? j->rules : &(const struct evaluation_rules){ .masks = true }, o);
	j->boxless += !j->rules->masks && !(o->has & COCO_BBOX);
	j->class = b.class < 0 ? 0 : b.class;
	if (b.image < 0 || b.class < 0) {
		/* pycocotools ignores results of other categories, and refuses those of other images */
		if (b.image < 0 && !j->rules->intersect)
			return err(ERR_DATA,
			    "the ground truth has no image with id %" PRId64 "; use --intersect to drop it",
			    o->image_id);
		++*(b.image < 0 ? &s->notes.unmatched_images : &s->notes.unmatched_classes);
		return 0;
	}
	return evaluation_put_detection(s, &b, j->rules);
}

struct mask_file {
	int fd;
	const char *path;
	enum coco_list list;
	bool boxes;		/* the box of an object becomes that of its mask */
	struct coco_segmentation segmentation;
	struct raster raster;	/* for images of this size, with their map, which is 0 between masks; width 0: none */
	uint8_t *map;
	struct arena arena;
};

/* The box of the pixels that are set in a part of a map, as maskApi's rleToBbox; without pixels it is empty. */
static struct iou_box
box_of_map(const uint8_t *map, int width, struct raster_box part)
{
	int left = INT_MAX, top = INT_MAX, right = 0, bottom = 0, x, y;

	for (y = part.top; y < part.bottom; y++)
		for (x = part.left; x < part.right; x++)
			if (map[(size_t)y * (size_t)width + (size_t)x]) {
				left = x < left ? x : left;
				right = x + 1 > right ? x + 1 : right;
				top = y < top ? y : top;
				bottom = y + 1;
			}
	return right ? iou_size(left, top, right - left, bottom - top) : iou_size(0, 0, 0, 0);
}

/* Begin a map for images of that size. */
static void
begin_map(struct mask_file *f, const struct evaluation_image *image)
{
	const size_t size = mem_product((size_t)image->height, (size_t)image->width);

	if (f->raster.width == image->width && f->raster.height == image->height)
		return;
	arena_reset(&f->arena);
	f->raster = raster_new(&f->arena, image->width, image->height);
	f->map = arena_get(&f->arena, size);
	memset(f->map, 0, size);
}

/* The mask in the map as that of an object. The map is 0 again. */
static void
take_mask(struct evaluation *s, struct evaluation_box *b, struct mask_file *f)
{
	struct raster *r = &f->raster;
	const struct raster_box part = r->drawn;
	struct rle rle;
	int y;

	if (f->boxes)
		b->box = box_of_map(f->map, r->width, part);
	rle_pack_part(&rle, f->map, r->height, r->width, part);
	b->mask->rle = rle;
	b->mask->rle.runs = arena_copy(&s->text, rle.runs, mem_product((size_t)rle.count, sizeof *rle.runs));
	rle_free(&rle);
	b->mask->area = rle_area(&b->mask->rle);
	for (y = part.top; y < part.bottom; y++)
		memset(f->map + (size_t)y * (size_t)r->width + part.left, 0, (size_t)(part.right - part.left));
	raster_forget(r);
}

static int
read_mask(struct evaluation *s, struct evaluation_box *b, struct mask_file *f)
{
	const struct evaluation_image *image = &s->images[b->image];
	const size_t size = (size_t)image->height * (size_t)image->width;
	struct coco_object o;

	if (coco_read_object(f->fd, f->path, f->list, b->mask->begin, b->mask->end, &o, &f->segmentation) < 0)
		return -1;
	s->notes.coco[COCO_BAD_POLYGON] += f->segmentation.left_out;
	if (f->segmentation.part_count == 0)
		return err(ERR_DATA, "%s: byte %zu: object without %s", f->path, b->mask->begin,
		    f->boxes ? "'bbox' and without a mask" : "a mask");
	if (size == 0)
		return err(ERR_DATA, "%s: image '%s' has no width and height, which masks need; add them", f->path,
		    image->key);
	if (size > STREAM_BINARY_MAX || image->height > 65535 || image->width > 65535)
		return err(ERR_DATA,
		    "%s: image '%s' of %dx%d pixels: masks need a height and width of 64 Mi pixels at most", f->path,
			image->key, image->width, image->height);
	begin_map(f, image);
	if (coco_segmentation_draw(&f->segmentation, &f->raster, f->map, 1) < 0)
		return err_in("%s: byte %zu", f->path, b->mask->begin);
	take_mask(s, b, f);
	return 0;
}

/* Give the detections without a box that of their mask, as pycocotools does. */
static int
read_boxes(struct evaluation *s, const char *path)
{
	struct mask_file f = { .fd = file_open(path), .path = path, .list = COCO_RESULTS, .boxes = true };
	int result = 0;
	long i;

	if (f.fd < 0)
		return -1;
	for (i = 0; i < s->detections.count && result == 0; i++) {
		struct evaluation_box *b = &s->detections.list[i];

		if (!b->mask)
			continue;
		result = read_mask(s, b, &f);
		b->area = (double)b->mask->area;
		b->mask = NULL;
	}
	coco_segmentation_free(&f.segmentation);
	close(f.fd);
	arena_free(&f.arena);
	return result;
}

/* An empty list of results is an input too. */
static int
finish(struct evaluation *s, int result)
{
	if (result == 0)
		s->predicted_tasks |= EVALUATION_DETECT;
	return result;
}

static int
finish_gt(struct coco_gt *t, int result, const char *path)
{
	if (result == 0 && resolve(t) < 0)
		result = path ? err_in("%s", path) : -1;
	coco_index_free(&t->index);
	free(t->list);
	return result;
}

int
results_read_gt(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct coco_gt t = { { .annotation = take_annotation, .arg = &t }, s, rules, NULL, 0, 0 };

	return finish_gt(&t, coco_index_read(&t.index, path), path);
}

int
results_parse_gt(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct coco_gt t = { { .annotation = take_annotation, .arg = &t }, s, rules, NULL, 0, 0 };

	return finish_gt(&t, coco_index_parse(&t.index, bytes, size), NULL);
}

int
results_read_coco(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct coco_results j = { .set = s, .rules = rules, .path = path };
	int result = coco_read(path, &(struct coco_rules){ true, take_result, &j });

	if (result == 0 && j.boxless)
		result = read_boxes(s, path);
	return finish(s, result);
}

int
results_parse_coco(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct coco_results j = { .set = s, .rules = rules };

	return finish(s, coco_parse(bytes, size, &(struct coco_rules){ true, take_result, &j }));
}

int
results_read_masks(struct evaluation *s, struct evaluation_boxes *boxes, bool detections, const char *path)
{
	struct mask_file f = { .fd = file_open(path), .path = path,
		.list = detections ? COCO_RESULTS : COCO_ANNOTATIONS };
	int result = 0;
	long i;

	if (f.fd < 0)
		return -1;
	for (i = 0; i < boxes->count && result == 0; i++) {
		result = read_mask(s, &boxes->list[i], &f);
		if (detections && result == 0)
			boxes->list[i].area = (double)boxes->list[i].mask->area;
	}
	coco_segmentation_free(&f.segmentation);
	close(f.fd);
	arena_free(&f.arena);
	return result;
}
