/* rect - which rectangle of an image is looked at: random resized crop, and resize + center crop */
#include "transform/rect.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

enum { TRIES = 10 };	/* torchvision's RandomResizedCrop.get_params */

/* x to the power u, u in [0, 1): the product of the square roots that the binary digits of u ask for. exp and log
   differ in the last bit between C libraries; sqrt does not. */
static double
power(double x, double u)
{
	double y = 1;
	int i;

	for (i = 0; i < 32; i++) {
		x = sqrt(x);
		u *= 2;
		if (u >= 1) {
			y *= x;
			u -= 1;
		}
	}
	return y;
}

struct rect
rect_center(int width, int height, int crop_width, int crop_height)
{
	assert(crop_width <= width && crop_height <= height);
	return (struct rect){ (int)rint((width - crop_width) / 2.0), (int)rint((height - crop_height) / 2.0), crop_width, crop_height };
}

static struct rect
largest(int width, int height, const double ratio[2])
{
	double is = (double)width / height;
	int w = width, h = height;

	if (is < ratio[0])
		h = (int)rint(width / ratio[0]);
	else if (is > ratio[1])
		w = (int)rint(height * ratio[1]);
	w = w < 1 ? 1 : w > width ? width : w;
	h = h < 1 ? 1 : h > height ? height : h;
	return (struct rect){ (width - w) / 2, (height - h) / 2, w, h };
}

bool
rect_try(struct rng *r, int width, int height, const double scale[2], const double ratio[2], struct rect *out)
{
	double area = (double)width * height;
	int i;

	for (i = 0; i < TRIES; i++) {
		double target = area * (scale[0] + (scale[1] - scale[0]) * rng_unit(r));
		double shape = ratio[0] * power(ratio[1] / ratio[0], rng_unit(r));
		double w = rint(sqrt(target * shape)), h = rint(sqrt(target / shape));

		if (w >= 1 && h >= 1 && w <= width && h <= height) {
			int top = (int)rng_below(r, height - (long)h + 1);

			*out = (struct rect){ (int)rng_below(r, width - (long)w + 1), top, (int)w, (int)h };
			return true;
		}
	}
	return false;
}

struct rect
rect_random(struct rng *r, int width, int height, const double scale[2], const double ratio[2])
{
	struct rect g;

	return rect_try(r, width, height, scale, ratio, &g) ? g : largest(width, height, ratio);
}

void
rect_shorter(int width, int height, int shorter, int *to_width, int *to_height)
{
	long least = width < height ? width : height, most = width < height ? height : width;
	long longer = (long)shorter * most / least;

	/* a line of one pixel becomes longer than any image: the caller's limit will see it */
	longer = longer > INT_MAX ? INT_MAX : longer;
	*to_width = width == least ? shorter : (int)longer;
	*to_height = height == least ? shorter : (int)longer;
}
