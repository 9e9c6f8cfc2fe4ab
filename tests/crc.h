/* crc - CRC-32 (the one of PNG and zlib), for comparing with checksums that other programs made */
#ifndef TESTS_CRC_H
#define TESTS_CRC_H

#include <stddef.h>
#include <stdint.h>

__attribute__((unused)) static uint32_t
crc(uint32_t sum, const void *bytes, size_t size)
{
	static uint32_t table[256];
	const uint8_t *p = bytes;
	uint32_t i;
	int bit;

	if (!table[1])
		for (i = 0; i < 256; i++)
			for (table[i] = i, bit = 0; bit < 8; bit++)
				table[i] = table[i] >> 1 ^
					(table[i] & 1 ? 0xEDB88320 : 0); /* the polynomial, bits reversed */
	sum = ~sum;
	while (size-- > 0)
		sum = sum >> 8 ^ table[(sum ^ *p++) & 255];
	return ~sum;
}

#endif
