#!/bin/bash
# forms.t - every text that people edit, as editors of Windows save it: byte order mark, CRLF, UTF-16; suffixes in
# capitals; names with blanks, quotes and newlines; files without their image
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL' 2>/dev/null || skip_all "python3-pil is not installed"
cd "$tmp" || exit 1
# windows FILE: with byte order mark and CRLF; wide FILE: in UTF-16
windows() { sed -i '1s/^/\xef\xbb\xbf/; s/$/\r/' "$1"; }
wide() { iconv -f utf-8 -t utf-16 "$1" >wide.tmp && mv wide.tmp "$1"; }
label() { tscae-label -q --standalone "$@" 2>err; }
# rows COMMAND...: keys and numbers of boxes
rows() { "$@" | tscae-view -q | sed -nE '2,$s/^([^\t]*)\t.*boxes F32 ([0-9]*)x4.*/\1 \2/p' | tr '\n' ';'; }
classes() { "$@" | tscae-view -qH | sed -n 's/^extra\tclasses\t//p'; }
# the UTF-16 of each text input is refused, with the remedy: refused WHAT COMMAND...
refused() {
	local what=$1; shift
	status "$what in UTF-16: exit 65" 65 "$@"
	like "$what in UTF-16: the message has the remedy" "$(cat "$tmp/stderr")" "*UTF-16*convert it to UTF-8*"
}

/usr/bin/python3 - <<'PY'
import os
from PIL import Image
i = Image.new('RGB', (40, 30), (9, 90, 200))
for path in ('voc/JPEGImages/a b.JPG', 'voc/JPEGImages/q"q.webp', 'voc/JPEGImages/c.TIFF', 'voc/JPEGImages/d.bmp',
             'yolo/images/a b.JPG', 'yolo/images/b.png', 'pairs/i/a b.JPG', 'pairs/i/s/c.png', 'odd/n\nl.jpg'):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    i.save(path)
m = Image.new('L', (40, 30), 1)
for path in 'pairs/m/a b.png', 'pairs/m/s/c.PNG', 'pairs/m/alone.png':
    os.makedirs(os.path.dirname(path), exist_ok=True)
    m.save(path)
os.makedirs('voc/Annotations')
os.makedirs('yolo/labels')
for name in 'a b.xml', 'q"q.XML', 'c.xml', 'd.xml':
    open('voc/Annotations/' + name, 'w').write(
        '<annotation><size><width>40</width><height>30</height></size><object><name>c &amp; d</name><bndbox>'
        '<xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></object></annotation>\n')
PY

# VOC
voc="voc/JPEGImages/a b.JPG 1;voc/JPEGImages/c.TIFF 1;voc/JPEGImages/d.bmp 1;voc/JPEGImages/q\"q.webp 1;"
is "VOC: images of all formats that are read, XML files with suffix in capitals, names with blanks and quotes" \
	"$(rows label --strict -f voc)" "$voc"
is "VOC: the images are found" "$(label -f voc | tscae-decode -q --strict --records | tscae-view -q | sed 1d | wc -l)" 4
mkdir -p voc/ImageSets/Main; printf 'a b  1\nq"q -1\nd\n' >voc/ImageSets/Main/train.txt
is "VOC: a split with flags and names with blanks" "$(rows label -f voc --split train)" \
	"voc/JPEGImages/a b.JPG 1;voc/JPEGImages/d.bmp 1;"
printf 'a b.JPG  1\nq"q.webp -1\nd.bmp\n' >voc/ImageSets/Main/images.txt
is "VOC: a split with names of images, with and without flags" "$(rows label --strict -f voc --split images)" \
	"voc/JPEGImages/a b.JPG 1;voc/JPEGImages/d.bmp 1;"
windows voc/ImageSets/Main/train.txt
is "VOC: a split with byte order mark and CRLF" "$(rows label -f voc --split train)" \
	"voc/JPEGImages/a b.JPG 1;voc/JPEGImages/d.bmp 1;"
wide voc/ImageSets/Main/train.txt; refused "VOC: a split" tscae-label --standalone -f voc --split train
for f in voc/Annotations/*; do windows "$f"; done
is "VOC: XML with byte order mark and CRLF" "$(rows label --strict -f voc)" "$voc"
printf 'c & d\ncat\n' >classes; windows classes
is "a list of classes with byte order mark and CRLF" "$(classes label -f voc --classes classes)" "c & d, cat"
wide classes; refused "a list of classes" tscae-label --standalone -f voc --classes classes

# YOLO
printf '0 .5 .5 .2 .2\n1 .5 .5 .1 .1\n' >"yolo/labels/a b.TXT"; cp "yolo/labels/a b.TXT" yolo/labels/b.txt
windows yolo/labels/b.txt; printf 'cat\nbig dog\n' >yolo/classes.txt; windows yolo/classes.txt
yolo="yolo/images/a b.JPG 2;yolo/images/b.png 2;"
is "YOLO: labels and classes.txt with byte order mark and CRLF, a label file with suffix in capitals" \
	"$(rows label --strict -l yolo -f yolo)" "$yolo"
is "YOLO: classes.txt with byte order mark: the names" "$(classes label -l yolo -f yolo)" "cat, big dog"
printf 'train: images\nval: list.txt\nnc: 2\nnames:\n  1: big dog\n  0: cat\n' >yolo/data.yaml
printf './images/a b.JPG\n' >yolo/list.txt; windows yolo/data.yaml; windows yolo/list.txt
is "YOLO: data.yaml with byte order mark and CRLF" "$(classes label -l yolo -f yolo)" "cat, big dog"
is "YOLO: a list of images with byte order mark and CRLF" "$(rows label -l yolo -f yolo --split val)" \
	"yolo/images/a b.JPG 2;"
wide yolo/list.txt; refused "YOLO: a list of images" tscae-label --standalone -l yolo -f yolo --split val
echo ./images/b.png >yolo/list.txt
cp yolo/labels/b.txt yolo/labels/alone.txt; cp yolo/classes.txt yolo/labels
status "YOLO: a label file without image, --strict: exit 1" 1 tscae-label --strict -l yolo -f yolo --standalone
like "YOLO: a label file without image is counted, the first is named" "$(cat "$tmp/stderr")" \
	"*yolo: 1 label files or segmentation maps have no image and are left out; the first: yolo/labels/alone.txt*"
# config WORDS NAMES: refused
config() {
	printf 'train: images\n%b\n' "$2" >yolo/data.yaml
	status "YOLO: data.yaml with $1: exit 65" 65 label -l yolo -f yolo
	like "YOLO: data.yaml with $1: the message" "$(cat err)" "*yolo/data.yaml: $3"
}
config "a class without name" 'names: {0: cat, 2: dog}' "line 2: names: class 1 has no name, class 2 has one"
config "an empty name" 'names: [cat, ""]' "names: the name of class 1 is empty"
config "names twice" 'names: [a, b]\nnames: [c, d]' "line 3: the key 'names' occurs twice"
config "two keys of a split" 'names: [a, b]\nval: images\nvalid: other' "line 4: 'valid' is a second key of its split"
config "another number of classes than names" 'nc: 3\nnames: [cat, dog]' "line 2: nc states 3 classes, names has 2"
config "a number of classes that is none" 'nc: two\nnames: [cat, dog]' "line 2: nc: not a number of classes"

# pairs
printf 'x\ny\n' >two; windows two
pairs() { label -l pairs -f pairs --classes two "$@"; }
is "pairs: a map with suffix in capitals, names with blanks, classes with byte order mark and CRLF" \
	"$(pairs --image-dir pairs/i --segmap-dir pairs/m | tscae-view -qH | sed -n 's/^extra\tlabel_classes\t//p'
		pairs --image-dir pairs/i --segmap-dir pairs/m | tscae-view -q | grep -c 'labels U8 30x40')" "x, y
2"
like "pairs: a map without image is counted, the first is named" "$(cat err)" \
	"*pairs: 1 label files or segmentation maps have no image and are left out; the first: pairs/m/alone.png*"
printf 'i/s/c.png m/s/c.PNG\n' >pairs/list.txt; windows pairs/list.txt
is "pairs: a list with byte order mark and CRLF" \
	"$(label --strict -l pairs -f pairs/list.txt --classes two | tscae-view -q | grep -c 'labels U8 30x40')" 1
wide pairs/list.txt; refused "pairs: a list" tscae-label --standalone -l pairs -f pairs/list.txt --classes two

# COCO
printf '%s' '{"images":[{"id":1,"file_name":"n\nl.jpg","width":40,"height":30}],"categories":[{"id":1,"name":"cat"}],' \
	>coco.json
printf '%s\n%s\n' '"annotations":' '[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,10,10],"area":100}]}' \
	>>coco.json
windows coco.json
is "COCO: byte order mark, CRLF, a newline in file_name" "$(rows label -l coco -f coco.json --image-dir odd)" \
	'odd/n\x0Al.jpg 1;'
is "COCO: the image is found" \
	"$(label -l coco -f coco.json --image-dir odd | tscae-decode -q --strict --records \
		| tscae-view -q | grep -c 30x40)" 1
is "COCO: a record of the image finds it" \
	"$(tscae-decode -q odd | tscae-label -q -l coco -f coco.json | tscae-view -q | grep -c 'boxes F32 1x4')" 1
wide coco.json; refused "COCO" tscae-label --standalone -l coco -f coco.json

# lists of images, tables, classes in archives
printf 'odd/n\nl.jpg\0' >zero; status "a list of names with zero bytes without --null: exit 65" 65 tscae-decode -T zero
like "a list of names with zero bytes: the message has the remedy" "$(cat "$tmp/stderr")" "*zero byte*--null*"
echo yolo/images/b.png >list; wide list; refused "a list of names" tscae-decode -T list
printf 'yolo/images/b.png cat\n' >table; wide table
refused "a table of labels" tscae-decode --label-table table yolo/images
: >table; status "an empty table of labels: exit 65" 65 tscae-decode --label-table table yolo/images
like "an empty table of labels: the message" "$(cat "$tmp/stderr")" "*table: no row with a name and a label*"
cp yolo/images/b.png 1.png; cp 1.png 2.png; echo cat >1.CLS; echo dog >2.cls; windows 1.CLS; echo owl >3.cls
tar -cf cls.tar 1.png 1.CLS 2.png 2.cls 3.cls
is "classes in archives: a member with suffix in capitals, byte order mark and CRLF" \
	"$(classes tscae-decode -q --labels cls cls.tar)" "cat, dog"
like "classes in archives: a member without image is counted, the first is named" \
	"$(tscae-decode --labels cls cls.tar 2>&1 >/dev/null)" "*1 classes without image (the first: 3.cls)*"

# paths as written on Windows: the file or image of that name, else slashes for the backslashes
mkdir -p win/images win/labels win/maps win/away 'win/annotations/s'
cp 1.png win/images/a.png; cp 1.png win/images/b.png; cp 1.png 'win/lit\c.png'
cp 'pairs/m/a b.png' win/maps/a.png; cp 'pairs/m/a b.png' win/maps/b.png
echo '0 .5 .5 .2 .2' | tee win/labels/a.txt >win/labels/b.txt
printf '%s' '{"images":[{"id":1,"file_name":"images\\a.png"},{"id":2,"file_name":".\\images\\b.png"},{"id":3,' \
	'"file_name":"lit\\c.png"}],"categories":[{"id":1,"name":"cat"}],"annotations":[{"id":1,"image_id":1,' \
	'"category_id":1,"bbox":[1,2,10,10],"area":100}]}' >win/coco.json
is "COCO: file_name with backslashes: the file of that name, else with slashes" \
	"$(label --strict -l coco -f win/coco.json >one.tsc; echo $?
		tscae-label -q -l coco -f win/coco.json --names)" "0
win/images/a.png
win/images/b.png
win/lit\c.png"
cp win/coco.json win/away; tscae-decode -q win/images 'win/lit\c.png' >win.tsc
tscae-label -q -l coco -f win/away/coco.json --image-dir win -o boxes.tsc win.tsc
is "COCO: records with slashes, and with backslashes, find their image" \
	"$(tscae-view -q boxes.tsc | grep -c 'boxes F32')" 3
mkdir win/found; printf 'images/a .9 2 3 11 12\n' >win/found/comp4_det_test_cat.txt
is "tscae-eval: file_name with backslashes: images of result files have slashes" \
	"$(tscae-eval -q --json win/coco.json win/found | grep -c '"VOC":1')" 1
printf 'win\\images\\a.png\nwin\\lit\\c.png\nwin/images/b.png\nwin/lit\\c.png\n' >win/list
is "a list of names with backslashes: the file of that name, else with slashes" \
	"$(tscae-decode -q -e skip -T win/list 2>err | tscae-view -q | sed -n '2,$s/\t.*//p' | tr '\n' ';')" \
	'win/images/a.png;win/images/b.png;win/lit\\c.png;'
printf 'images\\a.png cat\nwin/images\\b.png dog\n' >win/table
is "a table with backslashes, and with both" "$(classes tscae-decode -q --strict --label-table win/table win/images)" \
	"cat, dog"
printf 'images\\a.png maps\\a.png\n' >win/pairs.txt
is "pairs: a list with backslashes" \
	"$(label --strict -l pairs -f win/pairs.txt --classes two | tscae-view -q | grep -c 'labels U8 30x40')" 1
printf 'train: .\\images\nval: .\\list.txt\nnames: [cat]\n' >win/data.yaml
printf 'images\\b.png\n' >win/list.txt
is "YOLO: data.yaml and a list with backslashes" "$(rows label --strict -l yolo -f win)" \
	"win/images/a.png 1;win/images/b.png 1;"
printf '<annotation><filename>other\\x.png</filename><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin>%s' \
	'<xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>' >win/annotations/s/a.xml
mkdir win/images/s; cp 1.png win/images/s/a.png; printf 's\\a\n' >win/split.txt
is "VOC: a split with backslashes; the image has the name of the XML file, not filename" \
	"$(rows label --strict -f win --split win/split.txt)" "win/images/s/a.png 1;"

# nothing in a text is never exit 0: nothing WHAT FILE COMMAND..., with FILE empty
nothing() {
	local what=$1 file=$2; shift 2; cp "$file" kept; : >"$file"; "$@" >/dev/null 2>err; status=$?; cp kept "$file"
	ok "nothing in $what: no exit 0 (exit $status)" test "$status" = 65 -o "$status" = 66
	like "nothing in $what: a message with the file" "$(cat err)" "*${file##*/}*"
}
echo 'c & d' >classes
nothing "a list of names" list tscae-decode -T list
nothing "a list of classes" classes tscae-label -f voc --classes classes --standalone
nothing "an XML file" voc/Annotations/d.xml tscae-label -f voc --standalone
nothing "data.yaml" yolo/data.yaml tscae-label -l yolo -f yolo --standalone
nothing "a list of pairs" pairs/list.txt tscae-label -l pairs -f pairs/list.txt --classes two --standalone
nothing "COCO's file" coco.json tscae-label -l coco -f coco.json --standalone
nothing "the result file of COCO" coco.json tscae-eval coco.json coco.json

# models of other programs
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
	for family in hf-vit timm-directory hf-sharded; do
		/usr/bin/python3 "$root/tests/families.py" make $family $family
		tscae-import -q -o plain.safetensors $family 2>/dev/null
		for f in $family/*.json; do sed -i 's/, /,\n/g' $f; windows $f; done
		tscae-import -q -o windows.safetensors $family 2>/dev/null
		same "import, $family: config and index with byte order mark and CRLF give the same model" \
			plain.safetensors windows.safetensors
	done
	wide hf-vit/config.json; refused "import: config.json" tscae-import -o x hf-vit
else
	skip "models of other programs" "python3-numpy is not installed"
fi
done_testing
