/* label_find - which annotation a record's key means */
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/label_part.h"

void
label_part_index(struct label *l)
{
	long i;

	l->keys.root = (long)l->root;
	for (i = 0; i < l->images.count; i++)
		key_add(&l->keys, l->images.items[i].name);
}

long
label_find(const struct label *l, const char *key)
{
	struct arena a = { 0 };
	long i = key_find(&l->keys, utf8_unescape(&a, key));

	arena_free(&a);
	return i;
}
