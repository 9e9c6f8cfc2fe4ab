/* class_list - a list of class names with the ids of a dataset, and the mapping between two lists */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
class_list_find(const struct class_list *c, const char *name)
{
	const uint32_t hash = lookup_bytes(name, strlen(name));
	long at = -1, i;

	while ((i = lookup_next(&c->by_name, hash, &at)) >= 0)
		if (strcmp(c->list[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
class_list_find_id(const struct class_list *c, int64_t id)
{
	const uint32_t hash = lookup_number(id);
	long at = -1, i;

	while ((i = lookup_next(&c->by_id, hash, &at)) >= 0)
		if (c->list[i].id == id)
			return (int)i;
	return -1;
}

int
class_list_add(struct class_list *c, const char *name, int64_t id)
{
	if (c->count == CLASS_LIST_MAX)
		return err(ERR_DATA, "more than %d classes, which a stream cannot hold", CLASS_LIST_MAX);
	if (class_list_find(c, name) >= 0)
		return err(ERR_DATA, "class '%s' occurs twice", name);
	if (class_list_find_id(c, id) >= 0)
		return err(ERR_DATA, "two classes have the id %" PRId64, id);
	c->list = mem_room(c->list, &c->room, (size_t)c->count + 1, sizeof *c->list);
	lookup_put(&c->by_name, lookup_bytes(name, strlen(name)), c->count);
	lookup_put(&c->by_id, lookup_number(id), c->count);
	c->list[c->count++] = (struct class_entry){ mem_text(name), id, false };
	return 0;
}

const char **
class_list_names(const struct class_list *c)
{
	const char **names = mem_array((size_t)c->count, sizeof *names);
	int i;

	for (i = 0; i < c->count; i++)
		names[i] = c->list[i].name;
	return names;
}

int
class_list_read(struct class_list *c, const struct header *h, const char *key, const char *ids)
{
	const struct value *v = record_get(&h->extra, key), *numbers = ids ? record_get(&h->extra, ids) : NULL;
	int i;

	if (!v)
		return 0;
	if (v->kind != VALUE_TEXTS)
		return err(ERR_DATA, "header: '%s' is not a list of strings", key);
	if (numbers && (numbers->kind != VALUE_TENSOR || numbers->tensor.rank != 1
		|| numbers->tensor.shape[0] != v->texts.count
		|| (numbers->tensor.type != TENSOR_I32 && numbers->tensor.type != TENSOR_I64)))
		return err(ERR_DATA, "header: '%s' is not one integer (i4 or i8) for each of %d classes", ids,
			v->texts.count);
	for (i = 0; i < v->texts.count; i++) {
		int64_t id = !numbers                        ? i
			: numbers->tensor.type == TENSOR_I32 ? ((const int32_t *)numbers->tensor.data)[i]
				: ((const int64_t *)numbers->tensor.data)[i];

		if (class_list_add(c, v->texts.list[i], id) < 0)
			return err_in("header: '%s'", key);
	}
	return 0;
}

int
class_list_require(struct class_list *c, const struct header *h, const char *key)
{
	const int before = c->count;

	if (class_list_read(c, h, key, NULL) < 0)
		return -1;
	return c->count > before ? 0 : err(ERR_DATA,
		"the header has no class names ('%s'); add them with tscae-label or tscae-decode --labels", key);
}

void
class_list_write(const struct class_list *c, struct header *h, const char *key)
{
	const char **names = class_list_names(c);

	record_put(&h->extra, key, (struct value){ .kind = VALUE_TEXTS, .texts = { names, c->count } });
	free(names);
}

void
class_list_write_ids(const struct class_list *c, struct header *h, const char *key)
{
	const long shape[1] = { c->count };
	bool wide = false;
	int64_t *ids;
	int32_t *narrow;
	int i;

	for (i = 0; i < c->count; i++)
		wide |= c->list[i].id != (int32_t)c->list[i].id;
	if (wide) {
		ids = record_put_tensor(&h->extra, key, TENSOR_I64, 1, shape);
		for (i = 0; i < c->count; i++)
			ids[i] = c->list[i].id;
		return;
	}
	narrow = record_put_tensor(&h->extra, key, TENSOR_I32, 1, shape);
	for (i = 0; i < c->count; i++)
		narrow[i] = (int32_t)c->list[i].id;
}

int *
class_list_map(const struct class_list *from, struct class_list *to, bool intersect)
{
	int *map = mem_array((size_t)from->count + 1, sizeof *map), i, common = 0;

	for (i = 0; i < from->count; i++) {
		map[i] = class_list_find(to, from->list[i].name);
		common += map[i] >= 0;
		if (map[i] < 0 && !intersect) {
			err(ERR_DATA,
				"the predicted class '%s' is not in the ground truth; use --intersect to score the "
				"common classes",
				from->list[i].name);
			goto failed;
		}
	}
	if (common == 0) {
		err(ERR_DATA, "ground truth and predictions have no class in common");
		goto failed;
	}
	for (i = 0; i < to->count; i++)
		if (class_list_find(from, to->list[i].name) < 0) {
			if (!intersect) {
				err(ERR_DATA, "class '%s' of the ground truth is not in the predictions; "
					"use --intersect to score the common classes", to->list[i].name);
				goto failed;
			}
			to->list[i].left_out = true;
		}
	return map;
failed:
	free(map);
	return NULL;
}

void
class_list_write_json(const struct class_list *c, struct json_writer *w, const char *key)
{
	int i;

	json_put_array(w, key);
	for (i = 0; i < c->count; i++)
		json_put_text(w, NULL, c->list[i].name);
	json_put_array_end(w);
}

int
class_list_match(const struct class_list *expected, const struct class_list *got)
{
	int i;

	for (i = 0; i < expected->count && i < got->count; i++)
		if (strcmp(expected->list[i].name, got->list[i].name) != 0)
			return err(ERR_DATA, "class %d is '%s', not '%s'", i, got->list[i].name,
				expected->list[i].name);
	if (expected->count != got->count)
		return err(ERR_DATA, "%d classes, not %d", got->count, expected->count);
	return 0;
}

void
class_list_free(struct class_list *c)
{
	int i;

	for (i = 0; i < c->count; i++)
		free(c->list[i].name);
	free(c->list);
	lookup_free(&c->by_name);
	lookup_free(&c->by_id);
	*c = (struct class_list){ 0 };
}
