#!/bin/bash
# tscae-mask.t - exact counts, determinism, wrong input
. "${0%/*}/lib.sh"
python=/usr/bin/python3
$python -c 'import msgpack, numpy' 2>/dev/null || skip_all "python3-msgpack and python3-numpy are not installed"

# a stream of 20 images
"$B/tests/stream" images "$tmp/in.tsc" 20 64 96 || exit 1
cat >"$tmp/count.py" <<'EOF'
import msgpack, sys, numpy as np
rows = list(msgpack.Unpacker(open(sys.argv[1], "rb"), raw=False, strict_map_key=False))
masks = []
for r in rows[2:-1]:
    m = r["mask"]
    masks.append(np.frombuffer(m[b"data"], "u1").reshape(m[b"shape"]))
print(len(masks), masks[0].shape, sorted({int(m.sum()) for m in masks}), len({m.tobytes() for m in masks}))
h = rows[1]
print(h["patch"], h["mask_ratio"], h["seed"], [f for f in h["fields"] if f[0] == "mask"], len(h["history"]))
if len(sys.argv) > 2:
    print(masks[0].tolist())
EOF
count() { $python "$tmp/count.py" "$@"; }

tscae-mask -q -p 8 "$tmp/in.tsc" >"$tmp/random.tsc"
is "random: each mask has 72 of 96 patches, all masks differ" "$(count "$tmp/random.tsc" | sed -n 1p)" \
	"20 (8, 12) [72] 20"
is "the header has patch size, ratio, seed and the field of the mask" "$(count "$tmp/random.tsc" | tail -1)" \
	"8 0.75 0 [['mask', '|u1', [0, 0]]] 2"
tscae-mask -q -p 8 --pattern block -r 0.6 "$tmp/in.tsc" >"$tmp/block.tsc"
is "block: each mask has 58 of 96 patches" "$(count "$tmp/block.tsc" | sed -n 1p)" "20 (8, 12) [58] 20"
tscae-mask -q -p 8 --pattern grid "$tmp/in.tsc" >"$tmp/grid.tsc"
like "grid: each mask has 72 of 96 patches" "$(count "$tmp/grid.tsc" | sed -n 1p)" "20 (8, 12) \[72\] *"
is "grid: no more different masks than shifts of the grid" \
	"$(test "$(count "$tmp/grid.tsc" | sed -n 1p | sed 's/.* //')" -le 4 && echo yes)" yes
for kind in random block; do
	tscae-mask -q -p 8 --pattern $kind -r 0.98 "$tmp/in.tsc" >"$tmp/most.tsc"
	like "$kind with ratio 0.98: 95 of 96 patches are masked" "$(count "$tmp/most.tsc" | sed -n 1p)" \
		"20 (8, 12) \[95\] *"
done
tscae-mask -q -p 8 -t 4 "$tmp/in.tsc" >"$tmp/threads.tsc"
$python - "$tmp/random.tsc" "$tmp/threads.tsc" <<'EOF' && pass "4 threads give the same records" || fail \
	"4 threads give the same records"
import msgpack, sys
a, b = (list(msgpack.Unpacker(open(p, "rb"), strict_map_key=False))[2:-1] for p in sys.argv[1:])
sys.exit(a != b)
EOF
tscae-mask -q -p 8 "$tmp/in.tsc" | cmp -s - "$tmp/random.tsc" && pass "a second run gives the same bytes" || fail \
	"a second run gives the same bytes"
is "another seed gives other masks" "$(tscae-mask -q -p 8 -s 1 "$tmp/in.tsc" >"$tmp/other.tsc"
	test "$(count "$tmp/other.tsc" x | tail -1)" != "$(count "$tmp/random.tsc" x | tail -1)" && echo yes)" yes
is "the mask of a record has the golden checksum" "$(count "$tmp/random.tsc" x | tail -1 | cksum)" \
	"$(cat "$root/tests/golden/mask.cksum")"

status "grid: 7 of 96 patches form no grid: exit 2" 2 tscae-mask -q -p 8 --pattern grid -r 0.927 "$tmp/in.tsc"
like "grid: the message names the problem" "$(cat "$tmp/stderr")" "*form no regular grid*"
status "ratio 1 leaves no visible patch: exit 2" 2 tscae-mask -q -p 8 -r 1 "$tmp/in.tsc"
status "ratio 0 leaves no masked patch: exit 2" 2 tscae-mask -q -p 8 -r 0 "$tmp/in.tsc"
status "patch size 7 does not divide the image: exit 65" 65 tscae-mask -q -p 7 "$tmp/in.tsc"
status "an unknown pattern: exit 2" 2 tscae-mask -q --pattern stripes "$tmp/in.tsc"
status "tscae-mask: a missing file: exit 66" 66 tscae-mask -q "$tmp/none.tsc"
done_testing
