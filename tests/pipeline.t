#!/bin/bash
# pipeline.t - the whole way: images to a trained encoder, its features and its reconstructions; the same bytes twice
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1

ok "images" tscae-synth -q --layout folders --count 60 --size 48x48 --classes 3 --seed 2 -o synth
stream() { tscae-decode -q --shuffle --seed 3 --epochs 4 --start-index "$1" --threads "$2" synth/train | tscae-crop -q --size 32 --threads "$2" | tscae-mask -q --patch 4; }
train_args() { echo model=micro image=32 patch=4 depth=2 batch=16 seed=5 checkpoint_steps=5; }
train() { tscae-train -q -o "$1" $(train_args) "${@:2}"; }
digest() { sha256sum <"$1/latest/model.safetensors"; }

ok "train" eval 'stream 0 1 | train once'
ok "again, on four threads" eval 'stream 0 4 | train four --threads 4'
is "one and four threads end in the same model" "$(digest four)" "$(digest once)"

# a producer that stalls half way: the trainer is stopped while it waits, and goes on from --resume-index
mkfifo half
stream 0 2 >whole.tsc
{ head -c $(($(wc -c <whole.tsc) / 2)) whole.tsc; sleep 20; } >half &
tscae-train -q -o parts $(train_args) half 2>/dev/null & pid=$!
until [ -e parts/latest ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill $pid; wait $pid
is "a stopped run says so" "$?" 75
kill %1 2>/dev/null
place=$(tscae-train --resume-index parts)
ok "it knows where it is (place $place)" test "$place" -gt 0
ok "the same command goes on" eval 'stream "$place" 2 | train parts'
is "stopped and resumed = uninterrupted" "$(digest parts)" "$(digest once)"

for set in train val; do
	ok "$set images" eval "tscae-decode -q --labels dirs synth/$set | tscae-crop -q --mode center --size 32 >$set.tsc"
	ok "$set features" eval "tscae-embed -d -q -m once $set.tsc >$set.features.tsc"
done
like "accuracy" "$(tscae-probe -q train.features.tsc val.features.tsc | tail -1)" "*[0-9]*"
ok "reconstruct" eval 'tscae-mask -q --patch 4 val.tsc | tscae-reconstruct -q -m once >rec.tsc'
ok "contact sheet" tscae-view -q --sheet sheet.png rec.tsc
like "it is a PNG" "$(head -c 4 sheet.png | tail -c 3)" PNG
ok "export" tscae-export -q -m once --format timm -o out.safetensors
ok "import" tscae-import -q -o back.safetensors out.safetensors
ok "features of the imported model" eval 'tscae-embed -d -q -m back.safetensors --npy back.npy val.tsc >/dev/null && tscae-embed -d -q -m once --npy once.npy val.tsc >/dev/null'
same "export and import give the same features" back.npy once.npy
is "a stream of two streams is a stream" "$(cat val.tsc val.tsc | tscae-view --check - >/dev/null; echo $?)" 0
is "the history names every tool" "$(tscae-view -H rec.tsc | grep -cE 'tscae-(decode|crop|mask|reconstruct) 0')" 4
done_testing
