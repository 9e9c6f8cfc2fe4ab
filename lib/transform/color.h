/* color - tables and sums of colors: the palette of segmentation maps, heat, hue */
#ifndef TRANSFORM_COLOR_H
#define TRANSFORM_COLOR_H

#include <stdint.h>

/* The 256 colors of PASCAL VOC's segmentation maps: the bits of the index, three at a time, become the high bits of red,
   green and blue (VOC development kit, VOClabelcolormap). */
void color_voc(uint8_t palette[256][3]);

/* The color of a value in [0, 1], dark to bright: black, violet, orange, pale yellow. */
void color_heat(double value, uint8_t rgb[3]);

/* Hue (turns), saturation and value in [0, 1] to red, green and blue in [0, 1]. */
void color_hsv(double hue, double saturation, double value, float rgb[3]);

/* Luma of ITU-R BT.601 of red, green and blue. */
float color_luma(const float rgb[3]);

#endif
