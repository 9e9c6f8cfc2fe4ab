#!/bin/bash
# soak.t - a loop of MINUTES (5): make a dataset, train with kills and resumes, embed, search, probe, detect,
# score. Each round gives the same bytes; memory and descriptors of every tool and the space on disk do not grow.
# GROWTH (5): growth of the peak memory from the first quarter of the rounds to the last, in percent
. "${0%/*}/../lib.sh"
[ -x "$B/tests/bench/meter" ] || skip_all "the program that measures memory is not built (make bench-tools)"
MINUTES=${MINUTES:-5} GROWTH=${GROWTH:-5}
end=$(($(date +%s) + 60 * MINUTES))
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
mkdir "$tmp/work" "$tmp/measured"
cd "$tmp/work" || exit 1
TMPDIR=$tmp/work; export TMPDIR
small="model=micro image=16 patch=4 depth=1 decoder_depth=1 embed_dim=24 heads=2 batch=16 checkpoint_steps=2"
open_most=0 kills=0 rounds=0

# measured NAME COMMAND: run it; its peak memory in kB goes to measured/NAME
measured() {
	"$B/tests/bench/meter" 1 sh -c "$2" >meter.out || return 1
	awk 'END { printf "%d\n", $NF / 1024 }' meter.out >>"$tmp/measured/$1"
}
# train RUN STREAM SETTING ...: kill the run after a random time and resume it until it ends before the kill
train() {
	local run=$1 stream=$2 pid n status=1 descriptors; shift 2
	for ((n = 0; n < 200 && status; n++)); do
		tscae-train -q -t 2 -o "$run" $small "$@" "$stream" 2>train.err & pid=$!
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
		descriptors=$(ls "/proc/$pid/fd" 2>/dev/null | wc -l)
		[ "$descriptors" -gt "$open_most" ] && open_most=$descriptors
		[ $((n % 3)) = 2 ] || { kill -9 $pid 2>/dev/null && kills=$((kills + 1)); }
		wait $pid 2>/dev/null; status=$?
		case $status in 0 | 137) ;; *) cat train.err >&2; return 1 ;; esac
	done
	return $status
}
round() {
	tscae-synth -q --layout folders --count 120 --size 24x24 --classes 3 --seed 1 -o set &&
	tscae-synth -q --count 40 -S 24x24 --classes 2 --max-objects 2 --seed 1 -o voc &&
	tscae-decode -q --labels dirs --shuffle --epochs 4 set/train | tscae-crop -q --size 16 >images.tsc &&
	tscae-mask -q -p 4 images.tsc >masked.tsc && train run masked.tsc &&
	tscae-decode -q --labels dirs set/train | tscae-crop -q --mode center --size 16 >still.tsc &&
	tscae-decode -q --labels dirs set/val | tscae-crop -q --mode center --size 16 >val.tsc &&
	measured embed "tscae-embed -q -d -m run -o train.tsc still.tsc" &&
	measured embed-val "tscae-embed -q -d -m run -o test.tsc val.tsc" &&
	measured probe "tscae-probe -q --method both train.tsc test.tsc >scores" &&
	measured search "tscae-search -q test.tsc train.tsc >found" &&
	tscae-label -q -f voc --split train --standalone | tscae-decode -q --records |
		tscae-crop -q --mode fit --size 16 >boxes.tsc &&
	train detector boxes.tsc task=detect fpn_dim=8 init_from=run steps=10 &&
	measured detect "tscae-detect -q -m detector --score-threshold 0 -o detected.tsc boxes.tsc" &&
	measured eval "tscae-eval -q detected.tsc >>scores" &&
	measured view "tscae-view -q --limit 4 --sheet sheet.png detected.tsc"
}
while [ "$(date +%s)" -lt $end ] || [ $rounds -lt 4 ]; do
	if ! round 2>round.err; then
		fail "round $rounds: every tool exits with 0" "$(tail -5 round.err)"
		done_testing
	fi
	rounds=$((rounds + 1))
	cat run/latest/model.safetensors detector/latest/model.safetensors scores found detected.tsc sheet.png |
		cksum >>"$tmp/sums"
	find . -name '*.part*' -o -name '*.tmp' >>"$tmp/left"
	rm -rf run/log.jsonl detector/log.jsonl
	du -sk . | cut -f1 >>"$tmp/measured/disk"
	rm -rf ./*
done
pass "$rounds rounds in $MINUTES minutes, with $kills kills: every tool exits with 0"
ok "the trainer was killed at least once a round" test $kills -ge $rounds
is "each round gives the same models, scores, neighbors, detections and sheet" "$(sort -u "$tmp/sums" | wc -l)" 1
is "no temporary file is left" "$(sort -u "$tmp/left")" ""
ok "the trainer has at most 32 descriptors open ($open_most)" test "$open_most" -le 32
for file in "$tmp"/measured/*; do
	ok "${file##*/}: memory or disk space does not grow ($(sed -n '1p;$p' "$file" | tr '\n' ' ')kB)" \
		awk -v growth="$GROWTH" '
		{ x[NR] = $1 } END { n = int((NR + 3) / 4); for (i = 1; i <= n; i++) { a += x[i]; b += x[NR - n + i] }
		exit !NR || b > a * (1 + growth / 100) }' "$file"
done
done_testing
