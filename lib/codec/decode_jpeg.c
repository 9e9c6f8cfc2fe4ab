/* decode_jpeg - JPEG through the libjpeg API

   Not TurboJPEG: its handle is unusable after an unreadable header. Here errors leave by longjmp, and each image has
   its own decompressor: a reused one keeps quantization and Huffman tables, and an image without tables would depend on
   the previous image. The progress monitor limits the number of scans: a few KB of scans can take hours. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"
#include "codec/image.h"

#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <jerror.h>
#include <jpeglib.h>

enum {
	/* requested at a time: libjpeg returns those of one row of blocks, and fewer calls are needed */
	ROWS = 8,
	ODD = 1,	/* bytes after an aligned address */
	/* Encoders write at most 14 scans. Each further one costs a pass over the image and must be paid by bytes of
	   the file. */
	FREE_SCANS = 16,
	SCAN_EXPANSION = 1000	/* pixels of further scans for each byte of the file */
};

struct decode_jpeg {
	struct jpeg_decompress_struct info;	/* first: libjpeg passes its address back */
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf out;	/* where errors go */
	char text[JMSG_LENGTH_MAX];
	struct decode_job *job;
	struct decode_layout layout;	/* of the rows, after ink is converted */
	bool plain;	/* the rows are those of the image */
};

static struct decode_jpeg *
decoder_of(j_common_ptr info)
{
	return (struct decode_jpeg *)info;
}

static void
fail(j_common_ptr info)
{
	info->err->format_message(info, decoder_of(info)->text);
	longjmp(decoder_of(info)->out, 1);
}

/* Warnings without a lost pixel. A Huffman decoder that needs bits beyond the end of the file gives a second warning,
	which is damage; an arithmetic decoder does not. Every other warning is damage. */
static enum decode_damage
class_of(int code, bool arithmetic)
{
	static const int tolerable[] = { JWRN_ADOBE_XFORM, JWRN_EXTRANEOUS_DATA, JWRN_JFIF_MAJOR, JWRN_BOGUS_ICC,
	    JWRN_TOO_MUCH_DATA };
	size_t i;

	for (i = 0; i < sizeof tolerable / sizeof *tolerable; i++)
		if (tolerable[i] == code)
			return DECODE_TOLERABLE;
	return code == JWRN_JPEG_EOF && !arithmetic ? DECODE_REPAIRED : DECODE_DAMAGED;
}

static void
warned(j_common_ptr info, int level)
{
	char text[JMSG_LENGTH_MAX];

	if (level >= 0)
		return;
	info->err->num_warnings++;
	info->err->format_message(info, text);
	decode_job_damage(decoder_of(info)->job, class_of(info->err->msg_code, decoder_of(info)->info.arith_code),
	    text);
}

static void
silent(j_common_ptr info)
{
	(void)info;
}

static void
watch(j_common_ptr info)
{
	struct decode_jpeg *j = decoder_of(info);

	const double further = j->info.input_scan_number - FREE_SCANS;

	if (j->info.input_scan_number > j->job->options->max_scans) {
		snprintf(j->text, sizeof j->text, "more than %ld scans", j->job->options->max_scans);
		longjmp(j->out, 1);
	}
	if (further * j->info.image_width * j->info.image_height > SCAN_EXPANSION * (double)j->job->size) {
		snprintf(j->text, sizeof j->text, "%d scans of %ux%u pixels in %zu bytes", j->info.input_scan_number,
		    j->info.image_width,
			j->info.image_height, j->job->size);
		longjmp(j->out, 1);
	}
}

static int
orientation(const struct jpeg_decompress_struct *info)
{
	jpeg_saved_marker_ptr m;

	for (m = info->marker_list; m; m = m->next)
		if (m->data_length >= 6 && memcmp(m->data, "Exif\0\0", 6) == 0)
			return decode_job_orientation(m->data + 6, m->data_length - 6);
	return 1;
}

/* Ink to RGB in place. 255 - C etc. are stored: Adobe's convention, which Pillow assumes, too. */
static void
cmyk_row(uint8_t *row, int width)
{
	const uint8_t *from = row;
	int x;

	for (x = 0; x < width; x++, from += 4, row += 3)
		decode_job_ink(row, (uint8_t)(255 - from[0]), (uint8_t)(255 - from[1]), (uint8_t)(255 - from[2]),
		    from[3]);
}

/* Check what the scans of the file cost. A file that is not read scan by scan needs memory for the coefficients of
   the whole image, and an image of that many blocks has at least one bit for each in the first scan. */
static int
limit(struct decode_jpeg *j, double width, double height)
{
	const struct jpeg_decompress_struct *info = &j->info;
	double blocks = 0;
	int c;

	for (c = 0; c < info->num_components; c++)
		blocks += (double)info->comp_info[c].width_in_blocks * info->comp_info[c].height_in_blocks;
	if (!jpeg_has_multiple_scans(&j->info))
		return decode_job_memory(j->job, width, height, 0);
	if (!info->arith_code && blocks > 8 * (double)j->job->size)
		return err(ERR_DATA, "cut short: %zu bytes cannot hold the %.0f blocks of %ux%u pixels",
		    j->job->size, blocks,
			info->image_width, info->image_height);
	return decode_job_memory(j->job, width, height, blocks * DCTSIZE2 * sizeof(JCOEF));
}

static int
prepare(struct decode_jpeg *j)
{
	struct jpeg_decompress_struct *info = &j->info;
	struct decode_job *job = j->job;
	int shorter = (int)(info->image_width < info->image_height ? info->image_width : info->image_height),
		denominator;

	job->report.orientation = orientation(info);
	if (info->num_components != 1 && info->num_components != 3 && info->num_components != 4)
		return err(ERR_DATA, "a JPEG of %d components", info->num_components);
	if (decode_job_size(job, info->image_width, info->image_height) < 0)
		return -1;
	info->out_color_space = info->num_components == 4 ? JCS_CMYK : JCS_RGB;
	info->dct_method = JDCT_ISLOW;
	info->do_fancy_upsampling = TRUE;
	for (denominator = 8; denominator > 1; denominator /= 2)
		if (job->options->side > 0 && shorter / denominator >= job->options->side)
			break;
	info->scale_num = 1;
	info->scale_denom = (unsigned)denominator;
	/* ink stays ink only if four channels are requested */
	j->layout = (struct decode_layout){ 3, 3, 1 };
	if (info->num_components == 4 && job->options->channels == 4)
		j->layout = (struct decode_layout){ 4, 0, 1 };
	j->plain = !job->options->deep && !job->options->channels;
	return limit(j, ceil((double)info->image_width / denominator), ceil((double)info->image_height / denominator));
}

/* Decode into a few rows that stay in the cache and begin at odd addresses: libjpeg-turbo writes rows at multiples of
   32 bytes past the cache and waits for the memory after each, which takes a third of the time of a 64x64 image. */
static void
read_rows(struct decode_jpeg *j)
{
	struct jpeg_decompress_struct *info = &j->info;
	struct image *p = &j->job->image;
	const bool cmyk = info->num_components == 4;
	const size_t stride = ((size_t)p->width * (cmyk ? 4 : 3) + 1) / 2 * 2;
	struct arena_mark mark = arena_mark(j->job->arena);
	uint8_t *some = (uint8_t *)arena_get(j->job->arena,
	    mem_sum(mem_product(stride, ROWS), ODD)) + ODD;

	while (info->output_scanline < info->output_height) {
		const int first = (int)info->output_scanline, left = (int)info->output_height - first,
			wanted = left < ROWS ? left : ROWS;
		JSAMPROW rows[ROWS];
		int i, got;

		for (i = 0; i < wanted; i++)
			rows[i] = some + (size_t)i * stride;
		got = (int)jpeg_read_scanlines(info, rows, (JDIMENSION)wanted);
		for (i = 0; i < got; i++) {
			if (cmyk && j->layout.channels == 3)
				cmyk_row(rows[i], p->width);
			if (j->plain)
				memcpy(image_row(p, first + i), rows[i], p->stride);
			else
				decode_job_row(j->job, first + i, rows[i], j->layout);
		}
		j->job->begun = true;
	}
	arena_release(j->job->arena, mark);
}

/* Whether the scans before the end of the file hold every component and, if progressive, every bit of its
   coefficients. */
static bool
has_all_scans(const struct jpeg_decompress_struct *info)
{
	int c, k;

	for (c = 0; c < info->num_components; c++) {
		if (!info->comp_info[c].quant_table)
			return false;
		for (k = 0; info->coef_bits && k < DCTSIZE2; k++)
			if (info->coef_bits[c][k] != 0)
				return false;
	}
	return true;
}

static int
read_image(struct decode_jpeg *j)
{
	jpeg_save_markers(&j->info, JPEG_APP0 + 1, 0xffff);
	jpeg_mem_src(&j->info, j->job->bytes, j->job->size);
	jpeg_read_header(&j->info, TRUE);
	if (jpeg_has_multiple_scans(&j->info))
		j->info.progress = &j->progress;
	if (prepare(j) < 0)
		return -1;
	jpeg_start_decompress(&j->info);
	if (j->plain)
		j->job->image = image_new(j->job->arena, (int)j->info.output_width, (int)j->info.output_height, 3);
	else if (decode_job_begin(j->job, (int)j->info.output_width, (int)j->info.output_height, j->layout) < 0)
		return -1;
	read_rows(j);
	if (j->job->report.damage == DECODE_REPAIRED && !has_all_scans(&j->info))
		decode_job_damage(j->job, DECODE_DAMAGED, "cut short between two scans");
	jpeg_finish_decompress(&j->info);
	return 0;
}

int
decode_jpeg(struct decode_job *job)
{
	struct decode_jpeg j = { .job = job };
	int result;

	j.info.err = jpeg_std_error(&j.errors);
	j.errors.error_exit = fail;
	j.errors.emit_message = warned;
	j.errors.output_message = silent;
	j.progress.progress_monitor = watch;
	if (setjmp(j.out)) {
		const int rows = (int)j.info.output_scanline;

		jpeg_destroy_decompress(&j.info);
		if (!job->begun)
			return err(ERR_DATA, "%s", j.text);
		if (rows == job->image.height) {
			decode_job_damage(job, DECODE_REPAIRED, j.text);
			return 0;
		}
		memset(image_row(&job->image, rows), 0, (size_t)(job->image.height - rows) * job->image.stride);
		decode_job_damage(job, DECODE_DAMAGED, j.text);
		return 0;
	}
	jpeg_create_decompress(&j.info);
	result = read_image(&j);
	jpeg_destroy_decompress(&j.info);
	return result;
}
