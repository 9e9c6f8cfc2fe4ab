/* writer - JSON out: objects, arrays and values in order (YAJL's generator) */
#include "json/writer.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "json/yajl_memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

struct json_writer {
	yajl_gen yajl;
	FILE *out;		/* NULL: into memory */
	bool pretty;
	bool line;		/* a newline follows the separator */
	char *text;
	size_t size, room;
};

static void
append(struct json_writer *w, const char *bytes, size_t size)
{
	if (w->out) {
		fwrite(bytes, 1, size, w->out);
		return;
	}
	w->text = mem_room(w->text, &w->room, mem_sum(w->size, size + 1), 1);
	memcpy(w->text + w->size, bytes, size);
	w->size += size;
	w->text[w->size] = '\0';
}

/* YAJL prints a separator in a call of its own. */
static void
print(void *arg, const char *bytes, size_t size)
{
	struct json_writer *w = arg;

	if (w->line && !(size == 1 && *bytes == ',')) {
		w->line = false;
		append(w, "\n", 1);
	}
	append(w, bytes, size);
}

struct json_writer *
json_writer_new(FILE *out, bool pretty)
{
	struct json_writer *w = mem_new(sizeof *w);

	w->out = out;
	w->pretty = pretty;
	w->yajl = yajl_gen_alloc(&yajl_memory);
	yajl_gen_config(w->yajl, yajl_gen_print_callback, print, w);
	yajl_gen_config(w->yajl, yajl_gen_beautify, pretty);
	yajl_gen_config(w->yajl, yajl_gen_indent_string, "  ");
	return w;
}

void
json_writer_free(struct json_writer *w)
{
	if (!w)
		return;
	yajl_gen_free(w->yajl);
	free(w->text);
	free(w);
}

static void
check(yajl_gen_status status)
{
	assert(status == yajl_gen_status_ok);
	(void)status;
}

static void
put_text(struct json_writer *w, const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";	/* U+FFFD */
	size_t n = strlen(text), length;
	char *clean = mem_array(n + 1, sizeof replacement), *to = clean;

	for (; n > 0; text += length, n -= length) {
		const size_t valid = utf8_length(text, n);

		length = valid ? valid : 1;
		memcpy(to, valid ? text : replacement, valid ? valid : sizeof replacement - 1);
		to += valid ? valid : sizeof replacement - 1;
	}
	check(yajl_gen_string(w->yajl, (const unsigned char *)clean, (size_t)(to - clean)));
	free(clean);
}

static void
put_key(struct json_writer *w, const char *key)
{
	if (key)
		put_text(w, key);
}

void
json_put_object(struct json_writer *w, const char *key)
{
	put_key(w, key);
	check(yajl_gen_map_open(w->yajl));
}

void
json_put_object_end(struct json_writer *w)
{
	check(yajl_gen_map_close(w->yajl));
}

void
json_put_array(struct json_writer *w, const char *key)
{
	put_key(w, key);
	check(yajl_gen_array_open(w->yajl));
}

void
json_put_array_end(struct json_writer *w)
{
	check(yajl_gen_array_close(w->yajl));
}

void
json_put_null(struct json_writer *w, const char *key)
{
	put_key(w, key);
	check(yajl_gen_null(w->yajl));
}

void
json_put_bool(struct json_writer *w, const char *key, bool x)
{
	put_key(w, key);
	check(yajl_gen_bool(w->yajl, x));
}

void
json_put_int(struct json_writer *w, const char *key, int64_t x)
{
	put_key(w, key);
	check(yajl_gen_integer(w->yajl, x));
}

void
json_put_text(struct json_writer *w, const char *key, const char *text)
{
	put_key(w, key);
	put_text(w, text);
}

void
json_put_number(struct json_writer *w, const char *key, const char *digits)
{
	put_key(w, key);
	check(yajl_gen_number(w->yajl, digits, strlen(digits)));
}

void
json_put_real(struct json_writer *w, const char *key, int digits, double x)
{
	char text[40];

	snprintf(text, sizeof text, "%.*g", digits < 17 ? digits : 17, x);
	if (isfinite(x))
		json_put_number(w, key, text);
	else
		json_put_null(w, key);
}

void
json_put_line(struct json_writer *w)
{
	w->line = !w->pretty;
}

void
json_put_end(struct json_writer *w)
{
	yajl_gen_status status = yajl_gen_null(w->yajl);

	assert(status == yajl_gen_generation_complete);
	(void)status;
	/* where pretty, YAJL has ended the line */
	yajl_gen_reset(w->yajl, NULL);
	if (!w->pretty)
		append(w, "\n", 1);
}

void
json_put_spaces(struct json_writer *w, size_t unit)
{
	while (w->size % unit)
		append(w, " ", 1);
}

char *
json_writer_text(struct json_writer *w, size_t *size)
{
	assert(!w->out);
	*size = w->size;
	return w->text;
}

void
json_writer_clear(struct json_writer *w)
{
	yajl_gen_reset(w->yajl, NULL);
	yajl_gen_clear(w->yajl);
	w->size = 0;
}
