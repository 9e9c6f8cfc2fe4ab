#!/bin/bash
#SBATCH --job-name=tscae-train --requeue --open-mode=append --output=train-%j.log --signal=B:USR1@120
# train.sh - pre-training as a Slurm job that stops at its time limit and resumes by itself, with the same bytes as an
# uninterrupted run
#
#   sbatch --time=4:00:00 --cpus-per-task=16 train.sh RUN IMAGES [SETTING=VALUE ...]
#   sbatch --time=4:00:00 --nodes=4 --ntasks-per-node=2 --cpus-per-task=8 train.sh RUN IMAGES [SETTING=VALUE ...]
#
# The second line runs eight ranks, each with its own pipe, and needs a tscae-train built with make MPI=1. LAUNCH is
# the command that starts them: srun (Open MPI: srun --mpi=pmix, the default; MPICH: srun --mpi=pmi2) or mpirun
# --bind-to none. Two minutes before the limit Slurm sends USR1 to this shell. The shell signals the trainer to stop
# at a checkpoint (exit status 75) and requeues the job. After a node failure or a preemption Slurm requeues it, and
# it resumes from the last checkpoint. RUN and IMAGES are folders or shards on storage that all nodes share; EPOCHS,
# SIZE, PATCH describe the images; the tools must be on the PATH.
set -u

export run=$1 images=$2
export EPOCHS=${EPOCHS:-100} SIZE=${SIZE:-224} PATCH=${PATCH:-16}
shift 2
export TSCAE_THREADS=${TSCAE_THREADS:-${SLURM_CPUS_PER_TASK:-1}} SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}
[ "${SLURM_NTASKS:-1}" = 1 ] && launch=srun || launch='srun --mpi=pmix'

# One rank. All its processes get the signal; the producers of images ignore it and end when their reader has ended.
rank='
	below() { local p; for p in $(pgrep -P "$1"); do echo "$p"; below "$p"; done; }
	trap : USR2
	exec < <(
		trap "" USR2
		tscae-decode --quiet --shuffle --epochs "$EPOCHS" --shard auto \
			--start-index "$(tscae-train --resume-index "$run")" "$images" |
		tscae-crop --quiet --size "$SIZE" | tscae-mask --quiet --patch "$PATCH")
	makers=$!
	tscae-train --output "$run" image="$SIZE" patch="$PATCH" "$@"
	status=$?
	kill $(below $makers) 2>/dev/null	# stalled producers and their children: srun would wait for them
	exit $status
'
# in the background, because a shell handles signals immediately only in wait
${LAUNCH:-$launch} bash -c "$rank" rank "$@" &
launched=$!
trap 'kill -USR2 $launched' USR1
# the status of wait shows whether the signal interrupted it
while wait $launched; status=$?; [ $status = $((128 + $(kill -l USR1))) ]; do :; done

[ $status = 75 ] && exec scontrol requeue "$SLURM_JOB_ID"
exit $status
