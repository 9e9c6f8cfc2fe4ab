/* records_voc - truth from a folder of VOC, as tscae-label would send it */
#include "base/err.h"
#include "metrics/records.h"
#include "metrics/records_part.h"

#include <assert.h>
#include <string.h>

static const struct label_layout *
layout(void)
{
	int i;

	for (i = 0; label_layouts[i] && strcmp(label_layouts[i]->name, "voc") != 0; i++)
		;
	assert(label_layouts[i]);
	return label_layouts[i];
}

/* One record after the other, never written. */
static int
take_all(struct records_part *p, struct label *l, struct label_notes *notes)
{
	struct record r = { 0 };
	long i;
	int got = 1;

	for (i = 0; i < l->images.count && got > 0; i++) {
		record_reset(&r);
		record_set_key(&r, listing_key(&l->images, i, &r.arena));
		got = label_put(l, i, &r, notes);
		if (got == 0)
			got = err(ERR_DATA, "no annotation");
		if (got > 0 && records_part_truth(p, &r) < 0)
			got = -1;
		if (got < 0)
			err_in("%s", r.key);
	}
	record_free(&r);
	return got < 0 ? -1 : 0;
}

int
records_read_voc(struct evaluation *s, const char *folder, const char *part, bool maps, const struct evaluation_rules *rules, struct label_notes *notes)
{
	const struct label_options o = { .from = folder, .set = part, .void_value = -1, .want_maps = maps };
	struct records_part p = { .set = s, .rules = rules };
	struct header h = { 0 };
	struct label l;
	int i, result = label_open(&l, layout(), &o);

	if (result == 0) {
		header_set_kind(&h, "label");
		result = label_header(&l, &h, true);
	}
	if (result == 0)
		result = records_part_open(&p, RECORDS_TRUTH, &h);
	if (result == 0)
		result = take_all(&p, &l, notes);
	if (result == 0)
		result = records_part_end(&p, RECORDS_TRUTH, l.images.count);
	for (i = 0; i < LABEL_NOTES; i++)
		notes->count[i] += l.notes.count[i];
	records_part_free(&p);
	header_free(&h);
	label_close(&l);
	return result;
}
