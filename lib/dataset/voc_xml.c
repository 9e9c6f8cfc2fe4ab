/* voc_xml - read an annotation of PASCAL VOC (the only user of expat), in UTF-8 or another encoding (by iconv) */
#include "dataset/voc_xml.h"
#include "annotation/image_size.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <expat.h>
#include <iconv.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME = 40, DECLARATION = 200 };	/* bytes of the name of an encoding, and of an XML declaration */

/* The encoding of the XML declaration; "": none. */
static void
declared(const char *bytes, size_t size, char name[NAME])
{
	char head[DECLARATION], *at, *end;
	size_t n = size < sizeof head - 1 ? size : sizeof head - 1;

	*name = 0;
	memcpy(head, bytes, n);
	head[n] = 0;
	end = strstr(head, "?>");
	at = strncmp(head, "<?xml", 5) == 0 && end ? strstr(head, "encoding") : NULL;
	if (!at || at > end)
		return;
	at += strcspn(at, "\"'");
	n = *at ? strcspn(at + 1, "\"'") : 0;
	if (n < NAME) {
		memcpy(name, at + 1, n);
		name[n] = 0;
	}
}

static bool
is_utf8(const char *bytes, size_t size)
{
	size_t at = 0, n = 1;

	for (; at < size && n; at += n)
		n = utf8_length(bytes + at, size - at);
	return at >= size && n;
}

/* Convert; bytes that have no character become '?' if `always`, else NULL. */
static char *
convert(const char *from, const char *bytes, size_t size, size_t *to_size, bool always)
{
	iconv_t c = iconv_open("UTF-8", from);
	size_t room = mem_sum(mem_product(size, 4), 8), left = room, in = size;
	char *to, *out, *at = (char *)bytes;

	if (c == (iconv_t)-1)
		return NULL;
	out = to = mem_new(room);
	while (in > 0 && iconv(c, &at, &in, &out, &left) == (size_t)-1) {
		if (!always || left < 8)
			break;
		*out++ = '?';
		left--;
		at++;
		in--;
	}
	iconv_close(c);
	*to_size = room - left;
	if (in == 0)
		return to;
	free(to);
	return NULL;
}

/* Blank out the encoding of the declaration, which is no longer true: the converted text is as long as before it. */
static void
undeclare(char *text)
{
	char *end = strstr(text, "?>"), *at = strstr(text, "encoding");

	if (at && end && at < end)
		memset(at, ' ', (size_t)(end - at));
}

/* The bytes of an XML file in UTF-8: its declared encoding is converted. Returns them, or NULL where expat reads them
   as they are; free() the result. A file that is not valid in the encoding that it declares, or in UTF-8 if it declares
   none, is read as Windows-1252, which has a character for nearly every byte: *guessed. *result: -1 and err(ERR_DATA):
   an unknown encoding. */
static char *
to_utf8(const char *bytes, size_t size, size_t *to_size, bool *guessed, int *result)
{
	char name[NAME], *to;
	iconv_t known;

	*guessed = false;
	*result = 0;
	/* UTF-16, which expat recognizes by its mark or its zero bytes */
	if (size >= 2 && (memchr(bytes, 0, size < 4 ? size : 4) || (unsigned char)*bytes >= 0xfe))
		return NULL;
	declared(bytes, size, name);
	if (!*name || strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 || strcasecmp(name,
	    "us-ascii") == 0
		|| strcasecmp(name, "ascii") == 0) {
		if (is_utf8(bytes, size) && (!*name || strcasecmp(name, "utf-8") == 0))
			return NULL;
		to = is_utf8(bytes, size) ? convert("UTF-8", bytes, size, to_size, false) : NULL;
	} else {
		known = iconv_open("UTF-8", name);
		if (known == (iconv_t)-1) {
			*result = err(ERR_DATA, "line 1: the encoding '%s' is unknown; convert the file to UTF-8",
			    name);
			return NULL;
		}
		iconv_close(known);
		to = convert(name, bytes, size, to_size, false);
	}
	if (!to) {
		*guessed = true;
		to = convert("CP1252", bytes, size, to_size, true);
		if (!to)
			return NULL;
	}
	undeclare(to);
	return to;
}

/* The format has 5 levels; its paths and values are short. */
enum { DEPTH = 32, PATH = 256, TEXT = 1024, OBJECTS = 1 << 20 };

enum { FOUND_NAME = 1, FOUND_BOX = 2 + 4 + 8 + 16 };

enum element_kind { TEXT_OF, NUMBER_OF, FLAG_OF, SIZE_OF };

static const struct element {
	const char *path;
	enum element_kind kind;
	bool of_object;
	unsigned found;		/* its bit in the object */
	size_t to;		/* offset of the member that gets the value */
} elements[] = {
	{ "/annotation/size/width", SIZE_OF, false, 0, offsetof(struct voc_xml, width) },
	{ "/annotation/size/height", SIZE_OF, false, 0, offsetof(struct voc_xml, height) },
	{ "/annotation/object/name", TEXT_OF, true, FOUND_NAME, offsetof(struct voc_xml_object, name) },
	{ "/annotation/object/bndbox/xmin", NUMBER_OF, true, 2, offsetof(struct voc_xml_object, xmin) },
	{ "/annotation/object/bndbox/ymin", NUMBER_OF, true, 4, offsetof(struct voc_xml_object, ymin) },
	{ "/annotation/object/bndbox/xmax", NUMBER_OF, true, 8, offsetof(struct voc_xml_object, xmax) },
	{ "/annotation/object/bndbox/ymax", NUMBER_OF, true, 16, offsetof(struct voc_xml_object, ymax) },
	{ "/annotation/object/difficult", FLAG_OF, true, 32, offsetof(struct voc_xml_object, difficult) },
	{ "/annotation/object/truncated", FLAG_OF, true, 64, offsetof(struct voc_xml_object, truncated) },
};

static const char OBJECT[] = "/annotation/object";

struct parse_state {
	XML_Parser parser;
	struct arena *arena;
	struct voc_xml *out;
	char path[PATH];	/* of the open element, as /annotation/object */
	size_t marks[DEPTH];	/* its length before each open element */
	int depth;
	char text[TEXT];	/* of the open element, up to its first child */
	size_t used;
	bool failed;		/* err() is set */
};

/* Expat 2.9 has another function, and a warning where this one is called. */
static unsigned long
line_number(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	return (unsigned long)XML_GetCurrentLineNumber64(parser);
#else
	return (unsigned long)XML_GetCurrentLineNumber(parser);
#endif
}

static void
refuse(struct parse_state *j, const char *what, const char *which)
{
	if (!j->failed)
		err(ERR_DATA, "line %lu: %s%s", line_number(j->parser), what, which);
	j->failed = true;
	XML_StopParser(j->parser, XML_FALSE);
}

static void
on_begin(void *arg, const char *name, const char **attributes)
{
	struct parse_state *j = arg;
	size_t length = strlen(j->path), n = strlen(name);

	(void)attributes;
	if (j->failed)
		return;
	if (j->depth == DEPTH || length + n + 2 > PATH) {
		refuse(j, "nested too deeply", "");
		return;
	}
	j->marks[j->depth++] = length;
	snprintf(j->path + length, PATH - length, "/%s", name);
	if (j->depth == 1 && strcmp(name, "annotation") != 0)
		refuse(j, "not an annotation of PASCAL VOC, but ", name);
	else if (strcmp(j->path, OBJECT) == 0) {
		struct voc_xml *x = j->out;

		if (x->count == OBJECTS) {
			refuse(j, "too many objects", "");
			return;
		}
		x->objects = mem_room(x->objects, &x->room, (size_t)x->count + 1, sizeof *x->objects);
		x->objects[x->count++] = (struct voc_xml_object){ 0 };
	}
	j->used = 0;
}

static void
on_text(void *arg, const char *text, int n)
{
	struct parse_state *j = arg;

	if (j->failed)
		return;
	/* a longer text is cut to TEXT - 1 bytes, which take() refuses */
	if ((size_t)n > TEXT - 1 - j->used)
		n = (int)(TEXT - 1 - j->used);
	memcpy(j->text + j->used, text, (size_t)n);
	j->used += (size_t)n;
}

/* The text without surrounding blanks. */
static char *
trimmed(struct parse_state *j)
{
	char *text = j->text;
	size_t n = j->used;

	text[n] = 0;
	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		text[--n] = 0;
	return text + strspn(text, " \t\r\n");
}

/* The value of a flag that is no number. */
static double
flag_word(struct parse_state *j, const char *text)
{
	static const struct { const char *word; int value; } words[] = {
		{ "yes", 1 }, { "true", 1 }, { "y", 1 }, { "no", 0 }, { "false", 0 }, { "n", 0 }
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(text, words[i].word) == 0)
			return words[i].value;
	j->out->odd_flags++;
	return 0;
}

/* Store the text of the open element. */
static void
take(struct parse_state *j, const struct element *e)
{
	struct voc_xml_object *o = e->of_object ? &j->out->objects[j->out->count - 1] : NULL;
	char *text = trimmed(j), *end, *to = o ? (char *)o : (char *)j->out, what[100];
	bool is_number;
	double x;

	if (j->used == TEXT - 1) {
		refuse(j, "text that is too long in ", e->path);
		return;
	}
	if (o && o->found & e->found) {
		refuse(j, "a second ", e->path);
		return;
	}
	if (o)
		o->found |= e->found;
	if (e->kind == TEXT_OF) {
		if (!*text)
			refuse(j, "nothing in ", e->path);
		*(const char **)(to + e->to) = arena_text(j->arena, text);
		return;
	}
	/* strtod() also takes hexadecimal numbers, infinities and nan */
	x = strtod(text, &end);
	is_number = *text && !*end && !text[strspn(text, "+-.0123456789eE")];
	if (e->kind == SIZE_OF && is_number && !(x >= 0 && x <= IMAGE_SIZE_MAX && x == floor(x))) {
		snprintf(what, sizeof what, "not a whole number from 0 to %d in %s: ", IMAGE_SIZE_MAX, e->path);
		refuse(j, what, text);
		return;
	}
	if (!is_number || !isfinite(x)) {
		if (e->kind == NUMBER_OF) {
			refuse(j, "not a number in ", e->path);
			return;
		}
		x = e->kind == FLAG_OF ? flag_word(j, text) : 0;
	}
	*(double *)(to + e->to) = x;
}

static void
on_end(void *arg, const char *name)
{
	struct parse_state *j = arg;
	size_t i;

	(void)name;
	if (j->failed)
		return;
	for (i = 0; i < sizeof elements / sizeof *elements; i++)
		if (strcmp(j->path, elements[i].path) == 0)
			take(j, &elements[i]);
	if (!j->failed && strcmp(j->path, OBJECT) == 0) {
		unsigned found = j->out->objects[j->out->count - 1].found;

		if (!(found & FOUND_NAME))
			refuse(j, "an object without a name", "");
		else if ((found & FOUND_BOX) != FOUND_BOX)
			refuse(j, "an object without a whole box: ", j->out->objects[j->out->count - 1].name);
	}
	j->path[j->marks[--j->depth]] = 0;
	j->used = 0;
}

static void
on_document_type(void *arg, const char *name, const char *system, const char *public, int inside)
{
	(void)name, (void)system, (void)public, (void)inside;
	refuse(arg, "a document type (DOCTYPE), which annotations must not have", "");
}

static void *
get(size_t size)
{
	return mem_grow(NULL, size);
}

/* Parse bytes that expat understands. */
static int
parse(const char *bytes, size_t size, struct parse_state *j)
{
	static const XML_Memory_Handling_Suite memory = { get, mem_grow, free };
	int result = 0;

	j->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (!j->parser)
		mem_none();
	XML_SetUserData(j->parser, j);
	XML_SetElementHandler(j->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(j->parser, on_text);
	XML_SetStartDoctypeDeclHandler(j->parser, on_document_type);
	if (size > INT32_MAX)
		result = err(ERR_DATA, "more than 2 GiB");
	else if (XML_Parse(j->parser, bytes, (int)size, XML_TRUE) != XML_STATUS_OK || j->failed) {
		if (!j->failed)
			err(ERR_DATA, "line %lu: %s", line_number(j->parser),
				XML_ErrorString(XML_GetErrorCode(j->parser)));
		result = -1;
	}
	XML_ParserFree(j->parser);
	return result;
}

int
voc_xml_read(const char *bytes, size_t size, struct arena *a, struct voc_xml *x)
{
	struct parse_state *j = mem_new(sizeof *j);
	char *converted;
	int result;

	*x = (struct voc_xml){ 0 };
	j->arena = a;
	j->out = x;
	converted = to_utf8(bytes, size, &size, &x->guessed, &result);
	if (result == 0)
		result = parse(converted ? converted : bytes, size, j);
	free(converted);
	free(j);
	if (result < 0)
		voc_xml_free(x);
	return result;
}

void
voc_xml_free(struct voc_xml *x)
{
	free(x->objects);
	*x = (struct voc_xml){ 0 };
}
