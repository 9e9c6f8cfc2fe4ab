#!/bin/bash
# families.t - each family of published models: imported features equal those of an independent forward pass in float64
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
families() { "$python" "$root/tests/families.py" "$@"; }
cd "$tmp" || exit 1
for size in 32 48; do
	families images color.$size $size; families images gray.$size $size gray
	tscae-decode -q color.$size >color.$size.tsc; tscae-decode -q --gray gray.$size >gray.$size.tsc
done
"$python" -c 'import msgpack' 2>/dev/null && msgpack=1 || msgpack=
while read -r name kind class options; do
	families make "$name" "$name"
	case $name in classifier*) scores=${msgpack:+scores} ;; *) scores= ;; esac
	ok "$name: imported" tscae-import -q $options -o "$name.safetensors" "$name"
	for size in 32 48; do
		for pool in mean patches $class; do
			[ "$pool" = none ] && continue
			tscae-embed -d -q -m "$name.safetensors" --pool "$pool" --npy "got.$size.$pool.npy" \
				$kind.$size.tsc >/dev/null
		done
		[ -z "$scores" ] || { tscae-classify -q -m "$name.safetensors" $kind.$size.tsc >scores.tsc &&
			"$python" "$root/tests/reference.py" field scores.tsc class_score "got.$size.scores.npy"; }
	done
	ok "$name: features of images of 32 and 48 pixels equal the reference to 2e-5" \
		families check "$name" got $scores
	rm -f got.*
done < <(families list)
[ -n "$msgpack" ] || skip "scores of classifiers" "python3-msgpack is not installed"
done_testing
