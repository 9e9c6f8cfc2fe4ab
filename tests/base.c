/* base - tests of lib/base: published random numbers, options, arenas, threads, files that are whole or not there */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/ordered.h"
#include "base/pool.h"
#include "base/rng.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_rng(void)
{
	/* known answers of Random123's kat_vectors, philox4x32 10 */
	static const struct { uint32_t counter[4], key[2], out[4]; } known[] = {
		{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff }, { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 }, { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } }
	};
	struct rng a = rng_at(7, 3, "mask", "cat.jpg"), b = rng_at(7, 3, "mask", "cat.jpg"), c = rng_at(7, 4, "mask", "cat.jpg");
	double sum = 0, square = 0;
	long count[7] = { 0 }, order[100], i, seen = 0;
	uint32_t out[4];
	int differ = 0, same = 1, even = 1;

	for (i = 0; i < 3; i++) {
		rng_philox(known[i].counter, known[i].key, out);
		ok(memcmp(out, known[i].out, sizeof out) == 0, "philox4x32-10, published vector %ld", i);
	}
	for (i = 0; i < 100; i++) {
		uint32_t x = rng_word(&a);

		same &= x == rng_word(&b);
		differ |= x != rng_word(&c);
	}
	ok(same, "equal (seed, epoch, purpose, key) give equal numbers");
	ok(differ, "another epoch gives other numbers");
	for (i = 0; i < 70000; i++)
		count[rng_below(&a, 7)]++;
	for (i = 0; i < 7; i++)
		even &= labs(count[i] - 10000) < 500;	/* 5 standard deviations of a binomial */
	ok(even, "rng_below is even");
	for (i = 0; i < 100000; i++) {
		double x = rng_normal(&a);

		sum += x;
		square += x * x;
	}
	ok(fabs(sum / 1e5) < 0.02 && fabs(square / 1e5 - 1) < 0.03, "rng_normal has mean 0 and variance 1");
	for (i = 0; i < 100; i++)
		order[i] = i;
	rng_shuffle(&a, order, 100);
	for (i = 0; i < 100; i++)
		seen += order[i];
	ok(seen == 4950, "rng_shuffle keeps every element");
}

static bool flag;
static long number = 5;
static double real = 0.5;
static const char *text;
static int choice;
static const struct opt table[] = {
	{ 'f', "flag", OPT_FLAG, &flag, 0, 0, "a flag", NULL },
	{ 'n', "number", OPT_INT, &number, 0, 2e9, "a number", NULL },
	{ 0, "learning-rate", OPT_REAL, &real, 0, 1, "a real", NULL },
	{ 't', "text", OPT_TEXT, &text, 0, 0, "a text", "FILE" },
	{ 'k', "kind", OPT_CHOICE, &choice, 0, 0, "a choice", "random|block|grid" },
	{ 0 }
};

static int
parse(int argc, const char **argv)
{
	static const struct opt *const tables[] = { table, NULL };

	return opt_parse(tables, argc, (char **)argv);
}

static void
test_opt(void)
{
	const char *good[] = { "tool", "-f", "a", "--number=3k", "-k", "grid", "--learning-rate", "0.25", "--", "-b" };
	const char *wrong[][3] = { { "tool", "--nmber", "3" }, { "tool", "-n", "x" }, { "tool", "-n", "-1" }, { "tool", "-n", "1.5" },
		{ "tool", "-k", "ran" }, { "tool", "--flag=1", "a" }, { "tool", "-z", "a" }, { "tool", "a", "-n" }, { "tool", "-n", "nan" } };
	char show[64];
	size_t i;
	int first = parse(10, good);

	ok(first == 8 && flag && number == 3000 && choice == 2 && real == 0.25, "options of every type, letters and long names");
	ok(strcmp(good[8], "a") == 0 && strcmp(good[9], "-b") == 0, "operands move to the end; -- ends options");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(parse(3, wrong[i]) == -1 && err_status() == ERR_USAGE, "refused: %s %s (%s)", wrong[i][1], wrong[i][2], err_text());
	parse(3, wrong[0]);
	ok(strstr(err_text(), "did you mean 'number'?") != NULL, "a misspelt option is answered with the nearest name");
	ok(opt_assign(table, "learning-rate=0.125") == 0 && real == 0.125, "settings: name=value");
	ok(opt_assign(table, "learning_rate=0.5") == -1 && real == 0.125 && strstr(err_text(), "did you mean 'learning-rate'"),
	    "settings: a name with '_' in place of '-' is refused: %s", err_text());
	ok(opt_assign(table, "flag=off") == 0 && !flag, "settings: a flag has a value");
	ok(opt_assign(table, "kind=diagonal") == -1, "settings: not a choice is refused");
	ok(strcmp(opt_show(&table[4], show, sizeof show), "grid") == 0, "opt_show gives what opt_set takes");
}

static void
test_arena(void)
{
	struct arena a = { 0 };
	size_t held = 0;
	int round, i, aligned = 1, steady = 1;

	for (round = 0; round < 4; round++) {
		arena_reset(&a);
		if (round == 2)
			held = a.held;
		for (i = 1; i < 300; i++) {
			char *p = arena_get(&a, (size_t)i * 37);

			aligned &= (uintptr_t)p % 64 == 0;
			memset(p, round, (size_t)i * 37);
		}
		if (round >= 2)
			steady &= a.held == held;
	}
	ok(aligned, "arena memory is aligned to 64 bytes");
	ok(steady, "an arena takes nothing from the system for equal rounds of work");
	a.limit = a.used + 100;
	ok(arena_get(&a, 1000) == NULL && arena_get(&a, 10) != NULL, "an arena with a limit refuses what passes it");
	{
		struct arena_mark m = arena_mark(&a);
		size_t used = a.used;

		a.limit = 0;
		arena_get(&a, 5 << 20);
		arena_release(&a, m);
		ok(a.used == used, "arena_release goes back to the mark");
	}
	arena_free(&a);
	ok(a.held == 0, "arena_free gives everything back");
}

static void
mark_piece(void *arg, int i, int worker)
{
	(void)worker;
	((int *)arg)[i]++;
}

static void
test_pool(void)
{
	int threads, round, i, hits[1000], once = 1;

	for (threads = 1; threads <= 5; threads++) {
		struct pool *p = pool_new(threads);

		for (round = 0; round < 50; round++) {
			memset(hits, 0, sizeof hits);
			pool_run(p, round * 20, mark_piece, hits);
			for (i = 0; i < 1000; i++)
				once &= hits[i] == (i < round * 20);
		}
		pool_free(p);
	}
	ok(once, "a pool runs every piece exactly once");
}

/* what is taken, worked on and put: item n becomes 3 n, which takes three pieces of another job of the pool */
struct numbers {
	struct pool *pool;
	struct ordered ordered;
	long taken, put, count, settle_at;	/* -1: never */
	atomic_long slots[64];
	bool good;
};

static void
add_piece(void *arg, int i, int worker)
{
	(void)i;
	(void)worker;
	atomic_fetch_add((atomic_long *)arg, 1);
}

static int
take_number(void *arg, int slot)
{
	struct numbers *n = arg;

	if (n->taken == n->settle_at)
		n->good &= ordered_settle(&n->ordered) == 0 && n->put == n->taken;
	if (n->taken == n->count)
		return 0;
	atomic_store(&n->slots[slot], n->taken++);
	return 1;
}

static void
triple_number(void *arg, int slot, int worker)
{
	struct numbers *n = arg;
	const long x = atomic_load(&n->slots[slot]);

	(void)worker;
	if (n->pool)
		pool_run(n->pool, (int)(2 * x), add_piece, &n->slots[slot]);
	else
		atomic_store(&n->slots[slot], 3 * x);
}

static int
put_number(void *arg, int slot)
{
	struct numbers *n = arg;

	n->good &= atomic_load(&n->slots[slot]) == 3 * n->put++;
	return 0;
}

static int
refuse_number(void *arg, int slot)
{
	struct numbers *n = arg;

	(void)slot;
	return n->put++ == 7 ? -1 : 0;
}

static void
test_ordered(void)
{
	bool good = true;
	int threads;

	for (threads = 0; threads <= 5; threads++) {
		struct pool *p = threads ? pool_new(threads) : NULL;
		int round;

		for (round = 0; round < 40; round++) {
			struct numbers n = { .pool = p, .count = round * 5, .settle_at = round % 2 ? round * 2 : -1, .good = true };

			n.ordered = (struct ordered){ .pool = p, .slots = ordered_slots(p), .take = take_number, .work = triple_number, .put = put_number, .arg = &n };
			if (threads <= 1)
				n.settle_at = -1;
			good &= ordered_run(&n.ordered) == 0 && n.good && n.put == n.count;
			n = (struct numbers){ .pool = p, .count = 30, .settle_at = -1, .ordered = n.ordered };
			n.ordered.put = refuse_number;
			good &= ordered_run(&n.ordered) == -1 && n.put == 8;
		}
		pool_free(p);
	}
	ok(good, "ordered: every item once, in order, by 1 to 5 threads whose items run jobs on the same pool; an error ends it");
}

static int calls_left;	/* the system call that fails: counted down by each */

static int
fail_now(void)
{
	if (calls_left-- != 0)
		return 0;
	errno = ENOSPC;
	return 1;
}

static int bad_open(const char *p, int f, mode_t m) { return fail_now() ? -1 : open(p, f, m); }
static ssize_t bad_write(int fd, const void *b, size_t n) { return fail_now() ? -1 : write(fd, b, n); }
static ssize_t bad_writev(int fd, const struct iovec *v, int n) { return fail_now() ? -1 : writev(fd, v, n); }
static int bad_fsync(int fd) { return fail_now() ? -1 : fsync(fd); }
static int bad_rename(const char *a, const char *b) { return fail_now() ? -1 : rename(a, b); }
static int bad_close(int fd) { int r = close(fd); return fail_now() ? -1 : r; }

static int
write_file(const char *path, const char *content)
{
	struct iovec v = { (void *)content, strlen(content) };
	struct file f;

	if (file_create(&f, path) < 0)
		return -1;
	if (file_writev(&f, &v, 1) < 0 || file_write(&f, "\n", 1) < 0) {
		file_abandon(&f);
		return -1;
	}
	return file_commit(&f, true);
}

static int
content_is(const char *path, const char *want)
{
	size_t size;
	char *s = file_read(path, 0, &size);
	int same = s && strcmp(s, want) == 0;

	free(s);
	return same;
}

static void
test_file(const char *dir)
{
	static struct file_calls bad = { bad_open, bad_write, bad_writev, bad_fsync, bad_rename, bad_close };
	struct file_calls good = file_calls;
	char path[256], aside[300];
	int k, whole = 1, clean = 1, failures = 0;
	size_t size;

	snprintf(path, sizeof path, "%s/file", dir);
	snprintf(aside, sizeof aside, "%s.part.%ld", path, (long)getpid());
	ok(write_file(path, "old") == 0 && content_is(path, "old\n"), "a file is written");
	for (k = 0; k < 10; k++) {
		file_calls = bad;
		calls_left = k;
		failures += write_file(path, "new") < 0;
		file_calls = good;
		whole &= content_is(path, "old\n") || content_is(path, "new\n");
		clean &= access(aside, F_OK) < 0;
	}
	ok(failures >= 7, "each system call failing is told (%d of 10)", failures);
	ok(whole, "whichever call fails, the old or the new file is there, whole");
	ok(clean, "nothing written aside is left behind");
	ok(file_create(&(struct file){ 0 }, "/nonexistent/x") < 0 && err_status() == ERR_OUTPUT, "no directory: %s", err_text());
	ok(!file_read("/nonexistent/x", 0, &size) && err_status() == ERR_INPUT, "missing input: %s", err_text());
	ok(!file_read(path, 2, &size) && err_status() == ERR_DATA, "an input over its limit: %s", err_text());
	snprintf(aside, sizeof aside, "%s/a/b.tmp", dir);
	snprintf(path, sizeof path, "%s/a/b", dir);
	ok(file_directory(aside) == 0 && file_publish(aside, path) == 0 && access(path, F_OK) == 0, "a directory is published");
	ok(file_remove(path) == 0 && access(path, F_OK) < 0 && file_remove(path) == 0, "a directory is removed, twice without complaint");
}

int
main(void)
{
	char dir[] = "/tmp/tscae-base.XXXXXX";

	test_rng();
	test_opt();
	test_arena();
	test_pool();
	test_ordered();
	if (mkdtemp(dir)) {
		test_file(dir);
		file_remove(dir);
	}
	return tap_end();
}
