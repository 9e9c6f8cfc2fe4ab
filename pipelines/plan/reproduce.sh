#!/bin/bash
# reproduce.sh plan|list|page|html|figure TASK - print the runs, the scores or a page of reproduce.mk, or draw a
# figure; settings come from the environment
. "$(dirname "$0")/lib.sh"
[ -n "$TIME_EPOCHS" ] ||
	TIME_EPOCHS=$(awk -v epochs="$EPOCHS" -v ratio="$TIME_RATIO" 'BEGIN { printf "%.0f", epochs * ratio }')
declare -A title=([tscae]=TSCAE [mae]=MAE [mae-time]="MAE, $TIME_EPOCHS epochs" [none]="from scratch")
declare -A objective=([tscae]=tscae [mae]=mae [mae-time]=mae)
declare -A epochs=([tscae]=$EPOCHS [mae]=$EPOCHS [mae-time]=$TIME_EPOCHS
	[classify]=$FINETUNE_EPOCHS [detect]=$DETECT_EPOCHS [segment]=$SEGMENT_EPOCHS)
declare -A train=([tscae]=$TSCAE [mae]=$MAE [mae-time]=$MAE)
declare -A recipe=([classify]=finetune [detect]=detect [segment]=segment)
declare -A image=([classify]=$IMAGE [detect]=$DETECT_IMAGE [segment]=$SEGMENT_IMAGE)
read -r -a finetune <<<"$FINETUNE"
read -r -a detect <<<"$DETECT"
read -r -a segment <<<"$SEGMENT"
declare -A group=([classify]="Classification, top-1" [detect]="Detection, VOC AP at 0.5"
	[segment]="Segmentation, mean IoU")
declare -A select=([classify]=top1/value [detect]=VOC/value [segment]=mIoU/value)

read -r -a methods <<<"$METHODS"
read -r -a seeds <<<"$SEEDS"
curves=

# one METHOD SEED: plan pre-training, the probe of its encoder, and each downstream task
one() {
	local method=$1 seed=$2 run=$OUT/$1-$2 encoder=$ENCODERS/$1-$2 from='' task
	if [ "$method" != none ]; then
		from=$encoder/pretrained curves=yes
		plan "$from" '' pretrain DATA="$PRETRAIN_DATA" MODEL="$MODEL" IMAGE="$IMAGE" PATCH="$PATCH" \
			SEED="$seed" RUN="$encoder" OBJECTIVE="${objective[$method]}" \
			EPOCHS="${epochs[$method]}" TRAIN="${train[$method]}"
		[ -z "$PROBES" ] ||
			plan "$run/probe.tsv" "$from" probe DATA="$DATA" IMAGE="$IMAGE" SEED="$seed" RUN="$run" \
				INIT="$encoder"
	fi
	for task in $TASKS; do
		local -n settings=${recipe[$task]}
		plan "$run/$task/score.tsv" "$from" "${recipe[$task]}" DATA="$DATA" INIT="${from:+$encoder}" \
			MODEL="$MODEL" IMAGE="${image[$task]}" PATCH="$PATCH" \
			EPOCHS="${epochs[$task]}" SEED="$seed" RUN="$run/$task" "${settings[@]}"
	done
}

# each FUNCTION ARGUMENT ...: call the function for every method and seed
each() {
	local method seed
	for method in "${methods[@]}"; do for seed in "${seeds[@]}"; do "$1" "$method" "$seed" "${@:2}"; done; done
}
probe() {
	[ "$1" = none ] || score "$3" "${title[$1]}" "$OUT/$1-$2/probe.tsv" "trained,$4/top1" "$5"
}
task() {
	score "${group[$3]}" "${title[$1]}" "$OUT/$1-$2/$3/score.tsv" "${select[$3]}" \
		"All weights trained for ${epochs[$3]} epochs (pipelines/${recipe[$3]}.mk)."
}

page() {
	local task
	printf '# Results on %s\n\nModel %s, %s pixels, patch %s; pre-trained for %s epochs on %s; seeds %s.\n\n' \
		"$(basename "$DATA")" "$MODEL" "$IMAGE" "$PATCH" "$EPOCHS" "$(basename "$PRETRAIN_DATA")" "$SEEDS"
	tscae-report "$OUT/list.tsv"
	printf '## Figures\n'
	[ -z "$curves" ] || printf '\n![prediction loss](loss.png)\n'
	for task in $TASKS; do
		printf '\n![%s](%s.png)\n' "${group[$task]}" "$task"
		printf '\n![%s, %s](%s)\n' "${group[$task]}" "${title[$methods]}" "$methods-$seeds/$task/sheet.png"
	done
}

# the same page in HTML: scores, the curves of the first seed, contact sheets
html() {
	local method task
	local -a operands=("$OUT/list.tsv")
	for method in "${methods[@]}"; do
		[ "$method" = none ] || operands+=("$ENCODERS/$method-$seeds")
	done
	for task in $TASKS; do operands+=("$OUT/$methods-$seeds/$task/sheet.png"); done
	tscae-report --html "${operands[@]}" \
		--title "Results on $(basename "$DATA"): $MODEL, $IMAGE pixels, patch $PATCH, $EPOCHS epochs"
}

each one
if [ -n "$PROBES" ]; then
	each probe "Linear probe, top-1" linear "One linear layer on frozen features (tscae-probe)."
	each probe "k-NN, top-1" knn "20 neighbors, no training (tscae-probe)."
fi
for task in $TASKS; do each task "$task"; done
case $table in
page) page ;;
html) html ;;
figure)
	tscae-report --table --group "${group[$2]}" "$OUT/list.tsv" >"$OUT/$2.tsv"
	gnuplot -e "file='$OUT/$2.tsv'; what='${group[$2]}'; out='$OUT/$2.png'" "$here/../figures/bars.gp"
	;;
esac
