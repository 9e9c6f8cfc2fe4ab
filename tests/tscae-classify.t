#!/bin/bash
# tscae-classify.t - fine-tuning: overfit, resume, threads, micro-batches, frozen encoders, init; prediction; bad input
. "${0%/*}/lib.sh"
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
cd "$tmp" || exit 1
python=/usr/bin/python3

tscae-synth -q --layout folders --count 40 --size 40x40 --classes 2 --seed 5 -o synth
images() { tscae-decode -q --labels dirs "$@" | tscae-crop -q --mode center --size 32; }
images --shuffle --seed 5 --epochs 3 synth/train >train.tsc
images synth/val >val.tsc
small="model=micro depth=2 decoder_depth=1 embed_dim=24 heads=2 checkpoint_minutes=0"
tscae-mask -q --patch 4 --seed 5 train.tsc | tscae-train -q -o pre $small batch=16 steps=3
# fit RUN [ARGUMENT ...]
mixed="task=classify init_from=pre batch=10 micro_batch=3 checkpoint_minutes=0"
mixed="$mixed mixup=0.5 cutmix=1 label_smoothing=0.1 drop_path=0.2 base_lr=0.02"
fit() { _run=$1; shift; tscae-train -q -o "$_run" $mixed "$@" 2>stderr; }
weights() { cksum <"$1/latest/model.safetensors"; cksum <"$1/latest/state.safetensors"; }
# tensors of two models that are equal to the bit, by beginning of their names
equal() { "$python" - "$@" <<-'END'
	import json, sys
	def load(path):
	    raw = open(path + "/latest/model.safetensors", "rb").read()
	    n = int.from_bytes(raw[:8], "little")
	    head = json.loads(raw[8:8 + n])
	    head.pop("__metadata__")
	    return {k: raw[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]] for k, v in head.items()}
	a, b = load(sys.argv[1]), load(sys.argv[2])
	print(" ".join(sorted({k.split(".")[0] for k in a if k in b and a[k] == b[k]})))
	END
}

fit whole train.tsc
want=$(weights whole)
like "init_from: the log names the tensors taken from the encoder" "$(cat stderr)" \
	"*pre: loaded the encoder (27 tensors, ignored 32 others); 4 parameters of the head have random init"
for threads in 1 2 3 4; do
	rm -rf run; fit run -t $threads train.tsc
	is "$threads threads: the same weights to the bit" "$(weights run)" "$want"
done
rm -rf run; fit run single_grad_buffer=on -t 1 train.tsc; shared=$(weights run)
rm -rf run; fit run single_grad_buffer=on -t 4 train.tsc
is "single_grad_buffer: 1 and 4 threads give the same weights to the bit" "$(weights run)" "$shared"
status "grad_shards=6 leaves mixup a single image: exit 2" 2 fit lonely grad_shards=6 train.tsc
fit each checkpoint_steps=1 keep_checkpoints=99 train.tsc
bad=
for k in 1 4 7; do
	rm -rf run && mkdir run && cp -r each/checkpoint-0000000$k run && cp each/log.jsonl run
	fit run train.tsc
	[ "$(weights run)" = "$want" ] || bad="$bad $k"
done
is "tscae-classify: a resumed run gives the same weights to the bit" "$bad" ""
rm -rf run; fit run micro_batch=1 train.tsc
near_log "micro-batches of 1 and 3 images give the same losses to 1e-4" 1e-4 loss whole run

# frozen: the encoder stays, to the bit; the head learns
fit frozen freeze_encoder=on train.tsc
is "freeze_encoder: the encoder keeps the weights of init_from" "$(equal pre frozen)" \
	"blocks cls_token patch_embed"
is "freeze_encoder: the head is trained" "$(equal whole frozen)" ""
# a rate of nothing below: with layer decay 0 only what is above the blocks learns
fit decay layer_decay=0 train.tsc
is "layer_decay=0: all weights below the final norm stay as they are" "$(equal pre decay)" \
	"blocks cls_token patch_embed"
like "layer_decay is 0.75 with init_from, 1 without" "$(tscae-train --print-config task=classify init_from=pre |
	grep layer_decay) $(tscae-train --print-config task=classify | grep layer_decay)" \
	"layer_decay = 0.75 layer_decay = 1"
like "init_from: the model has the sizes of the encoder" \
	"$(tscae-train --print-config task=classify init_from=pre | tr '\n' ' ')" "*embed_dim = 24 depth = 2 heads = 2*"
like "task=classify has the settings of fine-tuning" "$(tscae-train --print-config task=classify | tr '\n' ' ')" \
	"*base_lr = 0.004*beta2 = 0.999*"

# a few images by heart
images --epochs 60 synth/val >again.tsc
tscae-train -q -o heart task=classify init_from=pre batch=8 base_lr=0.1 checkpoint_minutes=0 again.tsc 2>/dev/null
tscae-classify -q -m heart -d -o answers.tsc val.tsc
is "an overfitted model classifies all $(tscae-view val.tsc | sed 1d | wc -l) training images correctly" \
	"$(tscae-view answers.tsc | sed 1d | grep -oE '[ 	]class=[0-9]+|predicted_class=[0-9]+' | sed 's/.*=//' |
	paste - - | awk '$1 == $2' | wc -l)" "$(tscae-view val.tsc | sed 1d | wc -l)"
like "the header of the predictions has the class names of the model" "$(tscae-view -H answers.tsc)" \
	"*kind	label*class_score	F32 2*predicted_classes	*"
tscae-classify -q -m heart val.tsc | tscae-crop -q --size 16 | tscae-view -j - >cropped.json
is "a crop has no prediction of the whole image: neither class nor probabilities" \
	"$(grep -cE 'predicted_class"|class_score' cropped.json)" 0
tscae-classify -q -m heart val.tsc >one.tsc -t 1
tscae-classify -q -m heart val.tsc >three.tsc -t 3
is "tscae-classify: 1 and 3 threads give the same predictions" "$(tscae-view -j --values one.tsc | cksum)" \
	"$(tscae-view -j --values three.tsc | cksum)"
images -n 1 synth/val >single.tsc
tscae-classify -q -m heart -t 1 single.tsc | tscae-view -j --values >one
tscae-classify -q -m heart -t 4 single.tsc | tscae-view -j --values >four
ok "a stream of one image gives a prediction" test -s one
same "a stream of one image: 1 and 4 threads give the same prediction" one four
tscae-crop -q --mode center --size 24 val.tsc >small.tsc
status "predict images of another size than in training: exit 0" 0 tscae-classify -q -m heart small.tsc
rm -rf run
status "train on images of another size than those of init_from: exit 0" 0 tscae-train -q -o run task=classify \
	init_from=pre batch=8 small.tsc

# bad input
tscae-decode -q synth/val | tscae-crop -q --mode center --size 32 >plain.tsc
rm -rf run; status "train on a stream without classes: exit 65" 65 tscae-train -q -o run task=classify batch=8 plain.tsc
like "train on a stream without classes: the message names --labels" "$(cat stderr)" "*--labels*"
status "classes=3 for a stream with 2 classes: exit 2" 2 tscae-train -q -o run task=classify batch=8 classes=3 val.tsc
status "init_from with another embed_dim: exit 2" 2 tscae-train -q -o run task=classify batch=8 init_from=pre \
	embed_dim=48 val.tsc
like "init_from with another embed_dim: the message names both" "$(cat stderr)" \
	"*embed_dim=48, but the encoder of 'pre/*has 24*"
status "init_from with another model size: exit 2" 2 tscae-train -q -o run task=classify batch=8 init_from=pre \
	model=tiny val.tsc
status "init_from with another patch size: exit 2" 2 tscae-train -q -o run task=classify batch=8 init_from=pre patch=8 \
	val.tsc
status "init_from with another mean_std: exit 2" 2 tscae-train -q -o run task=classify batch=8 init_from=pre \
	mean_std=half val.tsc
status "init_from names a missing file: exit 66" 66 tscae-train -q -o run task=classify batch=8 init_from=nothing \
	val.tsc
mkdir other && cp -r synth/train/* other && mv "other/$(ls other | head -1)" other/zebra
images --shuffle --seed 5 --epochs 3 other >other.tsc
rm -rf run && mkdir run && cp -r each/checkpoint-00000004 run
status "tscae-classify: resume with other classes: exit 2" 2 tscae-train -q -o run $mixed other.tsc
like "tscae-classify: resume with other classes: the message names the first" \
	"$(cat stderr)" "*begun with other classes: class 0 is*"
status "tscae-classify with a model of another task: exit 65" 65 tscae-classify -q -m pre val.tsc
like "tscae-classify with a model of another task: the message names both tasks" "$(cat stderr)" \
	"*a model for task 'pretrain', not 'classify'*"
status "tscae-classify: an image size that is no multiple of the patch size: exit 65" 65 tscae-classify -q -m heart \
	<(tscae-crop -q --mode center --size 30 val.tsc)
# boxes and classes share the list predicted_classes
tscae-synth -q --count 4 --classes 3 --size 32x32 -o voc
tscae-label -q -f voc --standalone | tscae-decode -q --records -o boxes.tsc
tscae-train -q -o detector task=detect model=micro depth=2 embed_dim=24 heads=2 fpn_dim=16 image=32 patch=4 batch=2 \
	steps=1 boxes.tsc
tscae-detect -q -m detector --score-threshold 0 boxes.tsc >found.tsc
status "tscae-classify: boxes of a model with other classes: exit 65" 65 tscae-classify -q -m heart found.tsc
like "tscae-classify: boxes of a model with other classes: the message names field and class" "$(cat "$tmp/stderr")" \
	"tscae-classify: *'predicted_boxes' is of a model with other classes*: *"
tscae-classify -q -m heart boxes.tsc >classified.tsc
status "tscae-detect: classes of a model with other classes: exit 65" 65 tscae-detect -q -m detector classified.tsc
status "tscae-classify: predictions of the same classes again: exit 0" 0 tscae-classify -q -m heart classified.tsc
status "tscae-detect: boxes of the same classes again: exit 0" 0 tscae-detect -q -m detector found.tsc
status "tscae-classify without --model: exit 2" 2 tscae-classify -q val.tsc
status "tscae-classify with a missing model: exit 66" 66 tscae-classify -q -m nothing val.tsc
head -c 3000 val.tsc >cut.tsc
status "tscae-classify: a stream cut short: exit 65" 65 tscae-classify -q -m heart cut.tsc
done_testing
