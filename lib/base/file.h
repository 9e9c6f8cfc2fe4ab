/* file - all file output of the project: a file appears complete or not at all

   A file is written under a temporary name in the same folder and renamed when it is complete and on disk; a directory
   (a checkpoint) likewise. A failed fsync is final: the kernel has dropped the pages, so a second one could succeed
   without them.
   Tests replace the calls of struct file_calls to make each of them fail in turn. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The first bytes of a Git LFS pointer, the text in place of a large file that was not fetched, and the remedy. */
#define FILE_LFS_POINTER "version https://git-lfs"
#define FILE_LFS_REMEDY "fetch its content first: git lfs pull"

struct file {
	int fd;			/* -1: closed */
	char *path;		/* final name; "-" is standard output */
	char *temporary;		/* name until it is complete; NULL for standard output and devices */
	struct file_slot *slot;	/* where a signal handler finds the temporary name; NULL: it does not */
	size_t written;		/* bytes so far */
};

/* Open for writing. "-" is standard output, and so is a link to it, such as /dev/stdout (/dev/stderr likewise);
   /dev/fd/N is the open descriptor N; a device or pipe is opened as it is; anything else, also what a link names, is
   written to a temporary name (path.part.PID), and file_remove_stale(). -1 and err(ERR_OUTPUT). */
int file_create(struct file *f, const char *path) ERR_CHECK;

/* Write everything, restarting after interrupts and short writes. -1 and err(ERR_OUTPUT) with path and reason.
   A closed pipe ends the program quietly by SIGPIPE, also where SIGPIPE was inherited ignored. */
int file_write(struct file *f, const void *bytes, size_t size) ERR_CHECK;

/* The same for up to 8 pieces, in one system call where possible. */
int file_writev(struct file *f, const struct iovec *pieces, int count) ERR_CHECK;

/* Replace `size` bytes at `offset` of a file with a temporary name (a count that is known only at the end). */
int file_patch(struct file *f, size_t offset, const void *bytes, size_t size) ERR_CHECK;

/* Finish: with `sync`, force it to disk; then close and rename into place (and sync the directory).
   On failure -1 and err(ERR_OUTPUT); no temporary file is left either way. */
int file_commit(struct file *f, bool sync) ERR_CHECK;

/* Close and remove the temporary file. Keeps the current error. */
void file_abandon(struct file *f);

/* Remove the temporary files of an output that killed processes left: files whose process does not exist on this host
   and that no process has locked. The folder is read once, not again for further outputs in it. Thread-safe. */
void file_remove_stale(const char *path);

/* Write a whole file: file_create, file_write, file_commit. Without the removal of old temporary files, which reads the
   folder: programs write many files this way. -1 and err(ERR_OUTPUT). */
int file_save(const char *path, const void *bytes, size_t size, bool sync) ERR_CHECK;

/* Remove every unfinished file; for a signal handler (async-signal-safe), before the program ends. */
void file_abandon_all(void);

/* Exit status for an errno of a call on an input or output: ERR_OS where memory or descriptors ran out, else ERR_INPUT
   or ERR_OUTPUT. */
int file_status(int error);
int file_output_status(int error);

/* Does the path end with the suffix (".tar", in any case), after at least one more byte? */
bool file_has_suffix(const char *path, const char *suffix);

/* False if there is no file or folder of that name. True where the system call fails for another reason (no permission,
   a read error): opening it then gives the reason. */
bool file_exists(const char *path);

/* Open a regular file for reading, without waiting: a pipe, device or folder is refused. Returns the descriptor; -1 and
   err(file_status). */
int file_open(const char *path) ERR_CHECK;

/* The same as a buffered stream, which the caller closes. NULL and err(ERR_INPUT). */
FILE *file_open_stream(const char *path) ERR_CHECK;

/* Read a whole regular file of at most `limit` bytes (0: no limit) into memory that the caller frees;
   one zero byte follows the content. NULL and err(ERR_INPUT), or err(ERR_DATA) when it is larger. */
void *file_read(const char *path, size_t limit, size_t *size) ERR_CHECK;

/* Make a directory appear complete: force everything in `temporary` to disk and rename it to `path`, which must not
   exist. -1 and err(ERR_OUTPUT). */
int file_publish(const char *temporary, const char *path) ERR_CHECK;

/* A symbolic link to `target` at `path`, replacing an older one in one step (by way of path.tmp) and forced to disk.
   -1 and err(ERR_OUTPUT). */
int file_link(const char *target, const char *path) ERR_CHECK;

/* Read or write `size` bytes of a descriptor at `offset` (-1: where it stands), restarting after interrupts and short
   transfers. Reading returns the number of bytes, less than `size` only at the end of the file, or -1 with errno.
   Writing returns the number written, less than `size` only with errno. For descriptors without a struct file. */
ssize_t file_read_at(int fd, off_t offset, void *to, size_t size) ERR_CHECK;
size_t file_write_at(int fd, off_t offset, const void *bytes, size_t size) ERR_CHECK;

/* The next entry of the folder `path` of opendir(), NULL after the last one. 1; 0 after the last one; -1 and
   err(file_status): the folder cannot be read on. */
int file_entry(DIR *d, const char *path, struct dirent **entry) ERR_CHECK;

/* Force a file or directory, or the directory that holds it, to disk. -1 and err(ERR_OUTPUT). */
int file_sync(const char *path) ERR_CHECK;
int file_sync_parent(const char *path) ERR_CHECK;

/* Make a directory and its parents (mode 0777 less umask); no error if it exists. -1 and err(ERR_OUTPUT). */
int file_directory(const char *path) ERR_CHECK;

/* Remove a directory with everything in it; no error if it does not exist. -1 and err(ERR_OUTPUT). */
int file_remove(const char *path) ERR_CHECK;

struct file_calls {
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*write)(int fd, const void *bytes, size_t size);
	ssize_t (*writev)(int fd, const struct iovec *pieces, int count);
	int (*fsync)(int fd);
	int (*rename)(const char *from, const char *to);
	int (*close)(int fd);
	int (*unlink)(const char *path);
};
extern struct file_calls file_calls;	/* the system's, unless a test replaces them */

#endif
