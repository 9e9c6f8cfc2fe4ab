#!/bin/bash
# pipeline.t - all steps from images to a trained encoder, its features and its reconstructions; equal bytes when
# repeated
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1

ok "tscae-synth makes images" tscae-synth -q --layout folders --count 60 --size 48x48 --classes 3 --seed 2 -o synth
stream() { tscae-decode -q --shuffle --seed 3 --epochs 4 --start-index "$1" --threads "$2" synth/train | tscae-crop -q \
	--size 32 --threads "$2" | tscae-mask -q --patch 4; }
train_args() { echo model=micro image=32 patch=4 depth=2 batch=16 seed=5 checkpoint_steps=5; }
train() { tscae-train -q -o "$1" $(train_args) "${@:2}"; }
digest() { sha256sum <"$1/latest/model.safetensors"; }

ok "training runs with the default number of threads" eval 'stream 0 1 | train once'
ok "training runs with four threads" eval 'stream 0 4 | train four --threads 4'
is "training with another number of threads gives the same model" "$(digest four)" "$(digest once)"

# a producer that stalls in the middle: the trainer is stopped while it waits, and resumes from --resume-index
mkfifo half
stream 0 2 >whole.tsc
{ head -c $(($(wc -c <whole.tsc) / 2)) whole.tsc; until [ -e stopped ]; do sleep 0.05; done; } >half &
tscae-train -q -o parts $(train_args) half 2>/dev/null & pid=$!
until [ -e parts/latest ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill $pid; wait $pid
is "a training run that was stopped: exit 75" "$?" 75
: >stopped
index=$(tscae-train --resume-index parts)
ok "tscae-train --resume-index of the stopped run is positive ($index)" test "$index" -gt 0
ok "the same command resumes the stopped run" eval 'stream "$index" 2 | train parts'
is "a stopped and resumed run gives the model of an uninterrupted run" "$(digest parts)" "$(digest once)"

for set in train val; do
	ok "the $set images are decoded and cropped" eval \
		"tscae-decode -q --labels dirs synth/$set | tscae-crop -q --mode center --size 32 >$set.tsc"
	ok "the features of the $set images are computed" eval "tscae-embed -d -q -m once $set.tsc >$set.features.tsc"
done
like "tscae-probe prints an accuracy" "$(tscae-probe -q train.features.tsc val.features.tsc | tail -1)" "*[0-9]*"
ok "tscae-reconstruct reconstructs masked images" eval \
	'tscae-mask -q --patch 4 val.tsc | tscae-reconstruct -q -m once >rec.tsc'
ok "tscae-view draws a contact sheet of reconstructions" tscae-view -q --sheet sheet.png rec.tsc
like "the contact sheet is a PNG file" "$(head -c 4 sheet.png | tail -c 3)" PNG
ok "tscae-export writes a timm model" tscae-export -q -m once --format timm -o out.safetensors
ok "tscae-import reads the exported model" tscae-import -q -o back.safetensors out.safetensors
ok "the features of the imported and of the trained model are computed" eval \
	'tscae-embed -d -q -m back.safetensors --npy back.npy val.tsc >/dev/null &&
		tscae-embed -d -q -m once --npy once.npy val.tsc >/dev/null'
same "export and import give the same features" back.npy once.npy
is "two concatenated streams are a valid stream" "$(cat val.tsc val.tsc | tscae-view --check - >/dev/null; echo $?)" 0
is "the history of a stream has every tool of its pipe" \
	"$(tscae-view -H rec.tsc | grep -cE 'tscae-(decode|crop|mask|reconstruct) 0')" 4
done_testing
