#!/bin/bash
# tscae-eval.t - published figures, both directions of foreign files, tables, and what is refused
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1

# value name: of the JSON object on standard input
value() { sed -E "s/.*\"$1\":([^,}]*).*/\1/" | head -1; }
# near name got expected: to 1e-6
near() { ok "$1" awk "BEGIN { d = $2 - ($3); exit !(d <= 1e-6 && d >= -1e-6) }"; }
# twelve name expected...: COCO's numbers, arguments of tscae-eval in "${operands[@]}"
twelve() {
	local name=$1 n; shift
	tscae-eval -q --json "${operands[@]}" >out 2>err || { fail "$name" "$(cat err)"; return; }
	for n in AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl; do
		near "$name: $n" "$(value $n <out)" "$1"
		shift
	done
}

# refused NAME MESSAGE GROUND-TRUTH PREDICTIONS: exit 65
refused() { local name=$1 want=$2; shift 2; status "$name" 65 tscae-eval -q "$@"
like "$name: the message names the error" "$(cat stderr)" "*$want*"; }

if [ -z "$shared" ]; then
	skip "published figures" "../shared is not there"
else
	pack=$(unpack det-metrics)
	demo=("$pack/cocoapi/annotations/instances_val2014_100.json" \
		"$pack/cocoapi/results/instances_val2014_fakebbox100_results.json")
	operands=("${demo[@]}")
	twelve "COCO's demo" 0.5045806987249628 0.6969727247299577 0.5729816669904824 0.5856257209410443 \
		0.5193996948036719 0.5013978986347466 \
		0.38681277964578054 0.5936795762842003 0.595352982877607 0.6398109626113442 0.5664205978994309 \
		0.5642905982905982
	operands=(--masks "${demo[0]}" "$pack/cocoapi/results/instances_val2014_fakesegm100_results.json")
	twelve "its masks" 0.319545 0.562288 0.298927 0.387374 0.310183 0.326934 0.268230 0.415449 0.416839 0.469450 \
		0.376759 0.381472
	tscae-eval -q --json --compat recall "${demo[@]}" >out
	near "the published results: AP with thresholds i/100" "$(value AP <out)" 0.504665
	near "the published results: AP50" "$(value AP50 <out)" 0.697083
	near "the published results: AP75" "$(value AP75 <out)" 0.573102
	operands=("$pack"/review_metrics/test_coco_eval/{gts/sampled_gts_bbox_area.json,cocoapi_results.json})
	twelve "areas of boxes" 0.503647 0.696973 0.571667 0.593252 0.557991 0.489363 0.386813 0.593680 0.595353 \
		0.654764 0.603130 0.553744
	operands=(--score-threshold 0.1 "$pack"/faster_coco_eval/{gt,dt}_ignore_test.json)
	twelve "ignored boxes" 0.7099009900990099 1 0.8415841584158416 -1 0.7099009900990099 -1 0 0.45384615384615384 \
		0.7153846153846154 -1 0.7153846153846154 -1

	# x y w h with both end pixels counted: w + 1 and h + 1 pixels
	/usr/bin/python3 - "$pack/review_metrics/test_case_1" <<-'EOF'
		import glob, json, os, sys
		images, gt = [], []
		os.mkdir('one')
		with open('one/comp4_det_test_object.txt', 'w') as out:
		    for n, f in enumerate(sorted(glob.glob(sys.argv[1] + '/gts/*.txt')), 1):
		        name = os.path.basename(f)
		        images.append({'id': n, 'file_name': name[:-4] + '.jpg'})
		        for line in open(f):
		            x, y, w, h = map(float, line.split()[1:])
		            gt.append({'id': len(gt) + 1, 'image_id': n, 'category_id': 1,
		                'bbox': [x, y, w + 1, h + 1], 'area': w * h})
		        for line in open(sys.argv[1] + '/dets/' + name):
		            if line.strip():
		                s, x, y, w, h = map(float, line.split()[1:])
		                print(name[:-4], s, x + 1, y + 1, x + w + 1, y + h + 1, file=out)
		json.dump({'images': images, 'annotations': gt, 'categories': [{'id': 1, 'name': 'object'}]},
			open('one.json', 'w'))
	EOF
	while read -r overlap eleven area edges; do
		tscae-eval -q --json --iou-threshold "$overlap" one.json one >out
		near "VOC, 11 points, overlap $overlap" "$(value VOC11 <out)" "$eleven"
		near "VOC, area, overlap $overlap" "$(value VOC <out)" "$area"
		near "boxes without their last pixels, IoU threshold $overlap" \
			"$(tscae-eval -q --json --compat edges --iou-threshold "$overlap" one.json one | value VOC)" \
			"$edges"
	done <<-EOF
		0.1 0.3333333333 0.3371980676 0.2801328502
		0.3 0.2683982683 0.2456866804 0.2253968254
		0.5 0.0303030303 0.0222222222 0.0222222222
		0.75 0 0 0
	EOF
	near "with thresholds i/10" \
		"$(tscae-eval -q --json --compat recall --iou-threshold 0.1 one.json one | value VOC11)" 0.3689064559

	# COCO's annotations, read from the file and through tscae-label: the same scores, and the same numbers in what
	# is written
	coco=$(unpack coco-tiny-160)/coco/annotations/instances_val2017.json
	/usr/bin/python3 - "$coco" <<-'EOF'
		import json, random, sys
		r, out = random.Random(5), []
		for a in json.load(open(sys.argv[1]))['annotations']:
		    for _ in range(r.randrange(3)):
		        x, y, w, h = a['bbox']
		        box = [x + r.uniform(-.1, .1) * w, y + r.uniform(-.1, .1) * h, w * r.uniform(.8, 1.2),
		            h * r.uniform(.8, 1.2)]
		        out.append({'image_id': a['image_id'], 'category_id': a['category_id'], 'bbox': box,
		            'score': round(r.random(), 2)})
		json.dump(out, open('jitter.json', 'w'))
	EOF
	tscae-label -q -l coco -f "$coco" --standalone >coco.tsc
	is "COCO ground truth through tscae-label has the same scores" \
		"$(tscae-eval -q --write-coco back.json --write-gt gt-back.json coco.tsc jitter.json)" \
		"$(tscae-eval -q "$coco" jitter.json)"
	ok "--write-coco writes the results that were read" /usr/bin/python3 -c \
		'import json; assert json.load(open("jitter.json")) == json.load(open("back.json"))'
	is "tscae-eval: --write-gt and --write-coco: the written files have the same scores" \
		"$(tscae-eval -q gt-back.json back.json)" "$(tscae-eval -q "$coco" jitter.json)"

	# real annotations: ground truth through tscae-label, a detector's boxes as VOC's files
	pack=$(unpack voc2012-100)/VOCdevkit/VOC2012
	tscae-label -q -f "$pack" --standalone >gt.tsc && tscae-label -q -f "$pack" --standalone --segmaps >maps.tsc
	is "segmentation maps against themselves: mIoU 1" \
		"$(tscae-eval -q --json maps.tsc "$pack/SegmentationClass" | value mIoU)" 1
	is "segmentation maps of a folder: --bootstrap counts the pixels of each image" \
		"$(tscae-eval -q --json --bootstrap 20 maps.tsc "$pack/SegmentationClass" | value mIoU_low)" 1
	is "a VOC folder as ground truth of segmentation maps" "$(tscae-eval -q "$pack" "$pack/SegmentationClass")" \
		"$(tscae-eval -q maps.tsc "$pack/SegmentationClass")"
	refused "a split of a VOC folder: predictions of other images" "the ground truth has no such image" --split \
		Segmentation/val "$pack" "$pack/SegmentationClass"
	mkdir real
	for class in $(tscae-label -q -f "$pack" --standalone | tscae-view -H | sed -n 's/^extra\tclasses\t//p' |
		tr -d ,); do
		: >"real/comp4_det_val_$class.txt"
	done
	like "predictions without any box: AP is 0, with a warning" \
		"$(tscae-eval --json gt.tsc real 2>&1 | tr -d '\n')" \
		"*no boxes are predicted*\"AP\":0,*\"VOC\":0}*"
	is "a VOC folder as ground truth of boxes" "$(tscae-eval -q "$pack" real 2>&1)" \
		"$(tscae-eval -q gt.tsc real 2>&1)"
	tscae-eval -q --write-gt t.json --write-coco r.json gt.tsc real >out 2>/dev/null
	same "empty COCO results" r.json <(echo '[]')
	is "VOC boxes written as COCO files have the same scores" \
		"$(tscae-eval -q t.json r.json 2>/dev/null | sed -n '/^AP/,$p')" "$(sed -n '/^AP/,$p' out)"
fi

# the scores of two small files, as COCO files and as VOC files
cat >gt.json <<'EOF'
{"images":[{"id":1,"file_name":"a.jpg"},{"id":"2","file_name":"b.jpg"}],
 "categories":[{"id":5,"name":"cell"},{"id":9,"name":"empty"}],
 "annotations":[{"id":1,"image_id":1,"category_id":5,"bbox":[0,0,40,40],"area":1600,"iscrowd":0,
  "segmentation":[[0,0,40,0,40,40]]},
  {"id":2,"image_id":2,"category_id":5,"bbox":[8,8,40,40],"area":1600}]}
EOF
# one line: the changes below replace the first match of a line
printf %s '[{"image_id":1,"category_id":5,"bbox":[0,0,40,40],"score":0.5},' \
	'{"image_id":2,"category_id":5,"bbox":[8,8,40,40.5],"score":0.25},' \
	'{"image_id":2,"category_id":9,"bbox":[8,8,40,40],"score":1}]' >results.json
is "all scores of two COCO files" "$(tscae-eval -q gt.json results.json)" "name	value
box_images	2
box_classes	2
box_classes_without_gt	1
gt_boxes	2
detections	3
AP	1.000000
AP50	1.000000
AP75	1.000000
APs	-1.000000
APm	1.000000
APl	-1.000000
AR1	1.000000
AR10	1.000000
AR100	1.000000
ARs	-1.000000
ARm	1.000000
ARl	-1.000000
VOC11	1.000000
VOC	1.000000"
is "--per-class: a table of the classes" \
	"$(tscae-eval -q --per-class gt.json results.json | tail -3 | cut -f 1-4,16-17)" \
	"class	gt	detections	AP	VOC11	VOC
cell	2	2	1.000000	1.000000	1.000000
empty	0	1	-1.000000	nan	nan"
ok "--json: undefined scores are null" /usr/bin/python3 -c \
	'import json, sys; d = json.loads(sys.argv[1])
assert d["AP50"] > 0.999 and d["box_class_scores"][1]["VOC"] is None' \
	"$(tscae-eval -q --per-class --json gt.json results.json)"
# a detection in one image of two: samples have 0, 1 or both of it
sed 's/"image_id":2,"category_id":5/"image_id":2,"category_id":9/' results.json >half.json
is "--bootstrap: intervals of boxes, which end at 0 and 1" \
	"$(tscae-eval -q --bootstrap 100 gt.json half.json | grep -E '^(AP|AP75|APs|VOC)(_|	)')" "AP	0.504950
AP_low	0.000000
AP_high	1.000000
AP75	0.504950
AP75_low	0.000000
AP75_high	1.000000
APs	-1.000000
VOC	0.500000
VOC_low	0.000000
VOC_high	1.000000"
is "--bootstrap: the scores are those without it" \
	"$(tscae-eval -q --bootstrap 9 gt.json half.json | grep -v -e _low -e _high)" \
	"$(tscae-eval -q gt.json half.json)"
is "--bootstrap: the same bounds in every call" "$(tscae-eval -q --json --bootstrap 9 gt.json half.json)" \
	"$(tscae-eval -q --json --bootstrap 9 gt.json half.json)"
ok "--bootstrap, all images right: the bounds are the score" /usr/bin/python3 -c \
	'import json, sys; d = json.loads(sys.argv[1])
assert d["AP_low"] == d["AP"] == d["AP_high"] and d["VOC_low"] == 1, d' \
	"$(tscae-eval -q --json --bootstrap 20 gt.json results.json)"
status "--bootstrap 1: exit 2" 2 tscae-eval --bootstrap 1 gt.json results.json
tscae-eval -q --write-voc voc --split val --write-coco again.json gt.json results.json >out
is "--write-voc: pixels from 1, ends inclusive, one file for each class" "$(cd voc && tail -n +1 -- *)" \
	"==> comp4_det_val_cell.txt <==
a 0.5 1 1 40 40
b 0.25 9 9 48 48.5

==> comp4_det_val_empty.txt <==
b 1 9 9 48 48"
is "--write-voc: the written files have the same scores" "$(tscae-eval -q gt.json voc)" "$(cat out)"
is "--write-coco: the written file has the same scores" "$(tscae-eval -q gt.json again.json)" "$(cat out)"
echo 'b .25 9 9 48 48' >voc/comp4_det_val_cell.txt; : >voc/comp4_det_val_empty.txt
is "an empty VOC file is a class without detections" "$(tscae-eval -q --json gt.json voc | value VOC)" 0.5
like "boxes below a score are left out" "$(tscae-eval -q --score-threshold 0.3 gt.json results.json)" \
	"*detections	2*"

bad_results() { sed "$1" results.json >bad.json; refused "$2" "$3" gt.json bad.json; }
bad_results 's/"image_id":1/"image_id":7/' "an unknown image" \
	"bad.json: byte *: the ground truth has no image with id 7"
like "an unknown image: --intersect leaves its predictions out and counts them" \
	"$(tscae-eval --intersect gt.json bad.json 2>&1)" \
	"*1 predictions left out: the ground truth does not have their image*AP	0.50495*"
sed 's/"category_id":5/"category_id":6/' results.json >bad.json
like "a result of an unknown class is left out, as pycocotools does, and counted" \
	"$(tscae-eval gt.json bad.json 2>&1)" \
	"*1 boxes left out: the ground truth does not have their class*"
bad_results 's/,"score":1//' "a result without score" "object without 'score'"
bad_results 's/"bbox"/"box"/' "a result without box" "object without 'bbox'"
bad_results 's/,40.5\]/]/' "a box of three numbers" "'bbox' is not a list of four numbers"
bad_results 's/40.5/"40"/' "a box with a string" "'bbox' is not"
bad_results 's/40.5/-1/' "a box of negative height" "the width or height is negative"
bad_results 's/"score":1/"score":"1"/' "a score that is a string" "'score' is not a number"
bad_results 's/"score":1/"score":1e999/' "a score out of the range of doubles" "out of range"
bad_results 's/"score":1/"score":NaN/' "a score that is NaN" "bad.json: byte"
bad_results 's/.$//' "a results file cut short" "bad.json"
bad_results 's/^\[/[3,/' "a list of numbers" "a value that is not an object"
bad_gt() { sed "$1" gt.json >bad.json; refused "$2" "$3" bad.json results.json; }
bad_gt 's/"id":"2"/"id":1/' "an image id that occurs twice" "two images have the id 1: 'a.jpg' and 'b.jpg'"
bad_gt 's/b.jpg/a.jpg/' "a file name that occurs twice" "image 'a.jpg' occurs twice"
sed 's/"empty"/"cell"/' gt.json >bad.json
like "a result of a class that only shares the name of one with annotations is left out and counted" \
	"$(tscae-eval bad.json results.json 2>&1)" "*1 boxes left out: the ground truth does not have their class*"
bad_gt 's/"empty"/"cell"/; s/"image_id":2,"category_id":5/"image_id":2,"category_id":9/' \
	"one name for two classes with annotations" "the categories 5 and 9 are both called 'cell'"
sed 's/"id":2,"image_id":2,"category_id":5/"id":2,"image_id":2,"category_id":4/' gt.json >bad.json
like "annotations of no listed category are left out and counted" "$(tscae-eval bad.json results.json 2>&1)" \
	"*1 annotations belong to no listed category*"
like "what is left out is in the closing line, and the first is named" \
	"$(tscae-eval bad.json results.json 2>&1 >out)" \
	"*category and are left out; the first: at byte *1 left out or guessed (the first: annotations belong to no *"
status "annotations that are left out, --strict: exit 1" 1 tscae-eval --strict bad.json results.json
status "nothing left out, --strict: exit 0" 0 tscae-eval --strict gt.json results.json
status "boxes below --score-threshold, --strict: exit 0" 0 \
	tscae-eval --strict --score-threshold 0.99 gt.json results.json
bad_gt 's/"categories"/"classes"/' "ground truth without categories" \
	"not COCO's instances*no list '"
bad_gt 's/"bbox":\[8,8,40,40\],//' "an annotation without box" "object without 'bbox'"
refused "a results file as ground truth" "not COCO's instances" results.json results.json
refused "ground truth as results" "not a list of results" gt.json gt.json
like "annotations of no image are left out and counted" \
	"$(sed 's/"image_id":2/"image_id":3/' gt.json >bad.json; tscae-eval bad.json results.json 2>&1)" \
	"*1 annotations belong to no image and are left out*gt_boxes	1*"
like "ground-truth boxes without the field area are counted" \
	"$(sed 's/"area":1600/"a":1/' gt.json >bad.json; tscae-eval bad.json results.json 2>&1)" \
	"*2 ground truth boxes have no field 'area'*"
like "ground-truth boxes of area 0 are counted" \
	"$(sed 's/8,8,40,40/8,8,0,40/' gt.json >bad.json; tscae-eval bad.json results.json 2>&1)" \
	"*1 ground truth boxes have area 0*"

refused "--masks: images of unknown size" "image 'a.jpg' has no width and height" --masks gt.json results.json
sed -E -e 's/"(a|b).jpg"/&,"height":50,"width":60/g' \
	-e 's/"area":1600}\]/"area":1600,"segmentation":{"size":[50,60],"counts":[0,3000]}}]/' gt.json >masks.json
refused "--masks: results without masks" "results.json: byte 1: object without a mask" --masks masks.json results.json
masks() { sed "s/\"score\"/\"segmentation\":$1,&/" results.json >bad.json
refused "$2" "$3" --masks masks.json bad.json; }
masks '{"size":[60,50],"counts":[0,3000]}' "--masks: RLE of another size" \
	"RLE has 50x60 pixels, but the image has 60x50"
masks '{"size":[50,60],"counts":[0,2999]}' "--masks: RLE that does not fill the image" "RLE does not fill"
masks '{"size":[50,60],"counts":"~~"}' "--masks: invalid compressed RLE" "is not compressed RLE"
masks '[[1,2,3,4]]' "--masks: a polygon of two points" "object without a mask"
masks '7' "--masks: a mask that is a number" "neither polygons nor RLE"

voc() { mkdir -p lines && : >lines/comp4_det_x_empty.txt && printf '%s\n' "$1" >lines/comp4_det_x_cell.txt && refused \
	"$2" "$3" gt.json lines; }
voc 'a nan 1 1 9 9' "VOC file: a score that is NaN" "cell.txt: line 1: the score"
voc 'a 1 1 1 inf 9' "VOC file: an infinite coordinate" "line 1: box 0 0 inf 9"
voc 'a 1 1 1 9' "VOC file: too few numbers" "line 1: expected 'image score left top right bottom'"
voc 'a 1 1 1 9 9 9' "VOC file: too many numbers" "line 1: text after"
voc 'a 1 1 1 9 9x' "VOC file: a word in place of a number" "'9x' is not a number"
voc 'c 1 1 1 9 9' "VOC file: an unknown image" "the ground truth has no image 'c'"
rm lines/comp4_det_x_empty.txt; echo 'a 1 1 1 40 40' >lines/comp4_det_x_cell.txt
refused "VOC files: a class without a file" "no file compN_det_SET_empty.txt" gt.json lines
like "VOC files: --intersect leaves out a class without a file" "$(tscae-eval --intersect gt.json lines 2>&1)" \
	"*1 classes of the ground truth left out*box_classes	1*"
cp lines/comp4_det_x_cell.txt lines/comp4_det_x_dog.txt; : >lines/comp4_det_x_empty.txt
refused "VOC files: a file of an unknown class" "comp4_det_x_dog.txt: the ground truth has no class" gt.json lines
rm lines/*dog.txt; : >lines/comp4_det_y_cell.txt
refused "VOC files: two files of one class" "belong to the same class" gt.json lines

status "tscae-eval: no operand: exit 2" 2 tscae-eval
status "ground truth alone: exit 2" 2 tscae-eval gt.json
status "an unknown --compat: exit 2" 2 tscae-eval --compat python gt.json results.json
status "--masks with VOC files: exit 2" 2 tscae-eval --masks masks.json lines
status "a folder without VOC layout as ground truth: exit 66" 66 tscae-eval lines lines
status "a folder without predictions: exit 2" 2 tscae-eval lines
status "tscae-eval: a missing file: exit 66" 66 tscae-eval gt.json none.json
status "tscae-eval: output to a full disk: exit 74" 74 sh -c 'tscae-eval -q gt.json results.json >/dev/full'
status "an unwritable --write-coco: exit 74" 74 tscae-eval -q --write-coco /nowhere/x.json gt.json results.json

# streams that no tool makes
if ! /usr/bin/python3 -c 'import numpy, msgpack' 2>/dev/null; then
	skip "streams" "python3 with numpy and msgpack is not installed"
	done_testing
fi
cat >make.py <<'EOF'
import sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from streams import write_stream
f4, i4, u1 = (lambda t: lambda *v: np.array(v, t))('<f4'), (lambda *v: np.array(v, '<i4')), (lambda *v: np.array(v,
    'u1'))
names = {'classes': ['a', 'b'], 'label_classes': ['x', 'y']}
said = {'predicted_classes': ['b', 'a'], 'predicted_label_classes': ['x', 'y']}
gt = [{'key': k, 'class': i, 'boxes': f4([1, 1, 9, 9]), 'box_class': i4(i), 'labels': u1([0, 1], [255, 1])} for i,
    k in enumerate(['p.jpg', 'q.jpg'])]
model = [{'key': k, 'predicted_class': 1 - i, 'class_score': f4(.25 + i / 2, .75 - i / 2),
    'predicted_boxes': f4([1, 1, 9, 9]), 'predicted_box_class': i4(1 - i),
          'predicted_box_score': f4(.5), 'predicted_labels': u1([0, 1], [0, 0])} for i, k in enumerate(['p', 'q'])]
write_stream('gt.tsc', 'label', names, gt)
write_stream('model.tsc', 'image', said, model)
write_stream('both.tsc', 'image', dict(names, **said), [dict(m, **t) for t, m in zip(gt, model)])
n = 0
def bad(field, value, head=None, model=model, extra=()):
    global n
    n += 1
    rest = {k: v for k, v in model[1].items() if k != field}
    write_stream('bad%d.tsc' % n, 'image', head or said,
        [model[0], dict(rest, **({} if value is None else {field: value})), *extra])
bad('predicted_class', 2)
bad('predicted_class', 'b')
bad('class_score', f4(1))
bad('class_score', f4(np.nan, 1))
bad('predicted_box_class', i4(-1))
bad('predicted_box_class', i4(0, 1))
bad('predicted_box_score', f4(np.nan))
bad('predicted_box_score', None)
bad('predicted_boxes', f4([1, 1, np.inf, 9]))
bad('predicted_boxes', f4([9, 9, 1, 1]))
bad('predicted_labels', u1([0, 1]))
bad('predicted_labels', u1([0, 2], [0, 0]))
bad('predicted_labels', None)
bad('key', 'r')
bad('key', 'p.png')
bad('key', 'q', dict(said, predicted_classes=['b', 'c']))
bad('key', 'q', dict(said, predicted_classes=['b', 'a', 'c']))
bad('key', 'q', {'predicted_label_classes': ['x', 'y']})
bad('key', 'q', dict(said, predicted_label_classes=['x']))
# a map of the same size, all of one class
where = [dict(t, size=i4(20, 30), labels=np.zeros((20, 30), 'u1')) for t in gt]
write_stream('where.tsc', 'label', names, where)
write_stream('size.tsc', 'image', said, [dict(m, size=i4(30, 20)) for m in model])
write_stream('moved.tsc', 'image', said, [dict(m, transform=np.array([0, 2., 0, 2.])) for m in model])
write_stream('moved_gt.tsc', 'image', names, [dict(t, transform=np.array([0, 2., 0, 2.])) for t in gt])
write_stream('silent.tsc', 'image', said, [dict(m, predicted_labels=u1([0, 255], [255, 1])) for m in model])
write_stream('few.tsc', 'image', said, model[:1])
write_stream('boxes.tsc', 'image', said, [{k: v for k, v in model[0].items() if 'box' in k or k == 'key'}])
write_stream('predicted.tsc', 'image', {'predicted_label_classes': ['x']}, [{'key': k, 'predicted_labels': u1([0])}
    for k in 'ab'])
def wrong(field, value, head=names):
    global n
    n += 1
    rest = {k: v for k, v in gt[1].items() if k != field}
    write_stream('wrong%d.tsc' % n, 'label', head, [gt[0], dict(rest, **({} if value is None else {field: value}))])
n = 0
wrong('class', 2)
wrong('class', None)
wrong('box_class', i4(7))
wrong('boxes', f4([1, 1, 9]))
wrong('labels', u1([0, 2], [0, 0]))
wrong('key', 'p.jpg')
wrong('key', 'q.jpg', {'label_classes': ['x', 'y']})
wrong('key', 'q.jpg', {'classes': ['a', 'a'], 'label_classes': ['x', 'y']})
EOF
/usr/bin/python3 -B make.py "$root/tests" || exit 1
is "a stream with ground truth and predictions: every task is scored" \
	"$(tscae-eval -q both.tsc | grep -E '^(top1|AP|VOC|mIoU|pixel_accuracy)	')" "top1	1.000000
AP	1.000000
VOC	1.000000
mIoU	0.500000
pixel_accuracy	0.666667"
is "--bootstrap of segmentation maps: both images are equal, so the bounds are the scores" \
	"$(tscae-eval -q --task segment --bootstrap 20 both.tsc | grep -E '^(mIoU|pixel_accuracy)_')" "mIoU_low	0.500000
mIoU_high	0.500000
pixel_accuracy_low	0.666667
pixel_accuracy_high	0.666667"
is "two streams have the same scores" "$(tscae-eval -q gt.tsc model.tsc)" "$(tscae-eval -q both.tsc)"
is "ground truth from standard input" "$(tscae-eval -q - model.tsc <gt.tsc)" "$(tscae-eval -q both.tsc)"
is "--task segment scores only segmentation maps" "$(tscae-eval -q --task segment both.tsc | wc -l)" 8
is "--confusion prints the confusion matrix" "$(tscae-eval -q --confusion --task segment both.tsc | tail -3)" \
	"gt	x	y	(other)
x	2	0	0
y	2	2	0"
i=0
while read -r want; do
	i=$((i + 1))
	refused "predictions: $want" "$want" gt.tsc bad$i.tsc
done <<'EOF'
record 1 (q): field 'predicted_class' is not an integer from 0 to 1
record 1 (q): field 'predicted_class' is not an integer
field 'class_score' has 1 values, but there are 2 classes
field 'class_score': the score of class 'b' is not finite
field 'predicted_box_class': class -1 of box 0, but there are 2
field 'predicted_box_class' has 2 rows, but 'predicted_boxes' has 1
field 'predicted_box_score': the score of box 0 is not finite
predicted_box_score
field 'predicted_boxes': box 0 is not finite
field 'predicted_boxes': box 0 ends before it begins
field 'predicted_labels': a map of 1x2 pixels for an image of 2x2
field 'predicted_labels': class 2 at row 0, column 1, but there are 2 classes
1 of 2 records have no field 'predicted_labels'
record 1 (r): the ground truth has no such image
record 1 (p.png): image 'p.jpg' is predicted twice
the predicted class 'c' is not in the ground truth
the predicted class 'c' is not in the ground truth
the header has no 'predicted_classes'
segmentation maps: class 'y' of the ground truth is not in the predictions
EOF
i=0
while read -r want; do
	i=$((i + 1))
	refused "ground truth: $want" "$want" wrong$i.tsc model.tsc
done <<'EOF'
field 'class' is not an integer from 0 to 1
1 of 2 records have no field 'class'
field 'box_class': class 7 of box 0, but there are 2
field 'boxes' has rows of 3 numbers, not 4
field 'labels': class 2 at row 0, column 1, but there are 2 classes
image 'p.jpg' occurs twice
the header has no 'classes'
class 'a' occurs twice
EOF
refused "predictions for an image of another size" \
	"predictions for an image of 20 x 30 pixels, but the ground truth has 30 x 20" where.tsc size.tsc
refused "predictions for a cropped image" "transform the predictions back with tscae-uncrop" gt.tsc moved.tsc
is "predictions for a crop against the ground truth of the same crop" "$(tscae-eval -q moved_gt.tsc moved.tsc)" \
	"$(tscae-eval -q both.tsc)"
echo '{"images":[],"categories":[],"annotations":[]}' >empty.json; echo '[]' >nothing.json
refused "a COCO file with an empty list of images" "empty.json: no images" empty.json nothing.json
like "boxes below --score-threshold are counted" \
	"$(tscae-eval --score-threshold 2 gt.tsc model.tsc 2>&1 >/dev/null)" \
	"*boxes left out: their score is below --score-threshold*"
ok "--split Main/val: --write-voc succeeds" tscae-eval -q --write-voc byset --split Main/val gt.json results.json
ok "--split Main/val: VOC files are named after its last part" ls byset/comp4_det_val_*
like "pixels without prediction count as wrong, and the message has their number" \
	"$(tscae-eval --task segment gt.tsc silent.tsc 2>&1)" \
	"*2 pixels have no prediction*pixel_accuracy	0.666667*"
refused "an image without a predicted class" "1 of 2 images have no prediction, the first is 'q.jpg'" gt.tsc few.tsc
like "--intersect leaves out an image without a predicted class" "$(tscae-eval --intersect gt.tsc few.tsc 2>&1)" \
	"*1 of 2 images have no prediction: left out*images	1*"
like "an image without predicted boxes counts as an image without detections" "$(tscae-eval gt.tsc boxes.tsc 2>&1)" \
	"*1 of 2 images have no prediction: they count as images without detections*AP	0.500000*"
like "--intersect leaves out classes of the ground truth that the predictions do not have" \
	"$(tscae-eval --intersect --task classify --per-class gt.tsc bad16.tsc 2>&1)" \
	"*1 classes of the ground truth left out*
images	1*"
refused "ground truth of boxes, predictions of segmentation maps" \
	"nothing to score: the ground truth has boxes, the predictions have segmentation maps" \
	gt.json predicted.tsc
refused "--task classify of two COCO files" \
	"nothing to score for this task: the ground truth has" --task classify gt.json results.json
mkdir pngs && cp gt.tsc pngs/p.png
refused "segmentation maps: a file that is not a PNG" "pngs/p.png" gt.tsc pngs
rm pngs/p.png
refused "segmentation maps: an empty folder" "no segmentation maps" gt.tsc pngs
head -c 300 model.tsc >cut.tsc
refused "a stream cut short" "cut" gt.tsc cut.tsc
done_testing
