/* foreign_file - a model of another program: one safetensors file, several with an index, or a directory of timm or
   Hugging Face with its config.json */
#ifndef CHECKPOINT_FOREIGN_FILE_H
#define CHECKPOINT_FOREIGN_FILE_H

#include "base/err.h"
#include "checkpoint/foreign_config.h"

#include <stddef.h>

struct foreign_entry {
	const char *name;		/* borrowed from its shard */
	const struct tensor *tensor;	/* in its mapped file */
};

struct foreign_file {
	char *path;			/* of the weights or of their index, for messages */
	int shard_count;
	struct safetensors *shards;
	int count;
	struct foreign_entry *entries;
	size_t room;			/* capacity of entries */
	struct foreign_config config;	/* of the config.json beside model.safetensors or the index */
	char **names;			/* names of the shards; owned */
};

enum { FOREIGN_FILE_SHARDS_MAX = 1024 };

/* Open `path`: a safetensors file, an index (model.safetensors.index.json) or a directory. Of a run directory the
   latest checkpoint. -1 and err(): ERR_INPUT missing, ERR_DATA malformed, or weights in a form that is not read, with
   the way to convert them. foreign_file_close() at the end. */
int foreign_file_open(struct foreign_file *f, const char *path) ERR_CHECK;
void foreign_file_close(struct foreign_file *f);

/* The pairs of tensor and shard of an index, by callback. -1 and err(ERR_DATA), or that of `each`. */
int foreign_file_index(const void *text, unsigned long size, int (*each)(void *arg, const char *tensor,
    const char *shard),
	void *arg) ERR_CHECK;

#endif
