/* decode_format - the table of image formats: suffixes, first bytes, which decoder

   A format without decoder is recognized, so that its files are counted as skipped and their name is in the message.
   The decoders themselves are in decode.c: tools that only recognize images are not linked with their libraries. */
#include "codec/decode_format.h"
#include "codec/decode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAGIC(text) { text, sizeof(text) - 1, 0 }
#define MAGIC_AT(offset, text) { text, sizeof(text) - 1, offset }

/* All formats; the last has no name. */
static const struct decode_format table[] = {
	{ "JPEG", "jpg jpeg jpe jfif", { MAGIC("\xff\xd8") }, DECODER_JPEG, .lossy = true },
	{ "PNG", "png", { MAGIC("\x89PNG\r\n\x1a\n") }, DECODER_PNG, .maps = true },
	{ "WebP", "webp", { MAGIC("RIFF????WEBP") }, DECODER_WEBP, .lossy = true },
	{ "camera raw", "cr2 cr3 nef arw dng raf rw2 orf", { MAGIC("II*\0????CR\2"), MAGIC_AT(4, "ftypcrx "),
	    MAGIC("FUJIFILMCCD-RAW"),
		MAGIC("IIRO\x08\0\0\0"), MAGIC("IIU\0") } },
	{ "TIFF", "tif tiff", { MAGIC("II*\0"), MAGIC("MM\0*"), MAGIC("II+\0\x08\0\0\0"), MAGIC("MM\0+\0\x08\0\0") },
	    DECODER_TIFF },
	{ "BMP", "bmp dib", { MAGIC("BM????\0\0\0\0????\x28\0\0\0"), MAGIC("BM????\0\0\0\0????\x0c\0\0\0"),
		MAGIC("BM????\0\0\0\0????\x34\0\0\0"), MAGIC("BM????\0\0\0\0????\x38\0\0\0"),
		    MAGIC("BM????\0\0\0\0????\x40\0\0\0"),
		MAGIC("BM????\0\0\0\0????\x6c\0\0\0"), MAGIC("BM????\0\0\0\0????\x7c\0\0\0") }, DECODER_BMP },
	{ "GIF", "gif", { MAGIC("GIF87a"), MAGIC("GIF89a") }, DECODER_GIF },
	{ "PNM", "ppm pgm pbm pnm", { MAGIC("P1"), MAGIC("P2"), MAGIC("P3"), MAGIC("P4"), MAGIC("P5"), MAGIC("P6") },
	    DECODER_PNM, .weak = true },
	{ "PAM or PFM", "pam pfm", { MAGIC("P7\n"), MAGIC("PF\n"), MAGIC("Pf\n") }, .weak = true },
	{ "AVIF", "avif avifs", { MAGIC_AT(4, "ftypavif"), MAGIC_AT(4, "ftypavis") } },
	{ "HEIC", "heic heif hif", { MAGIC_AT(4, "ftypheic"), MAGIC_AT(4, "ftypheix"), MAGIC_AT(4, "ftyphevc"),
	    MAGIC_AT(4, "ftypmif1"),
		MAGIC_AT(4, "ftypmsf1"), MAGIC_AT(4, "ftypheim") } },
	{ "JPEG XL", "jxl", { MAGIC("\xff\x0a"), MAGIC("\0\0\0\x0cJXL \r\n\x87\n") } },
	{ "JPEG 2000", "jp2 j2k j2c jpx jpf", { MAGIC("\0\0\0\x0cjP  \r\n\x87\n"), MAGIC("\xff\x4f\xff\x51") } },
	{ "Photoshop", "psd psb", { MAGIC("8BPS\0") } },
	{ "OpenEXR", "exr", { MAGIC("v/1\1") } },
	{ "Radiance HDR", "hdr", { MAGIC("#?RADIANCE"), MAGIC("#?RGBE") } },
	{ "DICOM", "dcm dicom", { MAGIC_AT(128, "DICM") } },
	{ "FITS", "fits fit fts", { MAGIC("SIMPLE  =") } },
	{ "JPEG XR", "jxr wdp hdp", { MAGIC("II\xbc\1") } },
	{ "DirectDraw", "dds", { MAGIC("DDS ") } },
	{ "QOI", "qoi", { MAGIC("qoif") } },
	{ "icon", "ico cur", { MAGIC("\0\0\1\0") } },
	{ "Targa", "tga", { { 0 } } },
	{ "SVG", "svg svgz", { MAGIC("<svg") }, .weak = true },
	{ 0 }
};

static bool
matches(const struct decode_magic *m, const unsigned char *bytes, size_t size)
{
	int i;

	if (size < (size_t)(m->offset + m->size))
		return false;
	for (i = 0; i < m->size; i++)
		if (m->bytes[i] != '?' && bytes[m->offset + i] != (unsigned char)m->bytes[i])
			return false;
	return true;
}

const struct decode_format *
decode_format(const void *bytes, size_t size)
{
	const struct decode_format *f;
	const struct decode_magic *m;

	for (f = table; f->name; f++)
		for (m = f->magic; m->size; m++)
			if (matches(m, bytes, size))
				return f;
	return NULL;
}

bool
decode_is_image(const void *bytes, size_t size)
{
	const struct decode_format *f = decode_format(bytes, size);

	return f && !f->weak;
}

/* The format with the suffix of a name; NULL: none. */
static const struct decode_format *
by_suffix(const char *name)
{
	const char *dot = strrchr(name, '.'), *at;
	const struct decode_format *f;
	const size_t n = dot ? strlen(dot + 1) : 0;

	if (n == 0 || dot == name)
		return NULL;
	for (f = table; f->name; f++)
		for (at = f->suffixes; *at; at += strspn(at, " ")) {
			const size_t length = strcspn(at, " ");

			if (length == n && strncasecmp(at, dot + 1, n) == 0)
				return f;
			at += length;
		}
	return NULL;
}

const char *
decode_suffix(int i, char text[DECODE_SUFFIX])
{
	const struct decode_format *f;
	const char *at;

	for (f = table; f->name; f++)
		for (at = f->suffixes; f->decoder && *at; at += strcspn(at, " "), at += strspn(at, " "))
			if (i-- == 0) {
				snprintf(text, DECODE_SUFFIX, ".%.*s", (int)strcspn(at, " "), at);
				return text;
			}
	return NULL;
}

bool
decode_has_suffix(const char *name)
{
	return by_suffix(name) != NULL;
}

const char *
decode_unread_format(const char *name)
{
	const struct decode_format *f = by_suffix(name);

	return f && !f->decoder ? f->name : NULL;
}
