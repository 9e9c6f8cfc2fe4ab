/* html - a page that needs no other file: escaped text, images as data URIs, one style sheet for light and dark */
#include "viz/html.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "codec/decode_format.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_BYTES_MAX = 32 << 20 };

/* the colors of series s0 .. s5 are those of Okabe and Ito, lighter on dark ground */
static const char style[] =
	":root{color-scheme:light dark;--ground:#fff;--text:#1c1c1e;--faint:#6a6a70;--line:#d8d8dc;"
	"--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b5568f;--s4:#a87400;--s5:#4b4b9e}\n"
	"@media(prefers-color-scheme:dark){:root{--ground:#17181a;--text:#e8e8ea;--faint:#a0a0a8;--line:#3a3b40;"
	"--s0:#56b4e9;--s1:#ff9250;--s2:#3fcf9f;--s3:#e39cc5;--s4:#f0c040;--s5:#a9a9f5}}\n"
	"body{margin:0 auto;max-width:75rem;padding:1rem;background:var(--ground);color:var(--text);"
	"font:1rem/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}h1,h2,p,figcaption{overflow-wrap:anywhere}\n"
	".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1.5rem 1rem}\n"
	"figure{margin:0}figcaption{font-weight:600}svg{display:block;width:100%;height:auto}\n"
	"svg text{fill:var(--faint);font:11px system-ui,sans-serif}.grid{stroke:var(--line)}\n"
	".series{fill:none;stroke-width:1.6;stroke-linejoin:round}.interval{stroke-width:2}\n"
	".s0{stroke:var(--s0);color:var(--s0)}.s1{stroke:var(--s1);color:var(--s1)}"
	".s2{stroke:var(--s2);color:var(--s2)}.s3{stroke:var(--s3);color:var(--s3)}"
	".s4{stroke:var(--s4);color:var(--s4)}.s5{stroke:var(--s5);color:var(--s5)}\n"
	".dash{stroke-dasharray:5 3}circle{stroke:none;fill:currentColor}\n"
	".table{overflow-x:auto}table{border-collapse:collapse}td,th{padding:.25rem .75rem .25rem 0;text-align:left;"
	"vertical-align:middle}td:first-child{min-width:8rem;overflow-wrap:anywhere}\n"
	"thead th{border-bottom:1px solid var(--line)}td.number{text-align:right;"
	"font-variant-numeric:tabular-nums;white-space:nowrap}td svg,th svg{width:15rem}th{white-space:nowrap}\n"
	"@media(max-width:40rem){.plot{display:none}}\n"
	".key{display:inline-block;width:1.5rem;border-top:3px solid;margin-right:.4rem;vertical-align:middle}\n"
	".keys span.name{margin-right:1.2rem}.note{color:var(--faint)}img{max-width:100%;height:auto}\n"
	"pre{overflow-x:auto;font-size:.85rem}\n";

void
html_begin(FILE *out, const char *title, long refresh)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
		"style-src 'unsafe-inline'\">\n", out);
	if (refresh > 0)
		fprintf(out, "<meta http-equiv=\"refresh\" content=\"%ld\">\n", refresh);
	fputs("<title>", out);
	html_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
	html_text(out, title);
	fputs("</h1>\n", out);
}

void
html_end(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

void
html_text(FILE *out, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	const char *found;
	size_t n, left = strlen(text);

	for (; left > 0; text += n, left -= n) {
		n = utf8_length(text, left);
		found = strchr(special, *text);
		if (n == 0 || ((unsigned char)*text < ' ' && !strchr("\t\n", *text)) || *text == 0x7f) {
			fputs("\xef\xbf\xbd", out);
			n = 1;
		} else if (found)
			fputs(names[found - special], out);
		else
			fwrite(text, 1, n, out);
	}
}

static void
write_base64(FILE *out, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k;

	for (i = 0; i < size; i += 3) {
		const size_t count = size - i < 3 ? size - i : 3;
		uint32_t x = 0;

		for (k = 0; k < 3; k++)
			x = x << 8 | (k < count ? bytes[i + k] : 0);
		for (k = 0; k < 4; k++)
			fputc(k <= count ? digits[x >> (18 - 6 * k) & 63] : '=', out);
	}
}

int
html_image(FILE *out, const char *path)
{
	static const char *const types[][2] = { { "PNG", "png" }, { "JPEG", "jpeg" } };
	const struct decode_format *format;
	const char *type = NULL;
	uint8_t *bytes;
	size_t size, i;

	bytes = file_read(path, IMAGE_BYTES_MAX, &size);
	if (!bytes)
		return -1;
	format = decode_format(bytes, size);
	for (i = 0; format && i < sizeof types / sizeof *types; i++)
		if (strcmp(format->name, types[i][0]) == 0)
			type = types[i][1];
	if (type) {
		fprintf(out, "<figure><img src=\"data:image/%s;base64,", type);
		write_base64(out, bytes, size);
		fputs("\" alt=\"", out);
		html_text(out, path);
		fputs("\"><figcaption>", out);
		html_text(out, path);
		fputs("</figcaption></figure>\n", out);
	}
	free(bytes);
	if (type)
		return 0;
	return format ? err(ERR_DATA, "%s: neither PNG nor JPEG, but %s", path, format->name) :
		err(ERR_DATA, "%s: neither PNG nor JPEG", path);
}
