/* yolo_config - the file data.yaml of a YOLO dataset: splits and class names (the only user of libyaml) */
#include "dataset/yolo_config.h"
#include "annotation/class_list.h"
#include "base/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { BYTES_MAX = 1 << 20, KEYPOINTS_MAX = 10000 };

static const struct { const char *name; enum yolo_config_split split; } splits[] = {
	{ "train", YOLO_CONFIG_TRAIN }, { "val", YOLO_CONFIG_VAL }, { "valid", YOLO_CONFIG_VAL },
	{ "validation", YOLO_CONFIG_VAL }, { "test", YOLO_CONFIG_TEST }
};

const char *
yolo_config_image(const char *path)
{
	const char *rest = NULL, *at;

	for (at = path; (at = strstr(at, "images/")); at++)
		if (at == path || at[-1] == '/')
			rest = at + strlen("images/");
	return rest;
}

int
yolo_config_split(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof splits / sizeof *splits; i++)
		if (strcmp(splits[i].name, name) == 0)
			return (int)splits[i].split;
	return -1;
}

static int
bad(const yaml_node_t *n, const char *what)
{
	return err(ERR_DATA, "line %zu: %s", n->start_mark.line + 1, what);
}

/* A text, from the arena; NULL: another kind of node, or a zero byte. */
static const char *
text(const yaml_node_t *n, struct arena *a)
{
	const char *value = n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;

	return value && strlen(value) == n->data.scalar.length ? arena_text(a, value) : NULL;
}

/* A string, or a list of strings; null is an empty list. */
static int
read_list(yaml_document_t *d, yaml_node_t *n, struct arena *a, const char ***list, long *count)
{
	const long size = n->type == YAML_SEQUENCE_NODE
	    ? (long)(n->data.sequence.items.top - n->data.sequence.items.start) : 1;
	long i;

	*list = arena_array(a, (size_t)size + 1, sizeof **list);
	*count = 0;
	for (i = 0; i < size; i++) {
		yaml_node_t *item = n->type == YAML_SEQUENCE_NODE
			? yaml_document_get_node(d, n->data.sequence.items.start[i]) : n;
		const char *t = text(item, a);

		if (!t)
			return bad(item, "neither a string nor a list of strings");
		if (n->type == YAML_SEQUENCE_NODE || (*t && strcmp(t, "null") != 0 && strcmp(t, "~") != 0))
			(*list)[(*count)++] = t;
	}
	return 0;
}

/* Class names: a list, or a map of numbers to names. */
static int
read_names(yaml_document_t *d, yaml_node_t *n, struct arena *a, struct yolo_config *c)
{
	yaml_node_pair_t *p;
	long i;

	if (n->type != YAML_MAPPING_NODE)
		return read_list(d, n, a, &c->names, &c->count);
	c->names = arena_array(a, CLASS_LIST_MAX, sizeof *c->names);
	memset(c->names, 0, sizeof *c->names * CLASS_LIST_MAX);
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		yaml_node_t *key = yaml_document_get_node(d, p->key), *value = yaml_document_get_node(d, p->value);
		const char *number = text(key, a), *name = text(value, a);
		char *end;

		i = number && *number >= '0' && *number <= '9' ? strtol(number, &end, 10) : -1;

		if (i < 0 || i >= CLASS_LIST_MAX || *end || !name || c->names[i])
			return bad(key, "names: not a map of class numbers to names");
		c->names[i] = name;
		c->count = i + 1 > c->count ? i + 1 : c->count;
	}
	for (i = 0; i < c->count; i++)
		if (!c->names[i])
			return err(ERR_DATA, "line %zu: names: class %ld has no name, class %ld has one",
				n->start_mark.line + 1, i, c->count - 1);
	return 0;
}

/* Empty names, and another number of them than nc states. */
static int
check_names(yaml_node_t *nc, struct arena *a, const struct yolo_config *c)
{
	const char *number = nc ? text(nc, a) : NULL;
	char *end;
	long i;

	for (i = 0; i < c->count; i++)
		if (!*c->names[i])
			return err(ERR_DATA, "names: the name of class %ld is empty", i);
	if (nc && (!number || strtol(number, &end, 10) < 0 || end == number || *end))
		return bad(nc, "nc: not a number of classes");
	if (nc && c->count && strtol(number, NULL, 10) != c->count)
		return err(ERR_DATA, "line %zu: nc states %s classes, names has %ld", nc->start_mark.line + 1, number,
			c->count);
	return 0;
}

/* The keypoints of a label: a list of their number, and of the numbers of each (2, or 3 with the visibility). */
static int
read_keypoints(yaml_document_t *d, yaml_node_t *n, struct arena *a, struct yolo_config *c)
{
	const char **list;
	long count, i, shape[2] = { 0 };
	char *end = NULL;

	if (read_list(d, n, a, &list, &count) < 0)
		return -1;
	for (i = 0; i < count && i < 2; i++) {
		shape[i] = strtol(list[i], &end, 10);
		if (end == list[i] || *end)
			shape[i] = 0;
	}
	if (count != 2 || shape[0] < 1 || shape[0] > KEYPOINTS_MAX || (shape[1] != 2 && shape[1] != 3))
		return bad(n, "kpt_shape: not a number of keypoints, and 2 or 3");
	c->keypoints = shape[0] * shape[1];
	return 0;
}

/* True if an earlier pair has the key of this one. */
static bool
is_repeated(yaml_document_t *d, const yaml_node_pair_t *pairs, const yaml_node_pair_t *p)
{
	const yaml_node_t *key = yaml_document_get_node(d, p->key);

	for (; pairs < p; pairs++) {
		const yaml_node_t *other = yaml_document_get_node(d, pairs->key);

		if (other->type == YAML_SCALAR_NODE && other->data.scalar.length == key->data.scalar.length &&
			memcmp(other->data.scalar.value, key->data.scalar.value, key->data.scalar.length) == 0)
			return true;
	}
	return false;
}

static int
read_document(yaml_document_t *d, struct arena *a, struct yolo_config *c)
{
	yaml_node_t *root = yaml_document_get_root_node(d), *nc = NULL;
	yaml_node_pair_t *p;
	int result = 0;

	if (!root || root->type != YAML_MAPPING_NODE)
		return err(ERR_DATA, "not a map with the keys train, val and names");
	for (p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top && result == 0; p++) {
		yaml_node_t *key = yaml_document_get_node(d, p->key), *value = yaml_document_get_node(d, p->value);
		const char *name = text(key, a);
		const int split = name ? yolo_config_split(name) : -1;

		/* keys that are not read may occur twice */
		if (name && (split >= 0 || strcmp(name, "path") == 0 || strcmp(name, "names") == 0 ||
			strcmp(name, "nc") == 0 || strcmp(name, "kpt_shape") == 0) &&
			is_repeated(d, root->data.mapping.pairs.start, p))
			result = err(ERR_DATA, "line %zu: the key '%s' occurs twice", key->start_mark.line + 1, name);
		else if (split >= 0 && c->splits[split].count)
			result = err(ERR_DATA, "line %zu: '%s' is a second key of its split", key->start_mark.line + 1,
				name);
		else if (split >= 0)
			result = read_list(d, value, a, &c->splits[split].list, &c->splits[split].count);
		else if (name && strcmp(name, "path") == 0)
			c->path = text(value, a);
		else if (name && strcmp(name, "names") == 0)
			result = read_names(d, value, a, c);
		else if (name && strcmp(name, "nc") == 0)
			nc = value;
		else if (name && strcmp(name, "kpt_shape") == 0)
			result = read_keypoints(d, value, a, c);
	}
	return result < 0 ? -1 : check_names(nc, a, c);
}

int
yolo_config_read(struct yolo_config *c, const char *path, struct arena *a)
{
	size_t size;
	unsigned char *bytes = file_read(path, BYTES_MAX, &size);
	yaml_document_t document;
	yaml_parser_t parser;
	int result;

	*c = (struct yolo_config){ 0 };
	if (!bytes)
		return -1;
	if (!yaml_parser_initialize(&parser))
		mem_none();
	yaml_parser_set_input_string(&parser, bytes, size);
	if (yaml_parser_load(&parser, &document)) {
		result = read_document(&document, a, c);
		yaml_document_delete(&document);
	} else if (parser.error == YAML_MEMORY_ERROR || !parser.problem)
		mem_none();
	else
		result = err(ERR_DATA, "line %zu: not YAML: %s", parser.problem_mark.line + 1,
		    parser.problem);
	yaml_parser_delete(&parser);
	free(bytes);
	return result < 0 ? err_in("%s", path) : 0;
}

static int
add_text(yaml_document_t *d, const char *value, yaml_scalar_style_t style)
{
	const int node = yaml_document_add_scalar(d, NULL, (const yaml_char_t *)value, (int)strlen(value), style);

	if (!node)
		mem_none();
	return node;
}

static void
add_pair(yaml_document_t *d, int map, const char *key, int value)
{
	if (!yaml_document_append_mapping_pair(d, map, add_text(d, key, YAML_PLAIN_SCALAR_STYLE), value))
		mem_none();
}

static int
append(void *file, unsigned char *bytes, size_t size)
{
	return fwrite(bytes, 1, size, file) == size;
}

/* A document with the class names; they are quoted, so that other programs do not take them for numbers. */
static void
build_document(yaml_document_t *d, const char *const *names, long count)
{
	int root, list;
	long i;

	if (!yaml_document_initialize(d, NULL, NULL, NULL, 1, 1) ||
		!(root = yaml_document_add_mapping(d, NULL, YAML_BLOCK_MAPPING_STYLE)) ||
		!(list = yaml_document_add_mapping(d, NULL, YAML_BLOCK_MAPPING_STYLE)))
		mem_none();
	add_pair(d, root, "train", add_text(d, "images", YAML_PLAIN_SCALAR_STYLE));
	add_pair(d, root, "val", add_text(d, "images", YAML_PLAIN_SCALAR_STYLE));
	add_pair(d, root, "names", list);
	for (i = 0; i < count; i++) {
		char *number = mem_format("%ld", i);

		add_pair(d, list, number, add_text(d, names[i], YAML_DOUBLE_QUOTED_SCALAR_STYLE));
		free(number);
	}
}

int
yolo_config_write(const char *path, const char *const *names, long count)
{
	yaml_document_t document;
	yaml_emitter_t emitter;
	struct mem_stream m;
	int result;

	mem_stream_open(&m);
	build_document(&document, names, count);
	if (!yaml_emitter_initialize(&emitter))
		mem_none();
	yaml_emitter_set_output(&emitter, append, m.file);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	result = yaml_emitter_dump(&emitter, &document);	/* frees the document */
	yaml_emitter_delete(&emitter);
	mem_stream_close(&m);
	if (!result)
		mem_none();
	result = file_save(path, m.text, m.size, false);
	free(m.text);
	return result;
}
