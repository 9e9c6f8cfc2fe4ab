#!/bin/bash
# dialects.t - annotations as other programs write them: the tables of formats/dialects.md, row by row
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL' 2>/dev/null || skip_all "python3-pil is not installed"
cd "$tmp" || exit 1
label() { tscae-label -q "$@"; }
/usr/bin/python3 -c "from PIL import Image; Image.new('RGB', (100, 80), (9, 90, 200)).save('base.jpg')"
/usr/bin/python3 -B "$root/tests/dialects.py" . || exit 1
# boxes ARGUMENTS: the boxes of tscae-label --standalone, as "class: left,top,right,bottom flags" and the class names
boxes() { label --standalone "$@" 2>err | tee labeled.tsc | tscae-view -q --json --values - | perl -ne \
	'while (/"(?:boxes|box_flags)":\{[^}]*"values":\[([^\]]*)/g) { print "$1 " }'; tscae-view -qH labeled.tsc |
	sed -n 's/^extra\tclasses\t//p'; }
good="10,20,50,60 0 puma"

for dialect in words empty yes nosize flat raccoon kangaroo pets; do
	case $dialect in yes) want="10,20,50,60 4 puma" ;; *) want=$good ;; esac
	is "VOC, $dialect: the box" "$(boxes -f $dialect)" "$want"
	is "VOC, $dialect: the image is found" \
		"$(label -f $dialect --standalone 2>/dev/null | tscae-decode -q --records \
			| tscae-view -q - | grep -c 'image U8 80x100x3')" 1
	is "VOC, $dialect: a record of the image finds it" \
		"$(tscae-decode -q $dialect 2>/dev/null | label -f $dialect 2>/dev/null \
			| tscae-view -q - | grep -c 'boxes F32 1x4')" 1
done
boxes -f words >/dev/null
like "VOC, words: flags that are no flags are counted" "$(cat err)" \
	"*2 flags are neither*; the first: words/JPEGImages/a.jpg"
status "VOC, words, --strict: exit 1" 1 label --strict -f words --standalone
like "VOC, words: the closing line counts them" "$(tscae-label -f words --standalone 2>&1 >/dev/null | tail -1)" \
	"*1 of 1 records, 0 skipped*2 annotations dropped or repaired"
status "VOC, yes, --strict: exit 0" 0 label --strict -f yes --standalone
for row in "gbk 猫" "big5 貓" "sjis 猫" "cp1252 é€" "cp1251 кот" "utf16 猫" \
	"bom 猫" "nodecl é" "wrong é"; do
	set -- $row; is "VOC in the encoding $1: the class name" "$(boxes -f $1)" "10,20,50,60 0 $2"
	case $1 in nodecl | wrong) want=1 ;; *) want=0 ;; esac
	is "VOC in the encoding $1: guessed encodings are counted, others are not" \
		"$(grep -c 'not in the encoding' err)" $want
done
status "VOC with a document type: exit 65" 65 label -f doctype --standalone
like "VOC with a document type: the message" "$(cat "$tmp/stderr")" \
	"*doctype/Annotations/a.xml: line 1: *document type*"
status "VOC in an unknown encoding: exit 65" 65 label -f unknown --standalone
like "VOC in an unknown encoding: the message names it" "$(cat "$tmp/stderr")" \
	"*unknown/Annotations/a.xml: line 1: the encoding 'klingon' is unknown*"

# sizes and rotated images
is "a size that is off by a pixel: labels are taken" \
	"$(tscae-decode -q off/JPEGImages | label --strict -f off 2>err \
			| tscae-view -q - | grep -c 'boxes F32 1x4'
		grep -c '1 annotations have a size that is off by a pixel.*; the first: off/JPEGImages/a.jpg' \
			err)" "1
1"
label -f off --standalone 2>/dev/null | tscae-decode --records -o off.tsc 2>off.err
like "a size that is off by a pixel: label first, then decode" "$(cat off.err)" \
	"*1 records, 0 skipped*1 sizes off by a pixel*"
is "a size that is off by a pixel: the closing line of tscae-decode has no repair that is counted 0 times" \
	"$(grep -cE ' 0 (sizes|boxes)' off.err)" 0
tscae-decode -q far/JPEGImages >far.tsc
status "another size: exit 65" 65 label -f far far.tsc
like "another size: the message has both and the option" "$(cat "$tmp/stderr")" "*100x80 pixels*200x160*--on-size*"
status "another size, --on-size skip, --strict: exit 1" 1 label --on-size skip --strict -f far far.tsc
like "another size, --on-size skip: the record is named" "$(cat "$tmp/stderr")" "*JPEGImages/a.jpg*200x160*(skipped)*"
is "another size, --on-size keep: labels are taken" \
	"$(label --on-size keep -f far far.tsc 2>err | tscae-view -q - | grep -c 'boxes F32 1x4'
		grep -c 'another size' err)" "1
1"
for dialect in upright upright-long; do
	tscae-decode -q $dialect/JPEGImages >stored.tsc; tscae-decode -q --exif apply $dialect/JPEGImages >rotated.tsc
	status "$dialect: images as stored: exit 65" 65 label -f $dialect stored.tsc
	like "$dialect: the message names EXIF" "$(cat "$tmp/stderr")" "*EXIF*--exif apply*"
	status "$dialect: rotated images without --exif apply: exit 65" 65 label -f $dialect rotated.tsc
	is "$dialect: --exif apply in both tools" \
		"$(label --exif apply -f $dialect rotated.tsc | tscae-view -q --json --values - \
			| grep -o '"boxes":[^}]*values":\[[^]]*')" \
		'"boxes":{"type":"F32","shape":[1,4],"values":[10,20,50,99'
	status "$dialect: images as stored with --exif apply: exit 65" 65 label --exif apply -f $dialect stored.tsc
	is "$dialect: labels with their size first, then decode --exif apply" \
		"$(label -f $dialect --standalone | tscae-decode -q --records --exif apply \
			| tscae-view -q - | grep -c 'image U8 100x80x3')" 1
	label -f $dialect --standalone | tscae-decode -q --records -o none.tsc 2>err
	is "$dialect: labels first, images as stored: exit 65" $? 65
	like "$dialect: labels first: the message names EXIF" "$(cat err)" "*EXIF*--exif apply*"
done
is "rotated without size: labels first, --exif apply in both tools" \
	"$(label --exif apply -f upright-nosize --standalone | tscae-decode -q --records --exif apply \
			| tscae-view -q - | grep -c 'image U8 100x80x3')" 1
label --exif apply -f upright-nosize --standalone | tscae-decode -q --records -o none.tsc 2>err
is "rotated without size: decode without --exif apply: exit 65" $? 65
like "rotated without size, images as stored: boxes are clipped and counted" \
	"$(label -f upright-nosize --standalone | tscae-decode --records -o none.tsc 2>&1)" \
	"*1 boxes clipped to the image"
label -f upright-out --standalone | tscae-decode -q --records -o none.tsc 2>err
like "rotated without size, a box outside of the image: the message names EXIF" "$? $(cat err)" \
	"65 *outside of the image*EXIF*"

# segmentation maps of two values, and values outside of the class list
mkdir -p maps images; cp base.jpg images/a.jpg; printf 'background\nobject\n' >two
map() { /usr/bin/python3 -c \
	"from PIL import Image; i = Image.new('L', (100, 80), 0); i.paste($1, (0, 0, 50, 80)); i.save('maps/a.png')"; }
pairs() { label -l pairs -f . --image-dir images --segmap-dir maps --classes two --standalone "$@"; }
map 255; pairs 2>err >/dev/null
like "maps of 0 and 255: counted, with the option" "$(cat err)" \
	"*1 segmentation maps have only 0 and 255*--binary*; the first: images/a.jpg"
like "maps of 0 and 255, --binary: 255 is the second class" "$(pairs --binary | tscae-view -q --stats labels -)" \
	"*8000	0	0	1	0.5	*"
map 7; status "maps with a value that is not listed: exit 65" 65 pairs
like "maps with a value that is not listed: the message has the option" \
	"$(cat "$tmp/stderr")" "*class 7*--unlisted drop*"
like "maps with a value that is not listed, --unlisted drop: ignored and counted" \
	"$(pairs --unlisted drop 2>&1 >dropped; tscae-view -q --stats labels dropped)" \
		"*1 segmentation maps have values that are not listed*8000	0	0	255	127.5	*"
printf 'dog\n' >dogs; status "VOC, a class that is not listed: exit 65" 65 label -f flat --classes dogs --standalone
is "VOC, a class that is not listed, --unlisted drop" \
	"$(label -f flat --classes dogs --unlisted drop --standalone 2>err | tscae-view -q - | grep -c 'boxes F32 0x4'
		grep -c '1 objects are of classes that are not listed' err)" "1
1"

# COCO
for dialect in plain bom dot reals texts wide names nulls strange unlisted nomask masks root; do
	is "COCO, $dialect: the box" "$(boxes -l coco -f coco-$dialect.json)" "10,20,60,70 0 cat"
	is "COCO, $dialect: average precision" \
		"$(tscae-eval -q coco-$dialect.json results-$dialect.json 2>err | grep -P '^AP\t')" "AP	1.000000"
done
boxes -l coco -f coco-unlisted.json >/dev/null
like "COCO: annotations of unlisted categories are counted, the first is named" "$(cat err)" \
	"*1 annotations belong to no listed category and are left out*"
like "COCO: no mask for a segmentation map: ignored and counted" \
	"$(label -l coco -f coco-nomask.json --segmaps --standalone 2>&1 >nomask.tsc
		tscae-view -q --stats labels nomask.tsc)" \
		"*1 objects have no mask*; the first: base.jpg*255*"
is "COCO: a root category of another name is a class" "$(boxes -l coco -f coco-other-root.json)" \
	"10,20,60,70 0 animals, cat"
is "COCO: keypoints are not read, the boxes beside them are" "$(boxes -l coco -f coco-keypoints.json)" \
	"10,20,60,70 0 cat"
for kind in panoptic captions; do
	status "COCO: $kind are refused: exit 65" 65 label -l coco -f coco-$kind.json --standalone
	like "COCO: $kind are refused: the message has the byte" "$(cat "$tmp/stderr")" \
		"*coco-$kind.json: byte *: object without 'category_id'*"
done
echo '{"version":"5","shapes":[],"imagePath":"a.jpg"}' >labelme.json
echo '[{"image":"a.jpg","annotations":[]}]' >createml.json
for kind in labelme createml; do
	status "COCO: JSON of another program, $kind: exit 65" 65 label -l coco -f $kind.json --standalone
	like "COCO: JSON of another program, $kind: the message has the remedy" "$(cat "$tmp/stderr")" \
		"*$kind.json: *not COCO's instances*converted*"
done
printf '<annotations><image name="a.jpg"><box label="cat" xtl="1"/></image></annotations>' >flat/cvat.xml
status "VOC: XML of CVAT: exit 65" 65 label -f flat --standalone
like "VOC: XML of CVAT: named" "$(cat "$tmp/stderr")" "*flat/*cvat.xml: line 1: not an annotation of PASCAL VOC*"
rm flat/cvat.xml
# images without XML
for dialect in flat words; do
	one=$(find $dialect -name '*.jpg' | head -1); cp "$one" "${one%/*}/lone.jpg"
	status "VOC, $dialect: an image without XML, --strict: exit 1" 1 label -f $dialect --strict --standalone
	like "VOC, $dialect: an image without XML is counted, the first is named" "$(cat "$tmp/stderr")" \
		"*1 images have no XML file and are left out; the first: $dialect/*lone.jpg*"
	status "VOC, $dialect: an image without XML, --names --strict: exit 1" 1 \
		tscae-label -f $dialect --strict --names
	like "VOC, $dialect: an image without XML, --names: counted, and in the closing line" "$(cat "$tmp/stderr")" \
		"*1 images have no XML file*tscae-label: * names, 0 skipped*[13] annotations dropped or repaired"
	rm "${one%/*}/lone.jpg"
done
is "COCO: results of unlisted categories are left out" \
	"$(tscae-eval -q coco-odd-results.json results-odd-results.json 2>err | grep -P '^AP\t'
		grep -c 'class' err)" "AP	1.000000
1"
status "COCO: results of other images: exit 65" 65 tscae-eval -q coco-foreign-image.json results-foreign-image.json
sed 's/"width": 100, "height": 80/"width": 65535, "height": 65535/' coco-masks.json >huge.json
sed 's/80, 100/65535, 65535/' results-masks.json >huge-results.json
# a sanitizer build needs terabytes of address space
(ldd "$bin/tscae-eval" | grep -q libasan || ulimit -v 3000000
	tscae-eval -q --masks huge.json huge-results.json >/dev/null 2>err)
is "COCO: masks of a huge image: exit 65" $? 65

# YOLO
mkdir -p yolo/train/images yolo/train/labels yolo/valid/images yolo/valid/labels
for i in a b c d; do cp base.jpg yolo/train/images/$i.jpg; done; cp base.jpg yolo/valid/images/e.jpg
printf '\xef\xbb\xbf1 0.35 0.5 0.5 0.5\r\n\n0 0.1 0.1 0.2 0.2 0.9\n' >yolo/train/labels/a.txt
: >yolo/train/labels/b.txt
printf '0 0.1 0.25 0.6 0.25 0.6 0.875 0.1 0.875\n' >yolo/train/labels/c.txt
printf '1 0.5 0.5 1 1\n' >yolo/valid/labels/e.txt
printf 'train: ../train/images\nval: ../valid/images\n\nnc: 2\nnames: ["cat", \x27big dog\x27] # comment\n' \
	>yolo/data.yaml
yolo() { label -l yolo --standalone "$@" 2>err | tee labeled.tsc | tscae-view -q --json --values - | grep -o \
	'"boxes":{[^}]*}' | grep -o 'values":\[[^]]*' | cut -d[ -f2 | tr '\n' ' '; }
want="10,20,60,60,0,0,20,16  10,20,60,70  "
is "YOLO, Roboflow's data.yaml: boxes of fractions, polygons, empty and missing files" \
	"$(yolo -f yolo --split train)" "$want"
like "YOLO: images without label file are counted" "$(cat err)" \
	"*1 images have no label file*; the first: yolo/train/images/d.jpg"
like "YOLO: class names" "$(tscae-view -qH labeled.tsc)" "*classes	cat, big dog*"
is "YOLO: all splits" "$(yolo -f yolo/data.yaml)" "${want}0,0,100,80 "
is "YOLO: records of images find their boxes" \
	"$(tscae-decode -q yolo/train/images | label -l yolo -f yolo --split train 2>/dev/null \
			| tscae-view -q --json --values - | grep -o '"boxes":{[^}]*}' \
			| grep -o 'values":\[[^]]*' | cut -d[ -f2 | tr '\n' ' ')" "$want"
printf 'path: yolo\ntrain: [train/images]\nval:\n  - list.txt\nnames:\n  0: cat\n  1: dog\n' >other.yaml
printf './valid/images/e.jpg\n' >yolo/list.txt
is "YOLO: path, lists, names as a map" "$(yolo -f other.yaml --split val)" "0,0,100,80 "
printf 'path: yolo\ntrain: [train/images, train/images]\nval: train/images\ntest: list.txt\nnames: [cat, dog]\n' \
	>other.yaml; printf './train/images/a.jpg\n./valid/images/e.jpg\n' >yolo/list.txt
is "YOLO: splits that are the same folder, or overlap: each image is read once" \
	"$(label -l yolo -f other.yaml --names | sort | uniq -c | sed 's/^ *//; s/ .*images.*/ image/' \
		| uniq -c | xargs)" \
	"5 1 image"
printf './valid/images/e.jpg\n./train/images/a.jpg\nvalid/images/e.jpg\n' >yolo/list.txt
status "YOLO: a name twice in a list, --strict: exit 1" 1 \
	tscae-label -l yolo -f other.yaml --split test --standalone --strict -o twice.tsc
like "YOLO: a name twice in a list is read once, counted, the first is named" \
	"$(tscae-view -q twice.tsc | sed 1d | wc -l) $(cat "$tmp/stderr")" \
	"2 *1 images are named again and are read once; the first: */valid/images/e.jpg*"
is "YOLO: empty lines and tabs" "$(mkdir -p tabs; cp base.jpg tabs/a.jpg; echo cat >tabs/classes.txt
	printf '\n0\t0.35\t0.5\t0.5\t0.5\t\n\n' >tabs/a.txt; yolo -f tabs)" "10,20,60,60 "
cp base.jpg tabs/b.jpg; echo no >tabs/b.jpg; cp tabs/a.txt tabs/b.txt
status "YOLO: an image that cannot be decoded, whose size is needed: skipped, with --strict exit 1" 1 \
	tscae-label --strict -l yolo -f tabs --standalone
like "YOLO: an image that cannot be decoded: counted and named" "$(cat "$tmp/stderr")" \
	"*tabs/b.jpg*(skipped)*1 skipped*"
mkdir -p flat-yolo; cp yolo/train/images/a.jpg yolo/train/labels/a.txt flat-yolo
printf 'cat\ndog\n' >flat-yolo/classes.txt
is "YOLO: label files beside the images, classes.txt" "$(yolo -f flat-yolo)" "10,20,60,60,0,0,20,16 "
for line in "2 .5 .5 .1 .1" "0 .5 .5 .1" "0 50 50 10 10" "cat .5 .5 .1 .1" "0.5 .5 .5 .1 .1" "0 nan .5 .1 .1"; do
	echo "$line" >flat-yolo/a.txt
	status "YOLO: the line '$line': exit 65" 65 label -l yolo -f flat-yolo --standalone
	like "YOLO: the line '$line': the message has file and line" "$(cat "$tmp/stderr")" \
		"*flat-yolo/a.txt: line 1: *"
done
# keypoints: the numbers after the box are as many as kpt_shape says; without it such a line would be a polygon
echo "0 .35 .5 .5 .5 0.9 7 .2 .3" >flat-yolo/a.txt
status "YOLO: a polygon with a point far outside: exit 65" 65 label -l yolo -f flat-yolo --standalone
like "YOLO: a polygon with a point far outside: the message has file, line and kpt_shape" "$(cat "$tmp/stderr")" \
	"*flat-yolo/a.txt: line 1: a polygon far outside*kpt_shape*"
for shape in "2 .1 .9 .2 .8" "3 .1 .9 2 .2 .8 0" "3 .1 .9 1"; do
	printf 'train: .\nnames: [cat, dog]\nkpt_shape: [%d, %d]\n' $((($(wc -w <<<"$shape") - 1) / ${shape%% *})) \
		"${shape%% *}" >flat-yolo/data.yaml
	echo "0 .35 .5 .5 .5 ${shape#* }" >flat-yolo/a.txt
	is "YOLO: a line with keypoints, kpt_shape [..., ${shape%% *}]: the box" "$(yolo -f flat-yolo)" "10,20,60,60 "
done
printf '0 .1 .25 .6 .25 .6 .875 .1 .875\n' >flat-yolo/a.txt
status "YOLO: another number of keypoints than kpt_shape: exit 65" 65 label -l yolo -f flat-yolo --standalone
like "YOLO: another number of keypoints than kpt_shape: the message" "$(cat "$tmp/stderr")" \
	"*flat-yolo*/a.txt: line 1: 9 numbers;*kpt_shape*"
sed -i 's/kpt_shape.*/kpt_shape: 17/' flat-yolo/data.yaml
status "YOLO: kpt_shape of another form: exit 65" 65 label -l yolo -f flat-yolo --standalone
like "YOLO: kpt_shape of another form: the message" "$(cat "$tmp/stderr")" "*flat-yolo/data.yaml: line 3: kpt_shape*"
rm flat-yolo/data.yaml
rm flat-yolo/a.txt; status "YOLO: no label file at all: exit 66" 66 label -l yolo -f flat-yolo --standalone
printf 'train: [a\n' >other.yaml; status "YOLO: malformed YAML: exit 65" 65 label -l yolo -f other.yaml --standalone
like "YOLO: malformed YAML: the message has the line" "$(cat "$tmp/stderr")" "*other.yaml: line *: not YAML*"

# --split: of data.yaml, of a folder without it, a list of names
mkdir -p parts/images/train parts/images/val parts/labels/train parts/labels/val
cp yolo/train/images/a.jpg parts/images/train; cp yolo/train/labels/a.txt parts/labels/train
cp yolo/train/images/a.jpg parts/images/val/b.jpg; cp yolo/train/labels/a.txt parts/labels/val/b.txt
printf 'train: images/train\nval: images/val\nnames: [cat, dog]\n' >parts/data.yaml
printf 'cat\ndog\n' >parts/classes.txt; echo val/b.jpg >list.txt
names() { tscae-label -q -l yolo --names "$@" 2>err; echo $?; }
for from in parts/data.yaml parts; do
	is "YOLO, $from: --split selects the split" "$(names -f $from --split train)" "parts/images/train/a.jpg
0"
	is "YOLO, $from: a list of names selects the images" "$(names -f $from --split list.txt)" \
		"parts/images/val/b.jpg
0"
	is "YOLO, $from: an unknown split: exit 66" "$(names -f $from --split vla)" 66
	like "YOLO, $from: an unknown split: the message names it" "$(cat err)" \
		"*$from: no split 'vla' (train, val, test)*"
	rm -f parts/data.yaml
done
is "YOLO, a folder: --image-dir that is missing: exit 66" "$(names -f parts --image-dir parts/no)" 66

# boxes of rotated images whose size is read from the file: 80 wide and 100 high
mkdir -p turned/images turned/labels; cp upright/JPEGImages/*.jpg turned/images/a.jpg
echo '0 .5 .5 1 .5' >turned/labels/a.txt; echo cat >turned/classes.txt
is "YOLO: --exif apply without images: boxes are for the rotated image" \
	"$(yolo --exif apply -f turned) $(tscae-decode -q --records --exif apply labeled.tsc | tscae-view -q \
		| grep -c 'image U8 100x80x3')" "0,25,80,75  1"
done_testing
