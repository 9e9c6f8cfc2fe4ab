/* label_names - names of classes: from a file, a known list, and with the background in front */
#include "base/err.h"
#include "base/utf8.h"
#include "dataset/label_part.h"

#include <stdlib.h>
#include <string.h>

/* In the order of their values: PASCAL VOC from 1 (Everingham et al., IJCV 88:303, 2010), CamVid's 11 from 0 (segmentation maps
   of Badrinarayanan, Kendall, Cipolla, SegNet, 2015; 11 is unlabeled there). */
static const char *const voc[] = {
	"aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
	"motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor", NULL
};
static const char *const camvid[] = {
	"sky", "building", "pole", "road", "pavement", "tree", "signsymbol", "fence", "car", "pedestrian", "bicyclist", NULL
};
static const struct { const char *name; const char *const *list; } known[] = { { "voc", voc }, { "camvid", camvid } };

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that stands twice, NULL if none does. */
static const char *
twice(const char *const *list, int count)
{
	const char **sorted = mem_new(sizeof *sorted * (size_t)(count + 1)), *found = NULL;
	int i;

	memcpy(sorted, list, sizeof *sorted * (size_t)count);
	qsort(sorted, (size_t)count, sizeof *sorted, by_text);
	for (i = 1; i < count && !found; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			found = sorted[i];
	free(sorted);
	return found;
}

int
label_part_known(const char *name, const char *const **list)
{
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, name) == 0)
			for (*list = known[i].list; (*list)[n]; n++)
				;
	return n;
}

int
label_part_classes(struct label *l, const char ***list, int *count)
{
	const char *from = l->options.classes, *const *fixed;
	int known_count = label_part_known(from, &fixed);
	long n = known_count, i;

	if (known_count > 0) {
		*list = mem_new(sizeof **list * (size_t)n);
		memcpy(*list, fixed, sizeof **list * (size_t)n);
	} else if (label_part_lines(&l->text, from, false, list, &n) < 0)
		return -1;
	else
		for (i = 0; i < n; i++)
			(*list)[i] = utf8_escape(&l->text, (*list)[i], strlen((*list)[i]));
	*count = (int)n;
	if (n > 0 && n <= LABEL_CLASSES_MAX && !twice(*list, *count))
		return 0;
	if (n == 0)
		err(ERR_DATA, "%s: no names of classes", from);
	else if (n > LABEL_CLASSES_MAX)
		err(ERR_DATA, "%s: more than %d classes", from, LABEL_CLASSES_MAX);
	else
		err(ERR_DATA, "%s: the class %s comes twice", from, twice(*list, *count));
	free(*list);
	*list = NULL;
	return -1;
}

int
label_part_unique(const char *const *list, int count)
{
	const char *name = twice(list, count);

	return name ? err(ERR_DATA, "the class %s comes twice", name) : 0;
}

int
label_part_background(struct label *l)
{
	if (l->class_count + 1 > LABEL_MAP_CLASSES_MAX)
		return err(ERR_DATA, "%d classes and the background are more than a segmentation map holds", l->class_count);
	l->map_class_count = l->class_count + 1;
	l->map_classes = mem_new(sizeof *l->map_classes * (size_t)l->map_class_count);
	l->map_classes[0] = "background";
	memcpy(l->map_classes + 1, l->classes, sizeof *l->classes * (size_t)l->class_count);
	return 0;
}

int
label_part_class(const char *const *classes, int count, const char *name)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(classes[i], name) == 0)
			return i;
	return -1;
}

void
label_part_copy(struct label *l, const char *const *list, int count, bool sorted)
{
	l->class_count = count;
	l->classes = mem_new(sizeof *l->classes * (size_t)(count + 1));
	memcpy(l->classes, list, sizeof *list * (size_t)count);
	if (sorted)
		qsort(l->classes, (size_t)count, sizeof *l->classes, by_text);
}
