/* foreign_file - a model of another program: one safetensors file, several with an index, or a directory of timm or
   Hugging Face with its config.json */
#include "checkpoint/foreign_file.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "json/json.h"
#include "stream/tensor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INDEX_BYTES = 64 << 20 };

#define OTHER_PROGRAM "not weights of PyTorch; convert them there and save them as model.safetensors"

static const char index_name[] = "model.safetensors.index.json";

/* Files of weights in a directory without model.safetensors, by suffix, and what to do with them; the first is the most
   useful. */
static const struct { const char *suffix, *remedy; } others[] = {
	{ ".safetensors", "give this file instead of the directory, or name it model.safetensors, so that config.json "
		"beside it is read, too" },
	{ ".safetensors.index.json", "give this file instead of the directory" },
	{ ".bin", SAFETENSORS_CONVERT }, { ".pth", SAFETENSORS_CONVERT }, { ".pt", SAFETENSORS_CONVERT },
	{ ".ckpt", SAFETENSORS_CONVERT }, { ".tar", SAFETENSORS_CONVERT },
	{ ".h5", OTHER_PROGRAM }, { ".msgpack", OTHER_PROGRAM }, { ".npz", OTHER_PROGRAM }, { ".onnx", OTHER_PROGRAM }
};
enum { OTHERS = sizeof others / sizeof *others };

struct index_scan {
	int (*each)(void *arg, const char *tensor, const char *shard);
	void *arg;
	bool inside;		/* of weight_map */
	char tensor[1024];
};

static int
index_token(void *arg, const struct json_token *t)
{
	struct index_scan *s = arg;

	if (t->depth == 0 && t->kind != JSON_OBJECT && t->kind != JSON_OBJECT_END)
		return err(ERR_DATA, "not an object");
	if (t->depth == 1 && t->kind == JSON_KEY)
		s->inside = strcmp(t->text, "weight_map") == 0;
	if (t->depth != 2 || !s->inside)
		return t->depth == 1 && s->inside && t->kind < JSON_KEY ? err(ERR_DATA,
		    "'weight_map' is not an object") : 0;
	if (t->kind == JSON_KEY) {
		if (t->size >= sizeof s->tensor)
			return err(ERR_DATA, "a tensor's name of %zu bytes", t->size);
		snprintf(s->tensor, sizeof s->tensor, "%s", t->text);
		return 0;
	}
	if (t->kind != JSON_TEXT || strchr(t->text, '/') || t->text[0] == '.' || t->size == 0)
		return err(ERR_DATA, "tensor '%.100s': not the name of a file in the same directory", s->tensor);
	return s->each(s->arg, s->tensor, t->text);
}

int
foreign_file_index(const void *text, unsigned long size, int (*each)(void *arg, const char *tensor, const char *shard),
	void *arg)
{
	struct index_scan s = { .each = each, .arg = arg };
	const struct json_rules rules = { .each = index_token, .arg = &s, .unique = true };

	return json_read(&rules, text, size);
}

static void
add_entry(struct foreign_file *f, const char *name, const struct tensor *t)
{
	f->entries = mem_room(f->entries, &f->room, (size_t)f->count + 1, sizeof *f->entries);
	f->entries[f->count++] = (struct foreign_entry){ name, t };
}

struct shard_scan { struct foreign_file *f; const char *directory; };

/* The shard of that name, opened at the first use. */
static struct safetensors *
find_shard(struct shard_scan *s, const char *name)
{
	struct foreign_file *f = s->f;
	char *path;
	int i, result;

	for (i = 0; i < f->shard_count; i++)
		if (strcmp(f->names[i], name) == 0)
			return &f->shards[i];
	if (f->shard_count == FOREIGN_FILE_SHARDS_MAX) {
		err(ERR_DATA, "more than %d files", FOREIGN_FILE_SHARDS_MAX);
		return NULL;
	}
	path = mem_format("%s/%s", s->directory, name);
	result = safetensors_open(&f->shards[f->shard_count], path);
	free(path);
	if (result < 0)
		return NULL;
	f->names[f->shard_count] = mem_text(name);
	return &f->shards[f->shard_count++];
}

static int
take_tensor(void *arg, const char *tensor, const char *name)
{
	struct shard_scan *s = arg;
	struct safetensors *shard = find_shard(s, name);
	int i;

	for (i = 0; shard && i < shard->count; i++)
		if (strcmp(shard->entries[i].name, tensor) == 0) {
			add_entry(s->f, shard->entries[i].name, &shard->entries[i].tensor);
			return 0;
		}
	return shard ? err(ERR_DATA, "tensor '%.100s' is not in '%.100s'", tensor, name) : -1;
}

static int
open_index(struct foreign_file *f, const char *directory)
{
	struct shard_scan s = { f, directory };
	size_t size;
	char *text = file_read(f->path, INDEX_BYTES, &size);
	int result;

	if (!text)
		return -1;
	f->shards = mem_array(FOREIGN_FILE_SHARDS_MAX, sizeof *f->shards);
	f->names = mem_array(FOREIGN_FILE_SHARDS_MAX, sizeof *f->names);
	result = foreign_file_index(text, size, take_tensor, &s);
	if (result == 0 && f->count == 0)
		result = err(ERR_DATA, "no 'weight_map' with tensors");
	free(text);
	return result < 0 ? err_in("%s", f->path) : 0;
}

static int
open_single(struct foreign_file *f)
{
	int i;

	f->shards = mem_array(1, sizeof *f->shards);
	if (safetensors_open(f->shards, f->path) < 0)
		return -1;
	f->shard_count = 1;
	for (i = 0; i < f->shards->count; i++)
		add_entry(f, f->shards->entries[i].name, &f->shards->entries[i].tensor);
	return 0;
}

static bool
exists(const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	const bool found = file_exists(path);

	free(path);
	return found;
}

/* Refuse a directory without model.safetensors: by the file of weights that it has instead, the first by name. */
static int
refuse_directory(const char *path)
{
	DIR *d = opendir(path);
	char name[NAME_MAX + 1] = "";
	struct dirent *entry;
	int got, kind = OTHERS, i;

	if (!d)
		return err(file_status(errno), "%s: %s", path, strerror(errno));
	while ((got = file_entry(d, path, &entry)) > 0) {
		for (i = 0; i < OTHERS && !file_has_suffix(entry->d_name, others[i].suffix); i++)
			;
		if (i < kind || (i == kind && i < OTHERS && strcmp(entry->d_name, name) < 0)) {
			kind = i;
			snprintf(name, sizeof name, "%s", entry->d_name);
		}
	}
	closedir(d);
	if (got < 0)
		return -1;
	if (kind < OTHERS)
		return err(ERR_DATA, "%s: no model.safetensors, only '%s': %s", path, name, others[kind].remedy);
	return err(ERR_INPUT, "%s: no weights: neither model.safetensors, model.safetensors.index.json nor the latest "
		"checkpoint of a run; download the model again, or give the file with its weights", path);
}

static int
load_configs(struct foreign_file *f, const char *directory)
{
	static const char *const names[] = { "config.json", "preprocessor_config.json" };
	int i, result = 0;

	for (i = 0; i < 2 && result == 0; i++) {
		char *path = mem_format("%s/%s", directory, names[i]);

		result = foreign_config_load(&f->config, path);
		free(path);
	}
	return result;
}

int
foreign_file_open(struct foreign_file *f, const char *path)
{
	char *directory, *slash;
	struct stat info;
	const bool bare = stat(path, &info) == 0 && S_ISDIR(info.st_mode) && !exists(path, "model.safetensors");
	bool index;
	int result = 0;

	*f = (struct foreign_file){ .config = foreign_config_none() };
	if (bare && exists(path, index_name))
		f->path = mem_format("%s/%s", path, index_name);
	else
		f->path = model_file_path(path);
	if (bare && !file_exists(f->path)) {
		foreign_file_close(f);
		return refuse_directory(path);
	}
	index = file_has_suffix(f->path, ".index.json");
	slash = strrchr(f->path, '/');
	directory = slash ? mem_text(f->path) : mem_text(".");
	if (slash)
		directory[slash - f->path] = '\0';
	result = index ? open_index(f, *directory ? directory : "/") : open_single(f);
	/* beside a file of any other name the config.json may be that of another model */
	if (result == 0 && (index || strcmp(slash ? slash + 1 : f->path, "model.safetensors") == 0))
		result = load_configs(f, *directory ? directory : "/");
	free(directory);
	if (result < 0)
		foreign_file_close(f);
	return result;
}

void
foreign_file_close(struct foreign_file *f)
{
	int i;

	for (i = 0; i < f->shard_count; i++) {
		safetensors_close(&f->shards[i]);
		if (f->names)
			free(f->names[i]);
	}
	free(f->shards);
	free(f->names);
	free(f->entries);
	free(f->path);
	foreign_config_free(&f->config);
	*f = (struct foreign_file){ 0 };
}
