#!/bin/bash
# large.t - FILES (100000) images in one folder, and a stream of GIGABYTES (100) through a filter: bounded memory
. "${0%/*}/../lib.sh"
FILES=${FILES:-100000} GIGABYTES=${GIGABYTES:-100}
cd "$tmp" || exit 1
# peak COMMAND: run it by a shell and print the largest peak memory of its processes, in MiB
peak() { /usr/bin/python3 "$root/tests/peak.py" bash -c -o pipefail "$1" 2>err; local status=$?
	sed -n 's/^peak \([0-9]*\).*/\1/p' err; return $status; }

# links to ten images: a file system may limit the number of links to one
tscae-synth -q --layout folders --count 10 --size 16x16 --val-ratio 0 --seed 3 --output some &&
	mkdir many || { fail "synthetic images are made"; done_testing; }
n=0
find some -name '*.jpg' | sort | while read -r from; do
	for ((i = 0; i < FILES / 10; i++)); do echo "$from many/$n-$i.jpg"; done
	n=$((n + 1))
done | /usr/bin/python3 -c 'import os, sys
for line in sys.stdin: os.link(*line.split())'
is "a folder of $FILES files is made" "$(ls -f many | grep -c jpg)" "$FILES"
most=$(peak "tscae-decode -q many | tscae-crop -q --size 16 >crops.tsc")
is "$FILES files in one folder: decoding exits with 0" $? 0
is "$FILES files in one folder: a record for each" "$(tscae-view --check crops.tsc | grep -o "[0-9]* records")" \
	"$FILES records"
ok "$FILES files in one folder: at most 128 MiB ($most MiB)" test "${most:-999}" -le 128
is "$FILES files in one folder: the order does not depend on the folder's" \
	"$(tscae-decode -q --limit 3 many | tscae-view --json | sed 's/.*"key":"\([^"]*\).*/\1/' | tr '\n' ' ')" \
	"$(ls many | LC_ALL=C sort | sed 's/^/many\//; 3q' | tr '\n' ' ')"
rm -rf many crops.tsc

# streams may follow each other: one record of 48 MB, repeated
tscae-synth -q --layout folders --count 1 --size 4000x4000 --val-ratio 0 --output wide &&
	tscae-decode -q wide >one.tsc || { fail "a record of 48 MB is made"; done_testing; }
size=$(stat -c %s one.tsc) times=$((GIGABYTES * 1000000000 / $(stat -c %s one.tsc) + 1))
most=$(peak "{ seq $times | xargs -I{} cat one.tsc; } | tscae-mask --patch 100 2>mask.err | tail -c 16 | wc -c >tail")
is "a stream of $GIGABYTES GB: a filter exits with 0" $? 0
like "a stream of $GIGABYTES GB: all records pass" "$(tail -1 mask.err)" "*: $times records, 0 skipped*"
ok "a stream of $GIGABYTES GB: at most 512 MiB ($most MiB)" test "${most:-999}" -le 512
{ seq $((times - 1)) | xargs -I{} cat one.tsc; head -c $((size - 1)) one.tsc; } | tscae-mask -q --patch 100 2>mask.err |
	tail -c 16 >/dev/null
is "a stream of $GIGABYTES GB without its last byte: exit 65" "${PIPESTATUS[1]}" 65
like "a stream of $GIGABYTES GB without its last byte: the message has the offset" "$(cat mask.err)" \
	"*byte $((size * times - 1))*cut short*"
done_testing
