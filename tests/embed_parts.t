#!/bin/bash
# embed_parts.t - pipelines/embed.mk: features of shards a file each, redone alone; pipelines/slurm/embed.sh without
# Slurm, which only says the number
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
mkdir shards
tscae-synth -q --layout folders --count 60 --size 32x32 --val-ratio 0 --output all
for i in 0 1 2; do
	(cd all && find . -name '*.jpg' | LC_ALL=C sort | awk -v i=$i 'int((NR - 1) / 20) == i' |
		tar -cf ../shards/$i.tar -T -)
done
images() { tscae-decode -q "$@" | tscae-crop -q --mode center --size 32; }
images all | tscae-mask -q --patch 4 | tscae-train -q -o model model=micro embed_dim=24 heads=2 depth=1 \
	decoder_depth=1 image=32 patch=4 batch=16 steps=1
features() { tscae-view --json --values "$@" | sed 's/"index":[0-9]*,//' | sha256sum; }
want=$(images shards/*.tar | tscae-embed -d -q -m model | features)
embed() { make -s -C "$tmp" -f "$root/pipelines/embed.mk" B="$B" RUN=model SHARDS=shards OUT=out SIZE=32 "$@"; }

ok "three shards, two at a time" embed -j 2
is "the joined parts equal the features of one process" "$(features out/features.tsc)" "$want"
before=$(stat -c '%n %i' out/[02].tsc)
rm out/1.tsc; touch out/1.tsc.part.99
ok "a second run computes a missing part" embed
is "a missing part is computed without the others" "$(stat -c '%n %i' out/[02].tsc)" "$before"
is "a missing part is computed: the joined parts equal the features of one process" \
	"$(features out/features.tsc)" "$want"
is "the temporary file of a killed process is removed" \
	"$(ls out | tr '\n' ' ')" "0.tsc 1.tsc 2.tsc features.tsc parts.txt "
mv shards/1.tar old.tar; touch -d "2 days ago" old.tar; embed
is "a shard is removed: its images leave the joined features" "$(tscae-view --json out/features.tsc | wc -l)" 40
mv old.tar shards/1.tar; embed
is "an old shard is added again: the joined features have its images" "$(features out/features.tsc)" "$want"
head -c 30000 shards/2.tar >cut && mv cut shards/2.tar
rm out/features.tsc out/2.tsc
status "a shard that is cut: exit 2" 2 embed
is "a shard that is cut leaves no part" "$(ls out/2.tsc 2>/dev/null)" ""
status "no model: exit 2" 2 embed RUN=

task() { SIZE=32 SLURM_ARRAY_TASK_ID=$1 bash "$root/pipelines/slurm/embed.sh" model parts "${@:2}"; }
status "embed.sh of an array job: a cut shard: exit 65" 65 task 2 shards/*.tar
is "a failed part leaves no file" "$(ls parts)" ""
status "a shard at an address that does not exist: exit 74" 74 task 0 "file://$tmp/none.tar"
done_testing
