#!/bin/bash
# tscae-decode.t - Pillow's pixels, order, lists, labels, epochs and places, archives, damage
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-pil, python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import PIL, msgpack, numpy' 2>/dev/null && break
done
records() { "$python" "$root/tests/records.py" "$@"; }
pillow() { "$python" "$root/tests/pillow.py" "$@"; }
body() { tail -n +2; }
decode() { tscae-decode -q "$@"; }
cd "$tmp" || exit 1
pillow make

total=$(find p -type f | wc -l)
is "pixels are those of Pillow" "$(decode p | pillow decoded RGB 0 ignore 2>&1)" "$total 0"
is "--gray: pixels are those of Pillow" "$(decode --gray p | pillow decoded L 0 ignore 2>&1)" "$total 0"
is "--size: pixels are those of Pillow" "$(decode --size 24 p | pillow decoded RGB 24 ignore 2>&1)" "$total 0"
is "--exif ignore: pixels as stored in the file" "$(decode turned | pillow decoded RGB 0 ignore 2>&1)" "16 0"
is "--exif apply: images are upright, for both byte orders" \
	"$(decode --exif apply turned | pillow decoded RGB 0 apply 2>&1)" "16 0"
like "--exif apply: the header has it" "$(decode --exif apply turned | records key | sed -n 1p)" "*exif=apply*"
if [ -n "$shared" ]; then
	packs=$(for p in voc2012-100 exif-orientation; do unpack $p; done)
	n=$(find $packs -name '*.jpg' -o -name '*.png' | wc -l)
	is "photographs: pixels are those of Pillow" "$(decode $packs | pillow decoded RGB 0 ignore 2>&1)" "$n 0"
	is "photographs with --exif apply: pixels are those of Pillow" \
		"$(decode --exif apply "$(unpack exif-orientation)" | pillow decoded RGB 0 apply 2>&1)" "18 0"
	decode --dct-scale --size 64 $packs | records image >a; decode --size 64 $packs | records image >b
	is "--dct-scale gives images of the same sizes" "$(sed 's/:.*//' a)" "$(sed 's/:.*//' b)"
else
	for what in "real images" "and upright" "--dct-scale"; do skip "$what" "no data packs"; done
fi

find p -type f | sort >names
is "the images of a folder come in bytewise order" "$(decode p | records key | body)" "$(sed "s/.*/'&'/" names)"
decode p >by-folder; decode --files-from names >by-list; decode - <names >by-stdin
tr '\n' '\0' <names | decode -0 >by-null
for f in by-list by-stdin by-null; do
	records key index image <by-folder >a; records key index image <$f >b
	same "$f gives the same records" a b
done
mkdir odd; g=p/dog/gray-0.JPEG
cp $g odd/$'new\nline.jpg'; cp $g odd/-dash.jpg; cp $g odd/$'bad\xff.jpg'; cp $g 'odd/back\slash.jpg'
cp $g odd/nosuffix; echo text >odd/readme; cp $g odd/.hidden.jpg; cp $g odd/zz-wrong.png
# (records.py prints Python's form of a text: a backslash of the key is two there)
is "odd file names become keys that can be unescaped; the format comes from the content" \
	"$(cd odd && decode . | records key | body)" \
"'-dash.jpg'
'back\\\\\\\\slash.jpg'
'bad\\\\xff.jpg'
'new\\nline.jpg'
'nosuffix'
'zz-wrong.png'"
is "odd file names in a list become the same keys" \
	"$(find odd -name '*e.jpg' -print0 | decode -0 - | records key | body)" "'odd/new\\nline.jpg'"
is "a file name that begins with a dash, after --" "$(cd odd && decode -- -dash.jpg | records key | body)" "'-dash.jpg'"

for t in 1 2 3 4; do TSCAE_THREADS=$t tscae-decode -q --shuffle --epochs 2 p odd >threads-$t; done
for t in 2 3 4; do same "1 and $t threads: the same bytes" threads-1 threads-$t; done

decode --labels dirs p | records key class >a
like "--labels dirs: classes are in bytewise order" "$(head -1 a)" "*classes=?'ant', 'cat', 'dog'?*"
is "--labels dirs: the class is the folder, a folder images/ is skipped" \
	"$(body <a | grep -cE "ant/.* 0$|cat/.* 1$|dog/.* 2$")" "$total"
printf 'gray-0.JPEG\tn01\t0\t0\nrgb-1.png\tn02\t0\t0\n' >table
is "--label-table gives the classes" \
	"$(decode --label-table table p | records class | body | sort | uniq -c | sed 's/^ *//')" "$((total - 2)) -
1 0
1 1"

# rows TABLE-TEXT: the classes of the images of rows/ in bytewise order, by both tools
mkdir -p rows/a rows/b; cp p/dog/gray-0.JPEG rows/a/1.jpg; cp p/dog/gray-0.JPEG rows/b/1.jpg
cp p/dog/gray-0.JPEG 'rows/b/two words.jpg'
cp p/dog/gray-0.JPEG rows/b/o\'clock,x.jpg
rows() {
	printf "$1" >rows.txt
	decode --label-table rows.txt rows 2>err | tscae-view -q - | tail -n +2 | cut -f 3 | tr '\n' ' '
	decode rows | tscae-label -q -l table -f rows.txt --image-dir rows --on-missing keep 2>/dev/null | \
		tscae-view -q - | tail -n +2 | cut -f 3 | tr '\n' ' '
}
is "label table: names with folders, tabs" \
	"$(rows "a/1.jpg\tx\nb/1.jpg\ty\nb/two words.jpg\tz z\nb/o'clock,x.jpg\tx\n")" "x y x z z x y x z z "
is "label table: names with folders, blanks" \
	"$(rows "a/1.jpg x\nb/1.jpg   y\nb/two words.jpg z z\nb/o'clock,x.jpg x\n")" "x y x z z x y x z z "
is "label table: names with folders, commas, quotes and column names" \
	"$(rows "filename,label\na/1.jpg,x\nb/1.jpg, \"y\"\n\"b/two words.jpg\",z z\n\"b/o'clock,x.jpg\",x\n")" \
	"x y x z z x y x z z "
is "label table: names with BOM, CRLF, comments, empty lines and a row twice" \
	"$(rows "\xef\xbb\xbf# comment\r\n\r\n./a/1.jpg x\r\n#\r\nb/1.jpg y \r\na/1.jpg x\r\n"\
"b/two words.jpg\tz z\t\r\nb/o'clock,x.jpg x\r\n")" "x y x z z x y x z z "
is "label table: boxes after the label are no part of it" "$(rows "a/1.jpg x 0 0 3.5 4\nb/1.jpg y 1 2 3 4\n")" \
	"x y - - x y - - "
is "label table: a name is that of its image, not of one with another suffix" \
	"$(cp p/ant/gray-0.png rows/a/1.png; rows "a/1.jpg x\nb/1.jpg y\n"; rm rows/a/1.png)" "x - y - - x x y - - "
printf '1.jpg x\n' >rows.txt
status "label table: a row that fits two images: exit 65" 65 decode --label-table rows.txt rows
like "label table: the message names both" "$(cat "$tmp/stderr")" \
	"*rows.txt: line 1: '1.jpg' is ambiguous: it fits the images 'rows/a/1.jpg' and 'rows/b/1.jpg'*"
printf 'x/a/1.jpg x\ny/a/1.jpg y\n' >rows.txt; cd rows || exit
status "label table: an image that fits two rows: exit 65" 65 decode --label-table ../rows.txt a; cd ..
printf 'a/1.jpg x\n\na/1.jpg y\n' >rows.txt
status "label table: a name with two labels: exit 65" 65 decode --label-table rows.txt rows
like "label table: a name with two labels: the message has both lines" "$(cat "$tmp/stderr")" \
	"*rows.txt: line 3: 'a/1.jpg' has two labels, 'x' in line 1 and 'y'*"
decode rows >rows.tsc
status "label table: a name with two labels: exit 65, tscae-label" 65 tscae-label -q -l table -f rows.txt rows.tsc
printf 'a/1.jpg\n' >rows.txt; status "label table: a row without label: exit 65" 65 decode --label-table rows.txt rows
printf '"" a b\n' >rows.txt; status "label table: a row without name: exit 65" 65 decode --label-table rows.txt rows
printf 'a/1.jpg "x\n' >rows.txt; status "label table: an open quote: exit 65" 65 decode --label-table rows.txt rows
printf 'a\0/\0' >rows.txt; status "label table: UTF-16: exit 65" 65 decode --label-table rows.txt rows
printf 'a/1.jpg x\n' >rows.txt
status "label table: images without a row, --strict: exit 1" 1 decode --strict --label-table rows.txt rows
like "label table: images without a row are counted" "$(cat "$tmp/stderr")" \
	"*3 images have no class, the first: rows/b/1.jpg*"
find rows -type f | sed 's/$/\r/' >crlf
is "a list of names with Windows line ends" "$(decode --files-from crlf | records key | body | wc -l)" 4
(printf '\xef\xbb\xbf'; cat crlf) >bom; is "a list of names with Windows line ends and a byte order mark" \
	"$(decode - <bom | records key | body | wc -l)" 4
first=$(head -1 crlf | tr -d '\r')
# twice WHAT COUNT FIRST ARGUMENT...: images with the key of an earlier one are read again, counted
twice() {
	local what=$1 count=$2 first=$3; shift 3
	is "$what: both records" "$(tscae-decode "$@" 2>err | records key | body | sort | uniq -d | wc -l)" "$count"
	like "$what: counted, the first is named" "$(cat err)" "*$count keys given twice (the first: $first)"
	status "$what, --strict: exit 1" 1 tscae-decode -q --strict "$@"
}
(cat crlf; echo "$first") >again; twice "a name twice in a list" 1 "$first" --files-from again
twice "a file beside its folder" 1 "$first" "$first" rows
tar -cf again.tar rows; cp again.tar other.tar; twice "archives with equal keys" 4 "other.tar: *" again.tar other.tar

# classes of nested folders
mkdir -p nest/cat/x/y nest/dog nest/images; cp $g nest/cat/x/1.jpg; cp $g nest/cat/x/y/2.jpg; cp $g nest/dog/3.jpg
classes() { decode --labels dirs "$@" 2>/dev/null | tscae-view -q - | tail -n +2 | cut -f 3 | tr '\n' ' '; }
is "--labels dirs: the outermost folder is the class" "$(classes nest)" "cat cat dog "
is "--labels dirs: the classes of the images of a list" \
	"$(find nest -name '*.jpg' | sort >nested; classes -T nested)" "cat cat dog "
tar -cf nest.tar nest/cat/x/1.jpg nest/cat/x/y/2.jpg nest/dog/3.jpg
is "--labels dirs: the classes of the images of an archive" "$(classes nest.tar)" "cat cat dog "
is "--labels dirs: images directly in the operand have its name as class" "$(classes nest/dog nest/cat/x/y)" "dog y "
is "--labels dirs: the same as tscae-label -l folders" \
	"$(decode nest | tscae-label -q -l folders -f nest | tscae-view -q - | tail -n +2 | cut -f 3 | tr '\n' ' ')" \
		"cat cat dog "
cp $g nest/4.jpg
status "--labels dirs: images beside the class folders, --strict: exit 1" 1 decode --labels dirs --strict nest
like "--labels dirs: images beside the class folders are counted" "$(cat "$tmp/stderr")" \
	"*1 images are beside the class folders*nest/4.jpg*"

# files of other kinds
mkdir -p kinds/a kinds/b; cp $g kinds/a/1.jpg; echo x >kinds/a/notes.txt; printf 'II*\0' >kinds/b/1.dng
printf '\0\0\0\x1cftypavif' >kinds/b/2; tar -cf - $g | gzip >kinds/s.tar.gz
tscae-decode --labels dirs kinds -o kinds.tsc 2>err
like "files of other kinds are counted by kind, the first is named" "$(cat err)" \
	"*1 files of folders are not read, the first: kinds/s.tar.gz, a gzip*(skipped)*: 1 of 3 images, 3 skipped*"\
"1 of other formats*1 other files (the first: kinds/a/notes.txt)"
like "a compressed tar in a folder: counted, with what to do" "$(cat err)" \
	"*kinds/s.tar.gz, a gzip-compressed file (unpack it first; a compressed tar is read as an operand of its own*"
status "files of other kinds, --strict: exit 1" 1 decode --strict kinds; rm kinds/b/* kinds/s.tar.gz
status "other files are no images, --strict: exit 0" 0 decode --strict kinds
for pack in 'gzip gz 1f8b' 'zstd zst 28b52ffd' 'xz xz fd377a585a00' 'bzip2 bz2 425a68' 'zip zip 504b0304' \
	'lz4 lz4 04224d18' '7z 7z 377abcaf271c' 'rar rar 526172211a07' 'Parquet parquet 50415231' \
	'Arrow arrow 4152524f5731' \
	'HDF5 h5 894844460d0a1a0a' 'NumPy npy 934e554d5059' 'LFS tar 76657273696f6e2068747470733a2f2f6769742d6c6673'; do
	set -- $pack; rm -rf packs; mkdir packs
	"$python" -c "import sys; sys.stdout.buffer.write(bytes.fromhex('$3') + b'0' * 600)" >packs/s.$2
	status "$1: exit 65" 65 decode packs/s.$2
	like "$1: the message has the kind of the file and the remedy" "$(cat "$tmp/stderr")" \
		"*packs/s.$2: a*$1*which is not read; *"
	[ $1 = LFS ] || { status "$1: nothing else in a folder: exit 66" 66 decode packs
	like "$1: the message has the kind of the file" "$(cat "$tmp/stderr")" "*a*$1*"; }
	status "$1 from a pipe: exit 65" 65 decode - <packs/s.$2
done
for suffix in tfrecord mdb; do
	rm -rf packs; mkdir packs; echo x >packs/s.$suffix
	status "$suffix: exit 65" 65 decode packs/s.$suffix
	like "$suffix: the message has the kind of the file and the remedy" "$(cat "$tmp/stderr")" \
		"*packs/s.$suffix: a container of another program, which is not read; write its images to a folder*"
done
mkdir useless; echo x >useless/a.jpg; status "no usable image at all: exit 65" 65 decode useless

decode --shuffle --seed 7 --epochs 3 p | records key epoch index image | body >all
is "three epochs: the indices are 0, 1, 2 ..." "$(awk '{ print $3 }' all)" "$(seq 0 $((3 * total - 1)))"
is "each epoch has every image once" "$(awk '{ print $2, $1 }' all | sort -u | wc -l)" $((3 * total))
ok "epochs have different orders" test "$(head -n "$total" all | awk '{ print $1 }')" != \
	"$(sed -n "$((total + 1)),$((2 * total))p" all | awk '{ print $1 }')"
bad=
for start in 0 1 $((total - 1)) "$total" $((total + 5)) $((3 * total - 1)) $((3 * total)); do
	[ "$(decode --shuffle --seed 7 --epochs 3 --start-index "$start" p | records key epoch index image | body)" = \
		"$(tail -n +$((start + 1)) all)" ] || bad="$bad $start"
done
is "--start-index continues the sequence at any index" "$bad" ""
like "--start-index: the header has the length of the whole sequence" \
	"$(decode --shuffle --epochs 3 --start-index 9 p | records key | sed -n 1p)" "*records=$((3 * total)) start=9*"
is "--limit ends the sequence" \
	"$(decode --shuffle --seed 7 --epochs 3 --start-index 5 --limit 4 p | records key epoch index image | body)" \
	"$(sed -n 6,9p all)"
is "--shard: the shards are disjoint and complete" \
	"$(for i in 0 1 2; do decode --shuffle --seed 7 --epochs 3 --shard $i/3 p | records key epoch index image |
	body; done | sort -k3n)" "$(cat all)"
# --shard auto by the variables of Open MPI, MPICH, srun and an array job whose numbers begin at 5
shard() { decode --shuffle --seed 7 --epochs 3 --shard "$1" p | records key epoch index image | body; }
shard 2/3 >want
while read -r launcher variables; do
	is "--shard auto: $launcher" "$(export $variables; shard auto)" "$(cat want)"
done <<-'EOF'
	Open_MPI OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=3
	MPICH PMI_RANK=2 PMI_SIZE=3
	srun SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=3 SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=2
	array_job SLURM_STEP_NUM_TASKS=1 SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=5
EOF
is "--shard auto without a launcher: all images" "$(shard auto)" "$(cat all)"
for variables in "PMI_RANK=x PMI_SIZE=3" "PMI_RANK=3 PMI_SIZE=3" "PMI_RANK=1 PMI_SIZE=" \
	"SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=5"; do
	status "--shard auto: $variables: exit 2" 2 env $variables tscae-decode -q --shard auto p
done
decode --shuffle --seed 8 p | records key | body >a
ok "another seed gives another order" test "$(cat a)" != "$(head -n "$total" all | awk '{ print $1 }')"

tar -cf s.tar -T names
decode p | records image | body >a; decode s.tar | records image | body >b
same "an archive gives the same images as the folder" a b
is "the key of an archive member ends before its first dot" "$(decode s.tar | records key | sed -n 2p)" \
	"'p/ant/alpha-0'"
long=$(printf 'd%.0s' $(seq 1 90))
for format in gnu pax v7 ustar; do
	name=x; [ $format = v7 ] || name=$(printf 'f%.0s' $(seq 1 80))
	mkdir -p long/$long; cp $g long/$long/$name.jpg
	tar --format=$format -cf long.tar -C long $long/$name.jpg
	is "long names in a $format archive are read whole" "$(decode long.tar | records key image | body)" \
		"'$long/$name' $(decode $g | records image | body)"
	rm -r long
done
mkdir web; cp $g web/1.jpg; echo 5 >web/1.cls; cp p/dog/gray-1.JPEG web/2.left.JPG; cp p/dog/gray-3.JPEG web/2.right.jpg
echo {} >web/2.json
tar -cf web.tar web/1.jpg web/1.cls web/2.left.JPG web/2.right.jpg web/2.json
is "archive: images of one key, none of them plain, are samples of their own" \
	"$(tscae-decode web.tar 2>err | records key | body)" "'web/1'
'web/2.left'
'web/2.right'"
like "archive: the closing line counts them and names the first" "$(cat err)" \
	"*2 dotted names (the first: web/2.left.JPG)"
is "--image-member: the image of a sample is that member" \
	"$(decode --image-member right.jpg,jpg --strict web.tar | records key | body)" "'web/1'
'web/2'"
cp web/1.jpg web/3.jpg; cp p/dog/gray-0.JPEG web/3.depth.jpg; cp p/dog/gray-3.JPEG web/3.png; mkdir one
cp web/3.jpg one
tar -cf more.tar web/3.depth.jpg web/3.png web/3.jpg
is "archive: the plain KEY.jpg is the image, not KEY.depth.jpg or KEY.png" \
	"$(decode more.tar 2>err | records image | body)" "$(decode one | records image | body)"
like "archive: images that are not that of their sample are counted" "$(cat err)" \
	"*2 images of archives are not the image of their sample*the first: web/3.depth.jpg (skipped)*"
status "archive: further images with --strict: exit 1" 1 decode --strict more.tar
status "archive: further images with --on-error fail: exit 65" 65 decode -e fail more.tar
status "archive: further images where the member is named, --strict: exit 0" 0 decode --strict --image-member jpg \
	more.tar
tar -cf more.tar web/1.jpg web/3.jpg
status "--image-member that no sample has: exit 66" 66 decode --image-member webp more.tar
tar -cf more.tar web/1.jpg web/3.jpg web/3.png; tar -rf more.tar web/1.jpg
is "archive: a member that occurs twice is one record" \
	"$(decode --image-member jpg more.tar 2>err | records key | body)" "'web/1'
'web/3'"
like "archive: a member that occurs twice is counted" "$(cat err)" \
	"*1 images of archives have the key of an earlier one*web/1.jpg*"
tar -cf a.tar web/1.jpg; tar -cf b.tar web/3.jpg; cat a.tar b.tar >joined.tar
is "archive: joined archives are read whole" "$(tscae-decode --strict joined.tar 2>err | records key | body)" "'web/1'
'web/3'"
like "archive: joined archives are counted" "$(cat err)" "*1 joined archives (the first: joined.tar)"
(cat a.tar; echo rest) >joined.tar
status "archive: other bytes after the end, --strict: exit 1" 1 decode --strict joined.tar
like "archive: other bytes after the end are counted" "$(cat "$tmp/stderr")" \
	"*1 archives have other bytes after their end*"
mkdir -p web/__MACOSX; echo x >web/._1.jpg; echo x >web/__MACOSX/1.jpg; echo x >web/.DS_Store
tar -cf mac.tar web/._1.jpg web/__MACOSX/1.jpg web/.DS_Store web/1.jpg
is "archive: files of the system (._*, __MACOSX, .DS_Store) are no members" \
	"$(decode -e fail --strict mac.tar | records key | body)" "'web/1'"
for n in 000 001 002; do cp $g web/$n.jpg; done; echo 2 >web/000.cls; echo 0 >web/001.cls; echo 1 >web/002.cls
tar -cf apart.tar web/00?.jpg web/00?.cls
is "--labels cls: classes after all images" \
	"$(decode --labels cls --strict apart.tar | records class | body | tr '\n' ' ')" "2 0 1 "
tar -cf part.tar web/00?.jpg web/001.cls
status "--labels cls: images without a class, --strict: exit 1" 1 decode --labels cls --strict part.tar
like "--labels cls: images without a class are counted" "$(cat "$tmp/stderr")" \
	"*2 images have no class, the first: web/000.jpg*"
echo ' dog ' >web/000.cls; printf 'cat\r\n' >web/001.cls; echo 7 >web/002.cls; tar -cf words.tar web/00?.jpg web/00?.cls
like "--labels cls: words are class names" "$(decode --labels cls words.tar | records class | tr '\n' ' ')" \
	"*classes=?'7', 'cat', 'dog'?*2 1 0 "
echo '{"a": {"label": 9}, "label": "cat"}' >web/000.json; echo '{"label": "dog", "kind": 3}' >web/001.json
echo '{"label": null}' >web/002.json; tar -cf json.tar web/00?.jpg web/00?.json
like "--labels json: the field of KEY.json is the class" \
	"$(decode --labels json json.tar 2>/dev/null | records class | tr '\n' ' ')" "*classes=?'cat', 'dog'?*0 1 - "
like "--class-field names another field" \
	"$(decode --labels json --class-field kind json.tar 2>/dev/null | records class | body | tr '\n' ' ')" "- 3 - "
echo '{"label": ' >web/000.json; tar -cf json.tar web/00?.jpg web/00?.json
status "--labels json: a malformed object: exit 65" 65 decode --labels json json.tar
like "--labels json: the message names image, member and byte" "$(cat "$tmp/stderr")" \
	"*json.tar: web/000.jpg: its member 'json': byte *"
echo -2 >web/000.cls; echo 1 >web/001.cls; echo 1 >web/002.cls; tar -cf minus.tar web/00?.jpg web/00?.cls
status "--labels cls: a negative number: exit 65" 65 decode --labels cls minus.tar
status "classes that are not asked for are not read" 0 decode --strict minus.tar
rm web/00?.* web/3.*; tar -cf web.tar web/1.jpg web/1.cls web/2.left.JPG web/2.json

printf 3 >web/2.cls; tar -cf cls.tar web/2.cls web/2.left.JPG web/1.jpg web/1.cls
is "--labels cls: the class may come before or after its image" \
	"$(decode --labels cls cls.tar | records key class | tr '\n' ' ')" "$(printf "%s " "$(decode --labels cls \
		cls.tar | records key class | sed -n 1p)")'web/2' 3 'web/1' $(cat web/1.cls) "
printf 'x\ny' >web/1.cls; tar -cf bad.tar web/1.jpg web/1.cls
status "--labels cls: a class of two lines: exit 65" 65 decode --labels cls bad.tar
like "--labels cls: the message names the member" "$(cat "$tmp/stderr")" \
	"*bad.tar: web/1.jpg: its member 'cls': not a class*"
tar -cf none.tar web/1.jpg; status "--labels cls: an archive without classes: exit 65" 65 decode --labels cls none.tar
echo 2 >web.tar.count; status "ARCHIVE.count equal to the number of images: exit 0" 0 decode web.tar
echo 3 >web.tar.count; status "ARCHIVE.count other than the number of images: exit 65" 65 decode web.tar
rm web.tar.count
status "--count equal to the number of images: exit 0" 0 decode --count 2 web.tar
status "--count other than the number of images: exit 65" 65 decode --count 3 web.tar
head -c $(($(stat -c %s s.tar) / 2 / 512 * 512 + 100)) s.tar >cut.tar
status "an archive cut within a member: exit 65" 65 decode cut.tar
like "an archive cut within a member: the message has the byte offset" "$(cat "$tmp/stderr")" \
	"*cut.tar: cut short*byte*"
tar -cf one.tar web/1.jpg; head -c $((512 + ($(stat -c %s web/1.jpg) + 511) / 512 * 512)) one.tar >cut.tar
status "--strict: an archive cut between members: exit 1" 1 decode --strict cut.tar
status "--on-error fail: an archive cut between members: exit 65" 65 decode --on-error fail cut.tar
status "--count accepts an archive without end blocks: exit 0" 0 decode --strict --count 1 cut.tar

# archives from a pipe
fields() { records key index image | body; }
decode s.tar | fields >a
for how in 'decode -' 'decode' 'decode -T -' 'decode <(cat)'; do
	is "a tar from a pipe, $how: the records of the file" "$(cat s.tar | eval "$how" | fields | cksum)" \
		"$(cksum <a)"
done
is "a tar archive as standard input, from a regular file: the records of the file" \
	"$(decode - <s.tar | fields | cksum)" "$(cksum <a)"
is "a tar archive without ustar mark from a pipe: the records of the file" \
	"$(tar --format=v7 -cf - $g | decode - | records key | body)" "'${g%.JPEG}'"
is "a list of names from a pipe is read as a list" \
	"$(cat names | decode - | fields | cksum)" "$(decode p | fields | cksum)"
is "a list of one short name from a pipe" "$(echo $g | decode | records key | body)" "'$g'"
for t in 1 2 4; do cat s.tar | TSCAE_THREADS=$t decode --shuffle-buffer 5 --seed 3 - >buffer-$t; done
same "--shuffle-buffer: 1 and 2 threads, the same bytes" buffer-1 buffer-2
same "--shuffle-buffer: 1 and 4 threads, the same bytes" buffer-1 buffer-4
is "--shuffle-buffer: every image once" "$(records key image <buffer-1 | body | sort | cksum)" \
	"$(decode s.tar | records key image | body | sort | cksum)"
ok "--shuffle-buffer: another order" test "$(records key <buffer-1)" != "$(decode s.tar | records key)"
is "--shuffle-buffer: an image comes at most N - 1 records early" \
	"$(records key <buffer-1 | body \
			| awk 'NR == FNR { at[$1] = NR; next } at[$1] - FNR > 4' \
				<(decode s.tar | records key | body) -)" ""
is "a tar archive from a pipe: --limit ends the sequence" "$(cat s.tar | decode --limit 3 - | records key | body)" \
	"$(decode --limit 3 s.tar | records key | body)"
size=$(stat -c %s s.tar); last=$(decode s.tar | records key | body | wc -l); bad=
for n in 700 $((size / 3)) $((size / 2 / 512 * 512)) $((size / 2 / 512 * 512 + 100)); do
	head -c $n s.tar | tscae-decode -q - >cut.tsc 2>err
	[ $? = 65 ] && tscae-view --check cut.tsc >/dev/null 2>&1 && bad="$bad $n"
	grep -q 'standard input: .*byte' err || bad="$bad $n:$(cat err)"
done
is "a pipe: a cut archive is an error after its images, with the byte, and the stream has no end mark" "$bad" ""
at=$((512 + ($(stat -c %s web/1.jpg) + 511) / 512 * 512))
"$python" - $at <<-'EOF2'
	import sys
	member = open('one.tar', 'rb').read()[:int(sys.argv[1])]
	header = bytearray(member[:512])
	header[124:136], header[148:156] = b'77777777777\0', b' ' * 8
	header[148:156] = b'%06o\0 ' % sum(header)
	open('huge.tar', 'wb').write(member + header + member[512:])
EOF2
for input in huge.tar -; do
	status "an archive with a member of 8 GiB, $input: exit 65" 65 decode $input <huge.tar
	like "an archive with a member of 8 GiB, $input: the message has the offset of its header" \
		"$(cat "$tmp/stderr")" "*: cut short within a member, or a wrong size (header at byte $at)"
done
head -c $((size * 2 / 3)) s.tar | tscae-decode -q - 2>/dev/null | tscae-view -q - 2>/dev/null >cut
ok "a pipe: the images before the cut are delivered ($(wc -l <cut) lines of $last)" test "$(wc -l <cut)" -gt 5
(head -c $((size / 2 / 512 * 512)) s.tar; head -c 512 /dev/zero | tr '\0' x
tail -c +$((size / 2 / 512 * 512 + 513)) s.tar) | tscae-decode -q - >cut.tsc 2>err
like "a tar archive from a pipe: a damaged header or image is reported" "$? $(cat err)" "*"
for option in --shuffle "--epochs 2" "--start-index 1" "--shard 0/2" "--labels cls" "--label-table rows.txt"; do
	cat s.tar | tscae-decode -q $option - >/dev/null 2>err; is "a pipe: $option is refused: exit 2" $? 2
	like "a pipe: $option: the message has the reason" "$(cat err)" \
		"*standard input: an archive from a pipe is read once*$(set -- $option; echo "$1")*"
done
cat s.tar | tscae-decode -q - p 2>err; is "a pipe beside other operands: exit 2" $? 2
status "--shuffle-buffer of files: exit 2" 2 decode --shuffle-buffer 5 p
tar -cf more.tar web/2.left.JPG web/1.jpg; tar -rf more.tar web/1.jpg; echo x >web/._1.jpg; tar -rf more.tar web/._1.jpg
for how in more.tar '- <more.tar'; do
	is "archive, $how: repeated members, dotted names, files of the system" \
		"$(eval "tscae-decode -v $how" 2>err | records key | body | tr '\n' ' ') "\
"$(grep -c 'key of an earlier' err)" \
		"'web/2' 'web/1'  1"
done
cat more.tar | tscae-decode -q --strict - >/dev/null 2>err; is "a pipe: --strict counts what is left out: exit 1" $? 1
tar -cf none.tar rows.txt; cat none.tar | decode - 2>err >/dev/null; is "a pipe: no image: exit 66" $? 66
tar -cf void.tar -T /dev/null; gzip -k void.tar
for how in '- <void.tar' '<(cat void.tar)' void.tar.gz '- <void.tar.gz'; do
	eval "decode $how" >/dev/null 2>err; is "an empty tar archive, $how: exit 66" $? 66
	like "an empty tar archive, $how: the message" "$(cat err)" "*: an empty tar archive*"
done
status "an empty tar archive as a file: exit 66" 66 decode void.tar
is "a pipe: --count accepts an archive without end blocks" \
	"$(head -c $((512 + ($(stat -c %s web/1.jpg) + 511) / 512 * 512)) a.tar \
			| decode --count 1 - | records key | body)" "'web/1'"
cat s.tar | decode --count 1 - >/dev/null 2>&1; is "a pipe: --count of another number: exit 65" $? 65

# compressed archives: read once, as from a pipe
want=$(decode s.tar | fields | cksum)
for pack in 'gzip gz' 'zstd zst'; do
	set -- $pack; f=s.tar.$2
	command -v $1 >/dev/null || { skip "a tar compressed by $1" "$1 is not installed"; continue; }
	$1 -qc s.tar >$f
	for how in $f "- <$f" "<(cat $f)"; do
		is "a tar compressed by $1, $how: the records of the tar" \
			"$(eval "decode --strict $how" | fields | cksum)" "$want"
	done
	cp $f s.packed
	is "a tar compressed by $1 is known by its content" "$(decode s.packed | fields | cksum)" "$want"
	head -c 1000 s.tar | $1 -qc >split.$2; tail -c +1001 s.tar | $1 -qc >>split.$2
	is "a tar compressed by $1 in two parts" "$(decode split.$2 | fields | cksum)" "$want"
	(cat $f; head -c 5000 /dev/zero) >padded.$2
	is "a tar compressed by $1, with zeros after it" "$(decode padded.$2 | fields | cksum)" "$want"
	tar -cf other.tar web/1.jpg; $1 -qc other.tar | cat $f - >joined.$2
	is "two archives compressed by $1 and joined: all records, counted" \
		"$(tscae-decode joined.$2 2>err | records key | body | wc -l; grep -c '1 joined archives' err)" \
		"$(($(decode s.tar | records key | body | wc -l) + 1))
1"
	is "a tar compressed by $1: --shuffle-buffer" \
		"$(decode --shuffle-buffer 5 --seed 3 $f | records key image | body | cksum)" \
		"$(records key image <buffer-1 | body | cksum)"
	size=$(stat -c %s $f) bad=
	for n in 400 $((size / 3)) $((size / 2)) $((size - 9)) $((size - 4)) $((size - 1)); do
		head -c $n $f >cut.$2; tscae-decode -q cut.$2 >cut.tsc 2>err
		[ $? = 65 ] && ! tscae-view --check cut.tsc >/dev/null 2>&1 && grep -q "cut.$2: " err ||
			bad="$bad $n:$(cat err)"
	done
	is "a tar compressed by $1, cut: exit 65, the file is named, the stream has no end mark" "$bad" ""
	bad=
	for n in 200 $((size / 2)) $((size - 3)); do
		"$python" -c "b = bytearray(open('$f', 'rb').read()); b[$n] ^= 0x5a; open('bad.$2', 'wb').write(b)"
		tscae-decode -q bad.$2 >bad.tsc 2>err
		[ $? = 65 ] && grep -q "bad.$2" err || bad="$bad $n:$(cat err)"
	done
	is "a tar compressed by $1, a wrong byte: exit 65, the file is named" "$bad" ""
	(cat $f; echo hello) >tail.$2
	status "other bytes after a tar compressed by $1: exit 65" 65 decode tail.$2
	like "other bytes after a tar compressed by $1: the message has the byte" "$(cat "$tmp/stderr")" \
		"*tail.$2: byte $size: other bytes after the end of the $1 data"
	for option in --shuffle "--epochs 2" "--start-index 1" "--shard 0/2" "--labels cls"; do
		status "a tar compressed by $1: $option is refused: exit 2" 2 decode $option $f
	done
	like "a tar compressed by $1: the message has the remedy" "$(cat "$tmp/stderr")" \
		"*$f: a compressed archive is read once*--labels*use *that is not compressed ($1 -d)"
	status "a tar compressed by $1 beside other operands: exit 2" 2 decode $f p
	like "a tar compressed by $1 beside other operands: the message has the remedy" "$(cat "$tmp/stderr")" \
		"*must be the only input*$1 -d*cat FILE*"
	echo hello | $1 -qc >text.$2; status "a text compressed by $1: exit 65" 65 decode text.$2
	like "a text compressed by $1: the message says what to do" "$(cat "$tmp/stderr")" \
		"*text.$2: a $1-compressed file, which is not read; unpack it first*"
done

mkdir hurt; j=p/cat/images/sub0-0.jpg one=p/cat/images/sub0-2.jpg
cp $j hurt/a.jpg; head -c 1200 $j >hurt/b.jpg; cp $j hurt/c.jpg; : >hurt/d.jpg; echo no >hurt/e.jpg
tscae-decode hurt 2>err | records key index | body >a
is "damaged images are skipped, the others keep their indices" "$(cat a)" "'hurt/a.jpg' 0
'hurt/c.jpg' 2"
is "each damaged image gives a warning with its name" "$(grep -c 'hurt/[bde].jpg: .*skipped' err)" 3
like "the summary counts damaged images" "$(tail -1 err)" "*2 of 5 images, 3 skipped*"
status "--strict: a damaged image: exit 1" 1 decode --strict hurt
status "--on-error fail: a damaged image: exit 65" 65 decode --on-error fail hurt
like "--on-error fail: the message names the file" "$(cat "$tmp/stderr")" "*hurt/b.jpg: *"
is "--on-error keep keeps a damaged image" "$(decode --on-error keep hurt 2>err | records key | body)" "'hurt/a.jpg'
'hurt/b.jpg'
'hurt/c.jpg'"
like "--on-error keep warns about a damaged image" "$(cat err)" "*hurt/b.jpg: *kept*"
size=$(stat -c %s $j); mkdir cuts
for n in $(seq 0 37 $((size - 3))) $((size - 3)); do head -c "$n" $j >cuts/$n.jpg; done
is "an image cut at any byte of its pixel data is skipped" \
	"$(decode cuts 2>/dev/null | wc -c; echo "${PIPESTATUS[0]}")" "0
65"

# every pixel is there, the end is not
mkdir repaired; "$python" "$root/tests/images.py" repaired repaired
expected=$(decode repaired/whole.png repaired/whole.jpg | records image | body)
tscae-decode repaired 2>err | records key image | body >a
is "images that lack only their end are kept, with all pixels" \
	"$(sort -u -k2 a | wc -l) $(cut -d"'" -f3 a | sort -u | sed 's/^ //' | sort)" \
		"$(set -- repaired/*; echo 2) $(echo "$expected" | sort)"
is "images that lack only their end: none is missing" "$(wc -l <a)" "$(ls repaired | wc -l)"
# newer versions of libpng do not check the checksum of badend.png's end
like "images that lack only their end: the closing line counts them and names the first" \
	"$(tail -1 err | sed 's/ 9 repaired/ 10 repaired/')" \
	"*0 skipped, 10 repaired (the first: repaired/a.png: the file ends early)*"
status "images that lack only their end, --strict: exit 1" 1 decode --strict repaired
status "images that lack only their end, --on-error fail: exit 0" 0 decode --on-error fail repaired
mkdir lost; "$python" "$root/tests/images.py" lost lost
is "a wrong checksum of the pixel data, or a missing scan, is damage" \
	"$(decode lost 2>/dev/null | wc -c; echo "${PIPESTATUS[0]}")" "0
65"
mkdir voc && cp repaired/noeoi.jpg voc && tscae-label -q -l folders -f voc --standalone | tscae-decode --records 2>err \
	>/dev/null
like "--records: repaired images are counted in the closing line" "$(tail -1 err)" \
	"*1 repaired (the first: *noeoi*: Premature end of JPEG file)*"

# further formats
pillow formats
n=$(ls f | wc -l)
is "WebP, TIFF, BMP, GIF, PNM: pixels are those of Pillow" "$(decode f | pillow decoded RGB 0 ignore 2>&1)" "$n 0"
is "WebP, TIFF, BMP, GIF, PNM with --gray: pixels are those of Pillow" \
	"$(decode --gray f | pillow decoded L 0 ignore 2>&1)" "$n 0"
is "WebP, TIFF, BMP, GIF, PNM with --size: pixels are those of Pillow" \
	"$(decode --size 24 f | pillow decoded RGB 24 ignore 2>&1)" "$n 0"
tscae-decode f 2>&1 >/dev/null | tail -1 >err
like "animations: the closing line says that only the first frame is read" "$(cat err)" \
	"*0 skipped, 8 partial (the first: f/animated-0.*: only the first of * pages or frames is read)*"
status "animations, --strict: exit 1" 1 decode --strict f/animated-0.gif
tscae-label -q -l folders -f f --standalone >f.tsc
like "--records: animations are counted" "$(tscae-decode --records f.tsc 2>&1 >/dev/null | tail -1)" \
	"*partial (the first: *only the first of * pages or frames is read)*pages or frames left out*"
mkdir pixels; "$python" "$root/tests/images.py" kinds pixels
for d in is want; do (cd pixels/$d && decode . | records key image) >pixels/$d.txt; done
is "TIFF tiles, planes, byte orders, 1 to 16 bits, ink, palettes; BMP masks and RLE; "\
"PNM text; GIF frames: $(wc -l <pixels/want.txt) files" \
	"$(diff pixels/is.txt pixels/want.txt)" ""
mkdir colors; "$python" "$root/tests/images.py" colors colors
for d in is want black; do (cd colors/$d && decode . | records key image) >colors/$d.txt; done
is "palettes with fewer colors than indices, PNG, BMP, GIF: $(wc -l <colors/want.txt) files" \
	"$(diff colors/is.txt colors/want.txt)" ""
for d in is want; do decode --channels 4 --depth 16 colors/$d/alpha*.png | records image >a.$d; done
same "palettes with fewer colors than indices and alpha: all channels" a.is a.want
status "a pixel whose palette index has no color is damage: the images are skipped, exit 65" 65 tscae-decode colors/lost
is "a pixel whose palette index has no color: index and number of colors of each image" \
	"$(sed -nE 's|.*colors/lost/(.*\(skipped\))|\1|p' "$tmp/stderr" |
		sed 's/: pixels have the palette index//; s/, but .* has//; s/ colors.*//' | sort | xargs)" \
	"2False.png 3 3 2True.png 3 3 8.bmp 25 25 8False.png 25 25 8True.png 25 25 False.gif 16 16 True.gif 16 16 $(
		)alphaFalse.png 25 25 alphaTrue.png 25 25 rle8.bmp 25 25"
(cd colors/lost && decode --on-error keep . 2>/dev/null | records key image) >colors/lost.txt
is "a pixel whose palette index has no color, --on-error keep: it is black" \
	"$(diff colors/lost.txt colors/black.txt)" ""
mkdir partial; "$python" "$root/tests/images.py" cuts partial
tscae-decode partial >partial.tsc 2>err
records key image <partial.tsc | body >a
for d in partial/*; do
	s=${d#partial/}; good=$(find $d -name '*-good*' | wc -l)
	is "$s: whole images after each cut one decode, and cut ones are skipped or have all pixels" \
		"$(grep "^'$d/" a | cut -d"'" -f3 | sort -u | wc -l) $(grep -c "^'$d/.*-good" a) "\
"$(grep -c "^'$d/whole" a)" \
		"1 $good 1"
done
mkdir other; "$python" "$root/tests/images.py" unread other
status "formats that are not read, and nothing else: exit 65" 65 tscae-decode other
is "formats that are not read: each is named and counted as skipped" \
	"$(grep -c 'is not read.*(skipped)' "$tmp/stderr") $(grep -c '(skipped)' "$tmp/stderr") "\
"$(grep -o '[0-9]* skipped' "$tmp/stderr")" "19 25 25 skipped"
mkdir -p only/cat only/bird; cp $j only/cat; cp other/b.heic only/bird
tscae-decode --labels dirs only 2>err | records key | sed -n 1p >a
like "a class whose images are not read stays a class" "$(cat a)" "*'bird', 'cat'*"
like "an image that is not read is named" "$(cat err)" "*only/bird/b.heic: HEIC is not read*1 of 2 images, 1 skipped*"

# channels and depth
mkdir deep; "$python" "$root/tests/images.py" deep deep
for c in 1 2 4 5 16; do
	files=$(ls deep/$c.*)
	is "--channels $c --depth 16: all bits of all channels" \
		"$(decode --channels $c --depth 16 $files | "$python" "$root/tests/images.py" deep-check $c)" \
			"$(echo $files | wc -w) 0"
	is "$c channels of 16 bits through tscae-crop at their size: unchanged" \
		"$(decode --channels $c --depth 16 $files | tscae-crop -q --mode stretch --size 32x24 \
			| "$python" "$root/tests/images.py" deep-check $c)" \
			"$(echo $files | wc -w) 0"
done
is "--depth 16 of 8-bit images: samples times 257" \
	"$(decode --depth 16 $one | tscae-view -q --stats image | cut -f4,5)" \
		"$(decode $one | tscae-view -q --stats image \
				| awk -F'\t' 'NR == 1 { print $4 "\t" $5 } NR > 1 { print $4 * 257 "\t" $5 * 257 }')"
decode --size 24 p/ant >narrow.tsc; decode --depth 16 --size 24 p/ant >wide.tsc
is "--depth 16 --size: 257 times the values of 8 bits, but for their rounding" \
	"$("$python" "$root/tests/images.py" deep-near narrow.tsc,wide.tsc)" "$(ls p/ant | wc -l) 0"
status "--channels 4 of images with 3: each is skipped, exit 65" 65 decode --channels 4 $j
like "--channels 4 of images with 3: the message has both numbers" "$(cat "$tmp/stderr")" \
	"*the image has 3 channels, not 4*"
status "5 channels without --channels: skipped" 65 decode deep/5.tif
like "5 channels without --channels: the message names the option" "$(cat "$tmp/stderr")" \
	"*5 channels that are not gray or RGB; use --channels 5*"
status "--depth 12: exit 2" 2 decode --depth 12 $j
for c in 1 4; do
	decode --channels $c --depth 16 deep/$c.tif | tscae-crop -q --size 16 --seed 1 | tscae-mask -q --patch 8 | \
		tscae-view -q --sheet deep-$c.png
	ok "$c channels of 16 bits: cropped, masked and drawn" test -s deep-$c.png
done
decode --channels 4 --depth 16 deep/4.tif >deep.tsc
status "tscae-augment refuses 16 bits: exit 65" 65 tscae-augment -q deep.tsc
status "tscae-degrade refuses 16 bits: exit 65" 65 tscae-degrade -q deep.tsc

mkdir window; "$python" "$root/tests/images.py" window window
is "a PNG whose zlib header names too small a window has the right pixels" \
	"$(decode window/small.png | records image | body)" "$(decode window/whole.png | records image | body)"
mkdir texts; "$python" "$root/tests/images.py" texts texts
"$python" "$root/tests/peak.py" tscae-decode -q texts/texts.png >texts.tsc 2>err
is "a PNG with long compressed texts has the right pixels" "$(records image <texts.tsc | body)" \
	"$(decode texts/plain.png | records image | body)"
peak=$(sed -n 's/^peak \([0-9]*\).*/\1/p' err)
ok "a PNG with 280 MiB of compressed texts: they are not unpacked (peak memory $peak MiB)" test "$peak" -lt 200
status "a missing operand: exit 66" 66 decode p nowhere
mkfifo pipe.tar && status "a pipe as an archive: exit 66" 66 decode pipe.tar
status "an empty list of names: exit 66" 66 decode --files-from /dev/null
status "--max-pixels exceeded: exit 1" 1 decode --strict --max-pixels 100 $j $one
status "--max-expansion exceeded: exit 1" 1 decode --strict --max-expansion 0.1 $j $one
status "--max-scans exceeded: exit 1" 1 decode --strict --max-scans 2 p/cat/images/sub0-1.jpg $one
status "--max-memory exceeded: exit 1" 1 decode --strict --max-memory 9000 $j $one
like "--max-memory exceeded: the message has both numbers" "$(cat "$tmp/stderr")" \
	"*64x48 pixels need 9216 bytes of memory, which exceeds the limit of 9000 (--max-memory)*"
for t in 1 4; do TSCAE_THREADS=$t tscae-decode --max-memory 30000 p f >memory-$t 2>err-$t; records key image \
	<memory-$t | body >keys-$t; done
same "--max-memory: 1 and 4 threads decode the same images" keys-1 keys-4
ok "--max-memory: some images are within the limit, some are not" \
	test -s keys-1 -a "$(wc -l <keys-1)" -lt $((total + n))
status "--max-bytes exceeded: exit 1" 1 decode --strict --max-bytes 1000 $j $one
(decode p >/dev/full) 2>/dev/null; is "tscae-decode: output to a full disk: exit 74" $? 74
status "--shard 3/3: exit 2" 2 decode --shard 3/3 p
mkdir -p loop/a; cp $j loop/a; ln -s .. loop/a/up; ln -s a loop/b
is "links to folders are followed, a cycle of links ends" "$(decode loop | records key | body)" "'loop/a/sub0-0.jpg'
'loop/b/sub0-0.jpg'"

# what cannot be opened in a folder: each is skipped, counted and, with --strict or --on-error fail, an error
bare() { rm -rf bare && mkdir -p bare/m && cp $j bare/m/x.jpg && cp $j bare/z.jpg; }
# bad WHAT NAME REASON: one entry of the folder bare, made before, cannot be opened
bad() {
	tscae-decode bare >bare.tsc 2>err
	is "$1: exit 0" $? 0
	is "$1: the images are decoded" "$(records key index <bare.tsc | body)" "'bare/m/x.jpg' 0
'bare/z.jpg' 1"
	is "$1: one warning names it" \
		"$(grep -c "1 links and subfolders cannot be opened, the first: $2.*: $3 (skipped)" err)" 1
	like "$1: the closing line counts it" "$(tail -1 err)" "*2 of 2 images, 1 skipped*"
	status "$1: --strict: exit 1" 1 decode --strict bare
	status "$1: --on-error fail: exit 66" 66 decode --on-error fail bare
	like "$1: --on-error fail: the message names it" "$(cat "$tmp/stderr")" "*$2*: $3"
}
bare; ln -s nowhere bare/a.jpg; bad "a dangling link" bare/a.jpg "No such file or directory"
bare; ln -s a.jpg bare/a.jpg; bad "a link to itself" bare/a.jpg "Too many levels of symbolic links"
bare; ln -s x.jpg/y bare/m/a; bad "a link through a file" bare/m/a "Not a directory"
bare; deep=$(printf 'd%.0s' $(seq 1 200))
(cd bare && for _ in $(seq 1 22); do mkdir $deep && cd -P $deep || exit; done; cp "$tmp/$j" .)
bad "a path over PATH_MAX" "bare/$deep" "File name too long"
# root reads every folder, but not without its capabilities
[ "$(id -u)" = 0 ] && drop="setpriv --bounding-set=-all --inh-caps=-all" || drop=env
bare; mkdir -m 0 bare/lost+found
if $drop true 2>/dev/null && ! $drop ls bare/lost+found 2>/dev/null; then
	tscae-decode() { $drop "$bin/tscae-decode" "$@"; }
	bad "an unreadable subfolder" bare/lost+found "Permission denied"
	status "an operand that cannot be opened: exit 66" 66 decode p bare/lost+found
	unset -f tscae-decode
else
	skip "an unreadable subfolder" "root without setpriv"
fi
chmod 700 bare/lost+found
rm -rf bare; mkdir bare; for name in c b a; do ln -s nowhere bare/$name.jpg; done
status "nothing but dangling links: exit 66" 66 decode bare
like "nothing but dangling links: the message names the first by name" "$(cat "$tmp/stderr")" \
	"*3 links and subfolders cannot be opened, the first: bare/a.jpg: No such file or directory*bare: no images*"
status "an operand that is a dangling link: exit 66" 66 decode p bare/a.jpg

# --crop: the header and the records of the pipe
crop() {
	local from=$1 options=$2
	shift 2
	decode "$@" "$from" | tscae-crop -q $options >by-pipe
	decode -t 3 --crop "$options" "$@" "$from" >at-once
	records key epoch index class image crop flip transform source_size placed <by-pipe >a
	records key epoch index class image crop flip transform source_size placed <at-once >b
	for f in by-pipe at-once; do tscae-view -H $f | grep -v '^history' >head-$f; done
	same "--crop '$options' $*: the records of tscae-crop" a b
	same "--crop '$options' $*: the header of tscae-crop" head-by-pipe head-at-once
}
crop p "--size 24 --scale 0.3,1 --seed 5" --shuffle --epochs 2
crop p "-S 40x24 --mode jitter --interpolation bilinear" --gray
crop turned "--mode center -S 16 --resize 20" --exif apply
crop p "" --labels dirs
crop hurt "-S 16" --on-error keep --shard 0/2 2>/dev/null
status "--crop with --dct-scale: exit 2" 2 decode --crop "-S 16" --dct-scale p
decode --crop "-S 16 --seed 1" p | tscae-crop -q -S 12 --seed 1 | records image >a
decode p | tscae-crop -q -S 16 --seed 1 | tscae-crop -q -S 12 --seed 1 | records image >b
same "--crop: a later crop draws the numbers it draws after tscae-crop" a b
status "--crop with --size: exit 2" 2 decode --crop "-S 16" --size 20 p
status "--crop with --records: exit 2" 2 decode --records --crop "-S 16" p
status "--crop with an unknown option: exit 2" 2 decode --crop "--sise 16" p
like "--crop with an unknown option: the message names it" "$(cat "$tmp/stderr")" "*--crop: *sise*"
status "--crop with an operand: exit 2" 2 decode --crop "16" p
status "--crop with an invalid size: exit 2" 2 decode --crop "-S 0" p

is "the closing line counts the images from --start-index on" \
	"$(tscae-decode --start-index 2 --limit 3 p 2>&1 >/dev/null | grep -o ': 3 of [0-9]* images')" ": 3 of 3 images"
is "the closing line counts the images of a shard from --start-index on" \
	"$(tscae-decode --start-index 3 --limit 4 --shard 1/2 p 2>&1 >/dev/null | grep -o ': 2 of [0-9]* images')" \
	": 2 of 2 images"
status "--dct-scale without --size: exit 2" 2 decode --dct-scale p
status "--labels with --label-table: exit 2" 2 decode --labels dirs --label-table rows.txt p
status "--records with --image-member: exit 2" 2 decode --records --image-member png p
done_testing
