/* show - headers and records as text: tab-separated lines, or JSON */
#include "cli/show.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "stream/tensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
show_text(const char *text)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + strlen(text);
	size_t n;

	for (; s < end; s += n ? n : 1) {
		n = utf8_length(s, (size_t)(end - s));
		/* U+0080 to U+009F are controls too */
		if (n == 0 || *s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0))
			for (size_t i = 0; i < (n ? n : 1); i++)
				printf("\\x%02X", s[i]);
		else
			fwrite(s, 1, n, stdout);
	}
}

static void
show_value(const struct value *v)
{
	char text[128];
	int i;

	switch (v->kind) {
	case VALUE_INT: printf("%" PRId64, v->integer); break;
	case VALUE_REAL: printf("%.17g", v->real); break;
	case VALUE_BOOL: fputs(v->boolean ? "true" : "false", stdout); break;
	case VALUE_TEXT: show_text(v->text); break;
	case VALUE_TEXTS:
		for (i = 0; i < v->texts.count; i++) {
			fputs(i ? ", " : "", stdout);
			show_text(v->texts.list[i]);
		}
		break;
	case VALUE_TENSOR: fputs(tensor_show(&v->tensor, text, sizeof text), stdout); break;
	case VALUE_RAW: printf("(%zu bytes of MessagePack)", v->raw.size); break;
	}
}

/* Print a declared type and shape; a size that varies is "?". */
static void
show_shape(const struct field_type *f)
{
	struct tensor scalar = { .type = f->type };
	char text[32];
	int i;

	tensor_show(&scalar, text, sizeof text);
	printf("%.*s", (int)strcspn(text, " "), text);
	for (i = 0; i < f->rank; i++)
		if (f->shape[i])
			printf("%s%ld", i ? "x" : " ", f->shape[i]);
		else
			printf("%s?", i ? "x" : " ");
}

void
show_header(const struct header *h)
{
	int i;

	printf("kind\t");
	show_text(h->kind ? h->kind : "-");
	putchar('\n');
	for (i = 0; i < h->field_count; i++) {
		printf("field\t");
		show_text(h->fields[i].name);
		putchar('\t');
		show_shape(&h->fields[i]);
		putchar('\n');
	}
	for (i = 0; i < h->extra.count; i++) {
		printf("extra\t");
		show_text(h->extra.fields[i].name);
		putchar('\t');
		show_value(&h->extra.fields[i].value);
		putchar('\n');
	}
	for (i = 0; i < h->history_count; i++) {
		printf("history\t");
		show_text(h->history[i]);
		putchar('\n');
	}
}

/* The name of the class of a record, borrowed; NULL: no class, or no names. 0, or -1 and err(). */
static int
class_of(const struct class_list *classes, const struct record *r, const char **name)
{
	int64_t class;
	const int got = image_class_read(r, IMAGE_CLASS_GT, classes->count, &class);

	*name = got > 0 && classes->count ? classes->list[class].name : NULL;
	return got < 0 ? -1 : 0;
}

void
show_title(void)
{
	puts("key\tepoch\tclass\tfields");
}

int
show_record(const struct class_list *classes, const struct record *r)
{
	const char *class, *between = "";
	int i;

	if (class_of(classes, r, &class) < 0)
		return -1;
	show_text(r->key);
	if (r->epoch < 0)
		printf("\t-\t");
	else
		printf("\t%ld\t", r->epoch);
	show_text(class ? class : "-");
	putchar('\t');
	for (i = 0; i < r->count; i++) {
		printf("%s", between);
		show_text(r->fields[i].name);
		putchar(r->fields[i].value.kind == VALUE_TENSOR ? ' ' : '=');
		show_value(&r->fields[i].value);
		between = ", ";
	}
	putchar('\n');
	return 0;
}

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

int
show_json(const struct class_list *classes, const struct record *r, bool values)
{
	struct json_writer *w;
	const char *class;
	int i;

	if (class_of(classes, r, &class) < 0)
		return -1;
	w = json_writer_new(stdout, false);
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
	return 0;
}
