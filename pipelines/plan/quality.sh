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
	local degrade=$2
	[ "$degrade" != clean ] || degrade=
	plan "$4/pretrained" '' pretrain DATA="$DATA" MODEL="$MODEL" IMAGE="$IMAGE" PATCH="$PATCH" EPOCHS="$EPOCHS" \
		SEED="$3" OBJECTIVE="$1" DEGRADE="$degrade" RUN="$4" TRAIN="${train[$1]}"
	plan "$4/probe.tsv" "$4/pretrained" probe DATA="$DATA" IMAGE="$IMAGE" SEED="$3" RUN="$4"
}
probe() {
	score "$5, ${title[$1]}" "$2" "$4/probe.tsv" "trained,$6/top1" \
		"Pre-trained on degraded images, probed on clean images (pipelines/quality.mk)."
}

each one
each probe "Linear probe" linear
each probe "k-NN" knn
if [ "$table" = page ]; then
	printf '# Pre-training on degraded images: %s\n\n' "$(basename "$DATA")"
	tscae-report "$OUT/list.tsv"
fi
