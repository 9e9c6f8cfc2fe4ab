#!/bin/bash
# million.t - two million images in shards: the memory of every process stays constant. COUNT (2000000) images, SHARD
# (10000) images per shard, GROWTH (1): maximum growth in percent from the second tenth of the run to the last
. "${0%/*}/../lib.sh"
COUNT=${COUNT:-2000000} SHARD=${SHARD:-10000} GROWTH=${GROWTH:-1}
cd "$tmp" || exit 1
# one shard under many names; its members have different names and the same content
tscae-synth -q --layout folders --count 500 --size 16x16 --val-ratio 0 --seed 3 --output some ||
	{ fail "synthetic images are made"; done_testing; }
mkdir shards many
find some -name '*.jpg' | LC_ALL=C sort >names
for ((i = 0; i < SHARD; i += 500)); do
	awk -v i=$i '{ printf "%s many/%06d.jpg\n", $0, i + NR }' names
done | while read -r from to; do ln "$from" "$to"; done
find many -name '*.jpg' | LC_ALL=C sort | tar --hard-dereference -cf shard.tar -T -
for ((i = 0; i < COUNT; i += SHARD)); do ln shard.tar "shards/$(printf %06d $((i / SHARD))).tar"; done
small="model=micro embed_dim=24 heads=2 depth=1 decoder_depth=1 image=16 patch=4 batch=64"
tscae-decode -q shard.tar | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | tscae-train -q -o model $small \
	steps=2 || { fail "a model is trained"; done_testing; }

# sample PID: record the resident kilobytes of every process of the pipe, ten times a second, from the first megabyte
# of records (before it tscae-decode lists the shards) until the file `over` exists
sample() {
	local pid
	until [ -e over ] || awk '/^wchar/ { n = $2 } END { exit n < 1e6 }' \
		"/proc/$(pgrep -P "$1" -x tscae-decode)/io" 2>/dev/null; do sleep 0.1; done
	while [ ! -e over ]; do
		for pid in $(pgrep -P "$1"); do
			awk -v file="$(cat "/proc/$pid/comm" 2>/dev/null).rss" '/^VmRSS/ { print $2 >>file }' \
				"/proc/$pid/status" 2>/dev/null
		done
		sleep 0.1
	done
}
# flat WHAT PIPE: run the pipe and compare the memory at its beginning and end
flat() {
	local begun=$(date +%s.%N) shell sampler file
	rm -f over *.rss
	bash -o pipefail -c "$2" & shell=$!
	sample $shell & sampler=$!
	wait $shell; is "$1: the pipe exits with 0" $? 0
	touch over; wait $sampler
	echo "# $1: $(awk "BEGIN { printf \"%.0f s\", $(date +%s.%N) - $begun }")"
	for file in tscae-*.rss; do
		awk -v growth="$GROWTH" -v what="$1: ${file%.rss}" '{ x[NR] = $1 } END {
			n = int(NR / 10)
			if (n < 1) { print "Bail out! too short to sample: COUNT is too small"; exit 1 }
			for (i = 1; i <= n; i++) { a += x[n + i] / n; b += x[NR - n + i] / n }
			printf "# %s: %.1f MiB, then %.1f MiB, %d samples\n", what, a / 1024, b / 1024, NR
			exit b > a * (1 + growth / 100) }' "$file"
		is "$1: the memory of ${file%.rss} does not grow" $? 0
	done
}
epochs=$((COUNT / SHARD))
flat "$COUNT images of one shard, $epochs epochs, to masks" \
	"tscae-decode -q --shuffle --epochs $epochs shard.tar | tscae-crop -q --size 16 |
		tscae-mask -q --patch 4 >/dev/null"
flat "$COUNT images in $epochs shards, to masks" \
	"tscae-decode -q --shuffle shards | tscae-crop -q --size 16 | tscae-mask -q --patch 4 >/dev/null"
flat "$COUNT images in $epochs shards, to features" \
	"tscae-decode -q --limit $COUNT shards | tscae-crop -q --mode center --size 16 |
		tscae-embed -d -q -m model >features.tsc"
is "the stream of features has $COUNT records" "$(tail -c 20 features.tsc | od -An -tu1 >/dev/null
	tscae-view --check features.tsc 2>&1 | grep -o "$COUNT records" | head -1)" "$COUNT records"
done_testing
