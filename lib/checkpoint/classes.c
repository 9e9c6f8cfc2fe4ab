/* classes - the names that class numbers stand for */
#include "checkpoint/classes.h"
#include "base/err.h"
#include "json/json.h"
#include "json/writer.h"

#include <stdlib.h>
#include <string.h>

static const char metadata[] = "classes";

int
classes_read(struct classes *c, const struct header *h, const char *key)
{
	const struct value *v = record_get(&h->extra, key);
	int i;

	if (!v || v->kind != VALUE_TEXTS || v->texts.count == 0)
		return err(ERR_DATA, "the header has no class names ('%s'): tscae-decode --labels, or tscae-label, gives them", key);
	for (i = 0; i < v->texts.count; i++)
		classes_put(c, v->texts.list[i]);
	return 0;
}

void
classes_write(const struct classes *c, struct header *h, const char *key)
{
	struct value v = { .kind = VALUE_TEXTS };

	v.texts.list = (const char *const *)c->names;
	v.texts.count = c->count;
	record_put(&h->extra, key, v);
}

static int
take_name(void *arg, const struct json_token *t)
{
	const bool list = (t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END) && t->depth == 0;

	if (t->kind == JSON_TEXT && t->depth == 1)
		return classes_put(arg, t->text), 0;
	return list ? 0 : err(ERR_DATA, "not a list of names");
}

int
classes_load(struct classes *c, const struct safetensors *model)
{
	const struct json_rules rules = { .each = take_name, .arg = c };
	const char *text = safetensors_metadata(model, metadata);

	if (!text)
		return err(ERR_DATA, "the model has no class names: it was not trained to tell classes");
	if (json_read(&rules, text, strlen(text)) < 0)
		return err_in("metadata '%s'", metadata);
	return c->count ? 0 : err(ERR_DATA, "metadata '%s': an empty list", metadata);
}

void
classes_save(const struct classes *c, struct safetensors *model)
{
	struct json_writer *w = json_writer_new(NULL, false);
	size_t size;
	int i;

	json_put_array(w, NULL);
	for (i = 0; i < c->count; i++)
		json_put_text(w, NULL, c->names[i]);
	json_put_array_end(w);
	safetensors_set(model, metadata, json_writer_text(w, &size));
	json_writer_free(w);
}

int
classes_find(const struct classes *c, const char *name)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->names[i], name) == 0)
			return i;
	return -1;
}

int
classes_put(struct classes *c, const char *name)
{
	c->names = mem_grow(c->names, sizeof *c->names * (size_t)(c->count + 1));
	c->names[c->count] = mem_text(name);
	return c->count++;
}

int
classes_match(const struct classes *want, const struct classes *got)
{
	int i;

	for (i = 0; i < want->count && i < got->count; i++)
		if (strcmp(want->names[i], got->names[i]) != 0)
			return err(ERR_DATA, "class %d is '%s', not '%s'", i, got->names[i], want->names[i]);
	if (want->count != got->count)
		return err(ERR_DATA, "%d classes, not %d", got->count, want->count);
	return 0;
}

void
classes_free(struct classes *c)
{
	int i;

	for (i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	*c = (struct classes){ 0 };
}
