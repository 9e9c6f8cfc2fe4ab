/* sample - which members of a tar archive are images: the rule for the samples of WebDataset */
#include "dataset/sample.h"
#include "base/hash.h"
#include "codec/decode.h"
#include "dataset/tar.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* ranks of KEY.SUFFIX, of longer extensions, of formats that are not read */
enum { OTHER = 50, LONGER = 100, UNREAD = 200 };

int
sample_rank(const char *name, const char *wanted)
{
	static const char *const plain[] = { "jpg", "jpeg", "jpe", "jfif", "png" };
	const char *extension = name + tar_key(name);
	size_t i, n;
	int rank = 0;

	extension += *extension == '.';
	for (; wanted && *wanted; wanted += n + (wanted[n] != 0), rank++) {
		n = strcspn(wanted, ",");
		if (strlen(extension) == n && strncasecmp(extension, wanted, n) == 0)
			return rank;
	}
	if (wanted)
		return -1;
	if (decode_unread_format(name))
		return UNREAD;
	for (i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcasecmp(extension, plain[i]) == 0)
			return (int)i;
	return strchr(extension, '.') ? LONGER : OTHER;
}

void
sample_choose(struct sample_member **group, size_t count)
{
	struct sample_member *best = group[0];
	struct lookup by_name = { 0 };
	size_t i, different = 0;

	for (i = 0; i < count; i++) {
		const uint32_t hash = lookup_bytes(group[i]->name, strlen(group[i]->name));
		long at = -1, k;

		while ((k = lookup_next(&by_name, hash, &at)) >= 0 && strcmp(group[k]->name, group[i]->name) != 0)
			;
		group[i]->use = k < 0 ? SAMPLE_USED : SAMPLE_REPEATED;
		lookup_put(&by_name, hash, (long)i);
		different += group[i]->use == SAMPLE_USED && group[i]->rank < UNREAD;
		if (group[i]->rank < best->rank)
			best = group[i];
	}
	lookup_free(&by_name);
	/* beside an image that can be read, and among several that cannot, only the best one may be taken */
	for (i = 0; i < count; i++)
		if (group[i] != best && group[i]->rank >= UNREAD && group[i]->use == SAMPLE_USED)
			group[i]->use = SAMPLE_FURTHER;
	for (i = 0; i < count; i++) {
		struct sample_member *m = group[i];

		if (m->use != SAMPLE_USED || different <= 1)
			continue;
		if (best->rank < LONGER)
			m->use = m == best ? SAMPLE_USED : SAMPLE_FURTHER;
		else {
			m->use = SAMPLE_DOTTED;
			m->key = (size_t)(strrchr(m->name, '.') - m->name);
		}
	}
}
