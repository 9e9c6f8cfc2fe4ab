#!/bin/bash
# mutate.t - MUTATIONS (2000) damaged copies of an image and of a stream: each image is rejected or decoded without a
# crash, and each stream is rejected
. "${0%/*}/../lib.sh"
count=${MUTATIONS:-2000}
tscae-synth -q --count 4 --size 48x48 --seed 5 -o "$tmp/synth" || { fail "synthetic images are made"; done_testing; }
good=$(find "$tmp/synth" -name '*.jpg' | sort | head -1)
mkdir "$tmp/bad"
# change, delete or repeat a few bytes at random offsets from a fixed seed
python3 - "$good" "$tmp/bad" "$count" <<-'EOF'
	import random, sys
	data, rng = open(sys.argv[1], 'rb').read(), random.Random(1)
	for i in range(int(sys.argv[3])):
	    d = bytearray(data)
	    for _ in range(rng.randint(1, 8)):
	        at = rng.randrange(len(d))
	        kind = rng.randrange(3)
	        if kind == 0: d[at] = rng.randrange(256)
	        elif kind == 1: del d[at:at + rng.randint(1, 40)]
	        else: d[at:at] = d[at:at + rng.randint(1, 40)]
	    open(f'{sys.argv[2]}/{i:06d}.jpg', 'wb').write(d)
EOF
cp "$good" "$tmp/bad/zz-good.jpg"
tscae-decode -q "$tmp/bad" >"$tmp/out.tsc" 2>"$tmp/stderr"
is "$count damaged images: tscae-decode exits with 0" "$?" 0
ok "$count damaged images: the output is a valid stream" tscae-view --check "$tmp/out.tsc"
like "$count damaged images: the good image after them is decoded" \
	"$(tscae-view --json --key '*zz-good*' "$tmp/out.tsc")" "*zz-good*"
tscae-decode -q "$good" >"$tmp/good.tsc"
python3 - "$tmp/good.tsc" "$tmp/flip" "$count" <<-'EOF'
	import os, random, sys
	data, rng = open(sys.argv[1], 'rb').read(), random.Random(2)
	os.mkdir(sys.argv[2])
	for i in range(int(sys.argv[3])):
	    d = bytearray(data)
	    at = rng.randrange(len(d))
	    d[at] ^= 1 << rng.randrange(8)
	    open(f'{sys.argv[2]}/{i}', 'wb').write(d)
EOF
passed=0
for f in "$tmp"/flip/*; do
	tscae-mask -q --patch 4 "$f" >/dev/null 2>&1
	[ $? = 65 ] || passed=$((passed + 1))
done
is "$count streams with a flipped bit: each is exit 65" "$passed" 0
done_testing
