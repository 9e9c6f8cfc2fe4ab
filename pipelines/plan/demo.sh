#!/bin/bash
# demo.sh plan|begin PART|list - plan the epochs of demo.mk by the speed of this machine, print that a part begins, or
# print the list of scores; settings come from the environment
. "$(dirname "$0")/lib.sh"

# At 480 images/s (two cores of 2.4 GHz with AVX2) these epochs take ten minutes. A faster machine trains no longer.
speed_of_plan=480
declare -A epochs=([pretrain]=16 [finetune]=3 [detect]=14 [segment]=8)
declare -A least=([pretrain]=4 [finetune]=1 [detect]=4 [segment]=2)
# images of an epoch, and the time of an image in those of pre-training (TSCAE)
declare -A images=([tscae]=4000 [mae]=4000 [finetune]=4000 [detect]=320 [segment]=320)
declare -A cost=([tscae]=1 [mae]=0.8 [finetune]=1.7 [detect]=5.5 [segment]=4)
declare -A variable=([pretrain]=EPOCHS [finetune]=FINETUNE_EPOCHS [detect]=DETECT_EPOCHS [segment]=SEGMENT_EPOCHS)

# the parts in their order: pre-training with both objectives, then METHOD-TASK
parts=(tscae mae)
for task in $TASKS; do for method in $METHODS; do parts+=("$method-$task"); done; done

# kind PART: the key of its epochs
kind() { case $1 in *-*) echo "${1#*-}" ;; *) echo pretrain ;; esac; }
# seconds PART: at $speed images/s
seconds() {
	local what=${1#*-}
	awk -v n="${images[$what]}" -v e="${epochs[$(kind "$1")]}" -v c="${cost[$what]}" -v s="$speed" \
		'BEGIN { printf "%.0f\n", n * e * c / s + 3 }'
}
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# measure: images/s of pre-training in twelve steps
measure() {
	local run=$RUN/speed
	rm -rf "$run"
	tscae-decode --quiet --limit 1536 "$RUN/images/train" | tscae-crop --quiet --size 64 --scale 0.4,1 |
		tscae-augment --quiet --student-image $VIEW | tscae-mask --quiet --patch 8 |
		tscae-train --quiet -o "$run" -c pipelines/conf/micro.conf image=64 patch=8 checkpoint_minutes=0 \
			$settings >&2
	sed -n 's/.*"images_per_s":\([0-9.]*\).*/\1/p' "$run/log.jsonl" | tail -n +3 | sort -g |
		awk '{ a[NR] = $1 } END { printf "%.0f\n", a[int((NR + 1) / 2)] }'
	rm -rf "$run"
}

plan_epochs() {
	local key total=0 part
	echo 'demo: measuring the speed of this machine' >&2
	speed=$(measure)
	for key in "${!epochs[@]}"; do
		epochs[$key]=$(awk -v e="${epochs[$key]}" -v l="${least[$key]}" -v t="$TIME" -v s="$speed" \
			-v p=$speed_of_plan \
			'BEGIN { e = int(e * t / 10 * (s < p ? s / p : 1) + 0.5); print e < l ? l : e }')
	done
	printf 'TIME_OF_PLAN = %s\nSPEED_OF_PLAN = %s\n' "$TIME" "$speed"
	for key in pretrain finetune detect segment; do printf '%s = %s\n' "${variable[$key]}" "${epochs[$key]}"; done
	{
		printf '\nThe plan, for TIME=%s minutes and %s images/s (%s):\n' "$TIME" "$speed" "$RUN/plan.mk"
		for part in "${parts[@]}"; do
			printf '  %-18s %3d epochs, about %s\n' "$part" "${epochs[$(kind "$part")]}" \
				"$(clock "$(seconds "$part")")"
			total=$((total + $(seconds "$part")))
		done
		printf '  together about %s\n' "$(clock $total)"
	} >&2
}

# begin PART: print its place in the plan and the time that is left
begin() {
	local part number=0 place=0 left=0
	speed=$(sed -n 's/^SPEED_OF_PLAN = //p' "$RUN/plan.mk")
	for key in "${!epochs[@]}"; do epochs[$key]=$(sed -n "s/^${variable[$key]} = //p" "$RUN/plan.mk"); done
	for part in "${parts[@]}"; do
		number=$((number + 1))
		[ "$part" != "$1" ] || place=$number
		[ "$place" = 0 ] || left=$((left + $(seconds "$part")))
	done
	printf '\npart %d of %d: %s, %d epochs, about %s; to the end about %s\n' "$place" ${#parts[@]} "$1" \
		"${epochs[$(kind "$1")]}" "$(clock "$(seconds "$1")")" "$(clock $left)" >&2
}

case $table in
plan) plan_epochs ;;
begin) begin "$2" ;;
list)
	score "Linear probe, top-1" tscae "$RUN/trained.tsv" trained,linear/top1 ''
	score "Linear probe, top-1" mae "$RUN/mae.tsv" mae,linear/top1 ''
	score "Linear probe, top-1" random "$RUN/random.tsv" random,linear/top1 ''
	for method in $METHODS; do
		score "Fine-tuned, top-1" "$method" "$RUN/$method-finetune/score.tsv" top1/value ''
	done
	for method in $METHODS; do
		score "Detection, AP at 0.5" "$method" "$RUN/$method-detect/score.tsv" AP50/value ''
	done
	for method in $METHODS; do
		score "Segmentation, mean IoU" "$method" "$RUN/$method-segment/score.tsv" mIoU/value ''
	done
	;;
esac
