/* batch - the images of one step and their annotations, decoded from records; mixup and cutmix */
#include "task/batch.h"
#include "annotation/boxes.h"
#include "annotation/image_class.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "model/config.h"
#include "stream/tensor.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
batch_open(struct batch *b, int size, const struct config *c, unsigned needs)
{
	const size_t pixels = (size_t)(c->image * c->image);

	*b = (struct batch){ .size = size, .S = (int)c->image, .grid = (int)(c->image / c->patch),
		.P = config_patches(c), .pixels = config_pixels(c),
		.masked = needs & BATCH_MASKS ? config_masked(c) : 0, .classes = (int)c->classes };
	assert(size > 0 && b->S > 0 && b->P > 0 && b->masked >= 0 && b->masked <= b->P);
	b->image_bytes = pixels * (size_t)patch_pixel_bytes(&b->pixels);
	b->images = mem_array((size_t)size, b->image_bytes);
	b->student_images = needs & BATCH_STUDENT_IMAGE ? mem_array((size_t)size, b->image_bytes) : NULL;
	b->masks = needs & BATCH_MASKS ? mem_array((size_t)size, (size_t)b->P) : NULL;
	b->class = needs & BATCH_CLASS ? mem_array((size_t)size, sizeof *b->class) : NULL;
	b->boxes = needs & BATCH_BOXES ? mem_array((size_t)size, sizeof *b->boxes) : NULL;
	b->labels = needs & BATCH_LABELS ? mem_array((size_t)size, pixels) : NULL;
	b->keys = mem_array((size_t)size, sizeof *b->keys);
}

static int
put_image(struct batch *b, uint8_t *images, const char *field, int slot, const struct record *r)
{
	struct image image;

	if (image_read(r, field, &image) < 0 || patch_check(&b->pixels, image.channels, image.bytes) < 0)
		return -1;
	if (image.height != b->S || image.width != b->S)
		return err(ERR_DATA, "the model takes images of %dx%d, this one has %dx%d (use tscae-crop)",
		    b->S, b->S, image.height, image.width);
	memcpy(images + (size_t)slot * b->image_bytes, image.pixels, b->image_bytes);
	return 0;
}

static int
put_mask(struct batch *b, int slot, const struct record *r)
{
	const struct tensor *mask;
	const uint8_t *in;
	int i, count = 0;

	if (!record_get(r, "mask"))
		return err(ERR_DATA, "the record has no mask (use tscae-mask)");
	mask = record_tensor(r, "mask", TENSOR_U8, 2);
	if (!mask)
		return -1;
	if (mask->shape[0] != b->grid || mask->shape[1] != b->grid)
		return err(ERR_DATA,
		    "the model has %dx%d patches, the mask %ldx%ld (use the same patch size in tscae-mask --patch)",
		    b->grid, b->grid, mask->shape[0], mask->shape[1]);
	for (i = 0, in = mask->data; i < b->P; i++) {
		if (in[i] > 1)
			return err(ERR_DATA, "value %d in the mask (0: visible, 1: masked)", in[i]);
		count += in[i];
	}
	if (count != b->masked)
		return err(ERR_DATA,
		    "mask_ratio of the model masks %d patches, this mask %d (use the same tscae-mask --mask-ratio)",
		    b->masked, count);
	memcpy(b->masks + (size_t)slot * (size_t)b->P, in, (size_t)b->P);
	return 0;
}

static int
put_class(struct batch *b, int slot, const struct record *r)
{
	int64_t class;

	if (image_class_require(r, b->classes, &class) < 0)
		return -1;
	b->class[slot] = (int)class;
	return 0;
}

static int
put_labels(struct batch *b, int slot, const struct record *r)
{
	const struct tensor *labels = segmap_read(r, SEGMAP_GT, b->S, b->S, b->classes);

	if (!labels)
		return -1;
	memcpy(b->labels + (size_t)slot * tensor_bytes(labels), labels->data, tensor_bytes(labels));
	return 0;
}

static int
put_boxes(struct batch *b, int slot, const struct record *r)
{
	struct boxes from, *to = &b->boxes[slot];
	long i;

	if (boxes_read(&from, r, BOXES_GT, BOXES_BOX | BOXES_CLASS, b->classes) < 0)
		return -1;
	*to = boxes_new(&b->arena, BOXES_BOX | BOXES_CLASS | BOXES_FLAGS, from.count);
	for (i = 0; i < from.count; i++) {
		boxes_append(to, &from, i);
		if (!boxes_clip(to->box[to->count - 1], (float)b->S, (float)b->S))
			to->count--;
	}
	return 0;
}

int
batch_put_at(struct batch *b, int slot, const struct record *r)
{
	const size_t length = strlen(r->key);

	assert(slot >= 0 && slot < b->size);
	if (put_image(b, b->images, "image", slot, r) < 0 ||
	    (b->student_images && put_image(b, b->student_images, "student_image", slot, r) < 0) ||
	    (b->masks && put_mask(b, slot, r) < 0) ||
	    (b->class && put_class(b, slot, r) < 0) ||
	    (b->boxes && put_boxes(b, slot, r) < 0) || (b->labels && put_labels(b, slot, r) < 0))
		return -1;
	/* the end of a long key: there the names of images differ */
	snprintf(b->keys[slot], sizeof b->keys[0], "%s", length < sizeof b->keys[0] ? r->key
	    : r->key + length - sizeof b->keys[0] + 1);
	b->epoch = r->epoch;
	return 0;
}

int
batch_put(struct batch *b, const struct record *r)
{
	if (batch_put_at(b, b->N, r) < 0)
		return -1;
	b->N++;
	return 0;
}

/* The group of image i: returns its first image; *count: its number of images. */
static int
group_of(const struct batch *b, int i, int *count)
{
	int g = 0;

	if (!b->groups) {
		*count = b->N;
		return 0;
	}
	while (b->groups[g + 1] <= i)
		g++;
	*count = b->groups[g + 1] - b->groups[g];
	return b->groups[g];
}

void
batch_reset(struct batch *b)
{
	b->N = 0;
	arena_reset(&b->arena);
}

void
batch_close(struct batch *b)
{
	free(b->images);
	free(b->student_images);
	free(b->masks);
	free(b->class);
	free(b->boxes);
	free(b->labels);
	arena_free(&b->arena);
	free(b->keys);
	*b = (struct batch){ 0 };
}

static int
clamp(double x, int most)
{
	return x < 0 ? 0 : x > most ? most : (int)x;
}

static void
draw_rectangle(struct mix *m, struct rng *r, int S)
{
	const double size = S * sqrt(1 - (double)m->weight), y = S * rng_unit(r), x = S * rng_unit(r);

	m->top = clamp(round(y - size / 2), S);
	m->bottom = clamp(round(y + size / 2), S);
	m->left = clamp(round(x - size / 2), S);
	m->right = clamp(round(x + size / 2), S);
	m->weight = (float)(1 - (double)(m->bottom - m->top) * (m->right - m->left) / ((double)S * S));
}

struct mix
mix_draw(const struct batch *b, int i, double mixup, double cutmix)
{
	struct rng r = rng_at(b->seed, b->step, "mix", b->keys[i]);
	struct mix m = { .partner = i, .weight = 1 };
	int count, first = group_of(b, i, &count);

	if (count < 2 || (mixup <= 0 && cutmix <= 0))
		return m;
	m.partner = first + (int)((i - first + 1 + rng_below(&r, count - 1)) % count);
	m.paste = cutmix > 0 && (mixup <= 0 || rng_unit(&r) < 0.5);
	m.weight = (float)rng_beta(&r, m.paste ? cutmix : mixup, m.paste ? cutmix : mixup);
	if (m.paste)
		draw_rectangle(&m, &r, b->S);
	return m;
}

void
mix_image(const struct batch *b, int i, const struct mix *m, uint8_t *out)
{
	const size_t size = b->image_bytes, row = size / (size_t)b->S, pixel = row / (size_t)b->S;
	const uint8_t *own = b->images + (size_t)i * size, *other = b->images + (size_t)m->partner * size;
	size_t k;
	int y;

	if (m->paste || m->weight == 1) {
		memcpy(out, own, size);
		for (y = m->top; y < m->bottom; y++)
			memcpy(out + (size_t)y * row + pixel * (size_t)m->left,
			    other + (size_t)y * row + pixel * (size_t)m->left, pixel * (size_t)(m->right - m->left));
		return;
	}
	if (b->pixels.bytes == 2)
		for (k = 0; k < size / 2; k++)
			((uint16_t *)(void *)out)[k] = (uint16_t)(m->weight * ((const uint16_t *)(const void *)own)[k] +
			    (1 - m->weight) * ((const uint16_t *)(const void *)other)[k] + 0.5f);
	for (k = 0; k < size && b->pixels.bytes == 1; k++)
		out[k] = (uint8_t)(m->weight * own[k] + (1 - m->weight) * other[k] + 0.5f);
}
