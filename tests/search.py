#!/usr/bin/python3
"""search.py - inputs for tscae-search, and its results by brute force in float64

usage: search.py make                        write the inputs of the test to the current folder
       search.py neighbors K Q C TABLE [self]   compare a table of neighbors; Q and C are .npy files
       search.py groups T C TABLE            compare a table of groups
       search.py header                      arrays of other types, orders and versions, and damaged ones
"""
import sys

import numpy as np
from numpy.lib import format as npy

from streams import write_stream


def unit(path):
    x = np.load(path).astype('f8')
    x = x.reshape(len(x), -1)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def stream(path, x, keys, images=None):
    records = [{'key': k, 'feature': f} for k, f in zip(keys, x)]
    for r, image in zip(records, images if images is not None else []):
        r['image'] = image
    write_stream(path, 'feature', {}, records)


def make():
    r = np.random.default_rng(5)
    x = r.normal(size=(3000, 48)).astype('f4')
    x[100:103] = x[7]                       # equal rows
    x[2000] = x[7]
    x[300] = 2.5 * x[8]                     # the same direction
    for i in range(400, 460):               # chains: each is near the one before
        x[i] = x[i - 1] + 0.2 * r.normal(size=48)
    q = np.concatenate([x[[7, 8, 455]], r.normal(size=(67, 48)).astype('f4')])
    np.save('x.npy', x)
    np.save('q.npy', q)
    stream('x.tsc', x, ['%d' % i for i in range(3000)])
    stream('first.tsc', x[:1700], ['%d' % i for i in range(1700)])
    stream('second.tsc', x[1700:], ['%d' % i for i in range(1700, 3000)])
    stream('q.tsc', q, ['%d' % i for i in range(70)])
    stream('wide.tsc', np.ones((3, 5), 'f4'), 'abc')
    bad = x[:20].copy()
    bad[11, 5] = np.nan
    stream('nan.tsc', bad, ['n%d' % i for i in range(20)])
    np.save('nan.npy', bad)
    bad = bad.astype('f8')
    bad[11, 5] = -1e200
    np.save('beyond.npy', bad)
    stream('empty.tsc', bad[:0], [])
    stream('zeros.tsc', np.zeros((3, 48), 'f4'), 'abc')
    some = x[:20].copy()
    some[[4, 9]] = 0
    stream('some.tsc', some, ['s%d' % i for i in range(20)])
    keys = ['k%d' % i for i in range(20)]
    keys[7], keys[9], keys[11] = 'k3', 'k3', 'tab\t\\\\x'
    twice = x[:20].copy()
    twice[7] = twice[3]                     # the same image twice
    twice[11] = twice[12]
    stream('twice.tsc', twice, keys)
    # images: one color for each group of three
    y = np.repeat(r.normal(size=(6, 16)), 3, axis=0).astype('f4')
    y[:, 0] += np.tile(np.array([0, .01, .02], 'f4'), 6)
    colors = np.repeat(r.integers(40, 215, size=(6, 1, 1, 3)), 3, axis=0).astype('u1')
    stream('images.tsc', y, ['i%d' % i for i in range(18)],
        [np.broadcast_to(c, (20, 24, 3)).copy() for c in colors])
    large = np.zeros((400, 800, 3), 'u1')
    stream('large.tsc', y[:2], ['l0', 'l1'], [large, large])
    np.save('colors.npy', colors[:, 0, 0])


def rows(path, head):
    lines = open(path).read().splitlines()
    assert lines[0] == head, lines[0]
    return [line.split('\t') for line in lines[1:]]


def neighbors(k, q_path, c_path, table, exclude):
    q, c, raw = unit(q_path), unit(c_path), np.load(c_path)
    similarity = q @ c.T
    found = {}
    for query, rank, key, s in rows(table, 'query\trank\tkey\tsimilarity'):
        found.setdefault(int(query), []).append((int(rank), int(key), float(s)))
    assert sorted(found) == list(range(len(q))) and list(found) == sorted(found)
    for i, near in found.items():
        want = similarity[i].copy()
        if exclude:
            want = np.delete(want, i)
        best = np.sort(want)[::-1][:k]
        assert [n[0] for n in near] == list(range(1, len(best) + 1)), (i, near)
        keys = [n[1] for n in near]
        assert len(set(keys)) == len(keys) and not (exclude and i in keys)
        for (_, key, s), b in zip(near, best):
            assert abs(s - b) < 2e-6 and abs(similarity[i, key] - s) < 2e-6, (i, key, s, b)
        for a, b in zip(keys, keys[1:]):
            assert not np.array_equal(raw[a], raw[b]) or a < b, 'of equal rows the earlier one comes first'
    print('same')


def groups(threshold, c_path, table):
    c = unit(c_path)
    similarity = c @ c.T
    assert not (np.abs(similarity - threshold) < 2e-6).any(), 'a pair at the threshold'
    left, want = set(range(len(c))), []
    for i in range(len(c)):
        if i not in left:
            continue
        left.discard(i)
        group, queue = [i], [i]
        while queue:
            for j in np.nonzero(similarity[queue.pop()] >= threshold)[0]:
                if j in left:
                    left.discard(j)
                    group.append(j)
                    queue.append(j)
        if len(group) > 1:
            want.append(sorted(group))
    got = {}
    for group, state, key in rows(table, 'group\tstate\tkey'):
        got.setdefault(int(group), []).append((state, int(key)))
    assert list(got) == list(range(1, len(want) + 1)), (len(got), len(want))
    for g, w in zip(got.values(), want):
        assert [key for _, key in g] == w, (g, w)
        assert [state for state, _ in g] == ['keep'] + ['duplicate'] * (len(w) - 1)
    print('same', len(want))


def header():
    x = np.load('x.npy')
    np.save('f8.npy', x.astype('f8'))
    np.save('f2.npy', x.astype('f2'))
    np.save('i4.npy', (1000 * x).astype('i4'))
    np.save('cube.npy', x.reshape(-1, 4, 12))
    for version in (2, 3):
        with open('v%d.npy' % version, 'wb') as f:
            npy.write_array(f, x, version=(version, 0))
    np.save('fortran.npy', np.asfortranarray(x))
    np.save('big.npy', x.astype('>f4'))
    np.save('complex.npy', x.astype('c8'))
    np.save('struct.npy', np.zeros(5, dtype=[('a', 'f4'), ('b', 'i4')]))
    np.save('scalar.npy', np.float32(3))
    np.save('none.npy', x[:0])
    np.save('thin.npy', np.zeros((5, 0), 'f4'))
    whole = open('x.npy', 'rb').read()
    open('cut.npy', 'wb').write(whole[:-1])
    open('long.npy', 'wb').write(whole + b'x')
    open('head.npy', 'wb').write(whole[:60])
    open('huge.npy', 'wb').write(whole.replace(b'(3000, 48)', b'(9223372036854775807, 48)'.ljust(10))[:200])
    open('odd.npy', 'wb').write(whole.replace(b'shape', b'shade'))
    open('twice.npy', 'wb').write(whole.replace(b"'descr'", b"'shape'"))


def main(args):
    if args[0] == 'make':
        make()
    elif args[0] == 'header':
        header()
    elif args[0] == 'neighbors':
        neighbors(int(args[1]), args[2], args[3], args[4], args[5:] == ['self'])
    else:
        groups(float(args[1]), args[2], args[3])


main(sys.argv[1:])
