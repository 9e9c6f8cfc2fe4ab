/* synth_write - write a synthetic dataset as files, in layouts that other programs read

   VOC: the PASCAL Visual Object Classes development kit, 2012 (layout of VOCdevkit/VOC2012). */
#include "dataset/synth_write.h"
#include "base/file.h"
#include "codec/image.h"
#include "codec/save.h"
#include "transform/color.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *
split_of(const struct synth_write *w, long number)
{
	return synth_held_out(&w->synth, number, w->held_out) ? "val" : "train";
}

/* Both free the path. */
static int
directory(char *path)
{
	int result = file_directory(path);

	free(path);
	return result;
}

static int
save(char *path, const void *bytes, size_t size)
{
	int result = file_save(path, bytes, size, false);

	free(path);
	return result;
}

int
synth_write_folders(const struct synth_write *w)
{
	static const char *const voc[] = { "JPEGImages", "Annotations", "SegmentationClass", "SegmentationObject",
		"ImageSets/Main", "ImageSets/Segmentation" };
	size_t i;
	int k, bad = 0;

	for (i = 0; w->layout == SYNTH_WRITE_VOC && i < sizeof voc / sizeof *voc && !bad; i++)
		bad = directory(mem_format("%s/%s", w->folder, voc[i]));
	for (k = 0; w->layout == SYNTH_WRITE_FOLDERS && k < 2 * w->synth.classes && !bad; k++)
		bad = directory(mem_format("%s/%s/%s", w->folder, k % 2 ? "val" : "train", synth_classes[k / 2]));
	return bad;
}

/* The annotation of an image in the format of the development kit; free() it. */
static char *
annotation(const struct synth_write *w, long number, const struct synth_scene *s, size_t *size)
{
	struct mem_stream m;
	int i;

	mem_stream_open(&m);
	fprintf(m.file, "<annotation>\n\t<folder>synth</folder>\n\t<filename>%06ld.jpg</filename>\n"
		"\t<source>\n\t\t<database>tscae-synth</database>\n\t\t<annotation>tscae-synth</annotation>\n"
		"\t\t<image>tscae-synth</image>\n\t</source>\n\t<size>\n\t\t<width>%d</width>\n"
		"\t\t<height>%d</height>\n"
		"\t\t<depth>3</depth>\n\t</size>\n\t<segmented>1</segmented>\n", number, w->synth.width,
		w->synth.height);
	for (i = 0; i < s->count; i++) {
		const struct synth_object *o = &s->object[i];

		fprintf(m.file,
			"\t<object>\n\t\t<name>%s</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>%d</truncated>\n"
			"\t\t<occluded>%d</occluded>\n\t\t<difficult>%d</difficult>\n\t\t<bndbox>\n"
			"\t\t\t<xmin>%d</xmin>\n"
			"\t\t\t<ymin>%d</ymin>\n\t\t\t<xmax>%d</xmax>\n\t\t\t<ymax>%d</ymax>\n\t\t</bndbox>\n"
			"\t</object>\n",
			synth_classes[o->class], o->truncated, o->occluded, o->difficult, o->left, o->top, o->right,
			o->bottom);
	}
	fputs("</annotation>\n", m.file);
	mem_stream_close(&m);
	*size = m.size;
	return m.text;
}

static int
save_segmentation_map(const struct synth_write *w, const char *folder, long number, struct arena *a,
	const struct image *p)
{
	uint8_t palette[256][3];
	size_t size;
	void *bytes;

	color_voc(palette);
	bytes = save_png(a, p, (const uint8_t (*)[3])palette, &size);
	return save(mem_format("%s/%s/%06ld.png", w->folder, folder, number), bytes, size);
}

int
synth_write_image(const struct synth_write *w, long number, struct arena *a, struct synth_scene *out)
{
	char *text;
	size_t size;
	void *bytes;
	int bad;

	arena_reset(a);
	synth_draw(&w->synth, number, a, out);
	bytes = save_jpeg(a, &out->image, w->quality, &size);
	if (w->layout == SYNTH_WRITE_FOLDERS)
		return save(mem_format("%s/%s/%s/%06ld.jpg", w->folder, split_of(w, number),
			synth_classes[number % w->synth.classes], number), bytes, size);
	if (save(mem_format("%s/JPEGImages/%06ld.jpg", w->folder, number), bytes, size) < 0)
		return -1;
	text = annotation(w, number, out, &size);
	bad = save(mem_format("%s/Annotations/%06ld.xml", w->folder, number), text, size);
	free(text);
	return bad < 0 || save_segmentation_map(w, "SegmentationClass", number, a, &out->labels) < 0 ||
		save_segmentation_map(w, "SegmentationObject", number, a, &out->instances) < 0 ? -1 : 0;
}

/* Write one list: the names of a split (NULL: all); for a class, each followed by 1, 0 (difficult only) or -1. */
static int
write_list(const struct synth_write *w, const char *folder, const char *split, int class, long count,
	const unsigned char *present)
{
	static const char *const mark[] = { "-1", " 0", " 1" };
	struct mem_stream m;
	long i;
	int bad;

	mem_stream_open(&m);
	for (i = 0; i < count; i++) {
		if (split && *split != *split_of(w, i))
			continue;
		fprintf(m.file, "%06ld", i);
		if (class >= 0)
			fprintf(m.file, " %s", mark[present[i * w->synth.classes + class]]);
		fputc('\n', m.file);
	}
	mem_stream_close(&m);
	bad = save(mem_format("%s/ImageSets/%s/%s%s%s.txt", w->folder, folder, class >= 0 ? synth_classes[class] : "",
		class >= 0 ? "_" : "", split ? split : "trainval"), m.text, m.size);
	free(m.text);
	return bad;
}

int
synth_write_lists(const struct synth_write *w, long count, const unsigned char *present)
{
	static const char *const splits[] = { "train", "val", NULL };
	int i, class;

	for (i = 0; i < 3; i++) {
		if (write_list(w, "Segmentation", splits[i], -1, count, present) < 0)
			return -1;
		for (class = -1; class < w->synth.classes; class++)
			if (write_list(w, "Main", splits[i], class, count, present) < 0)
				return -1;
	}
	return 0;
}
