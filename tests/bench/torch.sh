#!/bin/bash
# torch.sh - a training step against PyTorch: full-length sequences, token folding, and MAE; speed and memory
#
# Both programs have the same model, images, masks, batch and threads. First, loss and gradient norm are compared on
# the same weights. Memory is measured with settings that save memory (lean), with their speed, and with the settings
# that were timed. Each program runs at each of BATCHES; the best of each are compared. PyTorch tuned: an OpenMP build
# of OpenBLAS, and AVX-512 if the processor has it; installed: as Debian installs it, only at the first of BATCHES.
# BLAS="tuned installed" and FORMS="full fold mae" select.
. "${0%/*}/lib.sh"
. "${0%/*}/torch_lib.sh"
BLAS=${BLAS:-tuned installed} FORMS=${FORMS:-full fold mae}
torch_there || exit 0

# targets of tiny, small, base
target() {
	case $1-$2 in
	full-tiny) echo 3.5 ;; full-small) echo 3.0 ;; full-base) echo 2.8 ;;
	fold-tiny) echo 2.1 ;; fold-small) echo 1.8 ;; fold-base) echo 1.6 ;;
	mae-tiny) echo 2.2 ;; mae-small) echo 1.8 ;; mae-base) echo 1.6 ;;
	memory-tiny) echo '<0.3' ;; memory-small) echo '<0.6' ;; memory-base) echo '<0.7' ;;
	recompute-tiny) echo '<0.15' ;; recompute-small) echo '<0.3' ;; recompute-base) echo '<0.35' ;;
	*) echo - ;;
	esac
}
batches() { if [ -n "${BATCHES:-}" ]; then
	echo "$BATCHES"
else
	case $1 in micro | tiny) quick 16 "128 32" ;; small) quick 4 "32 16" ;; *) quick 2 "16 8" ;; esac
fi; }
first() { set -- $(batches "$1"); echo "$1"; }
# one gradient buffer, and smaller micro-batches than by default (8, 4, 4)
lean() { case $1 in tiny) echo single_grad_buffer=on micro_batch=4 ;; base) echo single_grad_buffer=on \
	micro_batch=1 ;; *) echo single_grad_buffer=on micro_batch=2 ;; esac; }
objective() { case $1 in mae) echo mae ;; *) echo tscae ;; esac; }
# best NAME: the highest median of all names that begin with NAME, and its batch
best() { local f
for f in "$tmp/$1"-*.rows; do f=${f##*/}; f=${f%.rows}; echo "$(middle "$f") ${f##*-}"; done | sort -g | tail -n 1; }

# loss and gradient must be equal to 1e-4, else nothing is timed. The weights are those after a few steps, so that no
# bias is 0.
table "Loss and gradient norm with the same weights (ratio: PyTorch / tscae)" tscae PyTorch
for model in $MODELS; do
	for form in $FORMS; do
		agree "$model" "$(objective "$form")" "$form" || exit 1
	done
done

table "Training step against PyTorch (images/s, each program at its best batch)" tscae PyTorch
for model in $MODELS; do
	for form in $FORMS; do
		weights=$(model_of "$model" "$(objective "$form")" $(settings "$(objective "$form")"))
		for n in $(batches "$model"); do
			commands=("ours-$model-$form-$n" "train $model $(objective "$form") $n $THREADS \
				$(settings "$(objective "$form")")")
			for blas in $BLAS; do
				[ "$blas" = installed ] && [ "$n" != "$(first "$model")" ] && continue
				commands+=("$blas-$model-$form-$n" "torch $blas train '$weights' $form '$(masked \
					"$model" "$n")' $n $THREADS $STEPS")
			done
			alternate "${commands[@]}"
		done
		read -r ours at <<<"$(best "ours-$model-$form")"
		for blas in $BLAS; do
			read -r other other_at <<<"$(best "$blas-$model-$form")"
			row "$model, $form, $blas, batch $at and $other_at" "$(calc "$ours / $other")" \
				"$([ "$blas" = tuned ] && target "$form" "$model" || echo -)" "$ours" "$other"
		done
	done
done

case " $FORMS " in *" mae "*)
	table "Peak memory of MAE training at equal batch (MB)" tscae PyTorch
	for model in $MODELS; do
		n=$(first "$model") blas=${BLAS%% *}
		alternate "lean-$model" "train $model mae $n $THREADS $(lean "$model")" "recompute-$model" \
			"train $model mae $n $THREADS $(lean "$model") recompute=on"
		other=$(calc "$(middle "$blas-$model-mae-$n" 2) / 1e6")
		memory() { row "$model, batch $n, $1" "$(over "$2-$model$3" "$blas-$model-mae-$n" 2)" \
			"$([ -z "$4" ] && echo - || target "$4" "$model")" "$(calc "$(middle "$2-$model$3" 2) / 1e6")" \
			"$other"; }
		memory "$(lean "$model")" lean '' memory
		memory "$(lean "$model") recompute=on" recompute '' recompute
		memory "as timed" ours "-mae-$n" ''
		for kind in lean recompute; do
			row "$model, batch $n, $kind: speed relative to timed" \
				"$(over "$kind-$model" "ours-$model-mae-$n")" - "$(middle "$kind-$model")" \
				"$(middle "ours-$model-mae-$n")" images/s
		done
	done
esac
told "BLAS='$BLAS' FORMS='$FORMS' ${BATCHES:+BATCHES='$BATCHES'}"
