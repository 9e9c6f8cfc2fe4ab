/* show_json - a record as a JSON object on a line */
#include "cli/show.h"
#include "json/writer.h"
#include "stream/tensor.h"

#include <stdio.h>
#include <string.h>

static void
put_tensor(struct json_writer *w, const char *key, const struct tensor *t, bool values)
{
	struct tensor scalar = { .type = t->type };
	char text[32];
	long i, n = tensor_count(t);

	tensor_show(&scalar, text, sizeof text);
	text[strcspn(text, " ")] = '\0';
	json_put_object(w, key);
	json_put_text(w, "type", text);
	json_put_array(w, "shape");
	for (i = 0; i < t->rank; i++)
		json_put_int(w, NULL, t->shape[i]);
	json_put_array_end(w);
	if (values) {
		json_put_array(w, "values");
		for (i = 0; i < n; i++)
			json_put_number(w, NULL, tensor_element_text(t, i, text, sizeof text));
		json_put_array_end(w);
	}
	json_put_object_end(w);
}

static void
put_value(struct json_writer *w, const char *key, const struct value *v, bool values)
{
	int i;

	switch (v->kind) {
	case VALUE_INT: json_put_int(w, key, v->integer); break;
	case VALUE_REAL: json_put_real(w, key, 17, v->real); break;
	case VALUE_BOOL: json_put_bool(w, key, v->boolean); break;
	case VALUE_TEXT: json_put_text(w, key, v->text); break;
	case VALUE_TEXTS:
		json_put_array(w, key);
		for (i = 0; i < v->texts.count; i++)
			json_put_text(w, NULL, v->texts.list[i]);
		json_put_array_end(w);
		break;
	case VALUE_TENSOR: put_tensor(w, key, &v->tensor, values); break;
	case VALUE_RAW:
		json_put_object(w, key);
		json_put_text(w, "type", "raw");
		json_put_int(w, "bytes", (int64_t)v->raw.size);
		json_put_object_end(w);
		break;
	}
}

void
show_json(const struct header *h, const struct record *r, bool values)
{
	struct json_writer *w = json_writer_new(stdout, false);
	const char *class = show_class(h, r);
	int i;

	json_put_object(w, NULL);
	json_put_text(w, "key", r->key);
	if (r->epoch >= 0)
		json_put_int(w, "epoch", r->epoch);
	if (class && !record_get(r, "class_name"))
		json_put_text(w, "class_name", class);
	for (i = 0; i < r->count; i++)
		put_value(w, r->fields[i].name, &r->fields[i].value, values);
	json_put_object_end(w);
	json_put_end(w);
	json_writer_free(w);
}
