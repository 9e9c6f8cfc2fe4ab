# train.sh - for the tests of tscae-train, after lib.sh: a small stream, a small model, the result of a run without
# interruption
# Sets: images (cropped), masked (2 epochs of 44 images, 11 steps of 8), tiny (settings), ref (a finished run)
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
tiny="model=micro depth=1 decoder_depth=1 embed_dim=24 heads=2 batch=8 micro_batch=3 checkpoint_minutes=0"
masked=$tmp/masked.tsc ref=$tmp/ref
sequence() { # sequence START: the masked records from that index on
	tscae-decode -q --shuffle --seed 5 --epochs 2 --start-index "$1" "$tmp/synth" | tscae-crop -q --size 32 --seed \
		5 | tscae-mask -q --patch 4 --seed 5
}
make_masked() { tscae-synth -q --layout folders --count 44 --size 40x40 --classes 2 --seed 5 -o "$tmp/synth" &&
	sequence 0 >"$masked"; }
# train RUN [ARGUMENT ...]: reads the stream in $masked unless an operand names another
train() { _run=$1; shift; tscae-train -q -o "$_run" $tiny "$@"; }
weights() { cksum <"$1/latest/model.safetensors"; cksum <"$1/latest/state.safetensors"; }
# no_leftovers RUN: no partial files, one checkpoint
no_leftovers() { test "$(cd "$1" && echo *)" = "$(readlink "$1/latest") latest lock log.jsonl"; }
