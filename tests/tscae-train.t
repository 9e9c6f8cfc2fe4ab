#!/bin/bash
# tscae-train.t - end to end on a small stream: determinism, settings, log, init, refused input
. "${0%/*}/lib.sh"
. "${0%/*}/train.sh"
make_masked || { fail "the stream is made"; done_testing; }

ok "a run ends with 0" train "$ref" "$masked"
ok "a run leaves one checkpoint, a link, a log and a lock" no_leftovers "$ref"
is "the link names the checkpoint of the last step" "$(readlink "$ref/latest")" checkpoint-00000011

is "TSCAE_ISA names the instruction set" "$(TSCAE_ISA=baseline tscae-train -v -o "$tmp/isa" $tiny steps=1 \
	"$masked" 2>&1 | grep -o 'kernels [a-z0-9]*')" "kernels baseline"

# what changes no bit
for n in 2 3 4; do
	train "$tmp/threads" -t $n "$masked" 2>/dev/null
	is "$n threads give the same bytes as the reference" "$(weights "$tmp/threads")" "$(weights "$ref")"
	rm -rf "$tmp/threads"
done
train "$tmp/other" -t 1 activation_memory=1 keep_checkpoints=3 log_every=4 checkpoint_steps=2 "$masked"
is "one thread, a repeated forward pass and checkpoints give the same bytes" "$(weights "$tmp/other")" \
	"$(weights "$ref")"
is "keep_checkpoints=3 keeps three checkpoints" "$(cd "$tmp/other" && echo checkpoint-*)" \
	"checkpoint-00000008 checkpoint-00000010 checkpoint-00000011"
is "log_every=4 logs every fourth step and the last one" "$(sed 's/,.*//' "$tmp/other/log.jsonl" | tr -d '\n')" \
	'{"step":4{"step":8{"step":11'
train "$tmp/minutes" checkpoint_minutes=1e-9 keep_checkpoints=20 "$masked"
is "checkpoint_minutes writes checkpoints by time and changes no byte" \
	"$(ls -d "$tmp"/minutes/checkpoint-* | wc -l) $(weights "$tmp/minutes")" "11 $(weights "$ref")"
sequence 0 | train "$tmp/pipe"
is "a pipe gives the same bytes as a file" "$(weights "$tmp/pipe")" "$(weights "$ref")"
cp -r "$ref" "$tmp/moved dir"
is "a checkpoint does not contain the path of its run" \
	"$(grep -c "$tmp" "$ref"/latest/*.safetensors | cut -d: -f2 | tr -d '\n')" 00
rm -rf "$tmp/other" "$tmp/pipe"

head -c "$(($(wc -c <"$masked") * 3 / 4))" "$masked" >"$tmp/cut.tsc"
status "a stream that is cut short is exit 65" 65 train "$tmp/late" "$tmp/cut.tsc"
like "a stream that is cut short leaves a checkpoint" "$(readlink "$tmp/late/latest")" "checkpoint-0000000[1-9]"
train "$tmp/late" "$masked"
is "resume with the whole stream gives the same bytes" "$(weights "$tmp/late")" "$(weights "$ref")"

losses() { sed 's/.*"loss"/"loss"/; s/,"images.*//' "$1/log.jsonl"; }
# the same for every kind of model: 3 threads that keep activations, one that repeats the forward pass
for kind in objective=mae preset=paper patch_contrast=infonce patch_contrast=mse w_student_pixel=1 fold=off \
	recompute=on \
	image_contrast=nnclr 'predict_ratio=0.5 student_keep=0.5 decoder_self_attention=off mask_tokens=off' \
	single_grad_buffer=on 'objective=mae single_grad_buffer=on' \
	'objective=mae single_grad_buffer=on recompute=on'; do
	train "$tmp/a" $kind steps=3 -t 3 activation_memory=0 "$masked"
	train "$tmp/b" $kind steps=3 -t 1 activation_memory=1 "$masked"
	is "$kind: threads and repeated forward passes change no byte" "$(weights "$tmp/b")" "$(weights "$tmp/a")"
	if [ "$kind" = recompute=on ]; then
		train "$tmp/c" steps=3 "$masked"
		is "recompute changes neither loss nor gradient" "$(losses "$tmp/a")" "$(losses "$tmp/c")"
	fi
	rm -rf "$tmp/a" "$tmp/b"
done
for kind in objective=mae objective=tscae activation_memory=1; do
	train "$tmp/a" $kind micro_batch=1 grad_shards=2 steps=3 -t 7 "$masked"
	train "$tmp/b" $kind micro_batch=1 grad_shards=2 steps=3 -t 1 "$masked"
	is "$kind: more threads than gradient shards change no byte" "$(weights "$tmp/b")" "$(weights "$tmp/a")"
	rm -rf "$tmp/a" "$tmp/b"
done

# modes SETTING: how the activations of each limit are kept
modes() {
	local limit
	for limit in 400k 600k 800k 1M 1200k 1400k 1600k 2M; do
		tscae-train -v -o "$tmp/mode" $tiny ${1-} steps=1 activation_memory=$limit "$masked" 2>&1 |
			grep -o 'activations kept\|forward pass twice'
		rm -rf "$tmp/mode"
	done
}
is "activation_memory includes the student, also where it begins later" "$(modes contrast_start=5)" "$(modes)"
like "activation_memory: some of these limits are too small, others are not" "$(modes)" "*twice*kept*"

train "$tmp/a" objective=mae micro_batch=2 steps=3 -t 4 "$masked"
train "$tmp/b" objective=mae micro_batch=2 single_grad_buffer=on steps=3 -t 4 "$masked"
ok "single_grad_buffer gives the sum of the gradients of the shards" awk -F, \
	'NR == FNR { a[FNR] = $0; next }
		{ split($0, x, /"grad_norm":/); split(a[FNR], y, /"grad_norm":/); d = x[2] / y[2] - 1
		if (d < 0) d = -d; if (d > 1e-5) bad = 1 }
		END { exit bad || FNR != 3 }' "$tmp/a/log.jsonl" "$tmp/b/log.jsonl"
# with one thread: how many of several threads get work, and memory for it, depends on the machine
for buffer in off on; do
	train "$tmp/$buffer" objective=mae micro_batch=1 grad_shards=8 single_grad_buffer=$buffer steps=3 -t 1 "$masked"
done
is "single_grad_buffer saves memory" "$(tail -qn 1 "$tmp/off/log.jsonl" "$tmp/on/log.jsonl" |
	sed 's/.*"memory":\([0-9]*\).*/\1/' | tr '\n' ' ' | awk '{ print ($2 < $1) }')" 1
for wrong in weight_decay=-0.3 grad_clip=-0.5 warmup_ratio=-0.2 layer_decay=-0.5 beta2=-0.5 w_pixel=-0.5 \
	dropout=-0.4; do
	status "$wrong is out of range" 2 train "$tmp/c" $wrong "$masked"
done
for wrong in drop_path=0.1 window_size=2 fpn_dim=8 label_smoothing=0.1 mixup=0.5 cutmix=1 \
	'task=detect mixup=0.5' 'task=classify fpn_dim=8'; do
	like "a setting that the task does not use is a warning: $wrong" "$(tscae-train --print-config $wrong 2>&1)" \
		"*tscae-train: ${wrong##* }: task=* does not use it*"
done
for used in drop_path=0.1 window_size=2 fpn_dim=8; do
	status "a setting that the task uses: exit 0: $used" 0 tscae-train --print-config task=segment $used
	is "a setting that the task uses: no warning: $used" "$(cat "$tmp/stderr")" ""
done
SLURM_STEP_NUM_TASKS=4 status "one of several processes without MPI is exit 2" 2 train "$tmp/c" "$masked"
tscae-synth -q --layout folders --count 16 -S 16x16 --val-ratio 0 -o "$tmp/few"
tscae-decode -q "$tmp/few" | tscae-mask -q --patch 4 --mask-ratio 0.5 -o "$tmp/half.tsc"
status "an explicit mask_ratio that is not that of the stream is exit 2, also the default value" 2 train "$tmp/c" \
	mask_ratio=0.75 "$tmp/half.tsc"
rm -rf "$tmp/a" "$tmp/b"

# the log
is "the log has each step once" "$(sed 's/,.*//; s/.*://' "$ref/log.jsonl" | tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 11 "
if command -v python3 >/dev/null; then
	ok "the lines of the log are JSON with fixed names" python3 -c '
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
want = ("step epoch lr loss_pixel loss_image_contrast loss_patch_contrast loss_student_pixel spread entropy loss "
		"grad_norm "
		"images_per_s tokens_per_s gflops memory").split()
assert all(list(l) == want for l in lines), list(lines[0])
assert all(l["loss"] is not None and l["gflops"] > 0 and l["memory"] > 1e6 for l in lines)
assert lines[0]["epoch"] == 0 and lines[-1]["epoch"] == 1
assert max(l["lr"] for l in lines) == 5e-4 * 8 / 256 and lines[-1]["lr"] < lines[2]["lr"]
' "$ref/log.jsonl"
else
	skip "the lines of the log are JSON with fixed names" "python3 is not installed"
fi
mkdir "$tmp/full" && ln -s /dev/full "$tmp/full/log.jsonl"
train "$tmp/full" "$masked" 2>"$tmp/stderr"
is "a log that cannot be written does not stop the run" "$? $(weights "$tmp/full")" "0 $(weights "$ref")"
is "a log that cannot be written gives one warning" "$(grep -c 'log.jsonl' "$tmp/stderr")" 1

# memory: no allocation after the first step (strace lists the system calls; one thread, because several threads do not
# all get work in the first step)
if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
	skip "no step after the first allocates memory" "strace is missing or may not trace"
elif ldd "$bin/tscae-train" | grep -q libasan; then
	skip "no step after the first allocates memory" "the sanitizers allocate memory of their own"
else
	for kind in objective=tscae objective=mae activation_memory=1; do
		strace -f -e trace=mmap,munmap,mremap,brk,madvise,write -o "$tmp/trace" "$bin/tscae-train" -q -t 1 -o \
			"$tmp/memory" $tiny $kind "$masked"
		is "$kind: no step after the first allocates memory" \
			"$(sed -n '/step.*:1,/,/step.*:11,/ { /step/! { /mmap|munmap|mremap|brk|madvise/p } }' -E \
			"$tmp/trace")" ""
		ok "$kind: the trace has all steps" test "$(grep -c step "$tmp/trace")" = 11
		rm -rf "$tmp/memory"
	done
fi

# a run that exists
status "a finished run ends with 0" 0 train "$ref" "$masked"
like "a finished run prints its last step" "$(cat "$tmp/stderr")" "*already complete at step 11*"
is "--resume-index of a finished run is the index after the last whole batch" "$(tscae-train --resume-index "$ref")" 88
bad=
for try in 1 2 3 4 5; do
	(set -o pipefail; sequence "$(tscae-train --resume-index "$ref")" | train "$ref" 2>/dev/null) || bad="$bad $?"
done
is "a pipe whose producer starts at --resume-index of a finished run ends with 0" "$bad" ""
is "--resume-index of a run that does not exist is 0" "$(tscae-train --resume-index "$tmp/nowhere")" 0
for setting in batch=4 lr=0.1 embed_dim=48 seed=1 micro_batch=2 grad_shards=2 norm_pix=on steps=9; do
	name=${setting%%=*}
	status "resuming with $setting is refused" 2 train "$ref" $setting "$masked"
	like "resuming with $setting: the message names the setting" "$(cat "$tmp/stderr")" "*begun with $name=*"
done
exec 9<"$ref/lock"
flock 9
status "a second tscae-train in a directory is refused" 2 train "$ref" "$masked"
like "a second tscae-train in a directory: the message gives the reason" "$(cat "$tmp/stderr")" "*another tscae-train*"
exec 9<&-

# damage
cp -r "$ref" "$tmp/damaged"
printf X | dd of="$tmp/damaged/latest/state.safetensors" bs=1 seek=3000 conv=notrunc 2>/dev/null
status "a damaged checkpoint without an older one is exit 65" 65 train "$tmp/damaged" "$masked"
like "the message names the damaged checkpoint" "$(cat "$tmp/stderr")" "*no checkpoint is whole*checkpoint-00000011*"
rm -rf "$tmp/damaged"
train "$tmp/damaged" keep_checkpoints=2 checkpoint_steps=5 "$masked"
printf X | dd of="$tmp/damaged/latest/model.safetensors" bs=1 seek=3000 conv=notrunc 2>/dev/null
status "a run resumes from an older checkpoint if the newest is damaged" 0 train "$tmp/damaged" keep_checkpoints=2 \
	"$masked"
like "a damaged checkpoint that is skipped gives a warning" "$(cat "$tmp/stderr")" \
	"*checkpoint-00000011: damaged, skipped*"
is "a run resumed from an older checkpoint ends with the same bytes" "$(weights "$tmp/damaged")" "$(weights "$ref")"

# files of an older version, whose settings had other names: refused with one line, never misread
mkdir "$tmp/old-run" && cp -r "$ref/checkpoint-00000011" "$tmp/old-run/snapshot-00000011" && ln -s snapshot-00000011 \
	"$tmp/old-run/latest"
status "the run of an older version (snapshot-*) is exit 65" 65 train "$tmp/old-run" "$masked"
is "the run of an older version: one line names the checkpoint and the remedy" "$(cat "$tmp/stderr")" \
	"tscae-train: $tmp/old-run: \
'snapshot-00000011' is a checkpoint of an older version, which cannot be resumed: use another directory"
is "the run of an older version is not changed" "$(cd "$tmp/old-run" && echo *)" "latest lock snapshot-00000011"
status "--resume-index of a run of an older version is exit 65" 65 tscae-train --resume-index "$tmp/old-run"
cp -r "$ref" "$tmp/old-index"
for file in "$tmp"/old-index/checkpoint-*/state.safetensors; do
	sed -i 's/"index":"/"place":"/; s/"digest":"/"Digest":"/; s/"tscae":"/"Tscae":"/' "$file"
done
(cd "$tmp/old-index" && echo *) >"$tmp/before"
status "a run of an older version (place) is exit 2" 2 train "$tmp/old-index" "$masked"
like "a run of an older version (place): the message has the remedy" "$(cat "$tmp/stderr")" \
	"*the run is of an older version, which cannot be resumed: use another directory*"
is "a run of an older version (place) is not changed" "$(cd "$tmp/old-index" && echo *)" "$(cat "$tmp/before")"
sed 's/\xa5index/\xa5place/g' "$masked" >"$tmp/old.tsc"
status "a stream of an older version (place) is exit 65" 65 train "$tmp/old-stream" "$tmp/old.tsc"
like "a stream of an older version (place): the message has the remedy" "$(cat "$tmp/stderr")" \
	"*'place' is that of an older version: decode the images again*"
old_model() { # the reference model with the old name of a setting; the digest is renamed, because the bytes differ
	sed 's/"config.decoder_depth":/"config.dec-depth"    :/; s/"digest":"/"Digest":"/; s/"tscae":"/"Tscae":"/' \
		"$ref/latest/model.safetensors"
}
old_model >"$tmp/old.safetensors"
is "the model of an older version has the size of the new one" "$(wc -c <"$tmp/old.safetensors")" \
	"$(wc -c <"$ref/latest/model.safetensors")"
status "tscae-embed refuses a model of an older version" 65 tscae-embed -m "$tmp/old.safetensors" "$masked"
like "tscae-embed: the message names the setting of the older version" "$(cat "$tmp/stderr")" \
	"tscae-embed: *old.safetensors: metadata 'config.dec-depth': *version*"
is "tscae-embed refuses a model of an older version with one line" "$(wc -l <"$tmp/stderr")" 1
tscae-decode -q --labels dirs "$tmp/synth" | tscae-crop -q --size 32 >"$tmp/labeled.tsc"
status "init_from refuses a model of an older version" 65 tscae-train -q -o "$tmp/old-init" task=classify \
	init_from="$tmp/old.safetensors" batch=8 "$tmp/labeled.tsc"
like "init_from: the message names the setting of the older version" "$(cat "$tmp/stderr")" \
	"tscae-train: *old.safetensors: metadata 'config.dec-depth': *version*"
is "init_from refuses a model of an older version with one line" "$(wc -l <"$tmp/stderr")" 1

# input
head -c 100000 "$masked" >"$tmp/cut.tsc"
status "a stream that is cut before the first batch is exit 65" 65 train "$tmp/cut" "$tmp/cut.tsc"
# the end of the stream after the last step
head -c -1 "$masked" >"$tmp/cut.tsc"
status "a stream that is cut in its end array, after the last step, is exit 65" 65 train "$tmp/end" "$tmp/cut.tsc"
like "a cut end array: the message says so" "$(cat "$tmp/stderr")" "tscae-train: *cut.tsc: end: byte *: cut short*"
is "a cut end array: all steps are saved" "$(weights "$tmp/end")" "$(weights "$ref")"
(head -c -1 "$masked"; printf '\0') >"$tmp/wrong.tsc"
status "a stream with a wrong digest, after the last step, is exit 65" 65 train "$tmp/wrong" "$tmp/wrong.tsc"
tar -C "$tmp/synth" -cf - . | tscae-decode -q - | tscae-crop -q --size 32 | tscae-mask -q --patch 4 >"$tmp/piped.tsc"
head -c -1 "$tmp/piped.tsc" >"$tmp/cut.tsc"
ok "a stream of unknown length of half a batch more than the steps" train "$tmp/piped" steps=5 "$tmp/piped.tsc"
status "the same, cut in its end array, is exit 65" 65 train "$tmp/unknown" steps=5 "$tmp/cut.tsc"
ok "a stream that is damaged batches after the last step is not read that far" train "$tmp/early" steps=3 "$tmp/cut.tsc"
status "no stream is exit 66" 66 train "$tmp/none" "$tmp/none.tsc"
status "images without masks are exit 65" 65 train "$tmp/none" patch=4 \
	<(tscae-decode -q "$tmp/synth" | tscae-crop -q --size 32)
tscae-decode -q --gray "$tmp/synth" | tscae-crop -q --size 32 | tscae-mask -q --patch 4 >"$tmp/gray.tsc"
status "gray images for a model of 3 channels are exit 65" 65 train "$tmp/none" channels=3 "$tmp/gray.tsc"
like "gray images: the message names the record once and the remedy" "$(cat "$tmp/stderr")" \
	"tscae-train: *: record 0 (*.jpg): the model takes images of 3 channels, this one has 1 *--channels 3*"
status "gray images without mean and standard deviation are exit 2" 2 train "$tmp/none" "$tmp/gray.tsc"
like "gray images: the message names tscae-stats" "$(cat "$tmp/stderr")" \
	"*images of 1 channel; *tscae-stats*mean_std=half*"
ok "gray images with mean_std=half are trained on" train "$tmp/gray" mean_std=half steps=1 "$tmp/gray.tsc"
status "another patch size than that of the masks is exit 2" 2 train "$tmp/none" patch=8 "$masked"
train "$tmp/short" steps=20 "$masked" 2>"$tmp/stderr"
is "a stream that ends early leaves a checkpoint and exit 0" "$? $(readlink "$tmp/short/latest")" \
	"0 checkpoint-00000011"
like "a stream that ends early gives a message" "$(cat "$tmp/stderr")" "*ended after step 11 of 20*"
cat "$masked" "$masked" | train "$tmp/twice" steps=20
is "concatenated streams are counted as one sequence" "$? $(tscae-train --resume-index "$tmp/twice")" "0 160"
status "no -o is exit 2" 2 tscae-train "$masked"
cp "$masked" "$tmp/of=32.tsc"
(cd "$tmp" && train sign batch=8 steps=1 ./of=32.tsc) >"$tmp/out" 2>&1
is "a file with an equals sign in its name is read as ./name" "$? $(cat "$tmp/out")" "0 "
status "an unknown setting is exit 2" 2 train "$tmp/none" bacth=8 "$masked"
like "an unknown setting: the message suggests the nearest name" "$(cat "$tmp/stderr")" "*did you mean 'batch'*"

# settings
printf 'model = tiny # a comment\nbatch = 5\nw_image_contrast = 0.5\n' >"$tmp/my.conf"
is "operands override a file of settings" "$(tscae-train --print-config -c "$tmp/my.conf" batch=6 |
	grep -E '^(model|batch|w_image_contrast|embed_dim) ' | tr '\n' ';')" \
	"batch = 6;model = tiny;embed_dim = 192;w_image_contrast = 0.5;"
printf 'batch = 5 #%5000d\nmodel = tiny\n' 0 >"$tmp/long.conf"
status "a line of settings that is too long is exit 2" 2 tscae-train --print-config -c "$tmp/long.conf"
like "a line of settings that is too long: the message names file and line" "$(cat "$tmp/stderr")" \
	"*long.conf:1: a line of more than*"
printf 'batch = 5\0\nmodel = tiny\n' >"$tmp/zero.conf"
status "a zero byte in a file of settings is exit 2" 2 tscae-train --print-config -c "$tmp/zero.conf"
tscae-train --print-config $tiny >"$tmp/printed.conf"
tscae-train --print-config -c "$tmp/printed.conf" >"$tmp/again.conf"
same "--print-config prints a file of settings" "$tmp/printed.conf" "$tmp/again.conf"
{ printf '\xef\xbb\xbf'; cat "$tmp/printed.conf"; } >"$tmp/marked.conf"
tscae-train --print-config -c "$tmp/marked.conf" >"$tmp/again.conf"
same "a byte order mark before the settings is read over" "$tmp/printed.conf" "$tmp/again.conf"
is "preset=paper sets batch, base_lr, grad_clip, decoder_depth and dropout" \
	"$(tscae-train --print-config preset=paper | grep -E '^(batch|base_lr|grad_clip|decoder_depth|dropout) ' |
	tr '\n' ';')" "batch = 22;base_lr = 0.001;grad_clip = 0;decoder_depth = 6;dropout = 0.5;"

# init
train "$tmp/init" init_from="$ref" steps=1 lr=0 "$masked" 2>"$tmp/stderr"
is "init_from loads the weights of a run" "$(train "$tmp/zero" init_from="$tmp/init" steps=2 lr=0 "$masked"
	weights "$tmp/zero" | head -1 | cut -d' ' -f2)" "$(weights "$ref" | head -1 | cut -d' ' -f2)"
for setting in heads=3 decoder_heads=4; do
	status "pre-training from a model with another number of heads is refused: $setting" 2 train "$tmp/heads" \
		init_from="$ref" $setting steps=1 "$masked"
	like "the message names the setting and both numbers: $setting" "$(cat "$tmp/stderr")" \
		"tscae-train: $setting, but the model '$ref/latest/model.safetensors' has 2"
done
train "$tmp/heads" init_from="$ref" mean_std=half steps=1 "$masked" 2>"$tmp/stderr"
like "pre-training from a model with another mean_std is a warning" "$? $(cat "$tmp/stderr")" \
	"0 *$ref/latest/model.safetensors: was trained with another mean and standard deviation of the pixels"
status "resuming with another init_from is refused" 2 train "$tmp/init" init_from="" steps=1 lr=0 "$masked"

# what is not finite
train "$tmp/inf" lr=1e3 eps=1e-30 weight_decay=1e3 grad_clip=0 checkpoint_steps=1 "$masked" 2>"$tmp/stderr"
is "three consecutive steps without a finite loss are exit 70" "$?" 70
is "each step without a finite loss gives a warning" "$(grep -c 'no update' "$tmp/stderr")" 3
ok "steps without a finite loss leave the last checkpoint whole" tscae-train --resume-index "$tmp/inf"
# the image of the student
tscae-augment -q --student-image --brightness 0.5 --gray 0.3 "$masked" >"$tmp/student.tsc"
rm -rf "$tmp/a" "$tmp/b"
train "$tmp/a" steps=3 "$tmp/student.tsc"; train "$tmp/b" steps=3 "$masked"
ok "student_image changes the training" test "$(weights "$tmp/a")" != "$(weights "$tmp/b")"
like "a stream with student_image sets student_image=on" "$(grep -ao 'config.student_image":"on"' \
	"$tmp/a/latest/model.safetensors" | head -n 1)" '*on*'
train "$tmp/c" steps=3 student_image=off "$tmp/student.tsc"
is "student_image=off ignores the field" "$(losses "$tmp/c")" "$(losses "$tmp/b")"
status "a run with student_image does not resume from a stream without it: exit 2" 2 train "$tmp/a" steps=3 "$masked"
like "the message names the remedy" "$(cat "$tmp/stderr")" "*student_image*"
status "objective=mae student_image=on is exit 2" 2 train "$tmp/m" objective=mae student_image=on steps=3 \
	"$tmp/student.tsc"
train "$tmp/m" objective=mae steps=3 "$tmp/student.tsc"; train "$tmp/n" objective=mae steps=3 "$masked"
is "MAE ignores the image of the student" "$(losses "$tmp/m")" "$(losses "$tmp/n")"
rm -rf "$tmp/a" "$tmp/b" "$tmp/c" "$tmp/m" "$tmp/n"
mae="objective=mae" ; train "$tmp/mae" $mae "$masked"
is "the MAE baseline trains, without a contrastive loss" \
	"$? $(grep -c '"loss_image_contrast":null' "$tmp/mae/log.jsonl")" \
	"0 11"

# the log as a table
tscae-train --report "$tmp/mae" >"$tmp/table"
is "--report prints a header and a row for each step of a short run" "$(wc -l <"$tmp/table")" \
	"$(($(wc -l <"$tmp/mae/log.jsonl") + 1))"
is "the last row of --report is the last step" "$(tail -1 "$tmp/table" | cut -f1)" \
	"$(tail -1 "$tmp/mae/log.jsonl" | sed -E 's/^.."?step":([0-9]+).*/\1/')"
status "--report without a log is exit 66" 66 tscae-train --report "$tmp"
done_testing
