/* label_voc_class - names and numbers of the classes of a VOC layout, which no file of it lists outright */
#include "base/err.h"
#include "dataset/label_voc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
label_voc_name(struct label_voc *v, const char *name)
{
	int i = class_list_find(&v->names, name);

	if (i >= 0)
		return i;
	if (v->names.count == LABEL_CLASSES_MAX)
		return err(ERR_DATA, "more than %d classes", LABEL_CLASSES_MAX);
	return class_list_add(&v->names, name, v->names.count) < 0 ? -1 : v->names.count - 1;
}

/* The classes: those asked for; those that ImageSets/Main has lists of; the kit's 20 where they do; all that occur. */
static int
list_classes(struct label *l, const struct label_voc *v)
{
	const char *const *twenty, **names = NULL;
	struct class_list kit = { 0 };
	char *lists = mem_format("%s/ImageSets/Main", l->options.from);
	long count = 0;
	int k, n = label_part_known("voc", &twenty), fit = 1, result = label_part_names(&kit, twenty, n);

	for (k = 0; k < v->names.count; k++)
		fit &= class_list_find(&kit, v->names.names[k]) >= 0;
	if (l->options.classes)
		result = label_part_classes(l, &l->classes);
	else if (access(lists, F_OK) == 0 && label_part_folder(&l->text, lists, "_trainval.txt", &names, &count) < 0)
		result = -1;
	else if (count > 0)
		result = label_part_names(&l->classes, names, count);
	else if (fit)
		result = label_part_names(&l->classes, twenty, n);
	else if (l->options.want_maps)
		result = err(ERR_USAGE, "%s: nothing says which value of a segmentation map is which class: --classes is needed", l->options.from);
	else {
		names = mem_grow(names, sizeof *names * (size_t)(v->names.count + 1));
		memcpy(names, v->names.names, sizeof *names * (size_t)v->names.count);
		result = label_part_names(&l->classes, names, label_part_sort(names, v->names.count));
	}
	free(names);
	free(lists);
	class_list_free(&kit);
	return result;
}

int
label_voc_classes(struct label *l, struct label_voc *v)
{
	int *becomes, k, result = 0;
	long i;

	if (list_classes(l, v) < 0)
		return -1;
	becomes = mem_new(sizeof *becomes * (size_t)(v->names.count + 1));
	for (k = 0; k < v->names.count; k++)
		becomes[k] = class_list_find(&l->classes, v->names.names[k]);
	for (i = 0; i < v->count && result == 0; i++) {
		int name = v->boxes[i].class;

		v->boxes[i].class = becomes[name];
		if (becomes[name] < 0)
			result = err(ERR_DATA, "%s: the class %s is not in %s", l->options.from, v->names.names[name], l->options.classes ? l->options.classes : "the lists of ImageSets/Main");
	}
	free(becomes);
	return result;
}
