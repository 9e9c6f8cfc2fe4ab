/* wire - MessagePack's heads: how long an object is, before anything is taken for it */
#include "stream/wire.h"

/* first bytes C0 to DF: bytes of the number that follows, whether it is a length, further bytes */
static const struct { unsigned char number, rest, kind; } table[32] = {
	{ 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM },		/* nil, never, false, true */
	{ 1, 0, WIRE_BINARY }, { 2, 0, WIRE_BINARY }, { 4, 0, WIRE_BINARY },				/* bin 8, 16, 32 */
	{ 1, 1, WIRE_BINARY }, { 2, 1, WIRE_BINARY }, { 4, 1, WIRE_BINARY },				/* ext 8, 16, 32 */
	{ 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM },							/* float 32, 64 */
	{ 0, 1, WIRE_ATOM }, { 0, 2, WIRE_ATOM }, { 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM },		/* uint 8 to 64 */
	{ 0, 1, WIRE_ATOM }, { 0, 2, WIRE_ATOM }, { 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM },		/* int 8 to 64 */
	{ 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY },	/* fixext 1 to 16 */
	{ 1, 0, WIRE_TEXT }, { 2, 0, WIRE_TEXT }, { 4, 0, WIRE_TEXT },					/* str 8, 16, 32 */
	{ 2, 0, WIRE_ARRAY }, { 4, 0, WIRE_ARRAY }, { 2, 0, WIRE_MAP }, { 4, 0, WIRE_MAP }
};

size_t
wire_head(unsigned char first)
{
	if (first < 0xc0 || first >= 0xe0)
		return 1;
	return first == 0xc1 ? 0 : (size_t)(1 + table[first - 0xc0].number + table[first - 0xc0].rest);
}

struct wire
wire_read(const unsigned char *head)
{
	unsigned char first = head[0];
	struct wire w = { WIRE_ATOM, wire_head(first), 0 };
	int i;

	if (first >= 0x80 && first < 0xc0) {
		/* fixmap 8x, fixarray 9x, fixstr A0 to BF */
		w.kind = first < 0x90 ? WIRE_MAP : first < 0xa0 ? WIRE_ARRAY : WIRE_TEXT;
		w.length = first & (first < 0xa0 ? 0x0f : 0x1f);
	} else if (first >= 0xc0 && first < 0xe0) {
		w.kind = table[first - 0xc0].kind;
		for (i = 1; i <= table[first - 0xc0].number; i++)
			w.length = w.length << 8 | head[i];
		if (first >= 0xd4 && first <= 0xd8)
			w.length = UINT64_C(1) << (first - 0xd4);
	}
	return w;
}
