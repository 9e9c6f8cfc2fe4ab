#!/bin/bash
# tscae-augment.t - defaults, independent steps, fixed pixels with boxes, bytes that depend on seed, epoch and key only
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import msgpack, numpy' 2>/dev/null && break
done
records() { "$python" "$root/tests/records.py" "$@"; }
body() { tail -n +2; }
images() { records key image | body; }
augment() { tscae-augment -q "$@"; }
cd "$tmp" || exit 1
"$B/tests/stream" images plain.tsc 60 24 33 && "$B/tests/annotation" labeled.tsc 60 sound || exit 1

augment plain.tsc | images >a; images <plain.tsc >b; same "no options: no image changes" a b
augment --jitter 1 --magnitude 30 --erase-area 0.1,0.2 plain.tsc | images >a
same "options that only set parameters: no image changes" a b

steps="--brightness=0.4 --contrast=0.4 --saturation=0.4 --hue=0.1 --photometric=1"
steps="$steps --gray=0.5 --blur=0.9 --solarize=0.5 --erase=1 --randaugment=3 --degrade=noise=3..9,downup=1.5"
for step in $steps; do
	augment "$step" plain.tsc | images >a
	changed=$(paste a b | awk '$2 != $4 { n++ } END { print n + 0 }')
	least=40; case $step in --gray* | --solarize*) least=15 ;; esac
	ok "$step changes images ($changed of 60)" test "$changed" -ge $least -a "$changed" -le 60
done
for t in 1 2 3 4; do TSCAE_THREADS=$t tscae-augment -q $steps labeled.tsc >threads-$t; done
for t in 2 3 4; do same "1 and $t threads give the same bytes" threads-1 threads-$t; done
TSCAE_ISA=baseline augment $steps labeled.tsc >a
same "tscae-augment: TSCAE_ISA=baseline gives the same bytes" threads-1 a
augment $steps plain.tsc | images | sort >a
cat plain.tsc plain.tsc | augment $steps - | images | sort -u >b
same "tscae-augment: an image does not depend on its index" a b
augment $steps --seed 1 plain.tsc | images | sort >b
ok "tscae-augment: an image depends on the seed" test "$(cat a)" != "$(cat b)"
"$B/tests/stream" images many.tsc 1000 4 4
augment --solarize 0.3 many.tsc | images >a; images <many.tsc >b
is "--solarize 0.3 changes about 30 % of the images" \
	"$(paste a b | awk '$2 != $4 { n++ } END { print (n > 250 && n < 350) }')" 1

# the image of the student: a further field with the same changes
augment --student-image $steps --randaugment=0 plain.tsc >student.tsc
records key image <student.tsc | body >a; images <plain.tsc >b; same "--student-image keeps the image" a b
records key student_image <student.tsc | body >a
augment $steps --randaugment=0 plain.tsc | images >b
same "--student-image writes what the image would become" a b
augment --student-image --randaugment 3 --magnitude 30 labeled.tsc >a
ok "--student-image keeps crop and transform" tscae-view --check a
status "--student-image twice is exit 2" 2 augment --student-image student.tsc
status "tscae-crop after --student-image is exit 65" 65 tscae-crop -q --size 16 student.tsc
augment --gain 0.3 plain.tsc | images >a; images <plain.tsc >b
is "--gain changes images" "$(paste a b | awk '$2 != $4 { n++ } END { print (n > 55) }')" 1

# degraded as by tscae-degrade, after all other steps
augment --degrade jpeg=10,downup=2 plain.tsc | images >a
tscae-degrade -q --ops jpeg=10,downup=2 plain.tsc | images >b
same "--degrade gives the bytes of tscae-degrade" a b
augment --brightness 0.5 --degrade blur=1 plain.tsc | images >a
augment --brightness 0.5 plain.tsc | tscae-degrade -q --ops blur=1 | images >b
same "--degrade comes after the other steps" a b
augment --degrade noise=9 --degrade-probability 0.3 many.tsc | images >a; images <many.tsc >b
is "--degrade-probability 0.3 changes about 30 % of the images" \
	"$(paste a b | awk '$2 != $4 { n++ } END { print (n > 250 && n < 350) }')" 1

# a further step does not change the others: except for erased pixels, the image is that of jitter only
augment --brightness 0.5 plain.tsc >one.tsc; augment --brightness 0.5 --erase 1 --erase-fill black plain.tsc >two.tsc
cat >compare.py <<-'END'
	import sys, msgpack, numpy as np
	def read(path):
	    for r in msgpack.Unpacker(open(path, 'rb'), raw=False, strict_map_key=False, max_buffer_size=0):
	        if isinstance(r, dict) and 'key' in r:
	            t = r['image']
	            yield np.frombuffer(t[b'data'], np.uint8).reshape(t[b'shape'])
	bad = n = 0
	for a, b in zip(read(sys.argv[1]), read(sys.argv[2])):
	    n += 1
	    away = (a != b).any(2)
	    bad += bool((b[away] != 0).any())
	print(n, bad)
END
is "--erase does not change the random numbers of --brightness" "$("$python" compare.py one.tsc two.tsc)" "60 0"

# labels
records boxes box_class labels <labeled.tsc | body >b
augment $steps labeled.tsc | records boxes box_class labels | body >a
same "boxes and segmentation maps do not change" a b
tscae-crop -q --size 20 labeled.tsc | augment --randaugment 2 | records transform placed crop | body >a
is "RandAugment keeps the transform of images with labels" "$(grep -c -- - a)" 0
tscae-crop -q --size 20 plain.tsc | augment --randaugment 2 | records transform placed crop source_size | body | sort \
	-u >a
is "RandAugment drops the transform of images without labels" "$(cat a)" "- - - -"
tscae-crop -q --size 20 plain.tsc | augment --photometric 1 | records transform placed crop | body >a
is "--photometric keeps the transform" "$(grep -c -- - a)" 0
tscae-crop -q --size 20 plain.tsc | augment --randaugment 2 | tscae-view --check - >/dev/null && pass \
	"RandAugment writes a sound stream" || fail "RandAugment writes a sound stream"

cat >gray.py <<-'END'
	import sys, msgpack, numpy as np
	bad = n = 0
	for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
	    if isinstance(r, dict) and 'key' in r:
	        t = r['image']
	        a = np.frombuffer(t[b'data'], np.uint8).reshape(t[b'shape'])
	        n += 1
	        bad += bool((a[..., 0] != a[..., 1]).any() or (a[..., 0] != a[..., 2]).any())
	print(n, bad)
END
is "--gray 1 gives three equal channels" "$(augment --gray 1 plain.tsc | "$python" gray.py)" "60 0"
like "tscae-augment: the history has the command line" "$(augment --gray 1 plain.tsc | tscae-view -H -)" \
	"*tscae-augment 0.1.0 -q --gray 1 plain.tsc*"

for wrong in "--hue 0.6" "--erase 1.1" "--erase-area 0.5,0.1" "--erase-area 0,0.1" "--erase-ratio 1" \
	"--blur-sigma 1,33" "--magnitude 31" "--erase-fill red" "--randaugment -1" \
	"--degrade noise=256" "--degrade grain=2" "--degrade jpeg=9..3" "--degrade-probability 2"; do
	status "$wrong: exit 2" 2 augment $wrong plain.tsc
done
head -c 3000 plain.tsc >cut.tsc; status "tscae-augment: a cut stream: exit 65" 65 augment cut.tsc
status "tscae-augment: a missing file: exit 66" 66 augment nowhere.tsc
(augment plain.tsc >/dev/full) 2>/dev/null; is "tscae-augment: a full disk: exit 74" $? 74
done_testing
