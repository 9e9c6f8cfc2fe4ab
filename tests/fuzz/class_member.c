/* class_member - fuzz target: any bytes as the member of an archive with the class of an image: KEY.cls, KEY.json */
#include "base/err.h"
#include "base/file.h"
#include "dataset/listing.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 512, CONTENT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A header of a member; the content follows. */
static void
put_header(uint8_t *h, const char *name, size_t size)
{
	unsigned sum = 0;
	int i;

	memset(h, 0, BLOCK);
	snprintf((char *)h, 100, "%s", name);
	snprintf((char *)h + 124, 12, "%011zo", size);
	memcpy(h + 257, "ustar\0" "00", 8);
	memset(h + 148, ' ', 8);
	h[156] = '0';
	for (i = 0; i < BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
}

/* Read the classes of an archive with an image and its class member. */
static void
read_classes(const char *member, const char *field, const uint8_t *bytes, size_t size)
{
	const size_t padded = (size + BLOCK - 1) / BLOCK * BLOCK, total = 5 * (size_t)BLOCK + padded;
	uint8_t *tar = calloc(1, total);
	struct listing l = { .class_member = member };
	char path[64], name[16];

	snprintf(path, sizeof path, "/dev/shm/tscae-fuzz-class.%d.tar", (int)getpid());
	snprintf(name, sizeof name, "k.%s", member);
	put_header(tar, "k.jpg", 3);
	put_header(tar + 2 * (size_t)BLOCK, name, size);
	memcpy(tar + 3 * (size_t)BLOCK, bytes, size);
	if (file_save(path, tar, total, false) < 0 || listing_add(&l, path) < 0)
		abort();
	if (listing_label_members(&l, field) < 0) {
		if (err_status() != ERR_DATA)
			abort();
	} else if (l.count != 1 || l.items[0].class >= l.classes.count)
		abort();
	listing_free(&l);
	unlink(path);
	free(tar);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size > CONTENT_MAX)
		return 0;
	read_classes("cls", NULL, bytes, size);
	read_classes("json", "label", bytes, size);
	return 0;
}
