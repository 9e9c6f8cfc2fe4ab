/* color - tables and sums of colors: the palette of segmentation maps, heat, hue */
#include "transform/color.h"

#include <math.h>

void
color_voc(uint8_t palette[256][3])
{
	int i, bit, channel;

	for (i = 0; i < 256; i++)
		for (channel = 0; channel < 3; channel++) {
			palette[i][channel] = 0;
			for (bit = 0; 3 * bit + channel < 8; bit++)
				palette[i][channel] |= (uint8_t)((i >> (3 * bit + channel) & 1) << (7 - bit));
		}
}

void
color_heat(double value, uint8_t rgb[3])
{
	/* chosen so that lightness rises evenly, for readers without color too */
	static const double stops[][3] = { { 0, 0, 4 }, { 81, 18, 124 }, { 183, 55, 121 }, { 252, 137, 97 }, { 252, 253, 191 } };
	double x = (value > 0 ? value < 1 ? value : 1 : 0) * 4;
	int i = x < 3 ? (int)x : 3, c;

	for (c = 0; c < 3; c++)
		rgb[c] = (uint8_t)lround(stops[i][c] + (x - i) * (stops[i + 1][c] - stops[i][c]));
}

void
color_hsv(double hue, double saturation, double value, float rgb[3])
{
	int c;

	for (c = 0; c < 3; c++) {
		/* each channel is a trapezoid over the circle, a third of a turn apart */
		double x = fabs(fmod(hue + 1 + (3 - c) / 3.0 * (c > 0), 1) * 6 - 3) - 1;

		x = x < 0 ? 0 : x > 1 ? 1 : x;
		rgb[c] = (float)(value * (1 - saturation + saturation * x));
	}
}

float
color_luma(const float rgb[3])
{
	return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}
