/* safetensors_classes - the class names in a model's metadata */
#include "checkpoint/safetensors_classes.h"
#include "base/err.h"
#include "json/json.h"
#include "json/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char metadata[] = "classes";

static int
take_name(void *arg, const struct json_token *t)
{
	const bool list = (t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END) && t->depth == 0;

	if (t->kind == JSON_TEXT && t->depth == 1)
		return class_list_add(arg, t->text, ((struct class_list *)arg)->count);
	return list ? 0 : err(ERR_DATA, "not a list of names");
}

int
safetensors_classes_load(struct class_list *c, const struct safetensors *model)
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
safetensors_classes_save(const struct class_list *c, struct safetensors *model)
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
