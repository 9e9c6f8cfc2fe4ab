#!/bin/bash
# decode.sh - images/s per core against a libjpeg loop, djpeg, Pillow, OpenCV and torchvision, and the whole pipe to a
# trainer against torchvision's loader with 4 workers
#
# Images/s per core are images divided by seconds of processor time of all processes, with reading and writing. The
# other programs decode the same images, from memory if they can. 64x64 and 500x375 are images of the data packs if
# these exist (tiny-imagenet-100, voc2012-100: 334 to 500 pixels in size), else synthetic ones, which a libjpeg loop
# decodes much faster. SPAN: seconds of every loop.
. "${0%/*}/lib.sh"
SPAN=${SPAN:-$(quick 0.1 2)}
sizes=${SIZES:-$(quick '64x64 500x375' '64x64 500x375 1920x1080')}
loaders="'$PYTHON' '$root/tests/bench/loaders.py'"
kinds=
for kind in PIL cv2 torchvision; do
	has $kind && kinds="$kinds ${kind/PIL/pil}" || skipped $kind "$PYTHON does not have this module"
done
command -v djpeg >/dev/null || skipped djpeg "it is not installed (Debian: libjpeg-turbo-progs)"

number() { case $1 in 64x64) quick 200 4000 ;; 500x375) quick 20 100 ;; *) quick 4 24 ;; esac; }
times() { case $1 in 64x64) quick 2 10 ;; 500x375) quick 2 20 ;; *) quick 1 4 ;; esac; }
# sample COUNT SIZE: print a folder with train/CLASS of that many images (links, repeated if the pack has fewer),
# which is made once
sample() {
	local to=$tmp/sample-$1-$2 pack= from i=0 file
	case $2 in 64x64) pack=tiny-imagenet-100 ;; 500x375) pack=voc2012-100 ;; esac
	if [ -z "$shared" ] || [ -z "$pack" ]; then
		images "$1" "$2"
		return
	fi
	if [ ! -d "$to" ]; then
		from=$(unpack "$pack") && mkdir -p "$to/train/some" || exit 1
		find "$from" -name '*.jpg' -o -path '*/train/*' -name '*.JPEG' | sort >"$tmp/names"
		while [ "$i" -lt "$1" ]; do
			while [ "$i" -lt "$1" ] && read -r file; do
				ln "$file" "$to/train/some/$((i++)).jpg" || exit 1
			done <"$tmp/names"
		done
	fi
	echo "$to"
}
# core COUNT COMMAND: images per second of processor time of a command line
core() { "$bench/meter" 1 bash -c "set -o pipefail; $2" | awk -v n="$1" '{ print n / $2 }'; }

table "Only decoding (images/s of one core; ratio: tscae to the other program)" tscae other
for size in $sizes; do
	n=$(number "$size") folder=$(sample "$(number "$size")" "$size") repeats=$(times "$size")
	find "$folder" -name '*.jpg' >"$tmp/some"
	commands=("ours" "core $((n * repeats)) \"tscae-decode -q -t 1 --epochs $repeats '$folder' >/dev/null\""
		"loop" "'$bench/jpeg_loop' 1 $SPAN \$(cat '$tmp/some')")
	tar -C "$folder" -cf "$tmp/shard.tar" . || exit 1
	commands+=("shard" \
		"core $((n * repeats)) \"tscae-decode -q -t 1 --epochs $repeats '$tmp/shard.tar' >/dev/null\"")
	if command -v djpeg >/dev/null; then
		few=$((n < 100 ? n : 100))
		commands+=("djpeg" \
			"core $few \"head -n $few '$tmp/some' | while read -r f; do djpeg \\\"\\\$f\\\"; done\"")
	fi
	for kind in $kinds; do
		commands+=("$kind" "$loaders decode $kind 0 0 $SPAN \$(cat '$tmp/some')")
	done
	alternate "${commands[@]}"
	row "$size: libjpeg loop, tscae from a folder" "$(over ours loop)" 0.95 "$(middle ours)" "$(middle loop)"
	row "$size: libjpeg loop, tscae from a tar shard" "$(over shard loop)" - "$(middle shard)" "$(middle loop)"
	for kind in djpeg $kinds; do
		[ -f "$tmp/$kind.rows" ] && row "$size: $kind" "$(over ours "$kind")" - "$(middle ours)" \
			"$(middle "$kind")"
	done
	forget
done

table "Decoding, resizing and center crop (images/s of one core)" tscae other
for size in $sizes; do
	n=$(number "$size") folder=$(sample "$(number "$size")" "$size") repeats=$(times "$size")
	find "$folder" -name '*.jpg' >"$tmp/some"
	for side in 64 $(quick '' 224); do
		for scaled in 0 1; do
			# scaled: a smaller decoded image takes less time to resize
			decode="tscae-decode -q -t 1 --epochs $repeats $([ $scaled = 0 ] ||
				echo "--size $side --dct-scale") '$folder'"
			commands=("ours" \
				"core $((n * repeats)) \
				\"$decode | tscae-crop -q -t 1 --mode center --size $side >/dev/null\"")
			for kind in $kinds; do
				[ $scaled$kind = 1torchvision ] ||
					commands+=("$kind" \
					"$loaders decode $kind $side $scaled $SPAN \$(cat '$tmp/some')")
			done
			alternate "${commands[@]}"
			for kind in $kinds; do
				[ -f "$tmp/$kind.rows" ] &&
					row "$size to $side, DCT scaling $([ $scaled = 0 ] && echo off ||
					echo on): $kind" "$(over ours "$kind")" - "$(middle ours)" "$(middle "$kind")"
			done
			forget
		done
	done
done

table "Pipe to a trainer: random crop, flip, mask (images/s, all cores) against ImageFolder + DataLoader, 4 workers" \
	tscae loader
# through SIZE CROP_SIZE PATCH COUNT EPOCHS CROP: images/s of the whole pipe; CROP: --crop, or empty for tscae-crop
through() {
	local decode="tscae-decode -q --shuffle --epochs $5 '$(sample "$4" "$1")'" crop="--size $2"
	"$bench/meter" 1 bash -c "set -o pipefail; $decode $([ -n "$6" ] && echo "--crop '$crop'" ||
		echo "| tscae-crop -q $crop") $([ "$3" = 0 ] || echo "| tscae-mask -q --patch $3") >/dev/null" |
		awk -v n=$(($4 * $5)) '{ print n / $1 }'
}
while read -r size side patch n epochs rate ratio; do
	folder=$(sample "$n" "$size")
	commands=("pipe" "through $size $side $patch $n $epochs ''" "inside" \
		"through $size $side $patch $n $epochs --crop")
	case $kinds in *torchvision*) commands+=("loader" "$loaders loader $side 4 '$folder/train'") ;; esac
	alternate "${commands[@]}"
	mask=$([ "$patch" = 0 ] || echo " | mask")
	for way in pipe inside; do
		what="$size: decode $([ $way = pipe ] && echo "| crop" || echo --crop) $side$mask"
		row "$what" "$(middle $way)" "$rate" "$(middle $way)" - "images/s"
		[ -f "$tmp/loader.rows" ] && row "$what, against the loader" "$(over $way loader)" "$ratio" \
			"$(middle $way)" "$(middle loader)"
	done
	forget
done <<-EOT
	500x375 224 0 $(quick 20 2000) $(quick 1 3) 3500 4.6
	64x64 64 8 $(quick 200 10000) $(quick 2 5) 60000 9
EOT
told "SPAN=$SPAN SIZES='$sizes'"
