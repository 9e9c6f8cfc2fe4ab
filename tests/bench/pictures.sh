#!/bin/bash
# pictures.sh - pictures a second: decode alone, and decode, random crop and resize to 224 through a pipe
. "${0%/*}/../lib.sh"
count=${COUNT:-2000}
data=${DATA:-}
if [ -z "$data" ]; then
	data=$tmp/pictures
	tscae-synth -q --layout folders --count 100 --size 500x375 --seed 1 -o "$data" || exit 1
fi
now() { date +%s.%N; }
# rate NAME COMMAND: runs it, prints pictures a second
rate() { local t u; t=$(now); eval "$2" >/dev/null || exit 1; u=$(now); awk -v name="$1" -v n="$count" -v t="$t" -v u="$u" 'BEGIN { printf "%-44s %8.0f/s\n", name, n / (u - t) }'; }
decode="tscae-decode -q --shuffle --epochs $count --limit $count '$data'"
rate "decode, 1 thread" "$decode --threads 1"
rate "decode, $(nproc) threads" "$decode"
rate "decode | crop 224, $(nproc) threads each" "$decode | tscae-crop -q --size 224"
echo "command: make bench, or DATA=FOLDER B=$B bash tests/bench/pictures.sh"
