/* gemm - matrix products in single precision by BLAS, one thread each; choice of the BLAS's kernels

   OpenBLAS runs with one thread, called from all threads of the program. Its results then depend on the operands
   alone, not on the number of threads.

   OpenBLAS takes a buffer for each thread that multiplies at the same time, and one when it is loaded. It retries for
   ever where the address space is too small (blas_memory_alloc()), so the space is probed before each new buffer. */
#include "kernel/gemm.h"
#include "base/err.h"
#include "base/mem.h"
#include "kernel/kernel.h"

#include <assert.h>
#include <cblas.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syscall.h>
#include <unistd.h>

/* bytes of a buffer of OpenBLAS, and of what else it takes when it is loaded */
enum { BUFFER = 128 << 20, SLACK = 16 << 20, BUFFERS_MAX = 64 };

static _Thread_local double flops;

/* buffers of OpenBLAS; hidden in some builds */
extern void *blas_memory_alloc(int position) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

/* Is there address space of that size? By system calls alone: it runs before the C library and sanitizers are ready. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static bool
fits(size_t size)
{
#if defined __s390x__
	/* there the arguments are a block of memory */
	const unsigned long block[6] = { 0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1UL, 0 };
	const long at = syscall(SYS_mmap, block);
#else
	const long at = syscall(SYS_mmap, NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
#endif

	if (at == -1)
		return false;
	syscall(SYS_munmap, at, size);
	return true;
}

/* Runs before the constructors of the libraries, of which OpenBLAS's takes a buffer. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static void
check_address_space(int argc, char **argv, char **envp)
{
	static const char text[] = ": out of memory: OpenBLAS needs 144 MiB of address space; raise ulimit -v\n";
	const char *name = argc > 0 ? argv[0] : "tscae", *c;

	(void)envp;
	if (fits(BUFFER + SLACK))
		return;
	for (c = name; *c; c++)
		if (*c == '/')
			name = c + 1;
	if (syscall(SYS_write, 2, name, c - name) >= 0 && syscall(SYS_write, 2, text, sizeof text - 1) >= 0) {
	}
	syscall(SYS_exit_group, ERR_OS);
}
__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) =
	check_address_space;

/* ends the threads of OpenBLAS; a build without threads does not define it */
extern int blas_thread_shutdown_(void) __attribute__((weak));

/* choose the kernels of OpenBLAS by OPENBLAS_CORETYPE or the processor; a build for one processor defines neither */
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));

/* An OpenBLAS that is older than the processor takes the kernels of Prescott, the first with 64 bits (0.3.21 does so
   on Intel's Emerald Rapids). Choose those of the instruction set that kernel.h uses instead. */
static void
choose_kernels(void)
{
	static const struct { const char *isa, *core; } known[] = { { "avx512", "SkylakeX" }, { "avx2", "Haswell" } };
	size_t i;

	if (strcmp(openblas_get_corename(), "Prescott") != 0 || getenv("OPENBLAS_CORETYPE") ||
	    !gotoblas_dynamic_quit || !gotoblas_dynamic_init)
		return;
	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(kernel_isa(), known[i].isa) == 0 && setenv("OPENBLAS_CORETYPE", known[i].core, 0) == 0) {
			gotoblas_dynamic_quit();
			gotoblas_dynamic_init();
			unsetenv("OPENBLAS_CORETYPE");
		}
}

/* Runs before main. By then OpenBLAS has started one thread per processor, each of which busy-waits for about 40 ms
   and takes time from the threads of this program: end them (a later openblas_set_num_threads() starts them again).
   */
__attribute__((constructor)) static void
one_thread(void)
{
	openblas_set_num_threads(1);
	if (blas_thread_shutdown_)
		blas_thread_shutdown_();
	choose_kernels();
}

/* threads that have multiplied and still run; the most there were at a time, for which OpenBLAS has buffers */
static struct { pthread_mutex_t lock; pthread_key_t key; int live, reserved; } threads = {
	.lock = PTHREAD_MUTEX_INITIALIZER
};

static void
thread_ends(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&threads.lock);
	threads.live--;
	pthread_mutex_unlock(&threads.lock);
}

__attribute__((constructor)) static void
watch_threads(void)
{
	if (pthread_key_create(&threads.key, thread_ends) != 0)
		mem_none();
}

/* The first product of a thread: let OpenBLAS take one more buffer, so that a product never has to. */
static void
reserve_buffer(void)
{
	void *held[BUFFERS_MAX];
	int i = 0;

	pthread_mutex_lock(&threads.lock);
	pthread_setspecific(threads.key, &threads);	/* not NULL: thread_ends() will run */
	threads.live++;
	if (threads.live > threads.reserved && threads.live <= BUFFERS_MAX && blas_memory_alloc && blas_memory_free) {
		for (; i < threads.live; i++) {
			if (!fits(BUFFER))
				mem_none();
			held[i] = blas_memory_alloc(0);
		}
		threads.reserved = threads.live;
	}
	while (i-- > 0)
		blas_memory_free(held[i]);
	pthread_mutex_unlock(&threads.lock);
}

void
gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc)
{
	static _Thread_local bool ready;

	assert(lda >= (ta ? m : k) && ldb >= (tb ? k : n) && ldc >= n);
	if (!ready)
		reserve_buffer();
	ready = true;
	cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k,
		alpha, a, lda, b, ldb, beta, c, ldc);
	flops += 2.0 * m * n * k;
}

double
gemm_flops(void)
{
	double f = flops;

	flops = 0;
	return f;
}

void
gemm_count(double operations)
{
	flops += operations;
}

const char *
gemm_version(void)
{
	static char text[64];
	char version[24] = "";

	/* the second word of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..." */
	sscanf(openblas_get_config(), "%*s %23s", version);
	snprintf(text, sizeof text, "OpenBLAS %s %s", version, openblas_get_corename());
	return text;
}
