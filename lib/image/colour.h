/* colour - tables and sums of colours: the palette of label maps, heat, hue */
#ifndef IMAGE_COLOUR_H
#define IMAGE_COLOUR_H

#include <stdint.h>

/* The 256 colours of PASCAL VOC's label maps: the bits of the index, three at a time, become the high bits of red,
   green and blue (VOC development kit, VOClabelcolormap). */
void colour_voc(uint8_t palette[256][3]);

/* The colour of a value in [0, 1], dark to bright: black, violet, orange, pale yellow. */
void colour_heat(double value, uint8_t rgb[3]);

/* Hue (turns), saturation and value in [0, 1] to red, green and blue in [0, 1]. */
void colour_hsv(double hue, double saturation, double value, float rgb[3]);

/* Luma of ITU-R BT.601 of red, green and blue. */
float colour_luma(const float rgb[3]);

#endif
