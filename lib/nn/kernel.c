/* kernel - the loops over numbers that are no matrix product */
#include "nn/kernel.h"

#include <math.h>
#include <string.h>

const char *
kernel_isa(void)
{
	return "baseline";
}

int
kernel_use(const char *isa)
{
	return strcmp(isa, "baseline") == 0 ? 0 : -1;
}

void
kernel_axpy(long n, float a, const float *x, float *y)
{
	for (long i = 0; i < n; i++)
		y[i] += a * x[i];
}

void
kernel_scale(long n, float a, float *x)
{
	for (long i = 0; i < n; i++)
		x[i] *= a;
}

double
kernel_sum(long n, const float *x)
{
	double s = 0;

	for (long i = 0; i < n; i++)
		s += x[i];
	return s;
}

double
kernel_square(long n, const float *x)
{
	double s = 0;

	for (long i = 0; i < n; i++)
		s += (double)x[i] * x[i];
	return s;
}

void
kernel_fill_rows(int rows, int n, const float *b, float *y)
{
	for (int r = 0; r < rows; r++)
		if (b)
			memcpy(y + (long)r * n, b, (size_t)n * sizeof *y);
		else
			memset(y + (long)r * n, 0, (size_t)n * sizeof *y);
}

void
kernel_add_rows(int rows, int n, const float *x, const float *b, float *y)
{
	for (int r = 0; r < rows; r++, x += n, y += n)
		for (int i = 0; i < n; i++)
			y[i] = x[i] + (b ? b[i] : 0);
}

void
kernel_gelu(long n, const float *z, float *y, float *d)
{
	for (long i = 0; i < n; i++) {
		double x = z[i];
		double phi = 0.5 * (1 + erf(x * M_SQRT1_2));

		y[i] = (float)(x * phi);
		if (d)
			d[i] = (float)(phi + x * exp(-0.5 * x * x) * M_2_SQRTPI * M_SQRT1_2 / 2);
	}
}

void
kernel_relu(long n, const float *x, float *y)
{
	for (long i = 0; i < n; i++)
		y[i] = x[i] < 0 ? 0 : x[i];
}

void
kernel_columns(int rows, int n, const float *g, float *db)
{
	for (int r = 0; db && r < rows; r++, g += n)
		for (int i = 0; i < n; i++)
			db[i] += g[i];
}

void
kernel_columns_by(int rows, int n, float *g, const float *d, float *db)
{
	for (int r = 0; r < rows; r++, g += n, d += n)
		for (int i = 0; i < n; i++) {
			g[i] *= d[i];
			if (db)
				db[i] += g[i];
		}
}

void
kernel_columns_where(int rows, int n, float *g, const float *y, float *db)
{
	for (int r = 0; r < rows; r++, g += n, y += n)
		for (int i = 0; i < n; i++) {
			g[i] = y[i] > 0 ? g[i] : 0;
			if (db)
				db[i] += g[i];
		}
}

void
kernel_softmax(int rows, int K, int ld, float *s, float scale, const float *bias)
{
	for (int r = 0; r < rows; r++, s += ld) {
		float top = -INFINITY;
		float sum = 0;

		for (int i = 0; i < K; i++) {
			s[i] = scale * s[i] + (bias ? bias[i] : 0);
			top = s[i] > top ? s[i] : top;
		}
		for (int i = 0; i < K; i++)
			sum += s[i] = expf(s[i] - top);
		for (int i = 0; i < K; i++)
			s[i] /= sum;
	}
}

void
kernel_softmax_back(int rows, int K, int ld, const float *p, float *dp, float scale)
{
	for (int r = 0; r < rows; r++, p += ld, dp += ld) {
		float dot = 0;

		for (int i = 0; i < K; i++)
			dot += p[i] * dp[i];
		for (int i = 0; i < K; i++)
			dp[i] = scale * p[i] * (dp[i] - dot);
	}
}

void
kernel_norm(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y, float *stat)
{
	for (int r = 0; r < rows; r++, x += D, y += D, stat += 2) {
		float mean = 0, square = 0, rstd;

		for (int i = 0; i < D; i++)
			mean += x[i];
		mean /= (float)D;
		for (int i = 0; i < D; i++)
			square += (x[i] - mean) * (x[i] - mean);
		rstd = 1 / sqrtf(square / (float)D + eps);
		for (int i = 0; i < D; i++)
			y[i] = (x[i] - mean) * rstd * gamma[i] + beta[i];
		stat[0] = mean;
		stat[1] = rstd;
	}
}

void
kernel_norm_back(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy, float *dx, int add, float *dgamma, float *dbeta)
{
	for (int r = 0; r < rows; r++, x += D, dy += D, dx += dx ? D : 0, stat += 2) {
		float g1 = 0, g2 = 0;

		for (int i = 0; i < D; i++) {
			float h = (x[i] - stat[0]) * stat[1], g = dy[i] * gamma[i];

			g1 += g;
			g2 += g * h;
			if (dgamma)
				dgamma[i] += dy[i] * h;
			if (dbeta)
				dbeta[i] += dy[i];
		}
		g1 /= (float)D;
		g2 /= (float)D;
		for (int i = 0; dx && i < D; i++)
			dx[i] = (add ? dx[i] : 0) + stat[1] * (dy[i] * gamma[i] - g1 - (x[i] - stat[0]) * stat[1] * g2);
	}
}
