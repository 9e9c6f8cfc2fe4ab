/* class_color - the name and the color of a class, from the header's lists

   All names get one sequence of ranks, each name once: names of segmentation maps first, so that their ranks are their
   values, then names of boxes. Without segmentation maps the ranks begin at 1: 0 is VOC's background. */
#include "viz/class_color.h"
#include "annotation/class_list.h"
#include "annotation/segmap.h"
#include "base/mem.h"
#include "transform/color.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

static const char *const keys[CLASS_COLOR_LISTS] = {
	[CLASS_COLOR_GT_SEGMAP] = CLASS_LIST_GT_SEGMAP,
	[CLASS_COLOR_PREDICTED_SEGMAP] = CLASS_LIST_PREDICTED_SEGMAP,
	[CLASS_COLOR_GT] = CLASS_LIST_GT,
	[CLASS_COLOR_PREDICTED] = CLASS_LIST_PREDICTED
};

int
class_colors_read(struct class_colors *c, const struct header *h)
{
	int i;

	*c = (struct class_colors){ 0 };
	for (i = 0; i < CLASS_COLOR_LISTS; i++)
		if (class_list_read(&c->lists[i], h, keys[i], NULL) < 0) {
			class_colors_free(c);
			return -1;
		}
	return 0;
}

void
class_colors_free(struct class_colors *c)
{
	int i;

	for (i = 0; i < CLASS_COLOR_LISTS; i++)
		class_list_free(&c->lists[i]);
}

/* True if one of the first `list` lists has the name. */
static bool
in_earlier_list(const struct class_colors *c, int list, const char *name)
{
	int i;

	for (i = 0; i < list; i++)
		if (class_list_find(&c->lists[i], name) >= 0)
			return true;
	return false;
}

static int
first_rank(const struct class_colors *c)
{
	int i;

	for (i = 0; i < CLASS_COLOR_GT; i++)
		if (c->lists[i].count > 0)
			return 0;
	return 1;
}

/* The rank of a name among all names. */
static long
rank_of(const struct class_colors *c, const char *name)
{
	long rank = first_rank(c);
	int list, i;

	for (list = 0; list < CLASS_COLOR_LISTS; list++) {
		const int found = class_list_find(&c->lists[list], name);
		const int end = found < 0 ? c->lists[list].count : found;

		for (i = 0; i < end; i++)
			rank += list == 0 || !in_earlier_list(c, list, c->lists[list].list[i].name);
		if (found >= 0)
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
class_color_of(struct arena *a, const struct class_colors *c, enum class_color_list list, long i)
{
	const struct class_list *names = &c->lists[list];
	const bool named = i >= 0 && i < names->count;
	unsigned long rank = named ? (unsigned long)rank_of(c, names->list[i].name) : i < 0 ? 0 :
		(unsigned long)i + (list >= CLASS_COLOR_GT);
	char text[24];

	snprintf(text, sizeof text, "%ld", i);
	/* more classes than colors wrap to 1, without background and ignore index */
	rank = rank < SEGMAP_IGNORE ? rank : 1 + (rank - 1) % (SEGMAP_IGNORE - 1);
	return color(named ? names->list[i].name : arena_text(a, text), (int)rank);
}

struct class_color
class_color_ignore(void)
{
	return color("ignored", SEGMAP_IGNORE);
}
