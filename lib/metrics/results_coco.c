/* results_coco - COCO's truth and results into a set */
#include "metrics/results.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/utf8.h"
#include "dataset/coco.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of an annotation beside its image and class, which the index knows in the end. */
struct annotation { int64_t id; struct iou_box box; double area; unsigned flags; struct evaluation_mask *mask; };

struct truth {
	struct coco_index index;
	struct evaluation *set;
	const struct evaluation_rules *rules;
	struct annotation *list;
	long count, room;
};

/* Where an object's mask is read from, if masks are wanted. */
static struct evaluation_mask *
mask(struct evaluation *s, const struct evaluation_rules *rules, const struct coco_object *o)
{
	struct evaluation_mask *m = rules->masks ? arena_get(&s->text, sizeof *m) : NULL;

	if (m)
		*m = (struct evaluation_mask){ .begin = o->begin, .end = o->end };
	return m;
}

static int
take_annotation(void *arg, const struct coco_object *o)
{
	struct truth *t = arg;

	if (t->count == t->room)
		t->list = mem_grow(t->list, sizeof *t->list * (size_t)(t->room = t->room ? 2 * t->room : 1024));
	t->list[t->count++] = (struct annotation){ o->has & COCO_ID ? o->id : 1, iou_size(o->bbox[0], o->bbox[1], o->bbox[2], o->bbox[3]),
		o->has & COCO_AREA ? o->area : -1, (o->iscrowd ? (unsigned)BOX_CROWD : 0) | (o->ignore ? (unsigned)EVALUATION_IGNORE : 0), mask(t->set, t->rules, o) };
	return 0;
}

/* Images and classes of the index into the set; keys are escaped as those of records are. */
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
		image->numbered = true;
		image->height = from->height;
		image->width = from->width;
	}
	arena_free(&a);
	for (k = 0; k < c->classes.count; k++)
		if (class_list_add(&s->classes, c->classes.names[k], c->classes.ids[k]) < 0)
			return -1;
	for (k = 0; k < COCO_NOTES; k++)
		s->notes.coco[k] += c->notes[k];
	s->class_ids = true;
	s->true_parts |= EVALUATION_BOXES;
	return evaluation_seal(s);
}

static int
resolve(struct truth *t)
{
	struct evaluation *s = t->set;
	long i;

	if (take_index(s, &t->index) < 0)
		return -1;
	for (i = 0; i < t->count; i++) {
		const struct annotation *a = &t->list[i];
		const struct coco_annotation *where = &t->index.annotations[i];
		struct evaluation_box b = { (int)where->image, where->class, a->box, a->area, 0, a->id, a->flags, a->mask };

		if (b.image < 0)
			continue;
		if (b.box.width < 0 || b.box.height < 0)
			s->notes.coco[COCO_NEGATIVE]++;
		else if (evaluation_put_truth(s, &b) < 0)
			return err_in("annotation %" PRId64, a->id);
	}
	return 0;
}

struct job {
	struct evaluation *set;
	const struct evaluation_rules *rules;
	int class;		/* of the last result: most come in runs */
};

static int
take_result(void *arg, enum coco_list list, const struct coco_object *o)
{
	struct job *j = arg;
	struct evaluation *s = j->set;
	struct evaluation_box b = { .box = iou_size(o->bbox[0], o->bbox[1], o->bbox[2], o->bbox[3]), .score = o->score };

	(void)list;
	if (coco_object_need(o, COCO_IMAGE_ID | COCO_CATEGORY_ID | COCO_SCORE | (j->rules->masks ? 0U : (unsigned)COCO_BBOX)) < 0)
		return -1;
	if (j->class >= s->classes.count || s->classes.ids[j->class] != o->category_id)
		j->class = class_list_find_id(&s->classes, o->category_id);
	b.image = evaluation_find_id(s, o->image_id);
	b.class = j->class;
	b.mask = mask(s, j->rules, o);
	j->class = b.class < 0 ? 0 : b.class;
	if (b.image < 0 || b.class < 0) {
		if (!j->rules->restricted)
			return err(ERR_DATA, "the truth has no %s with number %" PRId64 " (--intersect leaves it out)", b.image < 0 ? "image" : "class", b.image < 0 ? o->image_id : o->category_id);
		++*(b.image < 0 ? &s->notes.images : &s->notes.classes);
		return 0;
	}
	return evaluation_put_detection(s, &b, j->rules);
}

/* results may be empty: they were there all the same */
static int
finish(struct evaluation *s, int result)
{
	if (result == 0)
		s->said_parts |= EVALUATION_BOXES;
	return result;
}

static int
finish_truth(struct truth *t, int result, const char *path)
{
	if (result == 0 && resolve(t) < 0)
		result = path ? err_in("%s", path) : -1;
	coco_index_free(&t->index);
	free(t->list);
	return result;
}

int
results_read_truth(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct truth t = { { .annotation = take_annotation, .arg = &t }, s, rules, NULL, 0, 0 };

	return finish_truth(&t, coco_index_read(&t.index, path), path);
}

int
results_parse_truth(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct truth t = { { .annotation = take_annotation, .arg = &t }, s, rules, NULL, 0, 0 };

	return finish_truth(&t, coco_index_parse(&t.index, bytes, size), NULL);
}

int
results_read_coco(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct job j = { s, rules, 0 };

	return finish(s, coco_read(path, &(struct coco_rules){ true, take_result, &j }));
}

int
results_parse_coco(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct job j = { s, rules, 0 };

	return finish(s, coco_parse(bytes, size, &(struct coco_rules){ true, take_result, &j }));
}
