/* faults - preloaded library: fails one allocation of a program, or makes its reads and writes short

   FAIL_ALLOCATION=N    the Nth allocation after the start of main() fails, those of libraries included (0: none)
   COUNT_ALLOCATIONS=FILE    the number of allocations after the start of main() is written to FILE at the exit
   SHORT_IO=N           a read or write moves at most N bytes

   main() begins with the system call getpgid(MARK), so that a trace shows which calls are the loader's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MARK = 0x7473 };

/* glibc's own allocator; dlsym() would allocate */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
typedef int start_fn(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
	void (*rtld_fini)(void), void *stack_end);
start_fn __libc_start_main;

static atomic_long count, fail_at;
static atomic_bool in_main;
static const char *count_path;
static size_t most;	/* bytes of a read or write; 0: any */

/* True if this allocation has to fail. */
static bool
fails(void)
{
	if (!in_main || ++count != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { return fails() ? NULL : __libc_realloc(p, size); }
void *aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	void *q = fails() ? NULL : __libc_memalign(alignment, size);

	if (q)
		*p = q;
	return q ? 0 : ENOMEM;
}

void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

static size_t
shorter(size_t size)
{
	return most && size > most ? most : size;
}

ssize_t read(int fd, void *p, size_t size) { return syscall(SYS_read, fd, p, shorter(size)); }
ssize_t write(int fd, const void *p, size_t size) { return syscall(SYS_write, fd, p, shorter(size)); }

ssize_t
pread(int fd, void *p, size_t size, off_t offset)
{
	return syscall(SYS_pread64, fd, p, shorter(size), offset);
}

ssize_t
pwrite(int fd, const void *p, size_t size, off_t offset)
{
	return syscall(SYS_pwrite64, fd, p, shorter(size), offset);
}

ssize_t pread64(int fd, void *p, size_t size, off_t offset) { return pread(fd, p, size, offset); }
ssize_t pwrite64(int fd, const void *p, size_t size, off_t offset) { return pwrite(fd, p, size, offset); }

ssize_t
writev(int fd, const struct iovec *pieces, int n)
{
	int i;

	for (i = 0; most && i < n; i++)
		if (pieces[i].iov_len)
			return write(fd, pieces[i].iov_base, pieces[i].iov_len);
	return syscall(SYS_writev, fd, pieces, n);
}

ssize_t
readv(int fd, const struct iovec *pieces, int n)
{
	int i;

	for (i = 0; most && i < n; i++)
		if (pieces[i].iov_len)
			return read(fd, pieces[i].iov_base, pieces[i].iov_len);
	return syscall(SYS_readv, fd, pieces, n);
}

static void
write_count(void)
{
	char text[32];
	const long n = count;
	int fd;

	in_main = false;
	fd = open(count_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || write(fd, text, (size_t)snprintf(text, sizeof text, "%ld\n", n)) < 0)
		abort();
	close(fd);
}

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
	void (*rtld_fini)(void), void *stack_end)
{
	start_fn *start = (start_fn *)dlsym(RTLD_NEXT, "__libc_start_main");
	const char *text;

	if ((text = getenv("FAIL_ALLOCATION")))
		fail_at = atol(text);
	if ((text = getenv("SHORT_IO")))
		most = (size_t)atol(text);
	if ((count_path = getenv("COUNT_ALLOCATIONS")))
		atexit(write_count);
	syscall(SYS_getpgid, MARK);
	in_main = true;
	return start(main, argc, argv, init, fini, rtld_fini, stack_end);
}
