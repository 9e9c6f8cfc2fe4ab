#!/bin/bash
# labels.t - annotations of real datasets by tscae-label equal those of an independent script: every image, box, flag,
# area and pixel
. "${0%/*}/lib.sh"
[ -n "$shared" ] || skip_all "no data packs"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-pil, python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import PIL, msgpack, numpy' 2>/dev/null && break
done
labels() { "$python" "$root/tests/labels.py" "$@"; }
label() { tscae-label -q "$@"; }

# agree what count layout-arguments -- script-arguments
agree() {
	what=$1 count=$2; shift 2
	arguments=()
	while [ "$1" != -- ]; do arguments+=("$1"); shift; done
	shift
	label "${arguments[@]}" --standalone 2>"$tmp/err" | labels stream >"$tmp/got"
	labels "$@" >"$tmp/expected" 2>"$tmp/masks"
	same "$what: the same labels as those of the script" "$tmp/got" "$tmp/expected"
	is "$what: the numbers of images and boxes" "$(wc -l <"$tmp/got") $(grep -o '\[' "$tmp/got" | wc -l)" "$count"
}
voc=$(unpack voc2012-100)/VOCdevkit/VOC2012
agree "voc2012: boxes" "100 273" -f "$voc" --split trainval -- voc "$voc" Main/trainval
is "voc2012: 38 boxes are difficult" "$(grep -oE ' (1|5)\]' "$tmp/got" | wc -l)" 38
agree "voc2012: segmentation maps" "93 263" -f "$voc" --split trainval --segmaps -- voc "$voc" Segmentation/trainval \
	maps
agree "voc2012: val" "20 57" -f "$voc" --split val -- voc "$voc" Main/val
bccd=$(unpack bccd)/BCCD
for part in train val test; do
	agree "bccd: $part" "$(case $part in train) echo 205 ;; val) echo 87 ;; test) echo 72 ;; esac) $(labels voc \
		"$bccd" Main/$part | grep -o '\[' | wc -l)" -f "$bccd" --split $part -- voc "$bccd" Main/$part
done
label -f "$bccd" --standalone 2>"$tmp/err" | labels stream >"$tmp/got"
is "bccd: two objects have no area and give no box" "$(grep -o '\[' "$tmp/got" | wc -l)" 4886
like "bccd: the closing line counts boxes without area" "$(cat "$tmp/err")" "*: 2 boxes without area*"
is "bccd: the header has the classes" "$(label -f "$bccd" --split test --standalone | tscae-view -H - | grep classes)" \
	"extra	classes	Platelets, RBC, WBC"
for pack in coco-tiny-160 coco-mini-38; do
	coco=$(unpack $pack)/coco
	for part in train2017 val2017; do
		case $pack-$part in
		coco-tiny-160-train*) count="80 705" crc="fb31432c 6341063" ;; coco-tiny-160-val*) count="80 815" \
			crc="b000ad42 7962109" ;;
		coco-mini-38-train*) count="32 288" crc="17e8555a 1684614" ;; coco-mini-38-val*) count="6 136" \
			crc="e9946301 1138503" ;;
		esac
		json=$coco/annotations/instances_$part.json
		agree "$pack: $part" "$count" -l coco -f "$coco" --split $part --segmaps -- coco "$json" maps
		# figures of cocoapi's C code (common/maskApi.c, rleFrPoly) on the same objects
		is "$pack: $part, the masks of the script are those of cocoapi" "$(cat "$tmp/masks")" "$crc"
		is "$pack: $part, --names names existing images" \
			"$(label -l coco -f "$coco" --split $part --names | xargs ls | wc -l)" "${count% *}"
	done
done
json=$(unpack det-metrics)/cocoapi/annotations/instances_val2014_100.json
agree "COCO's demo dataset" "100 839" -l coco -f "$json" --segmaps -- coco "$json" maps
is "COCO's demo dataset: the masks of the script are those of cocoapi" "$(cat "$tmp/masks")" "0f193ed4 8892095"
# results written by pycocotools have compressed RLE
labels results "$json" "${json%annotations/*}results/instances_val2014_fakesegm100_results.json" >"$tmp/results.json"
agree "COCO's demo results: compressed RLE" "100 $(grep -o '"counts": "' "$tmp/results.json" | wc -l)" -l coco -f \
	"$tmp/results.json" --segmaps -- coco "$tmp/results.json" maps
camvid=$(unpack camvid-54)/CamVid
for part in train val; do
	n=$(ls "$camvid/$part" | wc -l)
	agree "camvid: $part" "$n 0" -l pairs -f "$camvid" --split $part --classes camvid --ignore-index 11 -- pairs \
		"$camvid" $part 11
	label -l pairs -f "$camvid/$part.txt" --classes camvid --ignore-index 11 --standalone | labels stream | sort \
		>"$tmp/got"
	same "camvid: $part: a list of pairs gives the same labels as the folders" "$tmp/got" <(sort "$tmp/expected")
done
# gray and palettes of 1 to 8 bits, interlaced or not
mkdir "$tmp/gray"
for png in "$(unpack png-corpus)"/png-corpus/pngsuite/png_suite/[!x]*.png; do
	case $(od -An -tu1 -j24 -N2 "$png") in *[1248]\ *[03]) case $(od -An -tu1 -j24 -N1 "$png") in *16) ;; *) cp \
		"$png" "$tmp/gray" ;; esac ;; esac
done
seq 0 254 >"$tmp/values"
agree "PngSuite: values are read unchanged" "$(ls "$tmp/gray" | wc -l) 0" -l pairs -f "$tmp" --image-dir "$tmp/gray" \
	--segmap-dir "$tmp/gray" --classes "$tmp/values" -- indices "$tmp/gray"
ok "PngSuite: more than 80 images are gray or have a palette" test "$(ls "$tmp/gray" | wc -l)" -gt 80
tiny=$tmp/tiny
mkdir "$tiny" && tar -xf "$shared/data/tiny-imagenet-100.tar" -C "$tiny" tiny-imagenet-200/val/val_annotations.txt \
	tiny-imagenet-200/val/images/val_2.JPEG
agree "tiny-imagenet: val" "5000 0" -l table -f "$tiny/tiny-imagenet-200/val/val_annotations.txt" -- table \
	"$tiny/tiny-imagenet-200/val/val_annotations.txt"
done_testing
