/* json - fuzz target: any bytes as a document; whole or byte by byte, the outcome is the same; its texts are written
   again */
#include "base/utf8.h"
#include "json/json.h"
#include "json/writer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
write_text(const char *text)
{
	struct json_writer *w = json_writer_new(NULL, false);

	json_put_text(w, NULL, text);
	json_writer_free(w);
}

static int
each(void *arg, const struct json_token *t)
{
	*(uint64_t *)arg = *(uint64_t *)arg * 31 + (unsigned)t->kind + t->size + (uint64_t)t->integer;
	if (t->kind == JSON_TEXT)
		write_text(t->text);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint64_t whole = 0, parts = 0;
	struct json_rules rules = { .unique = size % 2, .each = each, .arg = &whole };
	struct json *j;
	int first = json_read(&rules, bytes, size), second = 0;
	size_t i;

	rules.arg = &parts;
	j = json_open(&rules);
	/* only json_read() skips a byte order mark */
	for (i = utf8_mark(bytes, size); i < size && second == 0; i++)
		second = json_feed(j, bytes + i, 1);
	if (second == 0)
		second = json_end(j);
	json_close(j);
	if (first != second || (first == 0 && whole != parts))
		abort();
	return 0;
}
