#!/bin/bash
# tscae-view.t - tables, JSON, statistics, checks and contact sheets of streams
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1

tscae-synth -q --layout folders --count 12 --size 24x16 --classes 2 --seed 7 -o set || exit 1
tscae-decode -q --labels dirs set/train >images.tsc
tscae-crop -q --mode center --size 16 images.tsc | tscae-mask -q --patch 4 >masked.tsc
count=$(find set/train -name '*.jpg' | wc -l)

is "table: a header line and one line a record" "$(tscae-view images.tsc | wc -l)" $((count + 1))
like "table: a line has key, class and fields" "$(tscae-view -n 1 masked.tsc | tail -1)" \
	"set/train/*.jpg	-	*	*image U8 16x16x3*mask U8 4x4"
is "--limit 2: two records" "$(tscae-view --json --limit 2 images.tsc | wc -l)" 2
is "--key: the records whose keys match" "$(tscae-view --json --key '*/train/*0.jpg' images.tsc | grep -c '0.jpg"')" \
	"$(find set/train -name '*0.jpg' | wc -l)"
like "-H: kind, fields and the tools of the history" "$(tscae-view -H masked.tsc | tr '\n' ' ')" \
	"*image*mask*classes*tscae-decode 0*tscae-crop 0*tscae-mask 0*"
if command -v python3 >/dev/null; then
	is "--json: each line is JSON with the shape of the image" \
		"$(tscae-view --json images.tsc |
		python3 -c \
		'import json, sys; print(sum(json.loads(l)["image"]["shape"] == [16, 24, 3] for l in sys.stdin))')" \
		"$count"
	is "--json --values: the numbers of a mask" \
		"$(tscae-view --json --values masked.tsc | python3 -c 'import json, sys
print(set(sum(map(sum, json.loads(l)["mask"]["values"])) if isinstance(json.loads(l)["mask"]["values"][0], list)
    else sum(json.loads(l)["mask"]["values"]) for l in sys.stdin))')" "{12}"
	# statistics against an independent sum over the values
	is "--stats: minimum, maximum, mean and standard deviation" \
		"$(tscae-view --stats image images.tsc | tail -1 | cut -f 2-7)" \
		"$(tscae-view --json --values images.tsc | python3 -c 'import json, sys
def flat(v): return [x for i in v for x in flat(i)] if isinstance(v, list) else [v]
x = [i for l in sys.stdin for i in flat(json.loads(l)["image"]["values"])]
m = sum(x) / len(x)
print("\t".join("%.9g" % i for i in (len(x), 0, min(x), max(x), m, (sum((i - m) ** 2 for i in x) / len(x)) ** .5)))')"
else
	skip "JSON and statistics" "python3 is not installed"
fi
status "--stats of a missing field: exit 65" 65 tscae-view --stats nothing images.tsc
like "--stats of a missing field: the message names it" "$(cat stderr)" "*nothing*"

is "--check: a valid stream is sound" "$(tscae-view --check images.tsc | grep -c sound)" 1
head -c 3000 images.tsc >cut.tsc
status "--check: a cut stream: exit 65" 65 tscae-view --check cut.tsc images.tsc
is "--check: a valid stream after a cut one is still checked" \
	"$(tscae-view --check cut.tsc images.tsc 2>/dev/null | grep -c 'images.tsc: sound')" 1
cp images.tsc flip.tsc && printf 'X' | dd of=flip.tsc bs=1 seek=2000 conv=notrunc 2>/dev/null
status "--check: a stream with a wrong byte: exit 65" 65 tscae-view --check flip.tsc
if /usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null; then
	PYTHONPATH=$root/tests /usr/bin/python3 -c 'import streams
streams.write_stream("kind.tsc", "k\x1b[2J", {}, [])'
	is "--check: a kind with control characters is escaped" \
		"$(tscae-view --check kind.tsc | grep -c 'kind k.x1B\[2J, 0')" 1
else
	skip "--check: a kind with control characters is escaped" "python3-msgpack or python3-numpy is not installed"
fi

evil=$(printf 'set/a\033[2Jb.jpg'); cp "$(find set/train -name '*.jpg' | head -1)" "$evil"
tscae-decode -q -- "$evil" >evil.tsc
is "control characters of a key are not printed" "$(tscae-view evil.tsc | grep -c $'\033')" 0

ok "--sheet: PNG" tscae-view -q --sheet one.png masked.tsc
ok "--sheet: JPEG with two columns" tscae-view -q --sheet one.jpg --columns 2 masked.tsc
is "--sheet: PNG and JPEG can be decoded" "$(tscae-decode -q one.png one.jpg | tscae-view --json | wc -l)" 2
ok "--sheet: a second run succeeds" tscae-view -q --sheet two.png masked.tsc
same "--sheet: the same bytes both times" one.png two.png
ok "--scale 16: a larger sheet" test "$(tscae-view -q --sheet big.png --scale 16 masked.tsc; wc -c <big.png)" -gt \
	"$(wc -c <one.png)"
tscae-view -q --key none --sheet none.png masked.tsc 2>stderr; ok "--sheet without a record is an error" test $? != 0
ok "--sheet without a record writes no file" test ! -e none.png
# labels: the corner of a box and the pixels of a segmentation map have the color of their class
tscae-synth -q --layout voc --count 1 --max-objects 1 --val-ratio 0 --size 64x64 --output voc
tscae-label -q -f voc --standalone | tscae-decode -q --records >boxes.tsc
tscae-label -q -f voc --segmaps --standalone | tscae-decode -q --records >maps.tsc
cat >pixels.py <<'E2'
import json, sys
from PIL import Image
def color(i): return tuple(sum(((i >> (3 * b + c)) & 1) << (7 - b) for b in range(3)) for c in range(3))
r = json.loads(sys.stdin.readline()); sheet = Image.open(sys.argv[1]).convert("RGB"); scale, line = 4, 18
at = lambda cell, x, y: sheet.getpixel((12 + cell * (64 * scale + 4) + x, 12 + line + y))
if sys.argv[2] == "box":
    x, y, right, bottom = [round(scale * v) for v in r["boxes"]["values"]]
    want = color(r["box_class"]["values"][0] + 1)
    other = (255, 255, 255) if sum(w * c for w, c in zip((299, 587, 114), want)) <= 128000 else (0, 0, 0)
    print(all(at(1, a, bottom - 1) == ((want, other)[(a - x) // 4 % 2]) for a in range(x + 2, right - 2)),
        at(1, (x + right) // 2, (y + bottom) // 2 + 9) != want)
else:
    labels, pixels = r["labels"]["values"], r["image"]["values"]; wrong = 0
    for i, label in enumerate(labels):
        want = tuple((pixels[3 * i + c] * 105 + color(label)[c] * 150 + 127) // 255 for c in range(3))
        wrong += at(2, i % 64 * scale + 1, i // 64 * scale + 1) != want
    print(wrong)
E2
python=/usr/bin/python3
if $python -c 'import PIL' 2>/dev/null; then
	tscae-view -q --scale 4 --sheet boxes.png boxes.tsc
	is "a ground-truth box is drawn at its location, dashed, in the color of its class" \
		"$(tscae-view --json --values boxes.tsc | $python pixels.py boxes.png box)" "True True"
	tscae-view -q --scale 4 --sheet maps.png maps.tsc
	is "a segmentation map is blended with its image" \
		"$(tscae-view --json --values maps.tsc | $python pixels.py maps.png map)" 0
	# predicted boxes: with scores, two pixels thick, clipped to the image; the legend has the colors of drawn boxes
	cat >found.py <<'E3'
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from streams import write_stream
f4 = lambda *v: np.array(v, '<f4')
i4 = lambda *v: np.array(v, '<i4')
image = {'key': 'a', 'image': np.full((64, 64, 3), 128, 'u1')}
boxes = lambda box, c=0, score=.9: dict(image, predicted_boxes=f4(box), predicted_box_class=i4(c),
    predicted_box_score=f4(score))
write = lambda name, record, **extra: write_stream(name + '.tsc', 'image', extra, [record])
write('found', dict(image, predicted_boxes=f4([10, 20, 30, 40], [40, 30, 90, 80]), predicted_box_class=i4(0, 2),
    predicted_box_score=f4(.9, .25)), predicted_classes=['cat', 'dog', 'cow'])
write('crowd', dict(image, predicted_boxes=f4([10, 20, 30, 40], [11, 21, 31, 41], [40, 15, 60, 35]),
    predicted_box_class=i4(0, 1, 0), predicted_box_score=f4(.8, .9, .5)), predicted_classes=['cat', 'dog'])
# the class numbers of the model differ from those of the dataset
write('other', dict(boxes([10, 20, 30, 40], 2), boxes=f4([10, 20, 30, 40]), box_class=i4(0)),
    classes=['cat', 'dog', 'cow'], predicted_classes=['zebra', 'cow', 'cat'])
maps = dict(image, labels=np.full((64, 64), 1, 'u1'), predicted_labels=np.full((64, 64), 2, 'u1'))
write('otherwise', maps, label_classes=['sky', 'tree'], predicted_label_classes=['road', 'sky', 'tree'])
write('void', dict(image, labels=np.full((64, 64), 255, 'u1'), predicted_labels=np.full((64, 64), 3, 'u1')),
    label_classes=['sky', 'tree'])
for name, score in ('sure', .9), ('doubtful', .6):
    write(name, dict(image, **{'class': 0, 'predicted_class': 1, 'class_score': np.array([1 - score, score], '<f4')}),
        classes=['cat', 'dog'], predicted_classes=['cat', 'dog'])
write('long', dict(image, **{'class': 0, 'predicted_class': 1, 'class_score': f4(.13, .87)}),
    classes=['hourglass', 'cat'], predicted_classes=['hourglass', 'cat'])
write('far', boxes([-3e38, 20, 3e38, 40]), predicted_classes=['cat'])
write('outside', boxes([70, 70, 90, 90]), predicted_classes=['cat'])
write('unnamed', boxes([10, 20, 30, 40], 8))
write('negative', boxes([10, 20, 30, 40], -2))
write('line', boxes([10, 20, 10, 40]), predicted_classes=['cat'])
write('backwards', boxes([30, 20, 10, 40]), predicted_classes=['cat'])
write('nan', boxes([10, 20, float('nan'), 40]), predicted_classes=['cat'])
write('unsure', boxes([10, 20, 30, 40], 0, float('nan')), predicted_classes=['cat'])
write('uneven', dict(boxes([10, 20, 30, 40]), predicted_box_class=i4(0, 1)), predicted_classes=['cat'])
write('size', dict(image, labels=np.zeros((32, 64), 'u1')), label_classes=['sky'])
E3
	cat >marks.py <<'E3'
import sys
from PIL import Image
sheet = Image.open(sys.argv[1]).convert("RGB")
at = lambda x, y: sheet.getpixel((12 + 64 * 4 + 4 + x, 12 + 18 + y))
def has(color): return any(sheet.getpixel((x, y)) == color for y in range(12 + 18 + 64 * 4 + 20, sheet.height)
    for x in range(sheet.width))
cat, cow, ground = (128, 0, 0), (128, 128, 0), (128, 128, 128)
print([at(119 - d, 150) == cat for d in range(3)], [at(160 + d, 200) == cow for d in range(3)], at(255, 200) == ground,
    sheet.getpixel((12 + 2 * (64 * 4 + 4), 230)) == (255, 255, 255), has(cat), has((0, 128, 0)), has(cow))
E3
	if $python found.py "$root/tests" 2>/dev/null; then
		tscae-view -q --scale 4 --sheet found.png found.tsc
		is "predicted boxes: only the one with a high score, two pixels thick, and its legend" \
			"$($python marks.py found.png)" \
			"[True, True, False] [False, False, False] True True True False False"
		tscae-view -q --scale 4 --score-threshold 0.2 --sheet found.png found.tsc
		is "--score-threshold 0.2: both predicted boxes, clipped to the image" "$($python marks.py found.png)" \
			"[True, True, False] [True, True, False] True True True False True"
		# the color at a location of a cell
		cat >seen.py <<'E4'
import sys
from PIL import Image
sheet = Image.open(sys.argv[1]).convert("RGB")
for place in sys.argv[2:]:
    cell, x, y = map(int, place.split(","))
    print("%02x%02x%02x" % sheet.getpixel((12 + cell * (64 * 4 + 4) + x, 12 + 18 + y)), end=" ")
E4
		seen() { tscae-view -q --scale 4 --sheet "$1.png" "$1.tsc" && $python seen.py "$1.png" "${@:2}"; }
		is "a class name has one color for all its numbers" "$(seen other 1,119,145 2,119,145)" "800000 800000 "
		is "a class name has one color in segmentation maps too" "$(seen otherwise 1,100,100 2,100,100)" \
			"803535 803535 "
		is "the ignore index has its color, a value without a name that of its number" \
			"$(seen void 1,100,100 2,100,100)" "b8b8a6 808035 "
		is "a box that reaches far outside the image is clipped" \
			"$(seen far 1,100,81 1,100,158 1,0,120 1,255,120)" "800000 800000 808080 808080 "
		is "a box outside the image and its label are not drawn" \
			"$(seen outside 1,255,255 1,255,250 1,250,250)" "808080 808080 808080 "
		is "a class without a name has the color of its number" "$(seen unnamed 1,119,140)" "c00000 "
		ok "a class of negative number is drawn" seen negative
		is "a box of width 0 is a line" "$(seen line 1,40,140 1,50,140)" "800000 808080 "
		for bad in backwards nan unsure uneven size; do
			status "refused: $bad" 65 tscae-view -q --sheet bad.png $bad.tsc
			like "refused: $bad: the message names file and field" "$(cat stderr)" "*$bad.tsc*field*"
		done
		tscae-view -q --sheet sure.png sure.tsc && tscae-view -q --sheet doubtful.png doubtful.tsc
		ok "the caption has the score of the predicted class" test -s sure.png -a "$(cksum <sure.png)" != \
			"$(cksum <doubtful.png)"
		tscae-view -q --scale 1 --sheet long.png long.tsc
		# "hourglass, predicted cat 0.87" is wider than two cells of 64 pixels
		is "a block is as wide as its caption, at most two cells" \
			"$($python -c 'from PIL import Image; print(Image.open("long.png").width)')" $((24 + 128))
		tscae-view -q --scale 2 --sheet long.png long.tsc
		width=$($python -c 'from PIL import Image; print(Image.open("long.png").width)')
		ok "a block is as wide as its caption, between one and two cells ($width pixels)" \
			test "$width" -gt $((24 + 128)) -a "$width" -lt $((24 + 256))
		# three boxes in one place: of other classes, one of them elsewhere
		tscae-view -q --scale 4 --sheet crowd.png crowd.tsc
		is "of predicted boxes that overlap, also of other classes, the one of the highest score is drawn" \
			"$($python seen.py crowd.png 1,40,120 1,44,120 1,160,100)" "808080 008000 800000 "
		is "titles have gray pixels at the edges of their letters, and are not cut" "$($python - <<'E4'
from PIL import Image
p = Image.open("crowd.png").convert("L")
title = [p.getpixel((x, y)) for y in range(12, 26) for x in range(12 + 260, 12 + 520)]
print(any(60 < v < 240 for v in title), min(title) < 60)
E4
)" "True True"
		ok "tscae-view: a refused record writes no sheet" test ! -e bad.png
	else
		skip "predicted boxes" "python3-msgpack is not installed"
	fi
else
	skip "labels on a sheet" "no PIL"
fi
status "--sheet with a suffix other than png or jpg: exit 2" 2 tscae-view --sheet x.bmp masked.tsc
status "--json with --header: exit 2" 2 tscae-view --json --header masked.tsc
status "tscae-view: a missing file: exit 66" 66 tscae-view none.tsc
done_testing
