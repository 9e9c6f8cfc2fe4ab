/* coco - annotations of COCO (instances), read as a stream: what belongs to what */
#include "dataset/coco.h"
#include "base/err.h"
#include "dataset/coco_pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct coco_category *)a)->id, y = ((const struct coco_category *)b)->id;

	return (x > y) - (x < y);
}

/* qsort() and bsearch() hand over no context: this thread's images */
static _Thread_local const struct coco_image *sorting;

static int
by_image(const void *a, const void *b)
{
	int64_t x = sorting[*(const int32_t *)a].id, y = sorting[*(const int32_t *)b].id;

	return (x > y) - (x < y);
}

static int
find_image(const void *id, const void *b)
{
	int64_t x = *(const int64_t *)id, y = sorting[*(const int32_t *)b].id;

	return (x > y) - (x < y);
}

/* Which annotations belong to which image. */
static int
connect_images(struct coco *c)
{
	int32_t *sorted = mem_new(sizeof *sorted * (size_t)(c->image_count + 1)), *at;
	int result = 0;
	long i, next = 0;

	sorting = c->images;
	for (i = 0; i < c->image_count; i++)
		sorted[i] = (int32_t)i;
	qsort(sorted, (size_t)c->image_count, sizeof *sorted, by_image);
	for (i = 1; i < c->image_count && result == 0; i++)
		if (c->images[sorted[i - 1]].id == c->images[sorted[i]].id)
			result = err(ERR_DATA, "two images have the id %lld", (long long)c->images[sorted[i]].id);
	for (i = 0; i < c->annotation_count && result == 0; i++) {
		struct coco_annotation *a = &c->annotations[i];

		at = bsearch(&a->image, sorted, (size_t)c->image_count, sizeof *sorted, find_image);
		a->image = at ? *at : -1;
		if (at)
			c->images[*at].count++;
		else
			c->dangling++;
		if (coco_category(c, a->category) < 0)
			result = err(ERR_DATA, "byte %lld: the category %d is not there", (long long)a->offset, (int)a->category);
	}
	for (i = 0; i < c->image_count; i++) {
		c->images[i].first = next;
		next += c->images[i].count;
		c->images[i].count = 0;
	}
	c->order = mem_new(sizeof *c->order * (size_t)(next + 1));
	for (i = 0; i < c->annotation_count && result == 0; i++)
		if (c->annotations[i].image >= 0) {
			struct coco_image *image = &c->images[c->annotations[i].image];

			c->order[image->first + image->count++] = (int32_t)i;
		}
	free(sorted);
	return result;
}

int
coco_open(struct coco *c, const char *path)
{
	struct stat st;
	int result;
	long k;

	c->path = mem_text(path);
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	if (fstat(c->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err(ERR_INPUT, "%s: not a file", path);
	result = coco_pass(c);
	if (result == 0 && c->category_count)
		qsort(c->categories, (size_t)c->category_count, sizeof *c->categories, by_id);
	for (k = 1; k < c->category_count && result == 0; k++)
		if (c->categories[k - 1].id == c->categories[k].id)
			result = err(ERR_DATA, "two categories have the id %lld", (long long)c->categories[k].id);
	if (result == 0)
		result = connect_images(c);
	return result < 0 ? err_in("%s", path) : 0;
}

long
coco_category(const struct coco *c, int64_t id)
{
	struct coco_category wanted = { id, NULL }, *at = NULL;

	if (c->category_count)
		at = bsearch(&wanted, c->categories, (size_t)c->category_count, sizeof wanted, by_id);
	return at ? (long)(at - c->categories) : -1;
}

void
coco_close(struct coco *c)
{
	if (c->path && c->fd >= 0)
		close(c->fd);
	free(c->path);
	free(c->images);
	free(c->annotations);
	free(c->order);
	free(c->categories);
	arena_free(&c->text);
	*c = (struct coco){ 0 };
}
