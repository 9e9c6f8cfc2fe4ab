#!/bin/bash
# coco_odd.t - every odd case of COCO's files is read the same by every tool: labels, a crop and back, scores
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3 with numpy and msgpack is not installed"
cd "$tmp" || exit 1
/usr/bin/python3 -B "$root/tests/coco_odd.py" . || exit 1

# fields FILE: all that a stream says, but for its history
fields() { tscae-view --json "$1"; /usr/bin/python3 -B "$root/tests/records.py" boxes box_class box_flags box_area labels size <"$1" | tail -n +2; tscae-view -H "$1" | grep -v '^history\|tscae-'; }

for part in plain odd; do
	tscae-label -l coco -f $part.json --segmaps --standalone -o $part.tsc 2>$part.err || fail "$part: tscae-label" "$(cat $part.err)"
	tscae-label -q -l coco -f $part.json --segmentation --standalone -o $part-regions.tsc
done
is "labels: the same fields of every record" "$(fields odd.tsc)" "$(fields plain.tsc)"
is "labels: all nine objects of three images" "$(tscae-view odd.tsc | grep -o 'boxes F32 [0-9]*' | tr '\n' ' ')" "boxes F32 3 boxes F32 3 boxes F32 3 "
like "labels: classes by id, also beyond 32 bits" "$(tscae-view -H odd.tsc)" "*classes	cat, dog, owl, wide*"
while read -r n what; do
	like "labels: $n $what is said" "$(cat odd.err)" "*: $n $what*"
done <<-'EOF_'
	1 annotations belong to no image and are left out
	2 images or categories are listed again and are left out
	1 categories without annotations have the name of another one and are left out
	3 annotations have no area: that of the box is taken
	1 boxes without area are left out
	2 polygons have too few points or half a point, and are left out
	1 objects have no mask: their boxes are ignored in segmentation maps
EOF_
is "labels: of the plain file only the object without mask is said" "$(grep -c 'left out\|taken\|ignored' plain.err) $(grep -c 'no mask' plain.err)" "1 1"
is "labels: without maps or regions no form of a mask matters" "$(sed 's/"segmentation": \[\[/"segmentation": [{"no": 1}, 7, [/' odd.json >form.json; tscae-label -q -l coco -f form.json --standalone 2>err | tscae-view --json - | grep -c boxes)" 3
like "labels: with maps it does" "$(tscae-label -q -l coco -f form.json --segmaps --standalone 2>&1 >/dev/null)" "*'segmentation' is neither polygons nor RLE*"

# a crop and back: images of these sizes, labeled, cropped and brought back
/usr/bin/python3 -c 'import PIL' 2>/dev/null && /usr/bin/python3 - <<-'EOF_'
	import os
	from PIL import Image
	os.makedirs('images/sub')
	for name, size in (('a.jpg', (64, 48)), ('sub/b.c.jpg', (60, 40)), ('back\\slash.jpg', (48, 64))):
	    Image.new('RGB', size, (90, 120, 60)).save('images/' + name)
EOF_
if [ -d images ]; then
	for part in plain odd; do
		tscae-decode -q images | tscae-label -q -l coco -f $part.json --segmaps >$part-images.tsc
		tscae-crop -q --mode center --size 32 $part-images.tsc >$part-crop.tsc
		tscae-view --check $part-crop.tsc >checked 2>&1 || fail "$part: crop" "$(cat checked)"
	done
	is "records of images find the same labels" "$(fields odd-images.tsc)" "$(fields plain-images.tsc)"
	is "a crop of them is the same" "$(fields odd-crop.tsc)" "$(fields plain-crop.tsc)"
	is "and has boxes" "$(tscae-view odd-crop.tsc | grep -c 'boxes F32 [1-9]')" 3
	# what is true of the crop, as if it was predicted, brought back
	for part in plain odd; do
		tscae-crop -q --mode stretch --size 96 --min-visible 0 $part-images.tsc >cut.tsc
		"$B/tests/annotation" cut.tsc said.tsc && tscae-uncrop -q said.tsc >$part-back.tsc
	done
	is "and back it is the same" "$(tscae-eval -q --per-class --task detect odd.tsc odd-back.tsc)" "$(tscae-eval -q --per-class --task detect plain.tsc plain-back.tsc)"
	like "and all is found" "$(tscae-eval -q --task detect plain-images.tsc odd-back.tsc)" "*gt_boxes	7*AP50	1.000000*"
else
	skip "a crop" "python3-pil is not installed"
fi

for form in "" --masks; do
	for found in results odd_results; do
		want=plain
		[ "$form" ] && want=plain_masks
		for truth in plain odd; do
			# masks are scored of objects that have one
			[ "$form" ] && { /usr/bin/python3 - $truth <<-'EOF_'
				import codecs, json, sys
				d = json.load(codecs.open(sys.argv[1] + '.json', encoding='utf-8-sig'))
				d['annotations'] = [a for a in d['annotations'] if a['bbox'] != [20, 52, 9, 9]]
				json.dump(d, open(sys.argv[1] + '_masks.json', 'w'))
			EOF_
			truth=${truth}_masks; }
			tscae-eval -q --per-class $form $truth.json $found.json >$truth-$found.tsv 2>err || fail "$truth against $found $form" "$(cat err)"
			same "scores $form: $truth against $found" $truth-$found.tsv $want-results.tsv
		done
	done
done
like "scores: of 9 objects, 2 of them crowds" "$(cat odd-results.tsv)" "*gt_boxes	7*"
is "scores through tscae-label" "$(tscae-eval -q --per-class odd.tsc odd_results.json)" "$(cat plain-results.tsv)"
is "scores through tscae-label of the plain file" "$(tscae-eval -q --per-class plain.tsc results.json)" "$(cat plain-results.tsv)"
like "scores: what is left out or guessed is said" "$(tscae-eval odd.json results.json 2>&1 >/dev/null | tr '\n' ' ')" "*1 annotations belong to no image*2 images or categories are listed again*1 categories without annotations*1 boxes of negative width*3 ground truth boxes have no field 'area'*"
tscae-eval -q --write-gt back.json --write-coco found.json odd.tsc odd_results.json >/dev/null
is "written and read again they score the same" "$(tscae-eval -q --per-class back.json found.json)" "$(cat plain-results.tsv)"
done_testing
