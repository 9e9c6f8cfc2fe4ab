/* base - tests of lib/base: published random numbers, options, arrays, arenas, threads, files that appear complete or
   not at all */
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
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_rng(void)
{
	/* known answers of Random123's kat_vectors, philox4x32 10 */
	static const struct { uint32_t counter[4], key[2], out[4]; } known[] = {
		{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
			{ 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
			{ 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } } };
	struct rng a = rng_at(7, 3, "mask", "cat.jpg"), b = rng_at(7, 3, "mask", "cat.jpg"),
		c = rng_at(7, 4, "mask", "cat.jpg");
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
	ok(differ, "random numbers of another epoch differ");
	for (i = 0; i < 70000; i++)
		count[rng_below(&a, 7)]++;
	for (i = 0; i < 7; i++)
		even &= labs(count[i] - 10000) < 500;	/* 5 standard deviations of a binomial */
	ok(even, "rng_below is uniform");
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
static long bytes;
static double range[2] = { 0.25, 0.5 };
static long pixels[2] = { 64, 64 };

#define PATTERNS(X) X(RANDOM, "random") X(BLOCK, "block") X(GRID, "grid")
enum pattern { PATTERNS(OPT_CONSTANT) };

static const struct opt table[] = {
	{ 'f', "flag", OPT_FLAG, &flag, 0, 0, "a flag", NULL },
	{ 'n', "number", OPT_INT, &number, 0, 2e9, "a number", NULL },
	{ 0, "learning-rate", OPT_REAL, &real, 0, 1, "a real", NULL },
	{ 't', "text", OPT_TEXT, &text, 0, 0, "a text", "FILE" },
	{ 'k', "kind", OPT_CHOICE, &choice, 0, 0, "a choice", OPT_NAMES(PATTERNS) },
	{ 0, "memory", OPT_BYTES, &bytes, 0, 1e15, "a size", NULL },
	{ 0, "scale", OPT_RANGE, range, 0, 10, "a range", NULL },
	{ 0, "size", OPT_SIZE, pixels, 16, 4096, "width and height", NULL },
	{ 0 }
};

static int
parse(int argc, const char **argv)
{
	static const struct opt *const tables[] = { table, NULL };

	return opt_parse(tables, argc, (char **)argv);
}

static void
test_opt_size(const struct opt *o)
{
	static const char *const wrong[] = { "", "x", "15", "4097", "64x", "x64", "64x15", "64x64x64", "0x40", "+64",
		" 64", "64 ", "-64", "64k", "6e1", "99999999999999999999" };
	char show[64];
	size_t i;

	ok(strcmp(opt_show(o, show, sizeof show), "64") == 0, "a size: a square is shown as one number");
	ok(opt_set(o, "320x240") == 0 && pixels[0] == 320 && pixels[1] == 240, "a size: width and height");
	ok(strcmp(opt_show(o, show, sizeof show), "320x240") == 0, "a size is shown as width and height");
	ok(opt_set(o, "16") == 0 && pixels[0] == 16 && pixels[1] == 16, "a size: one number is a square");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(opt_set(o, wrong[i]) == -1 && err_status() == ERR_USAGE && pixels[0] == 16 && pixels[1] == 16,
			"a size: '%s' is refused: %s", wrong[i], err_text());
}

static void
test_opt(void)
{
	const char *good[] = { "tool", "-f", "a", "--number=3k", "-k", "grid", "--learning-rate", "0.25", "--", "-b" };
	const char *wrong[][3] = { { "tool", "--nmber", "3" }, { "tool", "-n", "x" }, { "tool", "-n", "-1" },
		{ "tool", "-n", "1.5" }, { "tool", "-k", "ran" }, { "tool", "--flag=1", "a" }, { "tool", "-z", "a" },
		{ "tool", "a", "-n" }, { "tool", "-n", "nan" } };
	char show[64];
	size_t i;
	int first = parse(10, good);

	ok(first == 8 && flag && number == 3000 && choice == GRID && real == 0.25,
		"options of every type, letters and long names");
	ok(strcmp(good[8], "a") == 0 && strcmp(good[9], "-b") == 0,
		"operands move to the end of argv; -- ends the options");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(parse(3, wrong[i]) == -1 && err_status() == ERR_USAGE, "refused: %s %s (%s)", wrong[i][1],
			wrong[i][2], err_text());
	parse(3, wrong[0]);
	ok(strstr(err_text(), "did you mean 'number'?") != NULL,
		"the message for a misspelt option suggests the nearest name");
	ok(opt_assign(table, "learning-rate=0.125") == 0 && real == 0.125, "settings: name=value");
	ok(opt_assign(table, "learning_rate=0.5") == -1 && real == 0.125 &&
			strstr(err_text(), "did you mean 'learning-rate'"),
		"settings: a name with '_' in place of '-' is refused: %s", err_text());
	ok(opt_assign(table, "flag=off") == 0 && !flag, "settings: a flag has a value");
	ok(opt_assign(table, "kind=diagonal") == -1, "settings: a text that is not a choice is refused");
	test_opt_size(&table[7]);
	ok(strcmp(table[4].values, "random|block|grid") == 0, "a list of choices gives the names of a table");
	ok(strcmp(opt_show(&table[4], show, sizeof show), "grid") == 0, "opt_show gives what opt_set takes");
}

static void
test_sizes_and_ranges(void)
{
	static const struct { const char *text; long bytes; } sizes[] = {
		{ "memory=0", 0 }, { "memory=4000", 4000 }, { "memory=3k", 3000 }, { "memory=3K", 3000 },
		{ "memory=64M", 64000000 }, { "memory=64MB", 64000000 }, { "memory=1.5GiB", 3L << 29 },
		{ "memory=2Ki", 2048 }, { "memory=2Ti", 2L << 40 }, { "memory=7B", 7 }, { "memory=4e9", 4000000000 } };
	static const char *const wrong[] = {
		"memory=", "memory=M", "memory=1.5", "memory=1X", "memory=1iB", "memory=1MBs", "memory=-1",
		"memory=1e16", "memory=5 M", "memory=1GiBB", "number=1Ki", "number=1B",
		"scale=1", "scale=1,", "scale=,1", "scale=2,1", "scale=0,1", "scale=1,11", "scale=1,2,3", "scale=1;2",
		"scale=nan,1", "scale=1,inf"
	};
	char show[64];
	size_t i;
	int right = 1;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		right &= opt_assign(table, sizes[i].text) == 0 && bytes == sizes[i].bytes;
	ok(right, "sizes in bytes: k M G T are powers of 1000, Ki Mi Gi Ti of 1024, B may follow");
	ok(strcmp(opt_show(&table[5], show, sizeof show), "4000000000") == 0,
		"opt_show writes a size in bytes without a suffix");
	ok(opt_assign(table, "scale=0.1,2") == 0 && range[0] == 0.1 && range[1] == 2, "a range is two numbers");
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(opt_assign(table, wrong[i]) == -1 && err_status() == ERR_USAGE, "refused: %s (%s)", wrong[i],
			err_text());
	ok(range[0] == 0.1 && range[1] == 2, "a refused range leaves the option unchanged");
	ok(strcmp(opt_show(&table[6], show, sizeof show), "0.1,2") == 0, "opt_show writes a range as opt_set reads it");
	range[0] = 0;
	ok(strcmp(opt_show(&table[6], show, sizeof show), "") == 0,
		"opt_show writes nothing for a range that is unset");
}

static int
exit_status(void (*call)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		close(2);
		alarm(120);
		call();
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void array_overflow(void) { mem_array(SIZE_MAX / 4, 8); }
static void array_negative(void) { int count = -1; mem_array((size_t)count, 8); }
static void room_overflow(void) { size_t room = 0; mem_room(NULL, &room, SIZE_MAX / 4, 8); }
static void arena_overflow(void) { struct arena a = { 0 }; arena_array(&a, SIZE_MAX / 4, 8); }
static void sum_overflow(void) { mem_sum(SIZE_MAX, 1); }

static void
test_arrays(void)
{
	int *list = NULL, *array = mem_array(100, sizeof *array), i, kept = 1, moves = 0, zero = 1;
	struct arena a = { 0 };
	size_t room = 0;

	for (i = 0; i < 100; i++)
		zero &= array[i] == 0;
	ok(zero, "mem_array gives zeroed elements");
	for (i = 0; i < 10000; i++) {
		size_t before = room;

		list = mem_room(list, &room, (size_t)i + 1, sizeof *list);
		moves += room != before;
		list[i] = i;
	}
	for (i = 0; i < 10000; i++)
		kept &= list[i] == i;
	ok(kept && room >= 10000 && moves < 12, "mem_room keeps the elements and doubles (%d times for 10000)", moves);
	list = mem_room(list, &room, 50000, sizeof *list);
	ok(room == 50000 && list[9999] == 9999, "mem_room grows to what is needed where that is more than double");
	free(list);
	free(array);
	list = NULL;
	for (i = 0, room = 0; i < 10000; i++) {
		list = arena_room(&a, list, &room, (size_t)i + 1, sizeof *list);
		list[i] = i;
	}
	for (i = 0, kept = 1; i < 10000; i++)
		kept &= list[i] == i;
	ok(kept && room == 16384, "arena_room keeps the elements and doubles");
	arena_free(&a);
	ok(mem_product(3, 5) == 15 && mem_sum(3, 5) == 8, "mem_product and mem_sum");
	ok(exit_status(array_overflow) == ERR_OS, "an array whose size overflows ends the program with 71");
	ok(exit_status(array_negative) == ERR_OS, "an array with a negative count ends the program with 71");
	ok(exit_status(room_overflow) == ERR_OS, "a list whose size overflows ends the program with 71");
	ok(exit_status(arena_overflow) == ERR_OS, "an array in an arena whose size overflows ends the program with 71");
	ok(exit_status(sum_overflow) == ERR_OS, "a sum that overflows ends the program with 71");
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
	ok(steady, "equal rounds of work take no further memory from the system");
	a.limit = a.used + 100;
	ok(arena_get(&a, 1000) == NULL && arena_get(&a, 10) != NULL, "an arena with a limit refuses memory above it");
	{
		struct arena_mark m = arena_mark(&a);
		size_t used = a.used;

		a.limit = 0;
		arena_get(&a, 5 << 20);
		arena_release(&a, m);
		ok(a.used == used, "arena_release goes back to the mark");
	}
	arena_free(&a);
	ok(a.held == 0, "arena_free returns all memory");
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

/* Input, work and output of items: item n becomes 3 n by three pieces of another job of the pool. */
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
			struct numbers n = {
				.pool = p, .count = round * 5, .settle_at = round % 2 ? round * 2 : -1, .good = true
			};

			n.ordered = (struct ordered){ .pool = p,
				.slots = ordered_slots(p),
				.take = take_number,
				.work = triple_number,
				.put = put_number,
				.arg = &n };
			if (threads <= 1)
				n.settle_at = -1;
			good &= ordered_run(&n.ordered) == 0 && n.good && n.put == n.count;
			n = (struct numbers){ .pool = p, .count = 30, .settle_at = -1, .ordered = n.ordered };
			n.ordered.put = refuse_number;
			good &= ordered_run(&n.ordered) == -1 && n.put == 8;
		}
		pool_free(p);
	}
	ok(good,
		"ordered: every item once, in order, by 1 to 5 threads whose items run jobs on the same pool; an "
		"error ends it");
}

static int calls_left;	/* system calls until the one that fails */

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
static int good_unlink(const char *path) { return unlink(path); }

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
	static struct file_calls bad = { bad_open, bad_write, bad_writev, bad_fsync, bad_rename, bad_close,
		good_unlink };
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
	ok(failures >= 7, "the failure of each system call is reported (%d of 10)", failures);
	ok(whole, "after the failure of any system call, the old or the new file is complete");
	ok(clean, "after the failure of any system call, no temporary file is left");
	ok(file_create(&(struct file){ 0 }, "/nonexistent/x") < 0 && err_status() == ERR_OUTPUT, "no directory: %s",
		err_text());
	ok(!file_read("/nonexistent/x", 0, &size) && err_status() == ERR_INPUT, "missing input: %s", err_text());
	ok(!file_read(path, 2, &size) && err_status() == ERR_DATA,
		"a file above the size limit is refused: %s", err_text());
	snprintf(aside, sizeof aside, "%s/a/b.tmp", dir);
	snprintf(path, sizeof path, "%s/a/b", dir);
	ok(file_directory(aside) == 0 && file_publish(aside, path) == 0 && access(path, F_OK) == 0,
		"a directory is published");
	ok(file_remove(path) == 0 && access(path, F_OK) < 0 && file_remove(path) == 0,
		"a directory is removed; removing it again is no error");
}

/* A signal interrupts file_commit(): the handler reads the name of the unfinished file and waits; the other thread
   finishes the file, frees its names and allocates more memory; then the handler removes the file of that name. */
static struct {
	char path[256], other[260], part[300];
	atomic_int step;
	int same;	/* the name did not change under the handler */
	int done;	/* the other thread finished its file and began another */
} race;

enum { WRITING, PICKED, FINISHED };

static int
slow_unlink(const char *name)
{
	if (strcmp(name, race.part) != 0)
		return unlink(name);
	atomic_store(&race.step, PICKED);
	while (atomic_load(&race.step) != FINISHED)
		;
	race.same = strcmp(name, race.part) == 0;
	return unlink(name);
}

static void
on_signal(int sig)
{
	(void)sig;
	file_abandon_all();	/* NOLINT: made for signal handlers */
}

static void *
commit(void *arg)
{
	struct file *f = arg, another;
	char *reused[64];
	int i;

	while (atomic_load(&race.step) != PICKED)
		;
	race.done = file_commit(f, false) == 0;
	for (i = 0; i < 64; i++)
		reused[i] = mem_text(race.path);
	/* the handler's slot must not be given to the next file */
	race.done &= file_create(&another, race.other) == 0;
	atomic_store(&race.step, FINISHED);
	for (i = 0; i < 64; i++)
		free(reused[i]);
	return NULL;
}

static void
signal_in_commit(void)
{
	struct file f;
	pthread_t thread;

	file_calls.unlink = slow_unlink;
	if (file_create(&f, race.path) < 0 || file_write(&f, "first", 5) < 0 ||
		pthread_create(&thread, NULL, commit, &f))
		_exit(1);
	snprintf(race.part, sizeof race.part, "%s", f.temporary);
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	pthread_join(thread, NULL);
	_exit(race.same && race.done ? 0 : 2);
}

static void
signal_while_writing(void)
{
	struct file f[3];
	char path[300];
	int i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s.%d", race.path, i);
		if (file_create(&f[i], path) < 0)
			_exit(1);
	}
	if (file_commit(&f[1], false) < 0)
		_exit(1);
	file_abandon_all();
	_exit(0);
}

static void
test_file_signal(const char *dir)
{
	char part[600];
	int i, left = 0;

	snprintf(race.path, sizeof race.path, "%s/race", dir);
	snprintf(race.other, sizeof race.other, "%s/other", dir);
	ok(exit_status(signal_while_writing) == 0, "file_abandon_all() with three files");
	for (i = 0; i < 3; i++) {
		snprintf(part, sizeof part, "%s.%d", race.path, i);
		left += (access(part, F_OK) == 0) << i;
	}
	ok(left == 2, "file_abandon_all() removes unfinished files and leaves the finished one (%d)", left);
	ok(exit_status(signal_in_commit) == 0,
		"file_abandon_all(): the name that it removes does not change while another thread finishes the file");
	ok(content_is(race.path, "first"), "file_abandon_all(): the file that was finished at the same time stays");
}

int
main(void)
{
	char dir[] = "/tmp/tscae-base.XXXXXX";

	test_rng();
	test_opt();
	test_sizes_and_ranges();
	test_arrays();
	test_arena();
	test_pool();
	test_ordered();
	if (mkdtemp(dir)) {
		test_file(dir);
		test_file_signal(dir);
		ok(file_remove(dir) == 0, "the directory of the test is removed");
	}
	return tap_end();
}
