#!/bin/bash
# quality.sh plan|list|page - print the runs, the scores or the page of quality.mk; settings come from the environment
. "$(dirname "$0")/lib.sh"
declare -A title=([tscae]=TSCAE [mae]=MAE)
declare -A train=([tscae]=$TSCAE [mae]=$MAE)

# each FUNCTION ARGUMENT ...: call the function for every objective, degradation, seed and folder
each() {
	local objective chain seed
	for objective in $OBJECTIVES; do for chain in $DEGRADATIONS; do for seed in $SEEDS; do
		"$1" "$objective" "$chain" "$seed" "$OUT/$objective-${chain//=/}-$seed" "${@:2}"
	done; done; done
}
one() {
	local degrade=("DEGRADE=$2") encoder=$4
	[ "$2" != clean ] || degrade=()
	[ "$2" != clean ] || [ -z "$ENCODERS" ] || encoder=$ENCODERS/$1-$3
	# the settings of reproduce.sh in their order, so that both can use one encoder
	plan "$encoder/pretrained" '' pretrain DATA="$DATA" MODEL="$MODEL" IMAGE="$IMAGE" PATCH="$PATCH" SEED="$3" \
		RUN="$encoder" OBJECTIVE="$1" EPOCHS="$EPOCHS" TRAIN="${train[$1]}" "${degrade[@]}"
	plan "$4/probe.tsv" "$encoder/pretrained" probe DATA="$DATA" IMAGE="$IMAGE" SEED="$3" RUN="$4" INIT="$encoder"
	[ "$FINETUNE_EPOCHS" = 0 ] ||
		plan "$4/classify/score.tsv" "$encoder/pretrained" finetune DATA="$DATA" INIT="$encoder" \
			MODEL="$MODEL" IMAGE="$IMAGE" PATCH="$PATCH" EPOCHS="$FINETUNE_EPOCHS" SEED="$3" \
			RUN="$4/classify"
}
probe() {
	score "$5, ${title[$1]}" "$2" "$4/probe.tsv" "trained,$6/top1" \
		"Pre-trained on degraded images, probed on clean images (pipelines/quality.mk)."
}
finetune() {
	score "Fine-tuned, ${title[$1]}" "$2" "$4/classify/score.tsv" top1/value \
		"Pre-trained on degraded images, fine-tuned on clean images for $FINETUNE_EPOCHS epochs."
}

each one
each probe "Linear probe" linear
each probe "k-NN" knn
[ "$FINETUNE_EPOCHS" = 0 ] || each finetune
if [ "$table" = page ]; then
	printf '# Pre-training on degraded images: %s\n\n' "$(basename "$DATA")"
	tscae-report "$OUT/list.tsv"
fi
