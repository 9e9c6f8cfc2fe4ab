#!/bin/bash
# edges.t - inputs as other programs and people leave them: what is read, what is counted, what is refused
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL, numpy' 2>/dev/null || skip_all "python3-pil or python3-numpy is not installed"
cd "$tmp" || exit 1
python=/usr/bin/python3
# image FILE [WIDTH HEIGHT]
image() { $python -c "import sys; from PIL import Image; Image.radial_gradient('L').resize((int(sys.argv[2]),
	int(sys.argv[3]))).convert('RGB').save(sys.argv[1])" "$1" "${2:-24}" "${3:-20}"; }
keys() { tscae-view -q "$@" | sed 1d | cut -f1 | tr '\n' ' '; }
image a.jpg; image b.png
# first bytes of formats that are recognized and not read
printf '\0\0\0\x18ftypheic\0\0\0\0mif1heic%032d' 0 >a.heic
printf '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf%032d' 0 >a.avif
printf '\xff\x0a%064d' 0 >a.jxl

# images of formats that are not read, beside others and alone
mkdir t; for f in heic avif jxl; do
	cp a.$f t/k.$f; cp a.jpg t/k.jpg; cp a.$f t/m.$f; cp b.png t/n.depth.png; cp a.$f t/n.$f; cp a.$f t/o.HEIC
	cp a.jpg t/z.jpg
	# the unread one first
	(cd t && tar -cf ../$f.tar k.$f k.jpg m.$f n.$f n.depth.png o.HEIC z.jpg)
	for how in $f.tar "- <$f.tar"; do
		eval "tscae-decode $how" >t.tsc 2>err
		is "$f beside a JPEG in an archive, $how: the other one is read" "$(keys t.tsc)" "k n z "
		like "$f in an archive, $how: counted, those alone by name" "$(cat err)" \
			"*m.$f: * is not read; convert it*: 3*, 4 skipped*2 further images (the first: k.$f)*"
	done
	status "$f in an archive, --strict: exit 1" 1 tscae-decode --strict $f.tar
	tscae-decode t 2>err >t.tsc
	like "$f in a folder: counted, by name" "$(keys t.tsc)$(cat err)" \
		"t/k.jpg t/n.depth.png t/z.jpg *t/k.$f: * is not read*4 skipped*"
	(cd t && tar -cf ../only.tar m.$f); status "$f alone in an archive: exit 65" 65 tscae-decode only.tar
	status "$f alone in a folder: exit 65" 65 tscae-decode a.$f
	rm t/*
done

# tables of labels
mkdir -p tab/a/x tab/b/x; for d in a b; do cp a.jpg "tab/$d/x/im 0.jpg"; cp a.jpg "tab/$d/x/im 1.jpg"; done
classes() { tscae-decode "$@" 2>err | tscae-view -q | sed 1d | cut -f3 | xargs; }
printf '\xef\xbb\xbf"filename","label"\r\n"a/x/im 0.jpg","big dog"\r\n"a/x/im 1.jpg",cat\r\n' >table.csv
printf 'b/x/im 0.jpg,cat\r\n' >>table.csv
printf '"b/x/im 1.jpg","cat"\r\n"b/x/im 1.jpg","cat"\r\nelsewhere.jpg,owl\r\n' >>table.csv
is "a table with byte order mark, CRLF, quotes, folders" "$(classes --label-table table.csv tab)" "big dog cat cat cat"
like "rows that repeat others, and rows of other images, are counted" "$(cat err)" \
	"*1 rows without image (the first: elsewhere.jpg), 1 repeated rows (the first: b/x/im 1.jpg)"
sed 's/"//g; s/^\xef\xbb\xbf//; s|/|\\|g' table.csv >windows.csv
is "a table with paths of Windows" "$(classes --label-table windows.csv tab)" "big dog cat cat cat"
awk '{ print NR "," $0 }' windows.csv >numbered.csv; status "a table whose first column is no name: exit 65" 65 \
	tscae-decode --label-table numbered.csv tab
like "a table whose first column is no name: the message has an image and a row" "$(cat "$tmp/stderr")" \
	"*none of the 4 images, such as 'tab/a/x/im 0.jpg', has a row*the first name is*"

# classes in archives: FILE CLASS ...
pack() { local tar=$1; shift; rm -rf w; mkdir w
	while [ $# -gt 0 ]; do cp a.jpg w/$1.jpg; printf -- "$3" >w/$1.$2; shift 3; done; tar -cf $tar -C w .; }
pack reals.tar 1 cls 1.0 2 cls '2.000\n'; is "classes in archives: whole numbers written as real ones" \
	"$(classes --labels cls reals.tar)" "1 2"
pack bom.tar 1 json '\xef\xbb\xbf{"label":"b\\u00e4r"}' 2 json '{"label":2.0}'
is "classes in archives: JSON with byte order mark, a real number" "$(classes --labels json bom.tar)" "bär 2"
pack none.tar 1 cls -1 2 cls cat; is "classes in archives: -1 is no class" "$(classes --labels cls none.tar)" "- cat"
like "classes in archives: images without class are counted" "$(cat err)" "*1 without class (the first: *1.jpg)"
refused() { status "classes in archives: $1: exit 65" 65 tscae-decode --labels $2 $3; }
pack large.tar 1 cls 1 2 cls 99999999; refused "a large number" cls large.tar
like "classes in archives: a large number: the image is named" "$(cat "$tmp/stderr")" \
	"*2.jpg: '99999999' is not a class number*"
pack pickle.tar 1 cls '\x80\x04K\x01.'; refused "a pickle" cls pickle.tar
pack list.tar 1 json '{"label":[1,2]}'; refused "a list" json list.tar
like "classes in archives: a list: the image and the field are named" "$(cat "$tmp/stderr")" \
	"*1.jpg: *field 'label' is neither a number nor a string"
pack twice.tar 1 cls 1; printf 2 >w/1.cls; tar -rf twice.tar -C w ./1.cls
is "classes in archives: a member twice: the first is read" "$(classes --labels cls twice.tar)" 1
like "classes in archives: a member twice: counted" "$(cat err)" "*1 repeated classes (the first: 1.cls)"

# the other separators of tables; classes that are not text; a class of an archive from a pipe; sparse members
printf 'a/x/im 0.jpg;cat\na/x/im 1.jpg;dog\nb/x/im 0.jpg;cat\nb/x/im 1.jpg;dog\n' >semi.csv
is "a table with semicolons" "$(classes --label-table semi.csv tab)" "cat dog cat dog"
printf 'a/x/im 0.jpg\tcat\t7\tx\n' >tabs.tsv
is "a table with tabs: further columns are not read" "$(classes --label-table tabs.tsv tab)" "cat - - -"
for rows in 'a/x/im 0.jpg,1,0\na/x/im 1.jpg,0,1\n' 'image,ant,bee\n"a/x/im 0",1.0,0.0\n"a/x/im 1","0.0","1.0"\n' \
	'a/x/im 0.jpg 1 -1\na/x/im 1.jpg -1 1\n'; do
	printf "$rows" >flags.csv
	status "a column of 0 and 1 for each class, '${rows%%\\*}', --strict: exit 1" 1 \
		tscae-decode --strict --label-table flags.csv tab/a
	like "a column of 0 and 1 for each class, '${rows%%\\*}': rows are counted, the first is named" \
		"$(cat "$tmp/stderr")" "*2 rows of several columns (the first: a/x/im 0*"
	like "a column of 0 and 1 for each class, '${rows%%\\*}': tscae-label counts them, too" \
		"$(tscae-decode -q tab/a | tscae-label -l table -f flags.csv --image-dir tab 2>&1 >/dev/null)" \
		"*2 rows have a column of 0 and 1 for each class: only the first column is read; the first: a/x/im 0*"
done
# 1 and -1 are the two classes of many binary tables
printf 'a/x/im 0.jpg,7\na/x/im 1.jpg,-1\nb/x/im 0.jpg,-2.0\nb/x/im 1.jpg,7\n' >negative.csv
is "a table with -1 in a column of numbers: no class" "$(classes --label-table negative.csv tab)" "7 - - 7"
like "a table with -1 in a column of numbers: counted" "$(cat err)" "*2 without class (the first: tab/a/x/im 1.jpg)"
is "a table with -1 in a column of numbers, tscae-label: left out" "$(tscae-label -l table -f negative.csv \
	--image-dir tab --standalone 2>err | tscae-view -q | sed 1d | cut -f3 | xargs)" "7 7"
like "a table with -1 in a column of numbers, tscae-label: counted" "$(cat err)" \
	"*2 rows have a negative number, *; the first: a/x/im 1.jpg*"
status "a table with -1 in a column of numbers, --strict: exit 1" 1 tscae-decode --strict --label-table negative.csv tab
printf 'a/x/im 0.jpg,1\na/x/im 1.jpg,-1\n' >binary.csv
is "a table of 1 and -1: two classes" "$(classes --label-table binary.csv tab/a)" "1 -1"
printf 'a/x/im 0.jpg,cat\na/x/im 1.jpg,-1\n' >words.csv
is "a table with -1 beside words: a class" "$(classes --label-table words.csv tab/a)" "cat -1"
printf 'a/x/im 0.jpg,-1\na/x/im 1.jpg,-1\n' >none.csv
status "a table with nothing but -1: exit 65" 65 tscae-decode --label-table none.csv tab/a
like "a table with nothing but -1: the message" "$(cat "$tmp/stderr")" "*none.csv: all labels are negative numbers*"
printf 'a/x/im 0.jpg 1 0 0 1 1\na/x/im 1.jpg 0 0 0 7 9\n' >boxes.txt
status "numbers of boxes are no such columns: exit 0" 0 tscae-decode --strict --label-table boxes.txt tab/a
for class in '{"label":{"a":1}}' '{"label":true}'; do
	pack other.tar 1 json "$class"; refused "$class" json other.tar
done
pack pipe.tar 1 cls 1; status "classes in archives: from a pipe: exit 2" 2 tscae-decode --labels cls - <pipe.tar
like "classes in archives: from a pipe: the message" "$(cat "$tmp/stderr")" "*read once*--labels*"
mkdir hole; cp a.jpg hole/a.jpg; truncate -s 1M hole/a.jpg
if tar -S --format=gnu -cf sparse.tar -C hole a.jpg && [ "$(stat -c %s sparse.tar)" -lt 100000 ]; then
	status "an archive with a sparse member: exit 65" 65 tscae-decode sparse.tar
	like "an archive with a sparse member: the message" "$(cat "$tmp/stderr")" "*sparse.tar*sparse*"
else
	skip "an archive with a sparse member" "no sparse files"
fi

# archives in archives; images without suffix, whose format is known by up to 132 bytes; a tar archive without suffix
mkdir inner bare; cp a.jpg inner/a.jpg; tar -cf inner/x.tar -C inner a.jpg; gzip -c inner/x.tar >inner/y.tar.gz
cp inner/x.tar inner/z.zip; tar -cf inner.tar -C inner a.jpg x.tar y.tar.gz z.zip; tar -cf only.tar -C inner x.tar
for f in bmp webp tif gif; do
	$python -c "import sys; from PIL import Image; Image.open('a.jpg').save(sys.argv[1])" bare/1.$f
	mv bare/1.$f bare/$f
done
tar -cf bare.tar -C bare bmp webp tif gif
for how in file pipe; do
	open() {
		if [ $how = pipe ]; then tscae-decode "${@:2}" - <"$1"; else tscae-decode "${@:2}" "$1"; fi
	}
	status "archives in an archive, $how, --strict: exit 1" 1 open inner.tar --strict
	like "archives in an archive, $how: counted, the first is named" "$(cat "$tmp/stderr")" \
		"*3 archives within archives are not read*x.tar*3 skipped*3 packed again (the first: x.tar)*"
	status "nothing but an archive in an archive, $how: exit 66" 66 open only.tar
	like "nothing but an archive in an archive, $how: the message has the remedy" "$(cat "$tmp/stderr")" \
		"*unpack the outer ones first, the first: x.tar*"
	is "members without suffix, $how: read by their first bytes" "$(open bare.tar -q | keys)" "bmp webp tif gif "
done
unset -f open
mkdir packs; cp a.jpg packs
for s in tar tgz tar.gz tzst TAR.zst txz tar.xz tbz tbz2 tar.bz2 tlz4 tar.lz4 zip 7z rar; do echo >packs/b.$s; done
for s in tar.txt gz xz; do echo >packs/b.$s; done; tar -cf packs.tar -C packs .
like "members with each suffix of an archive: counted" "$(tscae-decode packs.tar 2>&1 >/dev/null)" \
	"*15 archives within archives are not read*15 packed again*"
mkdir loose; cp a.jpg loose; cp bare.tar loose/bare.tar.1
status "a tar archive without suffix in a folder, --strict: exit 1" 1 tscae-decode --strict loose
like "a tar archive without suffix in a folder: counted, by name" "$(cat "$tmp/stderr")" \
	"*loose/bare.tar.1, a tar archive without the suffix .tar (rename it*1 skipped*"

# what is there in place of an image, when a download failed
while IFS='|' read -r text words; do
	printf "$text" >loose/b.jpg
	like "'${text%% *}' in place of an image: counted, by name" "$(tscae-decode loose 2>&1 >/dev/null)" \
		"*loose/b.jpg: $words*(skipped)*2 skipped*"
done <<'EOF2'
version https://git-lfs.github.com/spec/v1\noid sha256:0\n|a Git LFS pointer, not an image; *git lfs pull
\n<!DOCTYPE html>\n<html></html>|a web page, not an image; download the image again
\xef\xbb\xbf<html lang='en'>|a web page, not an image
<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>|XML or JSON, not an image
{"error": "not found"}|XML or JSON, not an image
\0\0\0\0\0 zero bytes|not an image of a known format
EOF2
printf '%0128dDICM' 0 >loose/scan; rm loose/b.jpg
like "DICOM without suffix: counted, by name" "$(tscae-decode loose 2>&1 >/dev/null)" "*loose/scan: DICOM is not read*"

# segmentation maps of two classes in forms without class numbers
mkdir -p maps images; image images/a.jpg 100 80; printf 'background\nobject\n' >two
pairs() { tscae-label -l pairs -f . --image-dir images --segmap-dir maps --classes two --standalone "$@"; }
for form in "m.convert('RGB')" "m.convert('RGBA')" "m.convert('LA')" "m.convert('1')" "n(m, 'uint16', 255)" \
	"n(m, 'uint16', 1)"; do
	$python -c "
from PIL import Image; import numpy
n = lambda m, t, d: Image.fromarray(numpy.array(m).astype(t) // d)
m = Image.new('L', (100, 80)); m.paste(255, (0, 0, 50, 80)); $form.save('maps/a.png')"
	like "a map as $form, --binary" "$(pairs -q --binary | tscae-view -q --stats labels)" \
		"*labels	8000	0	0	1	0.5	0.5"
done
status "a map of 16 bits without --binary: exit 65" 65 pairs

# names with newlines in the closing line
mkdir lines; cp a.jpg lines; echo x >"lines/$(printf 'x\ny.txt')"
is "a closing line that names a file with a newline is one line" \
	"$(tscae-decode lines 2>&1 >/dev/null | grep -c '1 other files (the first: lines/x?y.txt)')" 1

# as many classes as a stream can hold, and one more
{ echo 1/a.jpg; seq -f '%.0f/a.jpg' 2 65536; } >many.txt; mkdir 1; cp a.jpg 1
status "65536 classes: exit 65" 65 tscae-decode -q --labels dirs --limit 1 --files-from many.txt
like "65536 classes: the message" "$(cat "$tmp/stderr")" "*more than 65535 classes*"
sed '$d' many.txt | tscae-decode -q --labels dirs --limit 1 --files-from - >many.tsc
status "65535 classes: the stream is sound" 0 tscae-view --check many.tsc
sed 's|/.*||; s|.*|&.jpg &|' many.txt >many.tab
status "a table of 65536 classes: exit 65" 65 tscae-label -q -l table -f many.tab --names

# a command line that is longer than a string of a stream
printf '%s\n' '#!/bin/bash' 'exec tscae-decode -q --crop "--size 8" --limit 1 $(yes "$1" | head -n "$2")' >long.sh
name=1/$(printf 'x%.0s' $(seq 60)).jpg; cp a.jpg "$name"
bash long.sh "$name" 16500 >long.tsc 2>err
status "a command line of more than 1 MiB: the stream is sound" 0 tscae-view --check long.tsc
is "a command line of more than 1 MiB: the history is cut" \
	"$(tscae-view -H long.tsc | grep -m1 ^history | tail -c 5)" " ..."
done_testing
