/* decode_webp - WebP through libwebp: still images, and a frame of an animation, drawn over those before it

   A still image is decoded as its bytes come, so that one that is cut short keeps its first rows. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/mux_types.h>

enum { RIFF_HEADER = 8 };

/* Read orientation and the size that the file should have. */
static void
read_container(struct decode_job *job)
{
	const unsigned char *p = job->bytes;
	const double stated = p[4] + 256.0 * p[5] + 65536.0 * p[6] + 16777216.0 * p[7] + RIFF_HEADER;
	const WebPData data = { job->bytes, job->size };
	WebPDemuxer *d = WebPDemux(&data);
	WebPChunkIterator chunk;

	if (d && WebPDemuxGetChunk(d, "EXIF", 1, &chunk)) {
		const uint8_t *tiff = chunk.chunk.bytes;
		const size_t skip = chunk.chunk.size >= 6 && memcmp(tiff, "Exif\0\0", 6) == 0 ? 6 : 0;

		job->report.orientation = decode_job_orientation(tiff + skip, chunk.chunk.size - skip);
		WebPDemuxReleaseChunkIterator(&chunk);
	}
	if (d && !job->options->page && WebPDemuxGetI(d, WEBP_FF_FRAME_COUNT) > 1)
		job->report.more = (long)WebPDemuxGetI(d, WEBP_FF_FRAME_COUNT) - 1;
	WebPDemuxDelete(d);
	if (stated > (double)job->size + 1)
		decode_job_damage(job, DECODE_REPAIRED, "the end of the file is missing");
}

/* Copy a frame, which has four channels. */
static void
copy_frame(struct decode_job *job, const uint8_t *pixels, struct decode_layout layout)
{
	const size_t width = (size_t)job->image.width;
	uint8_t *three = arena_array(job->arena, width, 3);
	int y;

	for (y = 0; y < job->image.height; y++) {
		const uint8_t *row = pixels + (size_t)y * width * 4;
		size_t x;

		for (x = 0; layout.channels == 3 && x < width; x++)
			memcpy(three + 3 * x, row + 4 * x, 3);
		decode_job_row(job, y, layout.channels == 3 ? three : row, layout);
	}
}

static void
close_animation(void *state)
{
	WebPAnimDecoderDelete(state);
}

/* Draw the frames up to that of the options: all, or those after the last one of the cursor, whose state is a
   decoder. */
static int
read_frame(struct decode_job *job, struct decode_layout layout, struct decode_cursor *c, double memory)
{
	const WebPData data = { job->bytes, job->size };
	const int last = job->options->page > 1 ? job->options->page : 1;
	WebPAnimDecoderOptions options;
	uint8_t *pixels = NULL;
	int time;

	if (!WebPAnimDecoderOptionsInit(&options))
		return err(ERR_OS, "libwebp does not start");
	if (c->state && c->frame >= last) {
		WebPAnimDecoderReset(c->state);
		c->frame = 0;
	}
	if (!c->state) {
		c->state = WebPAnimDecoderNew(&data, &options);
		c->close = close_animation;
		c->memory = memory;
		c->frame = 0;
	}
	while (c->frame < last && c->state && WebPAnimDecoderGetNext(c->state, &pixels, &time))
		c->frame++;
	if (c->frame == last) {
		copy_frame(job, pixels, layout);
		return 0;
	}
	err(ERR_DATA, "frame %d of the animation is damaged, cut short or not there", c->frame + 1);
	return decode_job_bad_frame(job, c->frame + 1);
}

static int
read_animation(struct decode_job *job, struct decode_layout layout, double memory)
{
	struct decode_cursor once = { 0 };
	int result;

	if (job->options->cursor)
		return read_frame(job, layout, job->options->cursor, memory);
	result = read_frame(job, layout, &once, memory);
	decode_cursor_free(&once, NULL);
	return result;
}

static int
read_still(struct decode_job *job, struct decode_layout layout, WebPDecoderConfig *config)
{
	const size_t stride = (size_t)job->image.width * (size_t)layout.channels;
	uint8_t *pixels = arena_array(job->arena, stride, (size_t)job->image.height);
	WebPIDecoder *d;
	VP8StatusCode status;
	int rows = 0, y;

	config->output.colorspace = layout.channels == 4 ? MODE_RGBA : MODE_RGB;
	config->output.is_external_memory = 1;
	config->output.u.RGBA.rgba = pixels;
	config->output.u.RGBA.stride = (int)stride;
	config->output.u.RGBA.size = stride * (size_t)job->image.height;
	d = WebPIDecode(NULL, 0, config);
	if (!d)
		mem_none();
	status = WebPIUpdate(d, job->bytes, job->size);
	if (status == VP8_STATUS_OK)
		rows = job->image.height;
	else
		WebPIDecGetRGB(d, &rows, NULL, NULL, NULL);
	for (y = 0; y < rows; y++)
		decode_job_row(job, y, pixels + (size_t)y * stride, layout);
	WebPIDelete(d);
	if (status == VP8_STATUS_OK)
		return 0;
	if (status == VP8_STATUS_OUT_OF_MEMORY)
		mem_none();
	if (!job->begun)
		return err(ERR_DATA,
		    status == VP8_STATUS_SUSPENDED ? "the WebP file is cut short" : "the WebP file is damaged");
	decode_job_damage(job, DECODE_DAMAGED,
	    status == VP8_STATUS_SUSPENDED ? "the WebP file is cut short" : "the WebP file is damaged");
	return 0;
}

int
decode_webp(struct decode_job *job)
{
	WebPDecoderConfig config;
	struct decode_layout layout = { 3, 3, 1 };
	double pixels, memory;

	if (decode_job_check_frame(job, job->options->page) < 0)
		return -1;
	if (!WebPInitDecoderConfig(&config))
		return err(ERR_OS, "libwebp does not start");
	if (WebPGetFeatures(job->bytes, job->size, &config.input) != VP8_STATUS_OK)
		return err(ERR_DATA, "a WebP file without image header");
	if (decode_job_size(job, config.input.width, config.input.height) < 0)
		return -1;
	if (job->options->channels && config.input.has_alpha)
		layout.channels = 4;
	/* beside the rows: the decoder's own image, of four bytes a pixel if lossless; two canvases and a frame for
	   animations */
	pixels = (double)config.input.width * config.input.height;
	memory = pixels * (config.input.has_animation ? 16 : layout.channels + 4);
	if (decode_job_memory(job, config.input.width, config.input.height, memory) < 0 ||
		decode_job_begin(job, config.input.width, config.input.height, layout) < 0)
		return -1;
	read_container(job);
	return config.input.has_animation ? read_animation(job, layout, memory) : read_still(job, layout, &config);
}

long
decode_webp_pages(struct decode_job *job, bool *damaged, int64_t **at)
{
	const WebPData data = { job->bytes, job->size };
	WebPDemuxer *d = WebPDemux(&data);
	WebPBitstreamFeatures features;
	const long frames = d ? (long)WebPDemuxGetI(d, WEBP_FF_FRAME_COUNT) : 1;

	*damaged = !d && WebPGetFeatures(job->bytes, job->size, &features) == VP8_STATUS_OK && features.has_animation;
	WebPDemuxDelete(d);
	(void)at;
	*damaged |= frames > DECODE_FRAMES_MAX;
	return frames < DECODE_FRAMES_MAX ? frames : DECODE_FRAMES_MAX;
}
