#!/bin/bash
# tsan.t - ThreadSanitizer on training steps with several threads per gradient buffer, on tests of threads, and on
# filters
. "${0%/*}/../lib.sh"
cd "$root" || exit 1
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
{ ${CC:-cc} -fsanitize=thread -o "$tmp/empty" "$tmp/empty.c" && "$tmp/empty"; } >/dev/null 2>&1 || skip_all \
	"programs built with -fsanitize=thread do not run here"

blas=build-tsan/tests/long/tsan_blas.o
tsan_make() { MAKEFLAGS='' make --no-print-directory -s -j2 B=build-tsan CFLAGS='-O1 -g -fsanitize=thread' "$@" \
	>"$tmp/make" 2>&1; }
tools="train decode crop mask embed detect"
ok "a BLAS in plain C is built with ThreadSanitizer" tsan_make $blas
ok "the tools and tests are built with ThreadSanitizer and this BLAS" tsan_make LDFLAGS=$blas \
	$(printf 'build-tsan/bin/tscae-%s ' $tools) build-tsan/tests/{base,nn,tape,grad,train} \
	build-tsan/tests/long/tsan_race
tsan=$root/build-tsan
export TSAN_OPTIONS="exitcode=66 report_signal_unsafe=0"

status "ThreadSanitizer reports a deliberate race of two matrix products" 66 "$tsan/tests/long/tsan_race"
for t in base nn tape grad train; do
	status "tests/$t: ThreadSanitizer reports no race" 0 "$tsan/tests/$t"
done

cd "$tmp" || exit 1
tscae-synth -q --layout voc --count 24 --size 32x32 --output voc
tscae-decode -q --shuffle --epochs 2 voc/JPEGImages | tscae-mask -q --patch 8 >masked.tsc
tscae-decode -q --shuffle --epochs 2 voc/JPEGImages | tscae-label -q -f voc >boxes.tsc
small="model=micro image=32 patch=8 embed_dim=24 heads=2 depth=2 batch=12 micro_batch=1 steps=3 checkpoint_minutes=0"
# more threads than gradient buffers, and micro-batches of one image
while read -r name stream settings; do
	for blocks in grad_shards=2 single_grad_buffer=on; do
		rm -rf run
		status "training $name, $blocks: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-train" -q -t 6 -o \
			run $small $settings $blocks $stream
	done
done <<-EOF
	tscae masked.tsc decoder_depth=1
	tscae-two-passes masked.tsc decoder_depth=1 activation_memory=1
	tscae-infonce masked.tsc decoder_depth=1 patch_contrast=infonce
	tscae-student masked.tsc decoder_depth=1 w_student_pixel=1 fold=off
	tscae-paper masked.tsc decoder_depth=1 preset=paper
	tscae-recompute masked.tsc decoder_depth=1 recompute=on
	mae masked.tsc decoder_depth=1 objective=mae
	mae-recompute masked.tsc decoder_depth=1 objective=mae recompute=on
	detect boxes.tsc task=detect fpn_dim=8 drop_path=0.2
	detect-recompute boxes.tsc task=detect fpn_dim=8 recompute=on
EOF

# filters: several threads for several images, and all threads for one image
tscae-decode -q voc/JPEGImages >images.tsc
head -c 100 /dev/zero >broken.jpg
status "tscae-decode: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-decode" -q -t 4 --size 16 voc/JPEGImages \
	broken.jpg
status "tscae-crop: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-crop" -q -t 4 --size 16 images.tsc
status "tscae-mask: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-mask" -q -t 4 --patch 4 images.tsc
status "tscae-embed: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-embed" -q -t 4 -m run images.tsc
tscae-decode -q "$(find voc/JPEGImages -type f | sed 1q)" >one.tsc
status "tscae-embed, one image with all threads: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-embed" -q -t 4 -m \
	run one.tsc
status "tscae-detect: ThreadSanitizer reports no race" 0 "$tsan/bin/tscae-detect" -q -t 4 -m run images.tsc
done_testing
