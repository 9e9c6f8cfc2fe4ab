/* set - what is true of a set of pictures and what was predicted: every reader fills it, every score reads it

   First all truth, then set_seal(), then the predictions, then the scores. */
#ifndef SCORE_SET_H
#define SCORE_SET_H

#include "base/mem.h"
#include "score/roster.h"
#include "score/confusion.h"
#include "score/iou.h"
#include "score/runs.h"
#include "task/batch.h"

enum { SET_IGNORE = 128 };	/* beside enum box_flag: COCO's field `ignore`, which counts only on demand */

enum set_part { SET_CLASSES = 1, SET_BOXES = 2, SET_MAPS = 4 };

enum { SET_TOP = 5 };		/* predicted classes kept of a picture, best first */

struct set_image {
	const char *key;
	int64_t id;		/* number in the data set */
	bool numbered;		/* it has one */
	bool predicted;		/* predictions of it came */
	int height, width;	/* 0: not known */
	double transform[4];	/* from the picture as it was decoded to the one that truth speaks of (formats/records.md); all 0: none */
	int class;		/* -1: not known */
	int top[SET_TOP];	/* predicted classes; -1: one that the truth has not, or no more of them */
	struct runs map;	/* true label of each pixel */
};

struct set_box {
	int image, class;
	struct iou_box box;
	double area;		/* that sizes go by: true boxes as the file says, found ones width x height */
	double score;		/* found ones: finite */
	int64_t id;		/* true ones: number in the data set, 1 where there is none */
	unsigned flags;		/* true ones: enum box_flag, SET_IGNORE */
	struct set_mask *mask;	/* what is scored in place of the box; NULL: the box is. From the set's memory */
};

/* The pixels of an object. */
struct set_mask {
	size_t begin, end;	/* where it stands in its file, until mask_read() */
	struct runs runs;	/* labels 0 and 1; its list is the set's memory */
	long area;		/* pixels of label 1 */
};

struct set_boxes {
	struct set_box *list;
	long count, room;
};

struct set {
	struct roster classes, label_classes;
	bool class_ids;		/* classes.ids come from the data set */
	struct set_image *images;
	int count, room;
	struct set_boxes truth, found;		/* in the order of the input */
	unsigned true_parts, said_parts;	/* enum set_part: what came at all */
	bool ranked;		/* predictions have a score for each class: top has more than the first */
	struct confusion pixels;	/* of label_classes */
	struct set_image **by_key, **by_stem, **by_id;	/* (count) sorted by set_seal() */
	int *rank;		/* (count) place of each picture in the order that decides between equal scores */
	struct arena text;
	struct set_notes {	/* what the rules let through, for warnings */
		long areas;	/* true boxes without `area`: that of the box is taken */
		long flat;	/* true boxes without area: nothing can find them */
		long found_flat;	/* found boxes without area: they find nothing */
		long images;	/* predictions left out: their picture is not in the truth (restricted) */
		long classes;	/* boxes left out: their class is not in the truth (restricted) */
		long low;	/* found boxes below the least score asked for */
	} notes;
};

/* What to do where both sides do not fit. */
struct set_rules {
	bool restricted;	/* leave out what one side alone has, and count it */
	double least;		/* leave out found boxes with a lower score; -INFINITY: none */
	bool masks;		/* COCO's masks are scored, not the boxes */
	unsigned parts;		/* enum set_part: what is scored; what else some records have does not matter. 0: all */
};

/* A new picture, for which nothing is known yet. The key is copied. */
struct set_image *set_add(struct set *s, const char *key);

/* The truth is complete: sort what set_find() and the scores go by. -1 and err(ERR_DATA): a key or number twice. */
int set_seal(struct set *s);

/* A picture by key: the whole key, else the one picture whose key has the same last part without suffix (of "a/b.jpg",
   "b.png" and "b"). By number: the one with that number. Its index; -1: there is none; -2 and err(ERR_DATA): several. */
int set_find(const struct set *s, const char *key);
int set_find_id(const struct set *s, int64_t id);

/* The last part of a key without its suffix; *size: its bytes. */
const char *set_stem(const char *key, int *size);

/* Append a true box, or a found one; area of a true one below 0: not known, that of the box. Counts what is to be noted.
   -1 and err(ERR_DATA): not finite, or a negative side. */
int set_put_truth(struct set *s, const struct set_box *b);
int set_put_found(struct set *s, const struct set_box *b, const struct set_rules *rules);

/* Indices of boxes sorted by class, then as said, then the order of the input; free() it. Pictures go by number where all
   have one, else in the order of the truth. */
enum set_order {
	SET_BY_IMAGE,		/* picture */
	SET_BY_IMAGE_SCORE,	/* picture, falling score */
	SET_BY_SCORE		/* falling score */
};
long *set_sort(const struct set *s, const struct set_boxes *boxes, enum set_order by);

/* Leave out the pictures without predictions: their true boxes go, `predicted` tells of the rest. */
void set_drop_unpredicted(struct set *s);

void set_free(struct set *s);

#endif
