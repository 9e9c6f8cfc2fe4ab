/* show - headers and records as lines for people */
#include "cli/show.h"
#include "base/utf8.h"

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

/* A declared shape; what varies from record to record is "?". */
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

const char *
show_class(const struct header *h, const struct record *r)
{
	const struct value *class = record_get(r, "class"), *names = record_get(&h->extra, "classes");

	if (!class || class->kind != VALUE_INT || !names || names->kind != VALUE_TEXTS)
		return NULL;
	return class->integer >= 0 && class->integer < names->texts.count ? names->texts.list[class->integer] : NULL;
}

void
show_title(void)
{
	puts("key\tepoch\tclass\tfields");
}

void
show_record(const struct header *h, const struct record *r)
{
	const char *class = show_class(h, r), *between = "";
	int i;

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
}
