#!/bin/bash
# coco_odd.t - every odd case of COCO's files is read the same by every tool: labels, a crop and back, scores
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3 with numpy and msgpack is not installed"
cd "$tmp" || exit 1
/usr/bin/python3 -B "$root/tests/coco_odd.py" . || exit 1

# fields FILE: everything in a stream but its history
fields() { tscae-view --json "$1"
/usr/bin/python3 -B "$root/tests/records.py" boxes box_class box_flags box_area labels size <"$1" | tail -n +2
tscae-view -H "$1" | grep -v '^history\|tscae-'; }

for part in plain odd; do
	tscae-label -l coco -f $part.json --segmaps --standalone -o $part.tsc 2>$part.err || fail "$part: tscae-label" \
		"$(cat $part.err)"
	tscae-label -q -l coco -f $part.json --segmentation --standalone -o $part-regions.tsc
done
is "tscae-label: both files give the same fields of every record" "$(fields odd.tsc)" "$(fields plain.tsc)"
is "tscae-label: the three images have nine objects" \
	"$(tscae-view odd.tsc | grep -o 'boxes F32 [0-9]*' | tr '\n' ' ')" \
	"boxes F32 3 boxes F32 3 boxes F32 3 "
like "tscae-label: classes are in the order of their ids, also beyond 32 bits" "$(tscae-view -H odd.tsc)" \
	"*classes	cat, dog, owl, wide*"
while read -r n what; do
	like "tscae-label: the closing line counts: $n $what" "$(cat odd.err)" "*: $n $what*"
done <<-'EOF_'
	1 annotations belong to no image and are left out
	2 images or categories are listed again and are left out
	1 categories without annotations have the name of another one and are left out
	3 annotations have no area: that of the box is taken
	1 boxes without area are left out
	2 polygons have too few points or half a point, and are left out
	1 objects have no mask: their boxes are ignored in segmentation maps
EOF_
is "tscae-label: for the plain file the closing line counts only the object without mask" \
	"$(grep -c 'left out\|taken\|ignored' plain.err) $(grep -c 'no mask' plain.err)" "1 1"
is "tscae-label: without --segmaps and --segmentation a malformed mask is not read" \
	"$(sed 's/"segmentation": \[\[/"segmentation": [{"no": 1}, 7, [/' odd.json >form.json; tscae-label -q -l coco \
	-f form.json --standalone 2>err | tscae-view --json - | grep -c boxes)" 3
like "tscae-label: with --segmaps a malformed mask is an error" \
	"$(tscae-label -q -l coco -f form.json --segmaps --standalone 2>&1 >/dev/null)" \
	"*'segmentation' is neither polygons nor RLE*"

# messages: that of a tool, without its name
of() { "$@" 2>&1 >/dev/null; echo "exit $?"; }
while IFS=$'\t' read -r case message; do
	labeled=$(of tscae-label -q -l coco -f "$case.json" --standalone)
	is "$case: tscae-eval has the exit status and the message of tscae-label" \
		"$(of tscae-eval -q "$case.json" results.json | sed 's/^tscae-eval: //')" "${labeled#tscae-label: }"
	like "$case: exit 65, the message has the file and the cause" "$labeled" "*: $case.json: $message*exit 65"
done <rejected.tsv
# segmap_error FILE OPTION...: exit status and message of tscae-label
segmap_error() { of tscae-label -q -l coco -f "$1" --standalone "${@:2}"; }
is "RLE of another size: tscae-label has the message of tscae-eval, after the record" \
	"$(segmap_error rle_size.json --segmaps)" \
	"$(of tscae-eval -q --masks rle_size.json results.json | sed 's/^tscae-eval: /tscae-label: sub\/b.c.jpg: /')"
like "RLE of another size: the message has the file and the byte" "$(segmap_error rle_size.json --segmaps)" \
	"tscae-label: sub/b.c.jpg: rle_size.json: byte [0-9]*: RLE has 61x40 pixels, but the image has 60x40*exit 65"
like "a segmentation map of unknown size: the message has the remedy" "$(segmap_error sizeless.json --segmaps)" \
	"tscae-label: a.jpg: sizeless.json: byte 12: the image has no width and height*decoded images*exit 65"
like "a segmentation map that is too large: the message has the limit and the remedy" \
	"$(segmap_error map_large.json --segmaps)" \
	"tscae-label: a.jpg: map_large.json: byte 12: *10000x10000*67108864*without --segmaps*exit 65"
echo cat >classes
like "a class that --classes lacks: the message has the file, the byte and the remedy" \
	"$(segmap_error plain.json --classes classes)" \
	"tscae-label: a.jpg: plain.json: byte [0-9]*: class 'dog' is not in 'classes'; use --unlisted drop*exit 65"
is "a file without annotations: tscae-label gives three images without boxes" \
	"$(tscae-label -q -l coco -f background.json --standalone -o background.tsc; echo $?
	tscae-view background.tsc | grep -c 'boxes F32 0x4')" "0
3"
is "a file without annotations: tscae-eval reads it as its stream" \
	"$(tscae-eval -q --per-class background.json results.json; echo $?)" \
	"$(tscae-eval -q --per-class background.tsc results.json; echo $?)"

# images of these sizes, labeled, cropped, and their predictions moved back
/usr/bin/python3 -c 'import PIL' 2>/dev/null && /usr/bin/python3 - <<-'EOF_'
	import os
	from PIL import Image
	os.makedirs('images/sub')
	for name, size in (('a.jpg', (64, 48)), ('sub/b.c.jpg', (60, 40)), ('back\\slash.jpg', (48, 64))):
	    Image.new('RGB', size, (90, 120, 60)).save('images/' + name)
EOF_
if [ -d images ]; then
	sed 's/"width": 64/"width": 30/' plain.json >narrow.json
	tscae-decode -q images >images.tsc
	like "an image of another size: the message has the record, the file and the byte" \
		"$(of tscae-label -q -l coco -f narrow.json images.tsc)" "*: record 0 (images/a.jpg): narrow.json: " \
		"byte 12: the image has 64x48 pixels, its annotation is for 30x48; *exit 65"
	for part in plain odd; do
		tscae-decode -q images | tscae-label -q -l coco -f $part.json --segmaps >$part-images.tsc
		tscae-crop -q --mode center --size 32 $part-images.tsc >$part-crop.tsc
		tscae-view --check $part-crop.tsc >checked 2>&1 || fail "$part: crop" "$(cat checked)"
	done
	is "tscae-label on decoded images: both files give the same fields" "$(fields odd-images.tsc)" \
		"$(fields plain-images.tsc)"
	is "tscae-crop: both files give the same fields" "$(fields odd-crop.tsc)" "$(fields plain-crop.tsc)"
	is "tscae-crop: each of the three crops has boxes" "$(tscae-view odd-crop.tsc | grep -c 'boxes F32 [1-9]')" 3
	# the crop's ground truth becomes its predictions, which tscae-uncrop moves back
	for part in plain odd; do
		tscae-crop -q --mode stretch --size 96 --min-visible 0 $part-images.tsc >cut.tsc
		"$B/tests/annotation" cut.tsc predicted.tsc && tscae-uncrop -q predicted.tsc >$part-back.tsc
	done
	is "tscae-uncrop: both files give the same scores of each class" \
		"$(tscae-eval -q --per-class --task detect odd.tsc odd-back.tsc)" \
		"$(tscae-eval -q --per-class --task detect plain.tsc plain-back.tsc)"
	like "tscae-uncrop: all seven objects that are no crowd are found" \
		"$(tscae-eval -q --task detect plain-images.tsc odd-back.tsc)" \
		"*gt_boxes	7*AP50	1.000000*"
else
	skip "crops of COCO images" "python3-pil is not installed"
fi

for form in "" --masks; do
	for detections in results odd_results; do
		want=plain
		[ "$form" ] && want=plain_masks
		for gt in plain odd; do
			# --masks needs a mask for each object
			[ "$form" ] && { /usr/bin/python3 - $gt <<-'EOF_'
				import codecs, json, sys
				d = json.load(codecs.open(sys.argv[1] + '.json', encoding='utf-8-sig'))
				d['annotations'] = [a for a in d['annotations'] if a['bbox'] != [20, 52, 9, 9]]
				json.dump(d, open(sys.argv[1] + '_masks.json', 'w'))
			EOF_
			gt=${gt}_masks; }
			tscae-eval -q --per-class $form $gt.json $detections.json >$gt-$detections.tsv 2>err || fail \
				"tscae-eval $form: $gt against $detections" "$(cat err)"
			same "tscae-eval $form: $gt against $detections: the scores are those of the plain files" \
				$gt-$detections.tsv $want-results.tsv
		done
	done
done
like "tscae-eval: 7 of 9 objects are no crowd" "$(cat odd-results.tsv)" "*gt_boxes	7*"
is "tscae-eval of the stream of tscae-label: the scores are those of the JSON files" \
	"$(tscae-eval -q --per-class odd.tsc odd_results.json)" "$(cat plain-results.tsv)"
is "tscae-eval of the stream of the plain file: the scores are those of the JSON files" \
	"$(tscae-eval -q --per-class plain.tsc results.json)" \
	"$(cat plain-results.tsv)"
for part in plain odd; do
	is "--compat ignore, $part: the stream has the scores of the file" \
		"$(tscae-eval -q --per-class --compat ignore $part.tsc results.json)" \
		"$(tscae-eval -q --per-class --compat ignore $part.json results.json)"
done
ok "--compat ignore: the scores differ from those without it" test "$(tscae-eval -q --per-class --compat ignore \
	plain.json results.json)" != "$(cat plain-results.tsv)"
like "tscae-eval: warnings count what is left out or guessed" \
	"$(tscae-eval odd.json results.json 2>&1 >/dev/null | tr '\n' ' ')" \
	"*1 annotations belong to no image*2 images or categories are listed again*1 categories without annotations" \
	"*1 boxes of negative width*3 ground truth boxes have no field 'area'*"
# purpose CASE: the box of the stream and what tscae-label counts, then two scores and counts of tscae-eval for the file
# and for the stream, in one line each
purpose() {
	tscae-label -l coco -f "$1.json" --standalone -o "$1.tsc" 2>"$1.err"
	echo $(tscae-view -q --json --values "$1.tsc" |
		sed -n '1s/.*"boxes":{[^}]*"values":\[\([^]]*\).*/box \1./p'
	grep -o '[0-9]* boxes [a-z ]*' "$1.err")
	for gt in "$1.json" "$1.tsc"; do
		echo $(tscae-eval -q "$gt" "$1_results.json" 2>"$1.err" | grep -P '^(gt_boxes|AP50)\t'
		grep -o '[0-9]* ground truth boxes [a-z ]*' "$1.err")
	done
}
is "a box of width 0: tscae-label drops it, tscae-eval never finds it" "$(purpose empty)" \
	"box . 1 boxes without area are left out
gt_boxes 1 AP50 0.000000 1 ground truth boxes have area
gt_boxes 0 AP50 -1.000000"
is "a box over the edge: tscae-label clips it, tscae-eval does not" "$(purpose edge)" \
	"box 0,5,12,25. 1 boxes that reach over the edge are clipped to the image
gt_boxes 1 AP50 1.000000
gt_boxes 1 AP50 0.000000"
is "a box outside the image: tscae-label drops it, tscae-eval does not" "$(purpose outside)" \
	"box . 1 boxes outside the image are left out
gt_boxes 1 AP50 1.000000
gt_boxes 0 AP50 -1.000000"
is "unknown size: boxes are not clipped, one beyond 1000000 pixels is dropped" "$(purpose unsized; purpose far)" \
	"box 70,5,90,15.
gt_boxes 1 AP50 1.000000
gt_boxes 1 AP50 1.000000
box . 1 boxes outside the image are left out
gt_boxes 1 AP50 1.000000
gt_boxes 0 AP50 -1.000000"
tscae-eval -q --write-gt back.json --write-coco detections.json odd.tsc odd_results.json >/dev/null
is "--write-gt and --write-coco: the written files have the same scores" \
	"$(tscae-eval -q --per-class back.json detections.json)" \
	"$(cat plain-results.tsv)"
done_testing
