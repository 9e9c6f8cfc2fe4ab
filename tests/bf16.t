#!/bin/bash
# bf16.t - precision=bf16: refusals; the same bytes for any number of threads and after resume; losses near fp32
. "${0%/*}/lib.sh"
. "${0%/*}/train.sh"
make_masked || { fail "the stream is made"; done_testing; }
bf16="precision=bf16"

if ! ldd "$bin/tscae-train" | grep -q libdnnl; then
	status "without oneDNN, precision=bf16 is exit 2" 2 train "$tmp/run" $bf16 "$masked"
	like "the message says how to build with it" "$(cat "$tmp/stderr")" "*precision=bf16: *make ONEDNN=1*"
	skip "training in bfloat16" "built without oneDNN (make ONEDNN=1)"
	done_testing
fi
status "a processor without bfloat16 products is exit 2" 2 env ONEDNN_MAX_CPU_ISA=AVX512_CORE \
	tscae-train -q -o "$tmp/run" $tiny $bf16 "$masked"
like "the message names the processor" "$(cat "$tmp/stderr")" "*precision=bf16: this processor*"
if ! train "$tmp/run" $bf16 steps=1 "$masked" 2>"$tmp/stderr"; then
	skip "training in bfloat16" "$(sed 's/.*precision=bf16: //' "$tmp/stderr")"
	done_testing
fi
rm -rf "$tmp/run"

train "$ref" "$masked"
train "$tmp/half" $bf16 "$masked"
want=$(weights "$tmp/half")
ok "the weights differ from those of fp32" test "$want" != "$(weights "$ref")"
near_log "the losses are within 0.02 of those of fp32" 0.02 loss "$tmp/half" "$ref"
for n in 2 3 7; do
	rm -rf "$tmp/run" && train "$tmp/run" -t $n $bf16 "$masked"
	is "$n threads give the same bytes" "$(weights "$tmp/run")" "$want"
done
rm -rf "$tmp/run" && OMP_NUM_THREADS=4 train "$tmp/run" -t 1 $bf16 "$masked"
is "OMP_NUM_THREADS changes no byte" "$(weights "$tmp/run")" "$want"
for kind in objective=mae preset=paper micro_batch=1 micro_batch=8 recompute=on single_grad_buffer=on \
	image_contrast=nnclr; do
	train "$tmp/a" $bf16 $kind steps=3 -t 3 activation_memory=0 "$masked"
	train "$tmp/b" $bf16 $kind steps=3 -t 1 activation_memory=1 "$masked"
	is "$kind: threads and repeated forward passes change no byte" "$(weights "$tmp/b")" "$(weights "$tmp/a")"
	rm -rf "$tmp/a" "$tmp/b"
done

# the weights in bfloat16 are no part of a checkpoint: they follow from those in fp32
train "$tmp/each" $bf16 checkpoint_steps=1 keep_checkpoints=99 "$masked"
bad=
for k in 1 3 6 10; do
	rm -rf "$tmp/run" && mkdir "$tmp/run" && cp -r "$tmp/each/checkpoint-$(printf %08d $k)" "$tmp/run"
	cp "$tmp/each/log.jsonl" "$tmp/run"
	sequence $((8 * k)) | train "$tmp/run" $bf16 -t 2
	[ "$(weights "$tmp/run")" = "$want" ] || bad="$bad $k"
done
is "resumed after several steps: the same bytes" "$bad" ""
train "$tmp/each" "$masked" 2>"$tmp/stderr"
like "a run in bfloat16 does not go on in fp32" "$? $(cat "$tmp/stderr")" "2 *begun with precision=bf16, not fp32*"
train "$ref" $bf16 "$masked" 2>"$tmp/stderr"
like "a run in fp32 does not go on in bfloat16" "$? $(cat "$tmp/stderr")" "2 *begun with precision=fp32, not bf16*"
done_testing
