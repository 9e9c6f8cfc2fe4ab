/* restore - predictions back to pixels of the image as it was decoded */
#include "annotation/restore.h"
#include "base/err.h"
#include "stream/reader.h"

#include <math.h>
#include <string.h>

enum { NOTHING = 255 };

/* Tensors that stay, with their places or because they speak of the whole image. */
static const struct kept { const char *name; enum tensor_type type; int rank; long columns; } kept[] = {
	{ "predicted_boxes", TENSOR_F32, 2, 4 },
	{ "predicted_box_class", TENSOR_I32, 1, 0 },
	{ "predicted_box_score", TENSOR_F32, 1, 0 },
	{ "predicted_labels", TENSOR_U8, 2, 0 },
	{ "class_score", TENSOR_F32, 1, 0 },
	{ NULL }
};
enum { BOXES, CLASS, SCORE, LABELS };

static bool
stays(const char *name)
{
	const struct kept *k;

	for (k = kept; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return true;
	return false;
}

int
restore_header(struct header *h)
{
	const struct kept *k;
	int i;

	if (!header_field(h, "transform") || !header_field(h, "source_size"))
		return err(ERR_DATA, "the images of this stream were not moved: it has no transform (tscae-crop adds one)");
	header_set_kind(h, "label");
	for (i = h->field_count - 1; i >= 0; i--)
		if (!stays(h->fields[i].name))
			header_drop_field(h, h->fields[i].name);
	for (k = kept; k <= kept + LABELS; k++)
		if (header_field(h, k->name))
			header_put_field(h, k->name, k->type, k->rank, (long[2]){ 0, k->columns });
	header_put_field(h, "size", TENSOR_I32, 1, (long[1]){ 2 });
	record_drop(&h->extra, "crop");
	return 0;
}

struct way { double map[4]; int height, width; };

static int
take_way(const struct record *r, struct way *w)
{
	const struct tensor *t = record_tensor(r, "transform", TENSOR_F64, 1), *s = t ? record_tensor(r, "source_size", TENSOR_I32, 1) : NULL;

	if (!t || !s)
		return -1;
	if (t->shape[0] != 4 || s->shape[0] != 2)
		return err(ERR_DATA, "transform and source_size have %ld and %ld numbers, not 4 and 2", t->shape[0], s->shape[0]);
	memcpy(w->map, t->data, sizeof w->map);
	w->height = ((const int32_t *)s->data)[0];
	w->width = ((const int32_t *)s->data)[1];
	if (!isfinite(w->map[0]) || !isfinite(w->map[2]) || !isnormal(w->map[1]) || !isnormal(w->map[3]) || w->map[3] < 0)
		return err(ERR_DATA, "transform %g %g %g %g leads nowhere", w->map[0], w->map[1], w->map[2], w->map[3]);
	if (w->height < 1 || w->width < 1 || (size_t)w->height * (size_t)w->width > STREAM_BINARY_MAX)
		return err(ERR_DATA, "source_size is %d x %d", w->height, w->width);
	return 0;
}

/* One direction back, cut to the image. */
static void
back(double offset, double scale, float from, float to, int most, float *low, float *high)
{
	const double a = (from - offset) / scale, b = (to - offset) / scale;

	*low = (float)fmin(fmax(fmin(a, b), 0), most);
	*high = (float)fmin(fmax(fmax(a, b), 0), most);
}

static int
restore_boxes(struct record *r, const struct way *w)
{
	const struct tensor *t[3] = { NULL };
	char *rows[3];
	long i, k, n, count = 0;

	for (k = BOXES; k <= SCORE; k++) {
		if (!record_get(r, kept[k].name))
			continue;
		t[k] = record_tensor(r, kept[k].name, kept[k].type, kept[k].rank);
		if (!t[k])
			return -1;
		if (!t[BOXES] || t[k]->shape[0] != t[BOXES]->shape[0] || t[BOXES]->shape[1] != 4)
			return err(ERR_DATA, "field \"%s\" does not belong to the boxes that were predicted", kept[k].name);
	}
	n = t[BOXES] ? t[BOXES]->shape[0] : 0;
	for (k = BOXES; k <= SCORE; k++)
		rows[k] = t[k] ? arena_copy(&r->arena, t[k]->data, tensor_bytes(t[k])) : NULL;
	for (i = 0; i < n; i++) {
		const float *from = (const float *)t[BOXES]->data + 4 * i;
		float *to = (float *)rows[BOXES] + 4 * count;

		if (!isfinite(from[0]) || !isfinite(from[1]) || !isfinite(from[2]) || !isfinite(from[3]))
			return err(ERR_DATA, "predicted box %ld is not of finite numbers", i);
		back(w->map[0], w->map[1], from[0], from[2], w->width, &to[0], &to[2]);
		back(w->map[2], w->map[3], from[1], from[3], w->height, &to[1], &to[3]);
		if (!(to[2] > to[0] && to[3] > to[1]))
			continue;
		for (k = CLASS; k <= SCORE; k++)
			if (rows[k])
				memcpy(rows[k] + 4 * count, (const char *)t[k]->data + 4 * i, 4);
		count++;
	}
	for (k = BOXES; k <= SCORE; k++)
		if (rows[k])
			memcpy(record_put_tensor(r, kept[k].name, kept[k].type, kept[k].rank, (long[2]){ count, 4 }), rows[k], (size_t)count * (k == BOXES ? 16 : 4));
	return 0;
}

static int
restore_labels(struct record *r, const struct way *w)
{
	const struct tensor *t, *image = record_get(r, "image") ? record_tensor(r, "image", TENSOR_U8, 3) : NULL;
	const uint8_t *from;
	uint8_t *to;
	long height, width;
	int x, y;

	if (!record_get(r, "predicted_labels"))
		return 0;
	t = record_tensor(r, "predicted_labels", TENSOR_U8, 2);
	if (!t || (record_get(r, "image") && !image))
		return -1;
	from = t->data;
	height = t->shape[0];
	width = t->shape[1];
	if (image && (image->shape[0] != height || image->shape[1] != width))
		return err(ERR_DATA, "predicted_labels are %ldx%ld, the image is %ldx%ld", height, width, image->shape[0], image->shape[1]);
	to = record_put_tensor(r, "predicted_labels", TENSOR_U8, 2, (long[2]){ w->height, w->width });
	for (y = 0; y < w->height; y++)
		for (x = 0; x < w->width; x++) {
			const double u = floor(w->map[0] + w->map[1] * (x + 0.5)), v = floor(w->map[2] + w->map[3] * (y + 0.5));

			*to++ = u >= 0 && v >= 0 && u < (double)width && v < (double)height ? from[(long)v * width + (long)u] : NOTHING;
		}
	return 0;
}

int
restore_record(struct record *r)
{
	struct way w;
	int i;

	if (take_way(r, &w) < 0 || restore_boxes(r, &w) < 0 || restore_labels(r, &w) < 0)
		return -1;
	for (i = r->count - 1; i >= 0; i--)
		if (r->fields[i].value.kind == VALUE_TENSOR && !stays(r->fields[i].name))
			record_drop(r, r->fields[i].name);
	record_drop(r, "flip");
	memcpy(record_put_tensor(r, "size", TENSOR_I32, 1, (long[1]){ 2 }), (int32_t[2]){ w.height, w.width }, 2 * sizeof(int32_t));
	return 0;
}
