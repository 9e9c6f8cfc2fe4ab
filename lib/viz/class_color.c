/* class_color - the name and the color of a class, from the header's lists

   All names get one sequence of ranks, each name once: names of segmentation maps first, so that their ranks are their
   values, then names of boxes. Without segmentation maps the ranks begin at 1: 0 is VOC's background. */
#include "viz/class_color.h"
#include "annotation/segmap.h"
#include "transform/color.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LABELS = 2 };	/* lists of segmentation maps */
static const char *const lists[] = { "label_classes", "predicted_label_classes", "classes", "predicted_classes" };
enum { LISTS = sizeof lists / sizeof *lists };

struct names { const char *const *list; int count; };

/* The names of a list; a missing list is empty. */
static struct names
names_of(const struct header *h, const char *list)
{
	const struct value *v = record_get(&h->extra, list);

	return v && v->kind == VALUE_TEXTS ? (struct names){ v->texts.list, v->texts.count } : (struct names){ 0 };
}

/* The index of a name among the first `end` names; `end` if it is not among them. */
static int
find(const struct names *names, int end, const char *name)
{
	int i;

	for (i = 0; i < end && strcmp(names->list[i], name) != 0; i++)
		;
	return i;
}

/* True if one of the first `list` lists has the name. */
static bool
in_earlier_list(const struct header *h, int list, const char *name)
{
	int i;

	for (i = 0; i < list; i++) {
		const struct names names = names_of(h, lists[i]);

		if (find(&names, names.count, name) < names.count)
			return true;
	}
	return false;
}

static bool
is_segmentation_list(const char *list)
{
	return strcmp(list, lists[0]) == 0 || strcmp(list, lists[1]) == 0;
}

static int
first_rank(const struct header *h)
{
	int i;

	for (i = 0; i < LABELS; i++)
		if (names_of(h, lists[i]).count > 0)
			return 0;
	return 1;
}

/* The rank of a name among all names. */
static long
rank_of(const struct header *h, const char *name)
{
	long rank = first_rank(h);
	int list, i;

	for (list = 0; list < LISTS; list++) {
		const struct names names = names_of(h, lists[list]);
		const int end = find(&names, names.count, name);

		for (i = 0; i < end; i++)
			rank += list == 0 || !in_earlier_list(h, list, names.list[i]);
		if (end < names.count)
			break;
	}
	return rank;
}

static struct class_color
color(const char *name, int rank)
{
	static uint8_t palette[256][3];

	if (!palette[1][0])
		color_voc(palette);
	return (struct class_color){ name, rank, palette[rank] };
}

struct class_color
class_color_of(struct arena *a, const struct header *h, const char *list, long i)
{
	const struct names names = names_of(h, list);
	const bool named = i >= 0 && i < names.count;
	unsigned long rank = named ? (unsigned long)rank_of(h, names.list[i]) : i < 0 ? 0 :
		(unsigned long)i + !is_segmentation_list(list);
	char text[24];

	snprintf(text, sizeof text, "%ld", i);
	/* more classes than colors wrap to 1, without background and ignore index */
	rank = rank < SEGMAP_IGNORE ? rank : 1 + (rank - 1) % (SEGMAP_IGNORE - 1);
	return color(named ? names.list[i] : arena_text(a, text), (int)rank);
}

struct class_color
class_color_ignore(void)
{
	return color("ignored", SEGMAP_IGNORE);
}
