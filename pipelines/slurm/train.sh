#!/bin/bash
#SBATCH --job-name=tscae-train --requeue --open-mode=append --output=train-%j.log --signal=B:USR1@120
# train.sh - pre-training as a Slurm job that is cut off at its time limit and goes on by itself, to the same bytes
#
#   sbatch --time=4:00:00 --cpus-per-task=16 train.sh RUN IMAGES [SETTING=VALUE ...]
#   sbatch --time=4:00:00 --nodes=4 --ntasks-per-node=2 --cpus-per-task=8 train.sh RUN IMAGES [SETTING=VALUE ...]
#
# The second line is eight ranks, each with its own pipe, and wants a tscae-train built with make MPI=1. LAUNCH is what starts
# them: srun (Open MPI: srun --mpi=pmix, the default; MPICH: srun --mpi=pmi2) or mpirun --bind-to none.
# Two minutes before the limit Slurm sends USR1 to this shell; it asks the trainer to stop at a checkpoint (exit 75), and the job
# goes back to the queue. After a node's failure or a preemption Slurm requeues it, and it goes on from the last checkpoint.
# RUN and IMAGES are folders or shards that every node sees; EPOCHS, SIZE, PATCH describe the images; the tools are on the PATH.
set -u

export run=$1 images=$2
export EPOCHS=${EPOCHS:-100} SIZE=${SIZE:-224} PATCH=${PATCH:-16}
shift 2
export TSCAE_THREADS=${TSCAE_THREADS:-${SLURM_CPUS_PER_TASK:-1}} SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}
[ "${SLURM_NTASKS:-1}" = 1 ] && launch=srun || launch='srun --mpi=pmix'

# One rank. The signal reaches all its processes; those that make images let it pass, and end when nobody reads them.
rank='
	below() { local p; for p in $(pgrep -P "$1"); do echo "$p"; below "$p"; done; }
	trap : USR2
	exec < <(
		trap "" USR2
		tscae-decode --quiet --shuffle --epochs "$EPOCHS" --shard auto --start-index "$(tscae-train --resume-index "$run")" "$images" |
		tscae-crop --quiet --size "$SIZE" | tscae-mask --quiet --patch "$PATCH")
	makers=$!
	tscae-train --output "$run" image="$SIZE" patch="$PATCH" "$@"
	status=$?
	kill $(below $makers) 2>/dev/null	# those that stall, and what they started: srun would wait for them
	exit $status
'
# in the background: a shell answers signals at once only while it waits
${LAUNCH:-$launch} bash -c "$rank" rank "$@" &
launched=$!
trap 'kill -USR2 $launched' USR1
# a wait that the signal broke off says so by its status
while wait $launched; status=$?; [ $status = $((128 + $(kill -l USR1))) ]; do :; done

[ $status = 75 ] && exec scontrol requeue "$SLURM_JOB_ID"
exit $status
