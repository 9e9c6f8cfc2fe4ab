/* html - a page that needs no other file: escaped text, images as data URIs, one style sheet for light and dark

   Nothing is loaded: no script, no font, no link; a Content-Security-Policy forbids it. */
#ifndef VIZ_HTML_H
#define VIZ_HTML_H

#include "base/err.h"

#include <stdio.h>

/* The head of the page and its heading. refresh: seconds after which a browser reads the page again, 0: never. */
void html_begin(FILE *out, const char *title, long refresh);
void html_end(FILE *out);

/* Text, with & < > " ' escaped; bytes that are not UTF-8 and control characters become U+FFFD. */
void html_text(FILE *out, const char *text);

/* A PNG or JPEG file, recognized by its first bytes, within the page, with its name below. -1 and err(): ERR_INPUT;
   ERR_DATA another kind of file, or more than 32 MiB. */
int html_image(FILE *out, const char *path) ERR_CHECK;

#endif
