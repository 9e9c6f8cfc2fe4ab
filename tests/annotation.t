#!/bin/bash
# annotation.t - odd annotations are the same in every tool, and every tool refuses bad ones with the same message
. "${0%/*}/lib.sh"
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
fixture() { PYTHONDONTWRITEBYTECODE=1 "$python" "$root/tests/annotation.py" "$@"; }
cd "$tmp" || exit 1

# without_flags LINES: boxes and maps as predictions have them
without_flags() { sed -E 's/\](:[-0-9.e+]+)+/]/g' <<<"$1"; }

for layout in voc coco; do
	fixture $layout $layout || exit 1
	want=$(fixture want $layout)
	case $layout in
	voc) label=(tscae-label -q -l voc -f voc --segmaps) images=voc/JPEGImages ;;
	coco) label=(tscae-label -q -l coco -f coco/instances.json --image-dir coco/images) images=coco/images ;;
	esac
	"${label[@]}" --standalone >truth.tsc 2>notes
	is "$layout: tscae-label gives the boxes, flags and maps of the fixture" "$(fixture show <truth.tsc)" "$want"
	tscae-decode -q $images | "${label[@]}" >images.tsc 2>notes
	is "$layout: labels beside decoded images give the fixture" "$(fixture show <images.tsc)" "$want"
	tscae-crop -q --mode stretch --size 64x48 images.tsc >whole.tsc
	is "$layout: a crop of the whole image changes nothing" "$(fixture show <whole.tsc)" "$want"
	flip="--mode jitter --scale 1,1 --flip 1 --size 64x48"
	tscae-crop -q $flip images.tsc >flipped.tsc
	ok "$layout: a flip moves the boxes" test "$(fixture show <flipped.tsc)" != "$want"
	is "$layout: flipped twice, everything is back" "$(tscae-crop -q $flip flipped.tsc | fixture show)" "$want"
	tscae-crop -q --mode stretch --size 128x96 images.tsc | tscae-crop -q --mode stretch --size 64x48 >resized.tsc
	is "$layout: twice the size, and resized back" "$(fixture show <resized.tsc)" "$want"
	tscae-crop -q --mode fit --size 192x192 images.tsc >cut.tsc
	"$B/tests/annotation" cut.tsc predicted.tsc && tscae-uncrop -q predicted.tsc >back.tsc
	is "$layout: a crop, ground truth as predictions, and tscae-uncrop" "$(fixture show predicted_ <back.tsc)" \
		"$(without_flags "$want")"
	tscae-eval -q truth.tsc back.tsc >scores
	is "$layout: tscae-eval finds every box" "$(awk '$1 ~ /^(AP|AP50|VOC)$/ { print $1, $2 }' scores | xargs)" \
		"AP 1.000000 AP50 1.000000 VOC 1.000000"
	[ $layout = voc ] && is "voc: and every pixel" "$(awk '$1 == "mIoU" { print $2 }' scores)" 1.000000
	[ $layout = voc ] && is "voc: tscae-eval reads the folder as tscae-label does" \
		"$(tscae-eval -q --task detect voc back.tsc 2>&1)" "tscae-eval: 2 boxes without area are left out
tscae-eval: 1 boxes outside the image are left out
tscae-eval: 1 boxes that reach over the edge are clipped to the image
$(tscae-eval -q --task detect truth.tsc back.tsc)"
done

# boxes that no reader changes: COCO's file gives the scores of its stream (others count in the file, as in cocoapi)
tscae-label -q -l coco -f coco/kept.json --image-dir coco/images --standalone >kept.tsc
"$python" - >results.json <<-'END'
	import json
	truth = json.load(open('coco/kept.json'))
	print(json.dumps([{'image_id': a['image_id'], 'category_id': a['category_id'], 'bbox': a['bbox'], 'score': .75}
		for a in truth['annotations']]))
END
"$B/tests/annotation" kept.tsc found.tsc
score() { tscae-eval -q "$2" "$3" | awk -v s="$1" '$1 == s { print $2 }'; }
for scores in AP AP50 AR100 APs VOC; do
	is "coco: $scores of the file and of its stream" \
		"$(score $scores coco/kept.json results.json) $(score $scores kept.tsc found.tsc)" "1.000000 1.000000"
done

# message FILE COMMAND...: the message of a tool that refuses the file, without the tool, file and record in front
message() {
	local file=$1 status; shift
	"$@" >/dev/null 2>stderr; status=$?
	rm -rf run
	[ $status = 65 ] || { echo "exit $status"; return; }
	sed -E "s,^tscae-[a-z]*: ($file: )?(record 0 \(a\): )?,," stderr
}
small="image=32 patch=4 embed_dim=24 depth=2 heads=2 batch=1 checkpoint_minutes=0"
crop() { tscae-crop -q --size 16 "$1"; }
view() { tscae-view -q --sheet sheet.png "$1"; }
truth() { tscae-eval -q "$1" sound.tsc; }
predicted() { tscae-eval -q sound.tsc "$1"; }
detect() { tscae-train -q -o run task=detect fpn_dim=16 $small "$1"; }
classify() { tscae-train -q -o run task=classify $small "$1"; }
list() { tscae-view -q "$1"; }
json() { tscae-view -q --json "$1"; }
probe() { tscae-probe -q "$1" "$1"; }
segment() { tscae-train -q -o run task=segment fpn_dim=16 $small "$1"; }
uncrop() { tscae-uncrop -q "$1"; }
fixture broken >broken || exit 1
for tool in crop view list json truth predicted classify detect segment uncrop; do
	is "sound boxes (one of zero area), maps, classes, transforms: $tool" \
		"$(message sound.tsc $tool sound.tsc)" "exit 0"
done
while IFS=$'\t' read -r file kind who want; do
	case $kind-$who in
	t-all) tools="crop view truth detect" ;;
	p-all) tools="uncrop view predicted" ;;
	t-all,maps) tools="crop view truth segment" ;;
	p-all,maps) tools="uncrop view predicted" ;;
	t-eval,*) tools="truth ${who#*,}"; tools=${tools//,/ } ;;
	p-eval,*) tools="predicted view" ;;
	t-class) tools="classify probe truth view list json" ;;
	p-class) tools="predicted view" ;;
	t-transforms*) tools="crop truth" ;;
	p-transforms) tools=predicted ;;
	p-transforms,uncrop) tools="uncrop predicted" ;;
	*) tools=; fail "a row of BROKEN for tools that are not known: $who" ;;
	esac
	for tool in $tools; do is "$file refused by $tool" "$(message "$file" $tool "$file")" "$want"; done
done <broken
while read -r key tools; do
	for tool in $tools; do
		is "a header with a number for '$key' refused by $tool" "$(message $key.tsc $tool $key.tsc)" \
			"header: '$key' is not a list of strings"
	done
done <<'END'
classes classify probe truth view list json
label_classes segment truth view
predicted_classes predicted view
predicted_label_classes predicted view
END

# the values of maps in files
printf '%s\n' background cat dog >classes
message maps/a.png tscae-eval -q sound.tsc maps >evaluated
message maps/a.png tscae-label -q -l pairs -f . --image-dir images --segmap-dir maps --classes classes --standalone \
	>labeled
is "a file with a class that is none, refused by tscae-eval" "$(cat evaluated)" \
	"class 7 at row 0, column 0, but there are 3 classes"
like "a file with a class that is none, refused by tscae-label" "$(cat labeled)" \
	"*maps/a.png: $(cat evaluated); use --unlisted drop to ignore such values"

# the size of an image whose pixels are not there
fixture sizes >sizes || exit 1
decode() { tscae-decode -q --records -e fail "$1"; }
yolo() { rm -rf yolo; tscae-view -q --yolo yolo "$1"; }
truth() { tscae-eval -q "$1" good.tsc; }
predicted() { tscae-eval -q good.tsc "$1"; }
for tool in decode yolo truth predicted; do
	is "a sound size: $tool" "$(message good.tsc $tool good.tsc)" "exit 0"
	while IFS=$'\t' read -r file want; do
		is "$file refused by $tool" "$(message "$file" $tool "$file")" "$want"
	done <sizes
done

# a record that was cropped before, of a stream that does not say so
fixture origins >origins || exit 1
is "sound fields of an earlier crop: crop" "$(message again.tsc crop again.tsc)" "exit 0"
while IFS=$'\t' read -r file want; do
	is "$file refused by crop" "$(message "$file" crop "$file")" "$want"
done <origins
done_testing
