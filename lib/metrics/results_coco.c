/* results_coco - COCO's truth and results into a set

   Lists may come in any order: annotations are kept until images and classes are known. */
#include "metrics/results.h"
#include "base/err.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct annotation { int64_t image, category, id; struct iou_box box; double area; unsigned flags; struct evaluation_mask *mask; };

struct truth {
	struct evaluation *set;
	const struct evaluation_rules *rules;
	struct annotation *list;
	long count, room;
};

/* Where an object's mask is read from, if masks are wanted. */
static struct evaluation_mask *
mask(struct evaluation *s, const struct evaluation_rules *rules, const struct item *i)
{
	struct evaluation_mask *m = rules->masks ? arena_get(&s->text, sizeof *m) : NULL;

	if (m)
		*m = (struct evaluation_mask){ .begin = i->begin, .end = i->end };
	return m;
}

static int
take_image(struct evaluation *s, const struct item *i)
{
	struct evaluation_image *image;

	if (items_need(i, ITEMS_ID | ITEMS_FILE) < 0)
		return -1;
	if (i->height < 0 || i->height > INT32_MAX || i->width < 0 || i->width > INT32_MAX)
		return err(ERR_DATA, "an image of %" PRId64 " x %" PRId64 " pixels", i->width, i->height);
	image = evaluation_add(s, i->file);
	image->id = i->id;
	image->numbered = true;
	image->height = (int)i->height;
	image->width = (int)i->width;
	return 0;
}

static int
take_truth(void *arg, enum items_list list, const struct item *i)
{
	struct truth *t = arg;

	if (list == ITEMS_IMAGES)
		return take_image(t->set, i);
	if (list == ITEMS_CATEGORIES)
		return items_need(i, ITEMS_ID | ITEMS_NAME) < 0 ? -1 : roster_add(&t->set->classes, i->name, i->id);
	if (items_need(i, ITEMS_IMAGE | ITEMS_CATEGORY | ITEMS_BOX) < 0)
		return -1;
	if (i->has & ITEMS_AREA && !(i->area >= 0))
		return err(ERR_DATA, "an area of %g", i->area);
	if (t->count == t->room)
		t->list = mem_grow(t->list, sizeof *t->list * (size_t)(t->room = t->room ? 2 * t->room : 1024));
	t->list[t->count++] = (struct annotation){ i->image, i->category, i->has & ITEMS_ID ? i->id : 1,
		iou_size(i->box[0], i->box[1], i->box[2], i->box[3]), i->has & ITEMS_AREA ? i->area : -1,
		(i->crowd ? (unsigned)BOX_CROWD : 0) | (i->ignore ? (unsigned)EVALUATION_IGNORE : 0), mask(t->set, t->rules, i) };
	return 0;
}

static int
resolve(struct truth *t)
{
	struct evaluation *s = t->set;
	long i;

	s->class_ids = true;
	s->true_parts |= EVALUATION_BOXES;
	if (evaluation_seal(s) < 0)
		return -1;
	for (i = 0; i < t->count; i++) {
		const struct annotation *a = &t->list[i];
		struct evaluation_box b = { evaluation_find_id(s, a->image), roster_find_id(&s->classes, a->category), a->box, a->area, 0, a->id, a->flags, a->mask };

		if (b.image < 0 || b.class < 0)
			return err(ERR_DATA, "annotation %" PRId64 ": there is no %s with number %" PRId64, a->id, b.image < 0 ? "image" : "class", b.image < 0 ? a->image : a->category);
		if (evaluation_put_truth(s, &b) < 0)
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
take_result(void *arg, enum items_list list, const struct item *i)
{
	struct job *j = arg;
	struct evaluation *s = j->set;
	struct evaluation_box b = { .box = iou_size(i->box[0], i->box[1], i->box[2], i->box[3]), .score = i->score };

	(void)list;
	if (items_need(i, ITEMS_IMAGE | ITEMS_CATEGORY | ITEMS_SCORE | (j->rules->masks ? 0U : (unsigned)ITEMS_BOX)) < 0)
		return -1;
	if (j->class >= s->classes.count || s->classes.ids[j->class] != i->category)
		j->class = roster_find_id(&s->classes, i->category);
	b.image = evaluation_find_id(s, i->image);
	b.class = j->class;
	b.mask = mask(s, j->rules, i);
	j->class = b.class < 0 ? 0 : b.class;
	if (b.image < 0 || b.class < 0) {
		if (!j->rules->restricted)
			return err(ERR_DATA, "the truth has no %s with number %" PRId64 " (--intersect leaves it out)", b.image < 0 ? "image" : "class", b.image < 0 ? i->image : i->category);
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
	free(t->list);
	return result;
}

int
results_read_truth(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct truth t = { .set = s, .rules = rules };

	return finish_truth(&t, items_read(path, &(struct items_rules){ false, take_truth, &t }), path);
}

int
results_parse_truth(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct truth t = { .set = s, .rules = rules };

	return finish_truth(&t, items_parse(bytes, size, &(struct items_rules){ false, take_truth, &t }), NULL);
}

int
results_read_coco(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	struct job j = { s, rules, 0 };

	return finish(s, items_read(path, &(struct items_rules){ true, take_result, &j }));
}

int
results_parse_coco(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules)
{
	struct job j = { s, rules, 0 };

	return finish(s, items_parse(bytes, size, &(struct items_rules){ true, take_result, &j }));
}
