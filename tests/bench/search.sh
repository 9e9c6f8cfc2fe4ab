#!/bin/bash
# search.sh - tscae-search beside brute force in numpy and, if it can be imported, FAISS: whole programs, from .npy
# files to results
. "${0%/*}/lib.sh"
RECORDS=${RECORDS:-$(quick 5000 1000000)}
WIDTH=${WIDTH:-192}
QUERIES=${QUERIES:-100}
GROUPED=${GROUPED:-$(quick 1000 20000)}
export OPENBLAS_NUM_THREADS=$THREADS OMP_NUM_THREADS=$THREADS
cd "$tmp" || exit 1
"$PYTHON" - "$RECORDS" "$WIDTH" "$QUERIES" "$GROUPED" <<'EOT' || exit 1
import sys
import numpy as np
n, d, m, g = map(int, sys.argv[1:])
r = np.random.default_rng(1)
x = np.lib.format.open_memmap('x.npy', 'w+', 'f4', (n, d))
for i in range(0, n, 65536):
    x[i:i + 65536] = r.normal(size=x[i:i + 65536].shape)
q = r.integers(n, size=m)
np.save('q.npy', x[q] + r.normal(size=(m, d)).astype('f4') / 3)
s = np.array(x[:g])
s[g // 2:] = s[:g - g // 2] + r.normal(size=(g - g // 2, d)).astype('f4') / 10    # each row has a near-duplicate
np.save('s.npy', s)
EOT
cat >brute.py <<'EOT'
"""brute.py - brute force: neighbors numpy|faiss, or groups"""
import sys
import numpy as np
what, other = sys.argv[1], sys.argv[2:]
def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)
if what == 'groups':
    x, parent = unit(np.load('s.npy')), None
    parent = list(range(len(x)))
    def find(i):
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i
    for i in range(0, len(x), 1024):
        for a, b in np.argwhere(np.triu(x[i:i + 1024] @ x[i:].T >= 0.9, 1)):
            a, b = sorted((find(a + i), find(b + i)))
            parent[b] = a
    print(*[find(i) for i in range(len(x))], sep='\n')
    sys.exit()
q = unit(np.load('q.npy'))
if what == 'faiss':
    import faiss
    faiss.omp_set_num_threads(int(other[0]))
    x = np.load('x.npy')
    faiss.normalize_L2(x)
    index = faiss.IndexFlatIP(x.shape[1])
    index.add(x)
    best = index.search(q, 10)[1]
else:
    x = np.load('x.npy', mmap_mode='r')
    keys, values = np.zeros((len(q), 0), int), np.zeros((len(q), 0), 'f4')
    for i in range(0, len(x), 65536):
        s = q @ unit(x[i:i + 65536]).T
        near = np.argpartition(-s, min(10, s.shape[1] - 1), axis=1)[:, :10]
        keys = np.concatenate([keys, near + i], axis=1)
        values = np.concatenate([values, np.take_along_axis(s, near, axis=1)], axis=1)
    order = np.argsort(-values, axis=1, kind='stable')[:, :10]
    best = np.take_along_axis(keys, order, axis=1)
for i, row in enumerate(best):
    for rank, key in enumerate(row):
        print(i, rank + 1, key, sep='\t')
EOT
cat >timed.py <<'EOT'
"""timed.py - run a command with its output in a file; print seconds and peak memory in MiB"""
import resource, subprocess, sys, time
t = time.time()
subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], 'w'), check=True)
print('%.3f %.0f' % (time.time() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
EOT
timed() { "$PYTHON" timed.py "$@"; }
# recall OURS OTHER: share of the neighbors of OTHER that OURS has
recall() { "$PYTHON" -c '
import sys
a, b = ({tuple(line.split()[i] for i in (0, 2)) for line in open(f) if line[0] != "q"} for f in sys.argv[1:])
print("%.4f" % (len(a & b) / len(b)))' "$1" "$2"; }

others="numpy"
if has faiss; then others="numpy faiss"; else skipped "FAISS" "Python has no module faiss"; fi
table "Search (10 neighbors of $QUERIES queries among $RECORDS rows of $WIDTH values)" tscae-search other
for other in $others; do
	forget
	alternate ours "timed ours.tsv tscae-search -q -t $THREADS q.npy x.npy" \
		other "timed other.tsv $PYTHON brute.py $other $THREADS"
	row "$other: time of the whole program" "$(over other ours)" "$([ "$other" = numpy ] && quick - 1 || echo -)" \
		"$(middle ours)" "$(middle other)" s
	row "$other: peak memory" "$(over ours other 2)" - "$(middle ours 2)" "$(middle other 2)" MiB
	row "$other: share of its neighbors found" "$(recall ours.tsv other.tsv)" 0.999 - -
done
table "Near-duplicates (all pairs of $GROUPED rows of $WIDTH values)" tscae-search other
forget
alternate ours "timed ours.tsv tscae-search -q -t $THREADS --duplicates 0.9 s.npy" \
	other "timed other.tsv $PYTHON brute.py groups"
row "numpy: time of the whole program" "$(over other ours)" "$(quick - 1)" "$(middle ours)" "$(middle other)" s
row "numpy: peak memory" "$(over ours other 2)" - "$(middle ours 2)" "$(middle other 2)" MiB
row "numpy: number of groups" "$(calc "$(tail -n 1 ours.tsv | cut -f 1) / $(sort other.tsv | uniq -d | wc -l)")" 1 \
	"$(tail -n 1 ours.tsv | cut -f 1)" "$(sort other.tsv | uniq -d | wc -l)"
told "RECORDS=$RECORDS WIDTH=$WIDTH QUERIES=$QUERIES GROUPED=$GROUPED"
