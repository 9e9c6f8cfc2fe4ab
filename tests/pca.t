#!/bin/bash
# pca.t - tscae-view --pca: principal components of patch features as colors, against numpy; attention over images
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1
python=/usr/bin/python3
pca() { PYTHONPATH=$root/tests $python "$root/tests/pca.py" "$@"; }
draw() { tscae-view -q --pca --scale 4 --sheet "$1.png" "$1.tsc"; }
$python -c 'import numpy, PIL, msgpack' 2>/dev/null ||
	skip_all "python3-numpy, python3-pil or python3-msgpack is not installed"
pca make || exit 1

# near NAME STREAM: the colors of all patches on the sheet are those of numpy, up to 1 of 255
near() {
	local got
	draw "$2" 2>"$tmp/stderr" && got=$(pca colors "$2")
	ok "$1 (difference ${got:=none})" test "$got" -le 1
}
near "colors agree with numpy: correlated features, images and patches of several sizes" decay
near "colors agree with numpy: white noise, with eigenvalues close together" noise
near "colors agree with numpy: fewer values than the columns of the iteration" narrow
near "colors agree with numpy: values of 1e15" large
near "colors agree with numpy: values of 1e-30" tiny
near "colors agree with numpy: a mean of 1000" far
near "colors agree with numpy: a patch of values 50 times as large" spike
near "colors agree with numpy: loadings of equal size" tie
near "colors agree with numpy: two patches that differ, the others equal but for rounding" speck
is "no warning if there are three components" "$(draw decay 2>&1)" ""

# common axes
draw decay; draw reversed; draw twice
for i in 0 1 2 3; do
	is "image $i has equal colors in a sheet of another order" "$(pca image decay $i)" \
		"$(pca image reversed $((3 - i)))"
done
is "the same image twice has equal colors" "$(pca image twice 2)" "$(pca image twice 4)"
ok "images of one sheet differ" test "$(pca image decay 0)" != "$(pca image decay 3)"
tscae-view -q --pca --limit 1 --scale 4 --sheet first.png decay.tsc
ok "components are fitted to the records of the sheet only" test "$(cksum <first.png)" != "$(cksum <decay.png)"

# degenerate features have defined colors: 128 without variance; --strict makes it exit 1
for row in constant:0 zero:0 single:0 one:1 tie:1 two:2 plane:2 rare:2; do
	name=${row%:*}
	near "colors are defined: $name" "$name"
	like "$name: the warning has the number of components" "$(cat "$tmp/stderr")" "*in ${row#*:} of 3 components*"
	status "$name: --strict: exit 1" 1 tscae-view -q --strict --pca --sheet strict.png $name.tsc
	ok "$name: --strict: the sheet is complete" test -s strict.png
	rm -f strict.png
done
is "without variance all patches are gray" "$(pca image constant 0 | sort -u)" "128 128 128"
is "of one direction green and blue are constant" "$(pca image one 0 | cut -d' ' -f 2- | sort -u)" "128 128"
status "--strict with three components: exit 0" 0 tscae-view -q --strict --pca --sheet strict.png decay.tsc

# refused, with file, record and field
for row in nan:"record 1 (bad.png)*'feature'*not finite" inf:"record 1 (bad.png)*'feature'*not finite" \
	pooled:"*'feature'*--pool patches" without:"*no patch features*--pool patches" type:"*'feature'*U8" \
	text:"*'feature'*" models:"record 1 (b.png)*24 values*48" count:"*63 patches*64 x 64" \
	oblong:"*32 patches*64 x 64" empty:"*no patches" nothing:"*0 values" wide:"*8193 values" \
	alone:"*'image'*--drop-image"; do
	name=${row%%:*}
	status "refused: $name: exit 65" 65 tscae-view -q --pca --sheet bad.png $name.tsc
	like "refused: $name: the message has file, record and reason" "$(cat "$tmp/stderr")" "*$name.tsc: *${row#*:}*"
done
ok "a refused record writes no sheet" test ! -e bad.png
status "the sheet is drawn without --pca: exit 0" 0 tscae-view -q --sheet nan.png nan.tsc
status "--pca without --sheet: exit 2" 2 tscae-view --pca decay.tsc
status "--strict without --pca or --yolo: exit 2" 2 tscae-view --strict --sheet x.png decay.tsc

# attention over the image
tscae-view -q --pca --scale 4 --sheet heads.png heads.tsc
is "attention is blended with the gray image, in the colors of its formula" "$(pca attention heads)" 0
status "rows and columns come from the attention if there is no image" 0 tscae-view -q --pca --sheet blind.png blind.tsc
is "without image: components of 3 rows and 5 columns, and attention" \
	"$($python -c 'from PIL import Image
p = Image.open("blind.png").convert("RGB"); print(len({p.getpixel((13 + x, 31 + y))
    for x in range(0, 125, 26) for y in range(0, 75, 26)}))')" 15

# an encoder: any number of threads, one process or a pipe
tscae-synth -q --count 6 -S 48x32 --val-ratio 0 --seed 2 -o voc
tscae-decode -q voc/JPEGImages | tscae-crop -q --mode center --size 32x48 >images.tsc
tscae-crop -q --mode center --size 32 images.tsc | tscae-mask -q --patch 8 |
	tscae-train -q -o run model=micro image=32 patch=8 depth=2 batch=6 steps=1
for t in 1 3; do
	tscae-embed -q -t $t -m run --pool patches --attention images.tsc |
		tscae-view -q --pca --heads --columns 2 --sheet embed$t.png
done
ok "features of tscae-embed: a sheet" test -s embed1.png
same "features of tscae-embed: the same sheet with 1 and 3 threads" embed1.png embed3.png

# a crop moves the pixels away from their patches
tscae-embed -q -m run --pool patches images.tsc | tscae-crop -q --mode center --size 24 >cropped.tsc
tscae-view -q --header cropped.tsc >fields
is "tscae-crop drops the features of patches" \
	"$(grep -c '^field.image' fields) $(grep -c '^field.feature' fields)" "1 0"
tscae-embed -q -m run images.tsc | tscae-crop -q --mode center --size 24 | tscae-view -q --json >whole.json
like "tscae-crop keeps the feature of an image" "$(head -1 whole.json)" '*"feature"*'
done_testing
