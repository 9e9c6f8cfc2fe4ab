#!/bin/bash
# tscae-crop.t - Pillow's pixels, boxes within the image, randomness from seed, epoch and key alone
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-pil, python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import PIL, msgpack, numpy' 2>/dev/null && break
done
records() { "$python" "$root/tests/records.py" "$@"; }
# programs below import pillow.py
export PYTHONPATH=$root/tests PYTHONDONTWRITEBYTECODE=1
pillow() { "$python" "$root/tests/pillow.py" "$@"; }
body() { tail -n +2; }
crop() { tscae-crop -q "$@"; }
cd "$tmp" || exit 1
pillow make
total=$(find p -type f | wc -l)
tscae-decode -q --labels dirs p >in.tsc

is "random: bicubic, Pillow's crop, resize and mirror" "$(crop --size 32 in.tsc | pillow cropped bicubic . 2>&1)" \
	"$total 0"
is "random, bilinear, other scale and ratio: Pillow's crop, resize and mirror" \
	"$(crop --size 40 --interpolation bilinear --scale 0.05,0.5 --ratio 0.3,3 --seed 4 in.tsc |
	pillow cropped bilinear . 2>&1)" "$total 0"
is "stretch: Pillow's resize" "$(crop --mode stretch --size 20 in.tsc | pillow cropped bicubic . 2>&1)" "$total 0"
cat >center.py <<-'END'
	# resize the shorter side to 40, cut out the middle 32, as torchvision does with Pillow
	import sys
	import msgpack
	from PIL import Image
	from pillow import resized
	n = bad = 0
	for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
	    if isinstance(r, dict) and 'key' in r:
	        p = Image.open(r['key']).convert('RGB')
	        w, h = p.size
	        s = min(w, h)
	        p = resized(p, (40 if w == s else 40 * w // s, 40 if h == s else 40 * h // s))
	        x, y = int(round((p.size[0] - 32) / 2)), int(round((p.size[1] - 32) / 2))
	        n += 1
	        bad += p.crop((x, y, x + 32, y + 32)).tobytes() != r['image'][b'data']
	print(n, bad)
END
is "center: Pillow's resize and crop" "$(crop --mode center --resize 40 --size 32 in.tsc | "$python" center.py 2>&1)" \
	"$total 0"

for t in 1 2 3 4; do TSCAE_THREADS=$t tscae-crop -q --size 48 in.tsc >threads-$t; done
# a producer that pauses: what it sent before is through, whatever the number of threads
for t in 1 4; do
	crop --size 24 -t "$t" <in.tsc >whole.tsc
	{ head -c "$(($(stat -c %s in.tsc) - 100))" in.tsc; until [ -e go ]; do sleep 0.05; done
		tail -c 100 in.tsc; } | crop --size 24 -t "$t" >paused.tsc & pid=$!
	most=$(($(stat -c %s whole.tsc) - 24 * 24 * 3 - 1000))
	ok "$t threads: while the producer pauses, all complete records are in the output" test \
		"$(at_least $((most + 1)) paused.tsc)" -gt "$most"
	: >go
	wait "$pid"
	same "$t threads: after the pause of the producer the output is complete" whole.tsc paused.tsc
	rm go
done
for t in 2 3 4; do same "1 and $t threads: the same bytes" threads-1 threads-$t; done
status "TSCAE_ISA with an unknown name: exit 2" 2 env TSCAE_ISA=basline tscae-crop -q --size 48 in.tsc
TSCAE_ISA=baseline crop --size 48 in.tsc >plain; same "tscae-crop: TSCAE_ISA=baseline gives the same bytes" \
	threads-1 plain

crop --size 16 in.tsc | records key index class crop flip image | body >whole
is "the fields class and index pass unchanged" "$(awk '{ print $2 }' whole)" "$(seq 0 $((total - 1)))"
find p -type f | sort -r | tscae-decode -q --labels dirs - | crop --size 16 | records key crop flip image | body |
	sort >a
awk '{ print $1, $4, $5, $6 }' whole | sort >b
same "a crop does not depend on the order of the images" a b
crop --size 16 --seed 1 in.tsc | records crop image | body >a
crop --size 16 --seed 2 in.tsc | records crop image | body >b
ok "a crop depends on the seed" test "$(cat a)" != "$(cat b)"
tscae-decode -q --epochs 2 p | crop --size 16 | records key epoch crop image | body >a
is "a crop depends on the epoch" \
	"$(awk '{ print $1, $4 }' a | sort | uniq -d | awk "END { print (NR < $total / 2) }")" 1
is "about half of the images are flipped" "$(tscae-decode -q --epochs 10 p | crop --size 4 | records flip | body |
	awk '{ n += $1 } END { print (n > 0.4 * NR && n < 0.6 * NR) }')" 1
# whole images, only flipped: twice the same flips would give them back
crop --mode jitter --scale 1,1 --size 48 in.tsc >once
crop --mode jitter --scale 1,1 --size 48 once | records flip | body >twice; records flip <once | body >first
is "two runs in one pipe draw different random numbers" "$(cmp -s first twice && echo same)" ""
is "--flip 0 flips no image" "$(crop --flip 0 --size 4 in.tsc | records flip | body | sort -u)" 0
is "gray images stay gray" \
	"$(tscae-decode -q --gray p | crop --size 8 | records image | body | sed 's/:.*//' | sort -u)" "8x8x1"
status "--scale with its ends swapped: exit 2" 2 crop --scale 1,0.5 in.tsc
status "center: --size larger than --resize: exit 2" 2 crop --mode center --resize 10 --size 20 in.tsc

# labels: images of 20 to 79 pixels with up to 6 boxes
"$B/tests/annotation" labeled.tsc 300 sound || exit 1
moved() { "$python" "$root/tests/moved.py" "$@" 2>&1; }
for how in "random --size 32x24" "random --size 96 --scale 0.05,1 --ratio 0.3,3" "center --size 24" \
	"center --size 31x17 --resize 40" \
	"stretch --size 50x33" "fit --size 64x48" "fit --size 20" "jitter --size 40" \
	"jitter --size 30x70 --scale 0.5,3 --seed 5"; do
	crop --mode $how labeled.tsc >labeled.out
	is "$how: boxes, segmentation maps, Pillow's NEAREST, transform" "$(moved labeled.tsc labeled.out 0.1)" \
		"300 some 0 0 0 0"
done
for x in 0 0.5 1; do
	crop --size 32 --min-visible $x labeled.tsc >labeled.out
	is "--min-visible $x drops and keeps the right boxes" "$(moved labeled.tsc labeled.out $x)" "300 some 0 0 0 0"
done
for t in 1 2 3 4; do TSCAE_THREADS=$t tscae-crop -q --mode jitter --size 48 labeled.tsc >jitter-$t; done
for t in 2 3 4; do same "jitter, 1 and $t threads: the same bytes" jitter-1 jitter-$t; done
crop --mode jitter --flip 0 --scale 1,1 --size 48x40 labeled.tsc | records image labels boxes | body >a
crop --mode fit --size 48x40 labeled.tsc | records image labels boxes | body >b
same "jitter with --scale 1,1 and --flip 0 gives the bytes of fit" a b
crop --mode stretch --size 32 in.tsc | records image | body >a
crop --mode stretch --size 32x32 in.tsc | records image | body >b
same "--size 32 gives the bytes of --size 32x32" a b
is "fit: Pillow's pixels, mean color beside them" "$(crop --mode fit --size 40x30 in.tsc | "$python" -c '
import sys, msgpack, numpy as np
from PIL import Image
from pillow import resized
n = bad = 0
for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
    if isinstance(r, dict) and "key" in r:
        p = Image.open(r["key"]).convert("RGB")
        s = min(40 / p.size[0], 30 / p.size[1])
        w, h = (max(1, int(x * s + 0.5)) for x in p.size)
        want = np.empty((30, 40, 3), np.uint8)
        want[:] = (124, 116, 104)
        want[:h, :w] = np.asarray(resized(p, (w, h)))
        n += 1
        bad += want.tobytes() != r["image"][b"data"]
print(n, bad)' 2>&1)" "$total 0"
crop --mode center --resize 60 --size 50x40 --threads 1 labeled.tsc | crop --mode jitter --size 44x61 | records \
	transform source_size boxes labels | body >a
is "two crops in one pipe: one transform for each record" "$(awk '{ print $1 }' a | sort -u | wc -l)" 300
for how in nan infinite backwards rows type columns alone map deep; do
	"$B/tests/annotation" wrong.tsc 3 $how || exit 1
	status "invalid annotations ($how): exit 65" 65 crop --size 16 wrong.tsc
	like "invalid annotations ($how): the message names file and record" "$(cat "$tmp/stderr")" \
		"tscae-crop: wrong.tsc: record 2 (image/2): *"
done
for size in 0 5000 32x 32x0 x32 32x32x32 0x20 +32 big; do
	status "invalid --size $size: exit 2" 2 crop --size $size in.tsc
done
status "jitter: --scale above its maximum: exit 2" 2 crop --mode jitter --scale 1,11 in.tsc
head -c 5000 in.tsc >cut.tsc; status "tscae-crop: a stream cut short: exit 65" 65 crop cut.tsc
status "tscae-crop: a missing input: exit 66" 66 crop nowhere.tsc
(crop in.tsc >/dev/full) 2>/dev/null; is "tscae-crop: output to a full disk: exit 74" $? 74
done_testing
