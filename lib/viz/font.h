/* font - letters of 5 x 7 dots */
#ifndef VIZ_FONT_H
#define VIZ_FONT_H

#include <stddef.h>
#include <stdint.h>

enum { FONT_WIDTH = 5, FONT_HEIGHT = 7 };

/* The letter that UTF-8 text begins with: 7 rows from the top, bit 4 is the leftmost dot. ASCII 32 to 126, a box for
   anything else. *size is the bytes that it takes, 0 at the end of the text. */
const uint8_t *font_letter(const char *text, size_t *size);

#endif
