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

long
label_part_sort(const char **names, long count)
{
	long i, n = 0;

	if (count)
		qsort(names, (size_t)count, sizeof *names, by_text);
	for (i = 0; i < count; i++)
		if (n == 0 || strcmp(names[n - 1], names[i]) != 0)
			names[n++] = names[i];
	return n;
}

int
label_part_names(struct class_list *list, const char *const *names, long count)
{
	long i;

	for (i = 0; i < count; i++)
		if (class_list_add(list, names[i], list->count) < 0)
			return -1;
	return 0;
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
label_part_classes(struct label *l, struct class_list *list)
{
	const char *from = l->options.classes, *const *fixed, **lines;
	long n = label_part_known(from, &fixed), i;
	int result;

	if (n > 0)
		return label_part_names(list, fixed, n);
	if (label_part_lines(&l->text, from, false, &lines, &n) < 0)
		return -1;
	for (i = 0; i < n; i++)
		lines[i] = utf8_escape(&l->text, lines[i], strlen(lines[i]));
	if (n == 0)
		result = err(ERR_DATA, "%s: no names of classes", from);
	else if (n > LABEL_CLASSES_MAX)
		result = err(ERR_DATA, "%s: more than %d classes", from, LABEL_CLASSES_MAX);
	else
		result = label_part_names(list, lines, n) < 0 ? err_in("%s", from) : 0;
	free(lines);
	return result;
}

int
label_part_background(struct label *l)
{
	if (l->classes.count + 1 > LABEL_MAP_CLASSES_MAX)
		return err(ERR_DATA, "%d classes and the background are more than a segmentation map holds", l->classes.count);
	if (class_list_add(&l->map_classes, "background", 0) < 0)
		return -1;
	return label_part_names(&l->map_classes, (const char *const *)l->classes.names, l->classes.count);
}
