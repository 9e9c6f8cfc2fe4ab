/* segmap_dir - predicted segmentation maps kept as a folder of PNG files into a set */
#include "metrics/segmap_dir.h"
#include "base/err.h"
#include "dataset/listing.h"
#include "codec/decode.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 256000000 };	/* as tscae-decode reads images */

static int
count(struct evaluation *s, struct evaluation_image *image, const struct image *p)
{
	int truth[256], said[256], i;
	long bad;

	if (image->predicted)
		return err(ERR_DATA, "image %s is predicted twice", image->key);
	image->predicted = true;
	if (p->width != image->map.width || p->height != image->map.height)
		return err(ERR_DATA, "%d x %d pixels, the true segmentation map has %d x %d", p->width, p->height, image->map.width, image->map.height);
	for (i = 0; i < 256; i++) {
		truth[i] = i < s->label_classes.count ? i : -1;
		said[i] = truth[i];
	}
	bad = confusion_pixels(&s->pixels, &image->map, p->pixels, truth, said, s->label_classes.count);
	if (bad >= 0)
		return err(ERR_DATA, "%d in row %ld, column %ld, but there are %d classes", p->pixels[bad], bad / p->width, bad % p->width, s->label_classes.count);
	return 0;
}

static int
take(struct evaluation *s, const struct listing *l, long i, struct arena *a, const struct evaluation_rules *rules)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	struct image p;
	size_t size;
	/* the maps' own folders say nothing of the images' */
	const char *key = listing_key(l, i, a), *slash = strrchr(key, '/');
	int image = evaluation_find(s, slash ? slash + 1 : key), result;
	void *bytes;

	if (image == -2)
		return -1;
	if (image < 0 && !rules->restricted)
		return err(ERR_DATA, "the truth has no such image (--intersect leaves it out)");
	if (image < 0) {
		s->notes.images++;
		return 0;
	}
	if (!(bytes = listing_read(l, i, BYTES_MAX, &size)))
		return -1;
	o.indices = true;
	result = decode_image(bytes, size, &o, a, &p, &report);
	free(bytes);
	if (result == 0 && report.damage == DECODE_DAMAGED)
		result = err(ERR_DATA, "%s", report.what);
	return result < 0 ? -1 : count(s, &s->images[image], &p);
}

int
segmap_dir_read(struct evaluation *s, const char *folder, const struct evaluation_rules *rules)
{
	struct listing l = { 0 };
	struct arena a = { 0 };
	int result = listing_add(&l, folder);
	long i;

	if (result == 0 && l.count == 0)
		result = err(ERR_DATA, "%s: no segmentation maps", folder);
	if (result == 0 && !(s->true_parts & EVALUATION_MAPS))
		result = err(ERR_DATA, "%s: segmentation maps, but the truth has none", folder);
	for (i = 0; i < l.count && result == 0; i++) {
		arena_reset(&a);
		if (take(s, &l, i, &a, rules) < 0)
			result = err_in("%s", listing_name(&l, i, &a));
	}
	s->said_parts |= EVALUATION_MAPS;
	arena_free(&a);
	listing_free(&l);
	return result;
}
