#!/usr/bin/python3
"""fault_points.py - each tool on small inputs, with one allocation or one system call failing

usage: fault_points.py memory|calls|short FOLDER FAULTS.SO MOST [NAME ...]

FOLDER/cases has a case a line: NAME|INPUT|COMMAND. The command runs in an empty folder below FOLDER, with I as the
folder of inputs; INPUT is the file on its standard input. At most MOST faults are tried of each case and kind of
fault, spread evenly (0: all). memory: the Nth allocation fails. calls: the Nth system call of a name fails, with each
error that it can have. short: all reads and writes move few bytes.

A fault must be reported (exit 71 for memory, 66, 71 or 74 for a system call, and a line on standard error) or must
change nothing: exit 0 with the same output. An image that cannot be read may be skipped with a message. Output files
are complete or absent, and no temporary file is left.
Prints TAP lines without a plan; exit 1 if one is not ok.
"""
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LIMIT = 60      # seconds of a run
MARK = 'getpgid(29811'      # the system call with which main() begins (tests/preload/faults.c)
# system calls and the errors that they are made to return
ERRORS = {
    'read': ('EIO', 'EINTR'), 'pread64': ('EIO', 'EINTR'), 'write': ('EIO', 'ENOSPC', 'EINTR'),
    'pwrite64': ('EIO', 'ENOSPC'), 'writev': ('EIO', 'ENOSPC', 'EINTR'),
    'openat': ('EMFILE', 'EIO', 'EINTR', 'ENOSPC'), 'open': ('EMFILE', 'EIO'),
    'newfstatat': ('EIO', 'ENOMEM'), 'fstat': ('EIO',), 'stat': ('EIO',), 'lstat': ('EIO',), 'statx': ('EIO',),
    'getdents64': ('EIO',), 'lseek': ('EIO',), 'close': ('EIO', 'EINTR'), 'fsync': ('EIO', 'ENOSPC'),
    'fdatasync': ('EIO',), 'rename': ('EIO', 'ENOSPC'), 'renameat2': ('EIO',), 'mkdir': ('ENOSPC', 'EIO'),
    'unlink': ('EIO',), 'rmdir': ('EIO',), 'unlinkat': ('EIO',), 'symlink': ('ENOSPC',), 'readlink': ('EIO',),
    'ftruncate': ('EIO',), 'fallocate': ('ENOSPC',), 'flock': ('ENOLCK', 'EINTR'), 'fcntl': ('EMFILE',),
    'dup': ('EMFILE',), 'mmap': ('ENOMEM',), 'mremap': ('ENOMEM',), 'madvise': ('EINVAL',),
    'getrandom': ('EINTR',), 'clone3': ('EAGAIN',), 'clone': ('EAGAIN',), 'sched_getaffinity': ('EPERM',),
    'prlimit64': ('EPERM',), 'sysinfo': ('EFAULT',), 'uname': ('EFAULT',), 'ioctl': ('EIO',), 'pipe2': ('EMFILE',),
    'memfd_create': ('EMFILE',), 'getcwd': ('ENOENT',), 'access': ('EIO',), 'chdir': ('EIO',), 'copy_file_range':
    ('EIO',), 'fadvise64': ('EINVAL',), 'poll': ('EINTR',), 'utimensat': ('EIO',), 'chmod': ('EPERM',),
    'kill': ('EPERM',), 'link': ('EIO',), 'statfs': ('EIO',), 'fchmod': ('EPERM',), 'umask': (), 'getpid': (),
}
SKIPPED = (0, 1, 65)    # one of several images, with --strict, the only image
REMOVERS = ('unlink', 'rmdir', 'unlinkat', 'kill')     # where these fail, a temporary file may stay
# libtiff 4.5 uses its table of tags without a look whether it got memory for it; libwebp 1.2 frees tables of a lossless
# image that it did not set
CRASHES = {('memory', 'decode-tiff'): (-11,), ('memory', 'decode-webp'): (-11,)}
OK = {'memory': (71,), 'calls': (66, 71, 74)}


def content(folder):
    """Path and bytes of each file below a folder; the log's times differ from run to run."""
    files = {}
    for top, folders, names in os.walk(folder):
        for name in names + [f for f in folders if os.path.islink(os.path.join(top, f))]:
            path = os.path.join(top, name)
            at = os.path.relpath(path, folder)
            if name == 'log.jsonl':
                files[at] = b''
            elif os.path.islink(path):
                files[at] = os.readlink(path).encode()
            else:
                with open(path, 'rb') as f:
                    files[at] = f.read()
    return files


class Case:
    def __init__(self, folder, line):
        self.folder = folder
        self.name, self.input, command = line.split('|')
        self.argv = command.replace('I/', folder + '/').split()
        self.resumes = self.name.startswith('train')
        self.runs = 0

    def start(self, place, before, env):
        """Status, standard output and standard error of a run in a folder."""
        with open(os.path.join(self.folder, self.input) if self.input else os.devnull, 'rb') as stdin:
            try:
                p = subprocess.run([*before, *self.argv], stdin=stdin, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=place, env={**os.environ, **env}, timeout=LIMIT)
                return p.returncode, p.stdout, p.stderr
            except subprocess.TimeoutExpired:
                return 'no end', b'', b''

    def run(self, before=(), **env):
        """Run in a new folder: status, standard output, standard error, files, and a second result if the tool is
        one that resumes: that of the same command again, without a fault."""
        self.runs += 1
        place = os.path.join(self.folder, 'run.%s.%d' % (self.name, self.runs))
        os.mkdir(place)
        result = (*self.start(place, before, env), content(place))
        if self.resumes:
            again = self.start(place, (), {})
            # older checkpoints may stay where they could not be removed
            latest = os.path.join(place, 'run', 'latest')
            result = (*result, (again[0], again[2], os.path.exists(latest) and os.readlink(latest),
                                content(os.path.realpath(latest))))
        shutil.rmtree(place, ignore_errors=True)
        return result

    def fault(self, kind, got, silent=False, leaves=False, skips=False):
        """What is wrong with the result of a run with a fault; '' if nothing is."""
        status, out, message, files = got[:4]
        right, want, _, whole = self.clean[:4]
        if status == 'no end':
            return 'does not end'
        if self.resumes:
            if got[4][0] != 0 or got[4][2:] != self.clean[4][2:]:
                return 'exit %s: %s; the next run: exit %s, %s: %s' % (
                    status, message.decode(errors='replace')[:200], got[4][0], got[4][2], got[4][1].decode(
                        errors='replace')[:200])
            files = whole
        if skips and status in SKIPPED and b' 1 skipped' in message and b'(skipped)' in message:
            return ''
        if status == right:
            if out != want or files != whole:
                return 'exit %s, with other output: %s' % (status, message.decode(errors='replace')[:200])
            return ''
        if status in CRASHES.get((kind, self.name), ()):
            return ''
        if status not in OK[kind]:
            return 'exit %s: %s' % (status, message.decode(errors='replace')[:200])
        if not message and not silent:
            return 'exit %s without a message' % status
        if not want.startswith(out):
            return 'exit %s, after other output' % status
        for name, data in files.items():
            if name not in whole and re.search(r'\.(part|tmp)', name) and not leaves:
                return 'exit %s, %s is left' % (status, name)
            if name in whole and data != whole[name] or name not in whole and '.part' not in name:
                return 'exit %s, %s is wrong' % (status, name)
        return ''


def spread(count, most):
    """At most `most` numbers of 1 .. count."""
    return sorted({1 + i * (count - 1) // max(most - 1, 1) for i in range(most)} if most else range(1, count + 1))


def memory(case, library, most):
    """Yield (what, problem) of each failing allocation."""
    counted = os.path.join(case.folder, 'count.' + case.name)
    case.run(LD_PRELOAD=library, COUNT_ALLOCATIONS=counted)
    with open(counted) as f:
        count = int(f.read())
    for n in spread(count, most):
        yield 'allocation %d of %d' % (n, count), case.fault(
            'memory', case.run(LD_PRELOAD=library, FAIL_ALLOCATION=str(n)))


def calls(case, library, most):
    """Yield (what, problem) of each failing system call. All processes and threads count alone, so one thread is
    used."""
    log = os.path.join(case.folder, 'log.' + case.name)
    strace = ['strace', '-f', '-qq', '-E', 'LD_PRELOAD=' + library]
    case.run([*strace, '-o', log])
    seen, begun = {}, False
    with open(log, errors='replace') as f:
        for line in f:
            found = re.match(r'\d+ +(\w+)\((\d*)', line)
            begun = begun or MARK in line
            if found:
                seen.setdefault(found.group(1), []).append((begun, found.group(2)))
    for name, events in sorted(seen.items()):
        late = [i + 1 for i, (after, _) in enumerate(events) if after]
        for n in [late[i - 1] for i in spread(len(late), most)] if late else ():
            for error in ERRORS.get(name, ()):
                got = case.run([*strace, '-o', log, '-e', 'trace=' + name, '-e',
                                'inject=%s:error=%s:when=%d' % (name, error, n)])
                with open(log, errors='replace') as f:
                    injected = 'INJECTED' in f.read()
                # a message that cannot be written is missing
                silent = name in ('write', 'writev') and events[n - 1][1] == '2'
                # an image that cannot be read is skipped and counted
                problem = case.fault('calls', got, silent, name in REMOVERS, error not in ('EMFILE', 'ENOMEM'))
                # threads may make fewer calls than in the first run
                if not injected and len(late) == 1:
                    problem = problem or 'no fault was injected'
                yield '%s %d of %d: %s' % (name, n, len(events), error), problem


def short(case, library, most):
    """Yield (what, problem) of short reads and writes."""
    for size in (1, 7, 4093):
        got = case.run(LD_PRELOAD=library, SHORT_IO=str(size))
        same = got[0] == case.clean[0] and got[1] == case.clean[1] and got[3] == case.clean[3]
        yield 'at most %d bytes' % size, '' if same else 'exit %s, other output: %s' % (
            got[0], got[2].decode(errors='replace')[:200])


def examine(function, case, library, most):
    case.clean = case.run(LD_PRELOAD=library)
    again = case.run(LD_PRELOAD=library)
    if case.clean[0] != 0 or (again[0], again[1], again[3]) != (0, case.clean[1], case.clean[3]):
        return 0, ['without a fault: exit %s: %s' % (case.clean[0], case.clean[2].decode(errors='replace')[:300])]
    tried, problems = 0, []
    for what, problem in function(case, library, most):
        tried += 1
        if problem:
            problems.append('%s: %s' % (what, problem))
    return tried, problems


def main(kind, folder, library, most, *names):
    function, what = {
        'memory': (memory, 'a failing allocation is exit 71, or changes nothing'),
        'calls': (calls, 'a failing system call is exit 66, 71 or 74, or changes nothing'),
        'short': (short, 'short reads and writes change nothing')}[kind]
    folder = os.path.abspath(folder)
    with open(os.path.join(folder, 'cases')) as f:
        cases = [Case(folder, line.rstrip('\n')) for line in f if line.strip()]
    bad = False
    cases = [c for c in cases if not names or c.name in names]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for case, (tried, problems) in zip(cases, pool.map(
                lambda c: examine(function, c, os.path.abspath(library), int(most)), cases)):
            print('%sok - %s: %s (%d tried)' % ('not ' if problems else '', case.name, what, tried), flush=True)
            bad |= bool(problems)
            for p in problems[:20]:
                print('#   ' + ' '.join(p.split()))
    return bad


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
