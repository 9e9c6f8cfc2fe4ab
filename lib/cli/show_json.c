/* show_json - a record as a JSON object on a line */
#include "json/json.h"
#include "stream/element.h"
#include "cli/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
show_quoted(const char *text)
{
	char *quoted = json_quote(text);

	fputs(quoted, stdout);
	free(quoted);
}

static void
show_tensor(const struct tensor *t, bool values)
{
	struct tensor scalar = { .type = t->type };
	char text[32];
	long i, n = tensor_count(t);

	tensor_show(&scalar, text, sizeof text);
	printf("{\"type\":\"%.*s\",\"shape\":[", (int)strcspn(text, " "), text);
	for (i = 0; i < t->rank; i++)
		printf("%s%ld", i ? "," : "", t->shape[i]);
	putchar(']');
	if (values) {
		printf(",\"values\":[");
		for (i = 0; i < n; i++)
			printf("%s%s", i ? "," : "", element_show(t, i, text, sizeof text));
		putchar(']');
	}
	putchar('}');
}

static void
show_value(const struct value *v, bool values)
{
	int i;

	switch (v->kind) {
	case VALUE_INT: printf("%" PRId64, v->integer); break;
	case VALUE_REAL:
		if (isfinite(v->real))
			printf("%.17g", v->real);
		else
			printf("null");
		break;
	case VALUE_BOOL: fputs(v->truth ? "true" : "false", stdout); break;
	case VALUE_TEXT: show_quoted(v->text); break;
	case VALUE_TEXTS:
		putchar('[');
		for (i = 0; i < v->texts.count; i++) {
			fputs(i ? "," : "", stdout);
			show_quoted(v->texts.list[i]);
		}
		putchar(']');
		break;
	case VALUE_TENSOR: show_tensor(&v->tensor, values); break;
	case VALUE_RAW: printf("{\"type\":\"raw\",\"bytes\":%zu}", v->raw.size); break;
	}
}

void
show_json(const struct header *h, const struct record *r, bool values)
{
	const char *class = show_class(h, r);
	int i;

	printf("{\"key\":");
	show_quoted(r->key);
	if (r->epoch >= 0)
		printf(",\"epoch\":%ld", r->epoch);
	if (class && !record_get(r, "class_name")) {
		printf(",\"class_name\":");
		show_quoted(class);
	}
	for (i = 0; i < r->count; i++) {
		putchar(',');
		show_quoted(r->fields[i].name);
		putchar(':');
		show_value(&r->fields[i].value, values);
	}
	puts("}");
}
