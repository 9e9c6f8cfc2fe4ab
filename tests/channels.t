#!/bin/bash
# channels.t - models of 1 and 4 channels, 16 bits: pre-training beats raw pixels and random init; tools take or
# refuse images
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
channels() { "$python" "$root/tests/channels.py" "$@"; }
top1() { tscae-probe -q --json "$@" | sed -E 's/.*"top1":([0-9.]+).*/\1/'; }
deep() { tscae-decode -q --channels 4 --depth 16 "$@"; }
cd "$tmp" || exit 1
channels make d 480 1
for split in train val; do deep --labels dirs d/$split >$split.tsc; done
masked() { deep --shuffle --epochs $1 d/train | tscae-crop -q --size 32 --scale 0.6,1 | tscae-mask -q --patch 4; }
masked 1 >masked.tsc
tscae-stats -q train.tsc >stats.conf
train() { tscae-train -q --conf stats.conf model=micro depth=2 patch=4 batch=32 "$@"; }
masked 30 | train -o tscae norm_pix=on base_lr=1.2e-2
is "TSCAE: pre-training on 4 channels of 16 bits" $? 0
train -o random norm_pix=on base_lr=1e-12 steps=1 masked.tsc
ok "MAE: the same, 3 steps" train -o mae objective=mae steps=3 masked.tsc
train -o two -t 1 objective=mae steps=3 masked.tsc
same "1 thread and all: the same model" mae/latest/model.safetensors two/latest/model.safetensors
# k-NN among 96 labeled images
deep --shuffle --limit 96 --labels dirs d/train >few.tsc
knn() { for split in few val; do tscae-embed -q -d -m $1 $split.tsc >$split.features; done
top1 few.features val.features; }
raw=$(top1 --pixels few.tsc val.tsc) random=$(knn random) learned=$(knn tscae)
ok "k-NN of pre-trained features ($learned) is better than that of raw pixels ($raw) by 0.2" \
	awk "BEGIN { exit !($learned > $raw + 0.2) }"
ok "k-NN of pre-trained features ($learned) is better than that of random init ($random) by 0.2" \
	awk "BEGIN { exit !($learned > $random + 0.2) }"
# features MODEL OUT: as an array, without header and digest
features() { tscae-embed -q -d -m "$1" --npy "$2" val.tsc >/dev/null; }
TSCAE_THREADS=1 features tscae one.npy; TSCAE_THREADS=2 features tscae two.npy
same "1 and 2 threads: the same features" one.npy two.npy

# reconstruction
tscae-mask -q --patch 4 val.tsc >hidden.tsc
for model in tscae mae; do
	tscae-reconstruct -q -m $model hidden.tsc >predicted.tsc
	ok "$model: visible patches of the prediction keep all bits, masked ones change" \
		channels reconstructed <predicted.tsc
	ok "$model: a sheet of reconstructions" tscae-view -q --sheet $model.png --limit 4 predicted.tsc
done

# what does not fit is refused with one line and the option
tscae-decode -q --channels 4 d/val >narrow.tsc
tscae-synth -q --count 24 --size 64x64 --seed 3 -o voc
tscae-decode -q voc/JPEGImages | tscae-crop -q --size 32 | tscae-mask -q --patch 4 >color.tsc
for tool in embed reconstruct; do
	status "tscae-$tool: images of 3 channels for a model of 4: exit 65" 65 tscae-$tool -q -m tscae color.tsc
	like "tscae-$tool: the message has the option" "$(cat "$tmp/stderr")" \
		"tscae-$tool: color.tsc: record 0 (*): the model takes images of 4 channels, this one has 3 *"
done
status "tscae-embed: images of 8 bits for a model of 16: exit 65" 65 tscae-embed -q -m tscae narrow.tsc
like "tscae-embed: the message has the option" "$(cat "$tmp/stderr")" "*takes samples of 16 bits, *--depth 16)"
status "tscae-train: 3 channels for a model of 4: exit 65" 65 train -o none steps=1 color.tsc
status "mean and std of another number than channels: exit 2" 2 train -o none mean=0,1 steps=1 masked.tsc
status "4 channels without mean and std: exit 2" 2 tscae-train -q -o none model=micro patch=4 steps=1 masked.tsc
status "mean_std=imagenet for 4 channels: exit 2" 2 tscae-train -q -o none mean_std=imagenet patch=4 masked.tsc
status "mean_std=half beside mean: exit 2" 2 train -o none mean_std=half steps=1 masked.tsc
status "bits=12: exit 2" 2 tscae-train -q -o none bits=12 mean_std=half patch=4 masked.tsc
status "--student-image of 16 bits: exit 65" 65 tscae-augment -q --student-image --brightness 0.4 masked.tsc
like "--student-image of 16 bits: the message has the remedy" "$(cat "$tmp/stderr")" "*leave tscae-augment out*"
status "--student-image of 4 channels: exit 65" 65 tscae-augment -q --student-image --brightness 0.4 narrow.tsc

# downstream: channels, bits, mean and std come from the encoder
tscae-train -q -o classify task=classify init_from=tscae batch=32 steps=4 mixup=0.8 cutmix=1 train.tsc 2>/dev/null
ok "tscae-classify: a classifier of 4 channels" tscae-classify -q -m classify -o classes.tsc val.tsc
is "the classifier has channels, bits, mean and std of its encoder" \
	"$(head -c 9000 classify/latest/model.safetensors | grep -aoE '"config.(mean|std|bits|channels)":"[^"]*"')" \
	"$(head -c 9000 tscae/latest/model.safetensors | grep -aoE '"config.(mean|std|bits|channels)":"[^"]*"')"
status "tscae-classify: 3 channels for a model of 4: exit 65" 65 tscae-classify -q -m classify color.tsc
tscae-label -q --from voc -f voc --segmaps --standalone >labels.tsc
for depth in 8 16; do
	tscae-decode -q --records --gray --depth $depth labels.tsc | tscae-crop -q --mode jitter --size 64 >gray.tsc
	for task in detect segment; do
		tscae-train -q -o $task.$depth task=$task model=micro depth=2 image=64 patch=8 batch=8 steps=2 \
			mean_std=half gray.tsc
		ok "tscae-$task: gray images of $depth bits" tscae-$task -q -m $task.$depth -o out.tsc gray.tsc
	done
done
for task in detect segment; do
	status "tscae-$task: images of 16 bits for a model of 8: exit 65" 65 tscae-$task -q -m $task.8 gray.tsc
done

# other programs
for format in timm timm-dir hf; do
	tscae-export -q -m tscae --format $format -o x.$format 2>/dev/null
	tscae-import -q -o y.$format x.$format 2>/dev/null
	features y.$format $format.npy
	same "$format: the imported export has the same features" one.npy $format.npy
done
tscae-export -q -m tscae --format onnx -o x.onnx
ok "config.json, preprocessor_config.json and ONNX have channels, mean and std" channels exported stats.conf

# the recipe measures mean and std itself
ok "make pretrain CHANNELS=4 DEPTH=16" make -s -f "$root/pipelines/pretrain.mk" B="$B" DATA=d CHANNELS=4 DEPTH=16 \
	IMAGE=32 PATCH=4 EPOCHS=1 RUN=recipe TRAIN='depth=2 batch=120'
done_testing
