/* label_voc_class - names and numbers of the classes of a VOC layout, which no file of it lists outright */
#include "base/err.h"
#include "dataset/label_voc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
label_voc_name(struct label *l, struct label_voc *v, const char *name)
{
	int i = label_part_class(v->names, v->name_count, name);

	if (i >= 0)
		return i;
	if (v->name_count == LABEL_CLASSES_MAX)
		return err(ERR_DATA, "more than %d classes", LABEL_CLASSES_MAX);
	if (v->name_count == v->name_room)
		v->names = mem_grow(v->names, sizeof *v->names * (size_t)(v->name_room = v->name_room ? 2 * v->name_room : 32));
	v->names[v->name_count] = arena_text(&l->text, name);
	return v->name_count++;
}

/* The classes: those asked for; those that ImageSets/Main has lists of; the kit's 20 where they do; all that occur. */
static int
list_classes(struct label *l, const struct label_voc *v)
{
	const char *const *twenty;
	char *lists = mem_format("%s/ImageSets/Main", l->options.from);
	long count = 0;
	int k, n = label_part_known("voc", &twenty), fit = 1, result = 0;

	for (k = 0; k < v->name_count; k++)
		fit &= label_part_class(twenty, n, v->names[k]) >= 0;
	if (l->options.classes)
		result = label_part_classes(l, &l->classes, &l->class_count);
	else if (access(lists, F_OK) == 0 && label_part_folder(&l->text, lists, "_trainval.txt", &l->classes, &count) < 0)
		result = -1;
	else if (count > 0)
		l->class_count = (int)count;
	else if (l->options.want_maps && !fit)
		result = err(ERR_USAGE, "%s: nothing says which value of a segmentation map is which class: --classes is needed", l->options.from);
	else
		label_part_copy(l, fit ? twenty : v->names, fit ? n : v->name_count, !fit);
	free(lists);
	return result;
}

int
label_voc_classes(struct label *l, struct label_voc *v)
{
	int *becomes, k, result = 0;
	long i;

	if (list_classes(l, v) < 0)
		return -1;
	becomes = mem_new(sizeof *becomes * (size_t)(v->name_count + 1));
	for (k = 0; k < v->name_count; k++)
		becomes[k] = label_part_class(l->classes, l->class_count, v->names[k]);
	for (i = 0; i < v->count && result == 0; i++) {
		int name = v->boxes[i].class;

		v->boxes[i].class = becomes[name];
		if (becomes[name] < 0)
			result = err(ERR_DATA, "%s: the class %s is not in %s", l->options.from, v->names[name], l->options.classes ? l->options.classes : "the lists of ImageSets/Main");
	}
	free(becomes);
	return result;
}
