#!/bin/bash
# tscae-label.t - every layout, records by key, labels by themselves, bad annotations
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
label() { tscae-label -q "$@"; }
tscae-synth -q --count 12 -S 64x48 --max-objects 4 --seed 2 -o voc

is "--standalone writes a record for each annotation" "$(label -f voc --standalone | tscae-view --json - | wc -l)" 12
label -f voc --standalone -o labels.tsc
like "VOC: the classes are those that occur" "$(tscae-view -H labels.tsc)" "*classes	arrow, *"
is "--names prints the paths of the images" "$(label -f voc --names | head -1)" "voc/JPEGImages/000000.jpg"
is "VOC: --split val selects the images of the split" "$(label -f voc --split val --names | wc -l)" \
	"$(wc -l <voc/ImageSets/Main/val.txt)"
class=$(cd voc/ImageSets/Main && ls *_train.txt | head -1)
is "VOC: the list of a class omits images with the flag -1" "$(label -f voc --split "${class%.txt}" --names | wc -l)" \
	"$(grep -vc -e ' -1$' "voc/ImageSets/Main/$class")"
is "VOC: --split with the path of a list" "$(label -f voc --split voc/ImageSets/Segmentation/val.txt --names | wc -l)" \
	"$(wc -l <voc/ImageSets/Segmentation/val.txt)"
is "--names feeds tscae-decode --files-from" "$(label -f voc --split train --names | tscae-decode -q --shuffle \
	--epochs 2 --files-from - | label -f voc --split train | tscae-view --json - | wc -l)" \
	$((2 * $(wc -l <voc/ImageSets/Main/train.txt)))
label -f voc --split val --names | sed 's|.*/||; s/[.].*//' >again.txt; head -1 again.txt >>again.txt
status "VOC: a name twice in a split: exit 65" 65 tscae-label -f voc --split again.txt --names
like "VOC: a name twice in a split: the message" "$(cat "$tmp/stderr")" "*/$(tail -1 again.txt).jpg' occurs twice*"
status "VOC: a missing split: exit 66" 66 label -f voc --split nothing --names
tscae-decode -q voc/JPEGImages >images.tsc
tscae-crop -q --mode center --size 48x64 images.tsc >cropped.tsc
status "cropped images of the original size: exit 65" 65 label -f voc cropped.tsc
tscae-decode -q --exif apply voc/JPEGImages >upright.tsc
status "images decoded with --exif apply: exit 65" 65 label -f voc upright.tsc
printf 'no1\nno2\n' >gone.txt
status "--standalone without any annotation: exit 65" 65 label -f voc --split "$PWD/gone.txt" --on-missing skip \
	--standalone
echo none >none.txt
status "--on-missing keep without any label: exit 65" 65 label -f voc --split "$PWD/none.txt" --on-missing keep \
	-o none.tsc images.tsc
ok "--on-missing keep without any label: no output" test ! -e none.tsc
for t in 1 4; do TSCAE_THREADS=$t label -f voc --segmaps images.tsc >attached-$t; done
status "--segmaps: exit 0" 0 label -f voc --segmaps images.tsc
same "tscae-label: 1 and 4 threads write the same bytes" attached-1 attached-4
ok "the labeled stream is valid" tscae-view --check attached-1

# labels first, then their images
records() { /usr/bin/python3 "$root/tests/records.py" "$@"; }
if /usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null; then
	label -f voc --segmaps --standalone | tscae-decode -q --records | records image labels boxes box_class \
		box_flags >a
	records image labels boxes box_class box_flags <attached-1 >b
	is "decode --records adds the same images" "$(tail -n +2 a)" "$(tail -n +2 b)"
else
	skip "decode --records adds the same images" "python3-msgpack or python3-numpy is not installed"
fi
status "decode --records: no size with boxes" 2 tscae-decode -q --records --size 8 labels.tsc
status "decode --records: records without file" 65 tscae-decode -q --records images.tsc
cp -r voc gone; rm gone/JPEGImages/000003.jpg; tscae-synth -q --count 1 -S 32x32 -o small
cp small/JPEGImages/000000.jpg gone/JPEGImages/000004.jpg
label -f gone --standalone >gone.tsc
tscae-decode -q --records gone.tsc 2>err >kept.tsc
is "decode --records: missing and other images are skipped" "$(tscae-view --json kept.tsc | wc -l)" 10
like "decode --records: skipped images are reported" "$(cat err)" \
	"*000003.jpg*No such file*skipped*000004.jpg*32x32*64x48*skipped*"
status "decode --records --strict: exit 1" 1 tscae-decode -q --records --strict gone.tsc
status "decode --records --on-error fail: exit 66" 66 tscae-decode -q --records --on-error fail gone.tsc

# the same labels, however the folder is written
for from in ./voc voc/ "$tmp/voc" ./voc// ; do
	is "--from $from gives the same records" "$(label -f "$from" images.tsc | tscae-view --json - | cksum)" \
		"$(label -f voc images.tsc | tscae-view --json - | cksum)"
done
is "--from . gives the same records" "$(cd voc && label -f . ../images.tsc | tscae-view --json - | cksum)" \
	"$(label -f voc images.tsc | tscae-view --json - | cksum)"
is "--standalone: keys are those of tscae-decode" \
	"$(cd voc && label -f ./ --standalone | tscae-view - | tail -1 | cut -f1)" JPEGImages/000011.jpg

# odd names: in records they are escaped, in the file system they are not
mkdir -p odd/a; cp voc/JPEGImages/000000.jpg odd/a/$'bad\xff.jpg'; cp voc/JPEGImages/000001.jpg 'odd/a/back\slash.jpg'
cp voc/JPEGImages/000002.jpg odd/a/$'new\nline.jpg'
is "odd names find their images" "$(label -l folders -f odd --standalone | tscae-decode -q --records |
	label -l folders -f odd | tscae-view --json - | wc -l)" 3

# records without labels
mkdir few; cp -r voc/Annotations voc/JPEGImages few; rm few/Annotations/000005.xml
status "a record without labels: exit 65" 65 label -f few images.tsc
like "a record without labels: the message names it" "$(cat "$tmp/stderr")" \
	"*record 5 (voc/JPEGImages/000005.jpg): no labels*"
is "--on-missing skip drops the record" \
	"$(label -f few --on-missing skip images.tsc 2>err | tscae-view --json - | wc -l)" 11
like "--on-missing skip: the message names the record" "$(cat err)" "*000005.jpg*no labels*skipped*"
status "--on-missing skip --strict: exit 1" 1 label -f few --on-missing skip --strict images.tsc
is "--on-missing keep keeps the record" \
	"$(label -f few --on-missing keep images.tsc 2>err | tscae-view --json - | grep -vc box_class)" 1
like "records without labels are counted" "$(cat err)" "*: 1 records have no labels"
echo 000005 >set.txt; echo 000006 >>set.txt
status "--split: an image without annotation: exit 65" 65 label -f few --split set.txt --standalone
is "--split: --on-missing skip drops an image without annotation" \
	"$(label -f few --split set.txt --on-missing skip --standalone 2>err | tscae-view --json - | wc -l)" 1
mkdir none; mkdir none/Annotations; cp voc/Annotations/000001.xml none/Annotations/other.xml
status "no record has labels: exit 65" 65 label -f none --on-missing skip images.tsc
label -f voc images.tsc >first.tsc
same "labels put again are the same" <(label -f voc first.tsc | tscae-view --json -) <(tscae-view --json first.tsc)
tscae-decode -q --limit 1 --start-index 40 voc/JPEGImages >empty.tsc
status "a stream without records: exit 0" 0 label -f voc empty.tsc
cp -r voc/JPEGImages copies; tscae-decode -q voc/JPEGImages copies >copies.tsc
for t in 1 4; do
	status "annotations that fit records of several keys, $t threads, --strict: exit 1" 1 \
		tscae-label -t $t --strict -f voc copies.tsc
	like "annotations that fit records of several keys, $t threads: images are counted, the first is named" \
		"$(cat "$tmp/stderr")" "*: 12 images fit records of several keys*; the first: voc/JPEGImages/000000*"
done
status "records of several epochs have the same keys: exit 0" 0 \
	tscae-label --strict -f voc <(tscae-decode -q --epochs 2 voc/JPEGImages)
tar -cf shard.tar voc/JPEGImages
is "keys of an archive match the images" "$(tscae-decode -q shard.tar | label -f voc | tscae-view - | grep -c boxes)" 12
status "a missing folder: exit 66" 66 label -f nowhere --standalone
mkdir empty; mkdir empty/Annotations
status "a folder without annotations: exit 66" 66 label -f empty --standalone
status "no --from: exit 2" 2 tscae-label --standalone
status "--standalone with a stream: exit 2" 2 tscae-label -f voc --standalone images.tsc
head -c 9000 images.tsc >cut.tsc
status "tscae-label: a cut stream: exit 65" 65 label -f voc cut.tsc
printf 'square\narrow\n' >two.txt
label -f voc --segmaps --classes two.txt --standalone >/dev/null 2>err; is "--classes: an unlisted class: exit 65" $? 65
like "--classes: an unlisted class: the message names it" "$(cat err)" "*class '*' is not in *"
printf 'a\nb\na\n' >twice; status "--classes: a class twice: exit 65" 65 label -f voc --classes twice --standalone
: >nothing; status "--classes: an empty file: exit 65" 65 label -f voc --classes nothing --standalone
label -l folders -f voc --standalone >other.tsc
label -l folders -f voc images.tsc >labeled.tsc
status "other classes than those of the input: exit 65" 65 label -f voc labeled.tsc
status "the same classes as those of the input: exit 0" 0 label -l folders -f voc labeled.tsc

# bad annotations
bad() { rm -rf bad; cp -r voc bad; }
bad; head -c 300 voc/Annotations/000002.xml >bad/Annotations/000002.xml
status "VOC: XML cut short: exit 65" 65 label -f bad --standalone
like "VOC: XML cut short: the message names file and line" "$(cat "$tmp/stderr")" "*bad/Annotations/000002.xml: line *"
bad; sed -i '1i <!DOCTYPE a [<!ENTITY b "c">]>' bad/Annotations/000002.xml
status "VOC: XML with a document type: exit 65" 65 label -f bad --standalone
bad; sed -i 's/<width>64/<width>67/' bad/Annotations/000002.xml
status "VOC: another size than the image: exit 65" 65 label -f bad images.tsc
like "VOC: another size than the image: the message has both" "$(cat "$tmp/stderr")" "*64x48 pixels*67x48*"
bad; sed -i 's/<width>64/<width>99999999999/' bad/Annotations/000002.xml
status "VOC: a width of 99999999999: exit 65" 65 label -f bad --standalone
like "VOC: a width of 99999999999: the message names file and value" "$(cat "$tmp/stderr")" \
	"*bad/Annotations/000002.xml: line *: not a whole number from 0 to 1000000 in */width: 99999999999"
# an annotation with these boxes (xmin ymin xmax ymax)
boxes() {
	echo "<annotation><size><width>64</width><height>48</height></size>"
	for b; do
		set -- $b
		echo "<object><name>disc</name><bndbox><xmin>$1</xmin><ymin>$2</ymin>"
		echo "<xmax>$3</xmax><ymax>$4</ymax></bndbox></object>"
	done
	echo "</annotation>"
}
bad; rm bad/Annotations/*
boxes "1 1 64 48" "0 -3 10 10" "60 40 70 50" "5 5 5 9" "9 9 8 20" "70 5 80 9" "2.5 3 4 5.25" >bad/Annotations/000003.xml
label -f bad --standalone -o boxes.tsc 2>err
like "boxes without area, over the edge and outside are counted" "$(cat err)" \
	"*2 boxes without area*1 boxes outside*2 boxes that reach over*"
if /usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null; then
	is "boxes beyond the image are clipped or dropped" \
		"$(/usr/bin/python3 "$root/tests/labels.py" stream <boxes.tsc)" \
		"000003 48x64 [0.0000,0.0000,64.0000,48.0000 disc 0] [0.0000,0.0000,10.0000,10.0000 disc 0]$(
		) [59.0000,39.0000,64.0000,48.0000 disc 0] [1.5000,2.0000,4.0000,5.2500 disc 0]"
else
	skip "boxes beyond the image are clipped or dropped" "python3-msgpack or python3-numpy is not installed"
fi
bad; boxes >bad/Annotations/000003.xml
is "an image without objects has no boxes" \
	"$(label -f bad --standalone | tscae-view - | grep 000003 | grep -c 'boxes F32 0x4')" 1
bad; rm bad/ImageSets/Main/*
status "VOC: segmentation maps of unknown classes: exit 2" 2 label -f bad --segmaps --split Segmentation/val \
	--standalone
bad; cp voc/SegmentationClass/000001.png bad/Annotations/000001.xml
status "VOC: a PNG in place of XML: exit 65" 65 label -f bad --standalone

# bad segmentation maps
png() { /usr/bin/python3 - "$@" <<-'EOF'
	import sys, numpy as np
	from PIL import Image
	path, mode, w, h, value = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
	a = np.full((h, w), value, np.uint16 if mode == 'I;16' else np.uint8)
	if mode == '1': Image.fromarray(a != 0).save(path)
	elif mode[0] == 'b':    # palette of so many bits
	    i = Image.fromarray(a, 'P'); i.putpalette([i % 256 for i in range(3 << int(mode[1]))])
	    i.save(path, bits=int(mode[1]))
	elif mode == 'RGB': Image.fromarray(np.stack([a] * 3, 2)).save(path)
	else: Image.fromarray(a).save(path)
	EOF
}
printf 'zero\none\ntwo\n' >three
mkdir maps images; cp voc/JPEGImages/00000[0-3].jpg images
pairs() { label -l pairs -f . --image-dir images --segmap-dir maps --classes three "$@"; }
if /usr/bin/python3 -c 'import PIL, msgpack, numpy' 2>/dev/null; then
	png maps/000000.png L 64 48 2; png maps/000001.png b1 64 48 1; png maps/000002.png b2 64 48 2
	png maps/000003.png b4 64 48 2
	crc() { pairs --standalone | /usr/bin/python3 "$root/tests/records.py" labels | tail -n +2; }
	is "gray and palettes of 1, 2, 4 and 8 bits are read as they are" \
		"$(crc | sort | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" "3 1 "
	before=$(crc); png maps/000001.png 1 64 48 1; is "1-bit gray values are not scaled" "$(crc)" "$before"
	png maps/000000.png L 64 48 3; status "pairs: a value that is not a class: exit 65" 65 pairs --standalone
	like "pairs: a value that is not a class: the message locates it" "$(cat "$tmp/stderr")" \
		"*000000.png: class 3 at row 0, column 0, but there are 3 classes; use --unlisted drop*"
	is "pairs: --ignore-index accepts the value" \
		"$(pairs --ignore-index 3 --standalone | tscae-view --json - | wc -l)" 4
	mkdir scans scan-maps; png scan-maps/scan.0001.png L 64 48 2; cp images/000000.jpg scans/scan.0001
	is "pairs: a file without the suffix of an image has its whole name as stem, and no map is alone" \
		"$(tscae-label -l pairs -f . --image-dir scans --segmap-dir scan-maps --classes three --standalone \
			2>notes | tscae-view -j - | grep -c '"labels":') $(grep -c 'have no image' notes)" "1 0"
	png maps/000000.png RGB 64 48 1; status "pairs: an RGB map: exit 65" 65 pairs --standalone
	png maps/000000.png 'I;16' 64 48 1; status "pairs: a 16-bit map: exit 65" 65 pairs --standalone
	cp images/000000.jpg maps/000000.png; status "pairs: a JPEG map: exit 65" 65 pairs --standalone
	png maps/000000.png L 60 48 1; tscae-decode -q images >few.tsc
	status "pairs: a map of another size: exit 65" 65 pairs few.tsc
	png maps/000000.png L 64 48 1; head -c 60 maps/000000.png >cut.png; mv cut.png maps/000000.png
	status "pairs: a map cut short: exit 65" 65 pairs --standalone
	rm maps/000000.png; status "pairs: a missing map: exit 65" 65 pairs --standalone
	status "pairs: no --classes: exit 2" 2 label -l pairs -f . --image-dir images --segmap-dir maps --standalone
	printf 'images/000001.jpg maps/000001.png\nimages/000002.jpg\n' >list
	status "pairs: a list with half a pair: exit 65" 65 label -l pairs -f list --classes three --standalone
	printf 'images/000001.jpg maps/000001.png\nimages/000002.jpg maps/000002.png\n' >list
	printf '000002\n' >one.txt
	is "pairs: --split selects images of a list" \
		"$(label -l pairs -f list --classes three --split one.txt --names)" images/000002.jpg
	is "pairs: --split selects images of two folders" "$(pairs --classes three --split one.txt --names)" \
		images/000002.jpg
	status "pairs: a named split of a list: exit 66" 66 label -l pairs -f list --classes three --split train --names
	printf '/old/place/images/000001.jpg /old/place/maps/000001.png\n' >list
	is "pairs: paths of a list that was moved are resolved" "$(label -l pairs -f list --classes three --names)" \
		images/000001.jpg
else
	skip "bad segmentation maps" "python3-pil, python3-msgpack or python3-numpy is not installed"
fi

# tables and folders
printf '000001.jpg\tdog\t1\n000002.jpg\tcat\n' >images/table
is "table: the classes of the images" \
	"$(label -l table -f images/table --standalone | tscae-view - | tail -n +2 | cut -f1,3 | tr '\t\n' '  ')" \
	"images/000001.jpg dog images/000002.jpg cat "
is "table: the class is attached to a record" \
	"$(tscae-decode -q images/000002.jpg | label -l table -f images/table | tscae-view - | tail -1 | cut -f3)" cat
printf 'dog\ncat\n' >backwards
is "table: --classes sets the order of the classes" \
	"$(label -l table -f images/table --classes backwards --standalone | tscae-view -H - | grep 'extra.classes')" \
	"extra	classes	dog, cat"
status "table: an unlisted class: exit 65" 65 label -l table -f images/table --classes three --standalone
printf '000001.jpg\tdog\n000001.jpg\tcat\n' >images/twice
status "table: an image twice: exit 65" 65 label -l table -f images/twice --standalone
printf '000001.jpg\n' >images/half
status "table: a line without a class: exit 65" 65 label -l table -f images/half --standalone
printf '000001.jpg\tdog\0\n' >images/zero
status "table: a zero byte: exit 65" 65 label -l table -f images/zero --standalone
status "VOC: a file in place of a folder" 66 label -f images/table --standalone
tscae-synth -q -l folders --count 8 --classes 2 -S 32x32 -o folders
is "folders: the same classes as those of tscae-decode" \
	"$(tscae-decode -q folders/train | label -l folders -f folders/train | tscae-view - | cut -f1,3)" \
	"$(tscae-decode -q --labels dirs folders/train | tscae-view - | cut -f1,3)"
(cd folders && find . -name '*[01].jpg' | sed 's|^./||; s|[.]jpg||') >part.txt
is "folders: --split selects images by name" "$(label -l folders -f folders --split part.txt --names 2>&1 | wc -l)" 2
echo 999 >part.txt
status "folders: --split with an unknown name" 65 label -l folders -f folders --split part.txt --names

# COCO
cat >instances_mini.json <<-'EOF'
	{"images": [{"id": 5, "file_name": "000001.jpg", "width": 64, "height": 48},
		{"id": 3, "file_name": "000002.jpg", "width": 64, "height": 48}],
	"annotations": [{"image_id": 3, "category_id": 7, "bbox": [1, 2, 3, 4],
	"segmentation": [[1, 2, 4, 2, 4, 6, 1, 6], [1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7]]},
	{"image_id": 4, "category_id": 7, "bbox": [1, 2, 3, 4]},
	{"image_id": 3, "category_id": 1, "bbox": [1, 2, 0, 4]}, {"image_id": 3, "category_id": 1,
	"bbox": [60, 40, 9, 9], "iscrowd": 1}],
	"categories": [{"id": 7, "name": "dog"}, {"id": 1, "name": "cat"}]}
EOF
label -l coco -f instances_mini.json --standalone --segmaps --segmentation -o coco.tsc 2>err
like "COCO: repairs are counted" "$(cat err)" "*1 boxes without area*1 boxes that reach over" \
	"*1 annotations belong to no image*3 annotations have no area*2 polygons*1 objects have no mask*"
is "COCO: images in the order of the file; one without annotations has no boxes" \
	"$(tscae-view coco.tsc | tail -n +2 | grep -o '^0.....\|boxes F32 .x4\|regions I32 .x3' | tr '\n' ' ')" \
	"000001 boxes F32 0x4 regions I32 0x3 000002 boxes F32 2x4 regions I32 1x3 "
like "COCO: classes in the order of their ids" "$(tscae-view -H coco.tsc)" "*classes	cat, dog*"
sed 's/"width": 64/"width": 32/' instances_mini.json >small.json; tscae-decode -q images/00000[12].jpg >two.tsc
status "COCO: another size than the image" 65 label -l coco -f small.json two.tsc
sed 's/"000002.jpg"/"000001.jpg"/' instances_mini.json >same.json
status "COCO: one file twice" 65 label -l coco -f same.json --standalone
sed 's/"cat"/"dog"/' instances_mini.json >same.json
status "COCO: one name for two categories" 65 label -l coco -f same.json --standalone
status "COCO: a folder without a set" 2 label -l coco -f images --standalone
status "COCO: a set that is not there" 66 label -l coco -f images --split val --standalone
if command -v python3 >/dev/null; then
	python3 "$root/tests/coco_make.py" 8000 60000 >large.json
	python3 "$root/tests/peak.py" tscae-label -q -l coco -f large.json --standalone 2>err | tscae-view --check - \
		>checked
	like "COCO: $(($(stat -c %s large.json) >> 20)) MiB of annotations" "$(cat checked)" "*sound*8000 records*"
	if nm "$bin/tscae-label" | grep -q __asan; then skip "COCO: in little memory" "a sanitizer's build takes more"
	else ok "COCO: in $(sed -n 's/^peak //p' err) MiB of memory" test "$(sed -n 's/^peak \([0-9]*\).*/\1/p' err)" \
		-lt 16; fi
fi

# options that a layout would not use
for of in "yolo --segmaps" "folders --segmaps" "voc --segmentation" "coco --segmap-dir voc" "table --binary" \
	"coco --ignore-index 3" "folders --image-dir voc"; do
	status "$of: exit 2" 2 tscae-label --standalone -f voc -l $of
	like "$of: the message has the option and its layouts" "$(cat "$tmp/stderr")" \
		"*$(set -- $of; echo "$2") is not for this layout, only for *"
done
done_testing
