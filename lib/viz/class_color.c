/* class_color - the name and the color of a class, from the header's lists

   All names in one row, each once: those of segmentation maps first, so that they have their values' colors, then those of
   boxes. Where there are no segmentation maps the row begins at 1: in VOC's palette 0 is the background. */
#include "viz/class_color.h"
#include "annotation/segmap.h"
#include "transform/color.h"

#include <stdio.h>
#include <string.h>

enum { LABELS = 2 };	/* lists of segmentation maps */
static const char *const lists[] = { "label_classes", "predicted_label_classes", "classes", "predicted_classes" };
enum { LISTS = sizeof lists / sizeof *lists };

struct names { const char *const *list; int count; };

/* The names of a list; none: empty. */
static struct names
names_of(const struct header *h, const char *list)
{
	const struct value *v = record_get(&h->extra, list);

	return v && v->kind == VALUE_TEXTS ? (struct names){ v->texts.list, v->texts.count } : (struct names){ 0 };
}

/* The place of a name in the first `end` names; `end` if it is not among them. */
static int
find(const struct names *names, int end, const char *name)
{
	int i;

	for (i = 0; i < end && strcmp(names->list[i], name) != 0; i++)
		;
	return i;
}

/* Is it in one of the first lists? */
static bool
is_before(const struct header *h, int list, const char *name)
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
is_of_labels(const char *list)
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

/* The place of a name in the row of all names. */
static long
place_of(const struct header *h, const char *name)
{
	long place = first_rank(h);
	int list, i;

	for (list = 0; list < LISTS; list++) {
		const struct names names = names_of(h, lists[list]);
		const int end = find(&names, names.count, name);

		for (i = 0; i < end; i++)
			place += list == 0 || !is_before(h, list, names.list[i]);
		if (end < names.count)
			break;
	}
	return place;
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
	const long place = named ? place_of(h, names.list[i]) : i + !is_of_labels(list);
	char text[24];

	snprintf(text, sizeof text, "%ld", i);
	/* more classes than colors begin again at 1: neither background nor void */
	return color(named ? names.list[i] : arena_text(a, text), place < 0 ? 0 : place < SEGMAP_IGNORE ? (int)place : (int)(1 + (place - 1) % (SEGMAP_IGNORE - 1)));
}

struct class_color
class_color_ignore(void)
{
	return color("void", SEGMAP_IGNORE);
}
