#!/bin/bash
# tscae-degrade.t - Pillow's JPEG and resizing, standard deviation of noise, identities, lists of operations, bytes that
# depend on seed, epoch and key only
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-pil, python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import PIL, msgpack, numpy' 2>/dev/null && break
done
# programs below import pillow.py
export PYTHONPATH=$root/tests PYTHONDONTWRITEBYTECODE=1
records() { "$python" "$root/tests/records.py" "$@"; }
body() { tail -n +2; }
degrade() { tscae-degrade -q "$@"; }
cd "$tmp" || exit 1
"$python" "$root/tests/pillow.py" make
tscae-decode -q p >in.tsc; tscae-decode -q --gray p >gray.tsc
total=$(find p -type f | wc -l)
cat >compare.py <<-'END'
	# compare.py WHAT BEFORE AFTER: images, and how many differ from what Pillow makes; or the largest difference
	import io, sys, msgpack, numpy as np
	from PIL import Image
	from pillow import resized
	def read(path):
	    for r in msgpack.Unpacker(open(path, 'rb'), raw=False, strict_map_key=False, max_buffer_size=0):
	        if isinstance(r, dict) and 'key' in r:
	            t = r['image']
	            yield r, np.frombuffer(t[b'data'], np.uint8).reshape(t[b'shape'])
	def image(a):
	    return Image.fromarray(a if a.shape[2] == 3 else a[:, :, 0])
	def jpeg(p, q):
	    f = io.BytesIO()
	    p.save(f, 'JPEG', quality=int(q), subsampling=0 if q >= 90 else 2, optimize=True)
	    return Image.open(io.BytesIO(f.getvalue()))
	def downup(p, f):
	    w, h = p.size
	    # Python rounds halves to even, too
	    return resized(resized(p, (max(1, round(w / f)), max(1, round(h / f)))), (w, h))
	n = bad = 0
	worst = []
	for (r, a), (s, b) in zip(read(sys.argv[2]), read(sys.argv[3])):
	    n += 1
	    if sys.argv[1] == 'difference':
	        d = b.astype(int) - a
	        worst.append(d.ravel())
	        continue
	    p = image(a)
	    for step in s['degrade'].split(','):
	        if step:
	            name, x = step.split('=')
	            p = {'jpeg': jpeg, 'downup': downup}[name](p, float(x))
	    want = np.asarray(p).reshape(b.shape)
	    bad += want.tobytes() != b.tobytes()
	if worst:
	    d = np.concatenate(worst)
	    print(abs(d).max(), round(abs(d).mean(), 2), round(d.std(), 2), round(d.mean(), 2))
	else:
	    print(n, bad)
END
compare() { "$python" compare.py "$@" 2>&1; }

degrade in.tsc | records image | body >a; records image <in.tsc | body >b
same "no operations: no image changes" a b
for chain in jpeg=30 jpeg=1 jpeg=89 jpeg=90 jpeg=100 jpeg=10..95 downup=2 downup=64 downup=7.5,jpeg=20 \
	jpeg=40,downup=3,jpeg=95,jpeg=10; do
	degrade --ops $chain in.tsc >out.tsc
	is "$chain gives Pillow's pixels" "$(compare pillow in.tsc out.tsc)" "$total 0"
done
degrade --ops jpeg=15,downup=2 gray.tsc >out.tsc
is "jpeg=15,downup=2 of gray images gives Pillow's pixels" "$(compare pillow gray.tsc out.tsc)" "$total 0"
degrade --ops blur=0,noise=0,downup=1,blur=0..0 in.tsc | records image | body >a
same "blur=0, noise=0, downup=1: no image changes" a b
degrade --ops jpeg=100 in.tsc >out.tsc
like "jpeg=100 changes pixels by less than 10, in the mean by less than 1" "$(compare difference in.tsc out.tsc)" \
	"[0-9] 0.* 0.* *0.*"

# noise and blur on uniform gray images: Philox's normal numbers, rounded
cat >plain.py <<-'END'
	import numpy as np
	from PIL import Image
	for i in range(6):
	    Image.fromarray(np.full((90, 90, 3), 128, np.uint8)).save(f'plain-{i}.png')
END
"$python" plain.py; tscae-decode -q plain-*.png >plain.tsc
degrade --ops noise=10 plain.tsc >out.tsc
is "noise=10: standard deviation 10, mean 0" \
	"$(compare difference plain.tsc out.tsc | awk '{ print ($3 > 9.9 && $3 < 10.1 && $4 > -0.1 && $4 < 0.1) }')" 1
cat >chances.py <<-'END'
	# how often each rounded difference comes up, against the normal distribution: chi-squared over its degrees of
	# freedom
	import math, sys, msgpack, numpy as np
	s = float(sys.argv[1])
	d = []
	for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
	    if isinstance(r, dict) and 'key' in r:
	        d.append(np.frombuffer(r['image'][b'data'], np.uint8).astype(int) - 128)
	d = np.concatenate(d)
	below = lambda x: 0.5 * math.erfc(-x / s / math.sqrt(2))
	bins = [i for i in range(-127, 127) if len(d) * (below(i + 0.5) - below(i - 0.5)) > 5]
	want = [len(d) * (below(i + 0.5) - below(i - 0.5)) for i in bins]
	got = [(d == i).sum() for i in bins]
	x = sum((a - b) ** 2 / b for a, b in zip(got, want)) / len(bins)
	print(int(0.4 < x < 1.8 if len(bins) > 10 else x < 4))
END
for s in 0.3 1 2.5 10 25; do
	is "noise=$s: differences have a normal distribution" \
		"$(degrade --ops noise=$s plain.tsc | "$python" chances.py $s)" 1
done
is "noise differs from image to image" "$(records image <out.tsc | body | sort -u | wc -l)" 6
degrade --ops blur=5 plain.tsc | records image | body >a; records image <plain.tsc | body >b
same "blur=5 of a uniform image: no change" a b
degrade --ops noise=30,blur=2 plain.tsc >out.tsc
is "noise=30,blur=2: standard deviation 30 / (2 sigma sqrt(pi))" \
	"$(compare difference plain.tsc out.tsc | awk '{ print ($3 > 4 && $3 < 4.6) }')" 1

# what is drawn
degrade --ops jpeg=10..50,noise=2..3 in.tsc >out.tsc
records degrade <out.tsc | body | tr -d "'" | tr '=,' '  ' >a
is "ranges: values are within them, the quality is an integer" \
	"$(awk \
	'{ if ($1 != "jpeg" || $2 < 10 || $2 > 50 || $2 != int($2) ||
			$3 != "noise" || $4 < 2 || $4 > 3) bad++ } END { print bad + 0 }' a)" 0
ok "ranges: values differ from image to image" test "$(awk '{ print $2 }' a | sort -u | wc -l)" -gt 15
is "ranges: both ends occur" "$(degrade --ops jpeg=50..51 in.tsc | records degrade | body | sort -u | wc -l)" 2
is "--probability 0.5 changes about half of the images" "$(degrade --ops jpeg=5 --probability 0.5 in.tsc |
	records degrade | body | awk '/jpeg/ { n++ } END { print (n > 0.3 * NR && n < 0.7 * NR) }')" 1
degrade --ops jpeg=5 --probability 0 in.tsc | records image | body >a; records image <in.tsc | body >b
same "--probability 0: no image changes" a b
degrade --ops jpeg=30 in.tsc | degrade --ops downup=2 >one.tsc; degrade --ops jpeg=30,downup=2 in.tsc >two.tsc
records image degrade <one.tsc | body >a; records image degrade <two.tsc | body >b
same "two runs in a row are one list of operations, in the record too" a b
is "the header has the list of operations" "$(records key <one.tsc | sed -n 1p)" \
	"header degrade=jpeg=30,downup=2$(records key <in.tsc | sed -n 1p | sed 's/header//')"
like "tscae-degrade: the history has the command line" \
	"$(tscae-view -H one.tsc)" "*tscae-degrade 0.1.0 -q --ops downup=2*"

all=jpeg=10..60,downup=1.5..3,blur=0.5..2,noise=1..9
for t in 1 2 3 4; do TSCAE_THREADS=$t tscae-degrade -q --ops $all in.tsc >threads-$t; done
for t in 2 3 4; do same "1 and $t threads give the same bytes" threads-1 threads-$t; done
TSCAE_ISA=baseline degrade --ops $all in.tsc >a; same "tscae-degrade: TSCAE_ISA=baseline gives the same bytes" \
	threads-1 a
find p -type f | sort -r | tscae-decode -q - | degrade --ops $all | records key image | body | sort >a
records key image <threads-1 | body | sort >b; same "tscae-degrade: an image does not depend on its index" a b
degrade --ops $all --seed 1 in.tsc | records key image | body | sort >b
ok "tscae-degrade: an image depends on the seed" test "$(cat a)" != "$(cat b)"
tscae-decode -q --epochs 2 p | degrade --ops $all | records key image | body | sort | uniq -d >a
ok "an image depends on the epoch" test "$(wc -l <a)" -lt 5

"$B/tests/annotation" labeled.tsc 40 sound
degrade --ops $all labeled.tsc | records boxes box_class labels mask class | body >a
records boxes box_class labels mask class <labeled.tsc | body >b
same "other fields do not change" a b

for wrong in jpeg=0 jpeg=101 jpeg=30.5 jpeg=30..20 jpeg jpeg= jpeg=x jpeg=30x jpeg=3..4..5 jpg=3 =3 downup=0.5 \
	downup=65 blur=-1 blur=33 noise=256 noise=nan noise=1..inf jpeg=30,,noise=1 ,; do
	status "--ops $wrong: exit 2" 2 degrade --ops "$wrong" in.tsc
done
status "17 operations: exit 2" 2 degrade --ops "$(for i in $(seq 16); do printf noise=1,; done)noise=1" in.tsc
head -c 5000 in.tsc >cut.tsc; status "tscae-degrade: a cut stream: exit 65" 65 degrade --ops jpeg=9 cut.tsc
status "tscae-degrade: a missing file: exit 66" 66 degrade nowhere.tsc
(degrade in.tsc >/dev/full) 2>/dev/null; is "tscae-degrade: a full disk: exit 74" $? 74
done_testing
