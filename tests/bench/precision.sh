#!/bin/bash
# precision.sh - processor time of a training step with precision=fp32, relative to bf16, by model and objective
#
# Needs a build with ONEDNN=1 and a processor with AVX512_BF16 or AMX. One thread; processor time depends less on what
# else runs than the time that passes.
. "${0%/*}/lib.sh"
THREADS=1
refusal=$(STEPS=1 train micro mae 2 1 precision=bf16 2>&1 >/dev/null) || {
	skipped precision "${refusal##*bf16: }"; exit; }

# seconds MODEL OBJECTIVE STEPS PRECISION: processor time of a run, without that of the kernel, which clears its pages
seconds() {
	local TIMEFORMAT=%U
	{ time STEPS=$3 train "$1" "$2" "$(batch "$1")" 1 precision="$4" >/dev/null; } 2>&1 | tail -n 1
}
# step MODEL OBJECTIVE PRECISION: milliseconds of one step, without what a run of one step takes
step() { calc "1000 * ($(seconds "$1" "$2" "$STEPS" "$3") - $(seconds "$1" "$2" 1 "$3")) / ($STEPS - 1)"; }

table "Step with fp32 / bf16 (one thread, ms of processor time)" bf16 fp32
for model in $MODELS; do
	masked "$model" $(($(batch "$model") * STEPS)) >/dev/null && masked "$model" "$(batch "$model")" >/dev/null
	for objective in tscae mae; do
		forget
		alternate bf16 "step $model $objective bf16" fp32 "step $model $objective fp32"
		row "$model, $objective" "$(over fp32 bf16)" 1.7 "$(middle bf16)" "$(middle fp32)" ms
	done
done
told "${OPENBLAS_CORETYPE:+OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE }"
