/* roster - lists of class names, and what a number of one list means in another */
#include "metrics/roster.h"
#include "base/err.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
roster_find(const struct roster *c, const char *name)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->names[i], name) == 0)
			return i;
	return -1;
}

int
roster_find_id(const struct roster *c, int64_t id)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (c->ids[i] == id)
			return i;
	return -1;
}

int
roster_add(struct roster *c, const char *name, int64_t id)
{
	size_t n = (size_t)c->count + 1;

	if (roster_find(c, name) >= 0)
		return err(ERR_DATA, "class '%s' is there twice", name);
	if (roster_find_id(c, id) >= 0)
		return err(ERR_DATA, "two classes have the number %" PRId64, id);
	c->names = mem_grow(c->names, sizeof *c->names * n);
	c->ids = mem_grow(c->ids, sizeof *c->ids * n);
	c->left_out = mem_grow(c->left_out, sizeof *c->left_out * n);
	c->names[c->count] = mem_text(name);
	c->ids[c->count] = id;
	c->left_out[c->count++] = false;
	return 0;
}

int
roster_read(struct roster *c, const struct header *h, const char *key, const char *ids)
{
	const struct value *v = record_get(&h->extra, key), *numbers = ids ? record_get(&h->extra, ids) : NULL;
	int i;

	if (!v)
		return 0;
	if (v->kind != VALUE_TEXTS)
		return err(ERR_DATA, "header: '%s' is not a list of texts", key);
	if (numbers && (numbers->kind != VALUE_TENSOR || numbers->tensor.type != TENSOR_I32 || numbers->tensor.rank != 1
		|| numbers->tensor.shape[0] != v->texts.count))
		return err(ERR_DATA, "header: '%s' is not one whole number (i4) for each of %d classes", ids, v->texts.count);
	for (i = 0; i < v->texts.count; i++)
		if (roster_add(c, v->texts.list[i], numbers ? ((const int32_t *)numbers->tensor.data)[i] : i) < 0)
			return err_in("header: '%s'", key);
	return 0;
}

int *
roster_map(const struct roster *from, struct roster *to, bool restricted)
{
	int *map = mem_new(sizeof *map * (size_t)(from->count + 1)), i, common = 0;

	for (i = 0; i < from->count; i++) {
		map[i] = roster_find(to, from->names[i]);
		common += map[i] >= 0;
		if (map[i] < 0 && !restricted) {
			err(ERR_DATA, "class '%s' is predicted, but the truth has no class of that name (--intersect scores what both have)", from->names[i]);
			goto failed;
		}
	}
	if (common == 0) {
		err(ERR_DATA, "truth and predictions have no class in common");
		goto failed;
	}
	for (i = 0; i < to->count; i++)
		if (roster_find(from, to->names[i]) < 0) {
			if (!restricted) {
				err(ERR_DATA, "class '%s' is in the truth, but the predictions have no class of that name (--intersect scores what both have)", to->names[i]);
				goto failed;
			}
			to->left_out[i] = true;
		}
	return map;
failed:
	free(map);
	return NULL;
}

void
roster_free(struct roster *c)
{
	int i;

	for (i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	free(c->ids);
	free(c->left_out);
	*c = (struct roster){ 0 };
}
