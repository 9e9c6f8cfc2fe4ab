#!/bin/bash
# allreduce.sh - time of the gradient all-reduce of 2 and 4 ranks over shared memory, compared with MPI_Allreduce
. "${0%/*}/lib.sh"
mpi=${BIN_MPI:-$root/build-mpi/bin}
program=$mpi/../tests/bench/allreduce
if ! command -v mpirun >/dev/null || [ ! -x "$program" ]; then
	skipped allreduce "no mpirun, or no $program (make MPI=1 $(realpath -m --relative-to="$root" "$program"))"
	exit
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
# number of parameters of a model in pre-training
size() { case $1 in micro) echo 1086496 ;; tiny) echo 6693984 ;; small) echo 32609856 ;; base) echo 144430464 ;; esac; }
sum() { mpirun -q -n "$2" --bind-to none "$program" "$(size "$1")" "$(quick 2 5)" </dev/null; }

table "Gradient all-reduce (milliseconds; ratio: fixed order to MPI_Allreduce)" "fixed order" MPI
for model in $MODELS; do
	for count in $(quick 2 "2 4"); do
		alternate "$model-$count" "sum $model $count"
		row "$model, $(calc "$(size "$model") / 1e6" %.1f) M parameters, ranks $count" \
			"$(calc "$(middle "$model-$count" 1) / $(middle "$model-$count" 3)")" - \
			"$(middle "$model-$count" 1)" "$(middle "$model-$count" 3)" ms
	done
done
told
