#!/usr/bin/python3
"""coverage.py - a page of the lines that nothing reaches, from llvm-cov's lcov file

usage: coverage.py FILE.lcov ROOT    prints the share of lines of lib/ that were not reached, a table of files, the
                                     lowest coverage first, and the lines
"""
import os
import sys


def ranges(lines):
    """1, 3-5 of [1, 3, 4, 5]."""
    text = []
    for n in sorted(lines):
        if text and text[-1][1] == n - 1:
            text[-1][1] = n
        else:
            text.append([n, n])
    return ', '.join(str(a) if a == b else '%d-%d' % (a, b) for a, b in text)


def main(path, root):
    counts, name = {}, None
    with open(path) as f:
        for line in f:
            if line.startswith('SF:'):
                name = os.path.relpath(line[3:].strip(), root) if line[3] == '/' else line[3:].strip()
            elif line.startswith('DA:') and name.startswith('lib/'):
                at, hits = line[3:].split(',')[:2]
                lines = counts.setdefault(name, {})
                lines[int(at)] = max(lines.get(int(at), 0), int(hits))
    total = sum(map(len, counts.values()))
    missed = {n: [at for at, hits in lines.items() if hits == 0] for n, lines in counts.items()}
    none = sum(map(len, missed.values()))
    print('Lines of lib/ that no test and no fuzz run reaches: %d of %d, %.1f %%.\n' % (
        none, total, 100 * none / total))
    for n in sorted(missed, key=lambda n: -len(missed[n]) / len(counts[n])):
        if missed[n]:
            print('%5.1f %% %4d  %s: %s' % (
                100 * len(missed[n]) / len(counts[n]), len(missed[n]), n, ranges(missed[n])))


if __name__ == '__main__':
    main(*sys.argv[1:])
