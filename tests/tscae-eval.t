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

if [ -z "$shared" ]; then
	skip "published figures" "../shared is not there"
else
	pack=$(unpack det-metrics)
	operands=("$pack/cocoapi/annotations/instances_val2014_100.json" "$pack/cocoapi/results/instances_val2014_fakebbox100_results.json")
	twelve "COCO's demo" 0.5045806987249628 0.6969727247299577 0.5729816669904824 0.5856257209410443 0.519400 0.5013978986347466 \
		0.38681277964578054 0.5936795762842003 0.595353 0.6398109626113442 0.566421 0.5642905982905982
fi
done_testing
