/* model_file - a model read by a team of threads: the same parameters, and nothing believed that is damaged */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "model/encoder.h"
#include "checkpoint/model_file.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/tscae-load-XXXXXX";

static void
encoder_params(struct params *p, const struct config *c)
{
	struct encoder e;

	encoder_open(&e, c, p);
	encoder_close(&e);
	params_build(p);
}

/* The model with elements of that type. */
static void
save(const struct config *c, const struct params *p, enum tensor_type type)
{
	struct safetensors file = { 0 };
	double *wide = mem_new(p->size * sizeof *wide);

	for (size_t i = 0; i < p->size; i++)
		wide[i] = (double)p->values[i];
	model_file_describe(&file, c);
	for (int i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor t = model_file_shape(q);

		safetensors_add(&file, q->name, type, t.rank, t.shape, type == TENSOR_F64 ? (void *)(wide + q->offset) : (void *)(p->values + q->offset));
	}
	ok(safetensors_write(&file, path, false) == 0, "saved as %s", tensor_name(type));
	safetensors_close(&file);
	free(wide);
}

static void
test_same(const struct config *c, const struct params *packed)
{
	for (int threads = 1; threads <= 4; threads += 3) {
		struct pool *team = pool_new(threads);
		struct params q = { 0 };
		struct model_file l;

		ok(model_file_open_unverified(&l, path) == 0 && memcmp(&l.config, c, sizeof *c) == 0, "opened: %s", err_text());
		encoder_params(&q, &l.config);
		ok(model_file_params_packed(&l, &q, team) == 0 && memcmp(q.values, packed->values, q.size * sizeof *q.values) == 0, "%d threads: the parameters that were laid out afterwards", threads);
		params_free(&q);
		model_file_close(&l);
		pool_free(team);
	}
}

/* The file with one bit of byte `at` the other way round; behind the end: the last one. */
static void
flip(size_t at)
{
	size_t size;
	char *bytes = file_read(path, 0, &size);
	struct file f;

	at = at < size ? at : size - 1;
	bytes[at] ^= 1;
	ok(file_create(&f, path) == 0 && file_write(&f, bytes, size) == 0 && file_commit(&f, false) == 0, "a bit of byte %zu", at);
	free(bytes);
}

static size_t
place_of(const char *text)
{
	size_t size, at;
	char *bytes = file_read(path, 0, &size);

	for (at = 0; at + strlen(text) < size && memcmp(bytes + at, text, strlen(text)) != 0; at++)
		;
	free(bytes);
	return at;
}

static void
test_damaged(const struct config *c)
{
	struct pool *team = pool_new(3);
	struct params q = { 0 };
	struct model_file l;

	encoder_params(&q, c);
	flip((size_t)-1);
	ok(model_file_open_unverified(&l, path) == 0, "a bit of the data is not seen at first");
	ok(model_file_params_packed(&l, &q, team) < 0 && err_status() == ERR_DATA && strstr(err_text(), "damaged"), "but before it is believed: %s", err_text());
	model_file_close(&l);
	ok(model_file_open(&l, path) < 0 && strstr(err_text(), "damaged"), "nor otherwise: %s", err_text());
	flip((size_t)-1);
	/* "blocks.1.norm1" becomes another name: missing, but because the file is damaged */
	flip(place_of("blocks.1.norm1") + strlen("blocks.1.norm"));
	ok(model_file_open_unverified(&l, path) == 0 && model_file_params_packed(&l, &q, team) < 0 && strstr(err_text(), "damaged"), "a name: %s", err_text());
	model_file_close(&l);
	flip(place_of("blocks.1.norm0") + strlen("blocks.1.norm"));
	flip(place_of("config.depth") + strlen("config.d"));
	ok(model_file_open_unverified(&l, path) < 0 && err_status() == ERR_DATA && strstr(err_text(), "damaged"), "a setting that does not exist: %s", err_text());
	params_free(&q);
	pool_free(team);
}

static void
test_missing(const struct config *c, const struct params *p)
{
	struct pool *team = pool_new(3);
	struct config deeper = *c;
	struct params q = { 0 };
	struct model_file l;

	save(c, p, TENSOR_F32);
	deeper.depth++;
	encoder_params(&q, &deeper);
	ok(model_file_open_unverified(&l, path) == 0 && model_file_params_packed(&l, &q, team) < 0 && err_status() == ERR_DATA && strstr(err_text(), "no tensor 'blocks.2.norm1.weight'"), "the first one that is missing: %s", err_text());
	model_file_close(&l);
	params_free(&q);
	pool_free(team);
}

int
main(void)
{
	static const char *const settings[] = { "model=micro", "dim=64", "heads=4", "depth=2", "objective=mae" };
	struct config c = config_default();
	struct opt table[CONFIG_ROWS_MAX];
	struct params p = { 0 }, packed = { 0 };
	int wrong = 0, fd = mkstemp(path);

	close(fd);
	config_table(&c, table);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		wrong += opt_assign(table, settings[i]) < 0;
	ok(!wrong && config_complete(&c) == 0, "a small model: %s", err_text());
	encoder_params(&p, &c);
	params_init(&p, 1);
	encoder_params(&packed, &c);
	memcpy(packed.values, p.values, p.size * sizeof *p.values);
	params_pack(&packed);
	ok(memcmp(packed.values, p.values, p.size * sizeof *p.values) != 0, "some of its parameters are laid out anew");
	save(&c, &p, TENSOR_F64);
	test_same(&c, &packed);
	save(&c, &p, TENSOR_F32);
	test_same(&c, &packed);
	test_damaged(&c);
	test_missing(&c, &p);
	params_free(&p);
	params_free(&packed);
	unlink(path);
	return tap_end();
}
