#!/bin/bash
#SBATCH --job-name=tscae-embed --requeue --open-mode=append --output=embed-%A_%a.log
# embed.sh - features of many images as a Slurm array job: each task computes one part and writes one file
#
#   sbatch --array=0-99%20 embed.sh RUN OUT shards/*.tar     part i is the i-th shard, from 0; at most 20 at a time
#   PARTS=16 sbatch --array=0-15 embed.sh RUN OUT images     part i is every 16th image, from the i-th
#   cat OUT/features-*.tsc >features.tsc                     afterwards: concatenated streams are a stream
#
# A part appears whole under its name or not at all, and existing parts are not computed again: submit the same line
# again for the missing parts, or --array=17 for one part. A shard may be a URL (https://, s3:// with another fetch):
# it is fetched, read and deleted. SIZE is the image size; EMBED has more options of tscae-embed; the tools must be on
# the PATH.
set -eu -o pipefail

fetch() { curl --fail --silent --show-error --location --retry 5 --output "$2" "$1"; }

run=$1 out=$2 part=$SLURM_ARRAY_TASK_ID
shift 2
export TSCAE_THREADS=${TSCAE_THREADS:-${SLURM_CPUS_PER_TASK:-1}}
result=$out/features-$(printf %06d "$part").tsc
if [ -e "$result" ]; then
	echo "$result exists already"
	exit
fi
mkdir -p "$out"
rm -f "$result".part.*	# left by a task that was killed

if [ -n "${PARTS:-}" ]; then
	# not --shard auto: an array of only the missing parts has another count
	set -- --shard "$part/$PARTS" "$@"
else
	if [ "$part" -ge $# ]; then
		echo "no shard for task $part: there are $# shards; use --array=0-$(($# - 1))" >&2
		exit 2
	fi
	shift "$part"
	set -- "$1"
	case $1 in *://*)
		local=$(mktemp "${TMPDIR:-/tmp}/shard.XXXXXX")
		fetch "$1" "$local" || { rm -f "$local"; exit 74; }
		exec 3<"$local"
		rm "$local"	# the open file has no name now, so it is removed when the task ends in any way
		set -- /dev/fd/3
	esac
fi
tscae-decode --quiet "$@" | tscae-crop --quiet --mode center --size "${SIZE:-224}" |
	tscae-embed --drop-image --quiet --model "$run" ${EMBED:-} --output "$result"
