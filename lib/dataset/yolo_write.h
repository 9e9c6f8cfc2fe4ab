/* yolo_write - write the boxes of records as a YOLO dataset: a text file for each image, and data.yaml

   The reader (label_yolo.c) gives back the same boxes, to the bit, and the same class names. */
#ifndef DATASET_YOLO_WRITE_H
#define DATASET_YOLO_WRITE_H

#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stddef.h>

/* What YOLO's files cannot hold, counted; the first image is named. */
enum yolo_write_note { YOLO_WRITE_CROWD, YOLO_WRITE_FLAGS, YOLO_WRITE_CUT, YOLO_WRITE_EMPTY, YOLO_WRITE_NOTES };

struct yolo_write {		/* begins as { .folder = ... } */
	const char *folder;	/* of data.yaml and labels/ */
	bool begun;		/* `kind` and `classes` are those of the first record with boxes */
	enum boxes_kind kind;
	struct class_list classes;
	struct { long count; const char *first; } notes[YOLO_WRITE_NOTES];
	long count;
	struct yolo_write_file { const char *key, *path; } *files;	/* (count) written: key of the record, path */
	size_t room;
	struct lookup by_path;
	struct arena text;
};

/* "crowds are left out: ..." */
extern const char *const yolo_write_note_texts[YOLO_WRITE_NOTES];

/* Write the label file of a record: FOLDER/labels/KEY.txt, where KEY is without image suffix and begins after its last
   folder `images`. The first record decides between predicted boxes (if it has them) and those of the ground truth.
   1; 0: the record has no such boxes, nothing is written; -1 and err(): no size of the image, invalid boxes, the file
   of an earlier record, a failed write. */
int yolo_write_put(struct yolo_write *y, const struct header *h, const struct record *r) ERR_CHECK;

/* Write data.yaml, at the end. -1 and err(ERR_OUTPUT). */
int yolo_write_end(struct yolo_write *y) ERR_CHECK;

void yolo_write_free(struct yolo_write *y);

#endif
