#!/bin/bash
# pipe.sh - GB/s of decoded pictures through three processes that take every record apart, beside cat | cat | cat of
# the same bytes: alternating, median of ROUNDS (7) each
. "${0%/*}/../lib.sh"
rounds=${ROUNDS:-7}
stream=$B/tests/stream
[ -d /dev/shm ] && [ -w /dev/shm ] && data=$(mktemp /dev/shm/tscae-pipe.XXXXXX) || data=$tmp/data
trap 'rm -rf "$tmp" "$data"' EXIT

now() { date +%s.%N; }
run_cat() { cat "$data" | cat | cat >/dev/null; }
run_stream() { "$stream" pass <"$data" | "$stream" pass | "$stream" pass >/dev/null; }
run_mask() { tscae-mask -q -p 16 "$data" | "$stream" pass | "$stream" pass >/dev/null; }
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

echo "records          MB  cat|cat|cat    three readers and writers    tscae-mask first   (GB/s, median of $rounds; share of cat)"
for side in 64 224; do
	count=$((400000000 / (side * side * 3)))
	"$stream" pictures "$data" $count $side $side || exit 1
	size=$(stat -c %s "$data")
	rm -f "$tmp"/*.s
	for round in $(seq "$rounds"); do
		for what in cat stream mask; do
			t=$(now); run_$what || exit 1; u=$(now)
			echo "$t $u" | awk -v n="$size" '{ print n / ($2 - $1) / 1e9 }' >>"$tmp/$what.s"
		done
	done
	awk -v side="$side" -v n="$size" -v c="$(median <"$tmp/cat.s")" -v s="$(median <"$tmp/stream.s")" -v m="$(median <"$tmp/mask.s")" \
		'BEGIN { printf "%-14s %5.0f  %11.2f  %16.2f (%3.0f %%)  %17.2f (%3.0f %%)\n", side "x" side "x3", n / 1e6, c, s, 100 * s / c, m, 100 * m / c }'
done
echo "command: make bench, or B=$B bash tests/bench/pipe.sh"
