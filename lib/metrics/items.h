/* items - the objects of COCO's files: lists of images, annotations and classes, or a list of results

   Read as a stream, so memory is that of one object. What a score does not need (masks, key points, captions) is passed
   over. A whole number may also stand as a text ("id": "2299"), as it does in files that people share. */
#ifndef METRICS_ITEMS_H
#define METRICS_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum items_list {
	ITEMS_RESULTS = 1,	/* the file is a list: results */
	ITEMS_IMAGES = 2, ITEMS_ANNOTATIONS = 4, ITEMS_CATEGORIES = 8	/* the file is an object: truth */
};

/* What an object had. */
enum items_has {
	ITEMS_ID = 1, ITEMS_IMAGE = 2, ITEMS_CATEGORY = 4, ITEMS_BOX = 8, ITEMS_AREA = 16, ITEMS_SCORE = 32,
	ITEMS_CROWD = 64, ITEMS_IGNORE = 128, ITEMS_NAME = 256, ITEMS_FILE = 512, ITEMS_HEIGHT = 1024, ITEMS_WIDTH = 2048
};

struct item {
	unsigned has;		/* enum items_has */
	int64_t id, image, category, height, width;
	double box[4], area, score;
	int64_t crowd, ignore;	/* 0 or not */
	char *name, *file;	/* borrowed until the callback returns; "" where there is none */
	size_t begin, end;	/* its bytes in the file */
};

struct items_rules {
	bool results;		/* a list of results is expected, else the object of a truth */
	int (*each)(void *arg, enum items_list list, const struct item *i);	/* 0, or -1 and err() */
	void *arg;
};

/* Read a file, or bytes that are there. -1 and err(): ERR_INPUT; ERR_DATA with path and byte: not JSON, cut, not of COCO's
   form, a field of another type, or what the callback said. */
int items_read(const char *path, const struct items_rules *rules);
int items_parse(const void *bytes, size_t size, const struct items_rules *rules);

/* 0 if an object has all of these, else -1 and err(ERR_DATA) that names the first one it lacks. */
int items_need(const struct item *i, unsigned has);

#endif
