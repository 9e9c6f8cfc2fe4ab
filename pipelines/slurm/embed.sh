#!/bin/bash
#SBATCH --job-name=tscae-embed --requeue --open-mode=append --output=embed-%A_%a.log
# embed.sh - features of very many images as a Slurm array job: each task a part, each part a file
#
#   sbatch --array=0-99%20 embed.sh RUN OUT shards/*.tar              part i is the i-th shard, from 0; at most 20 at a time
#   PARTS=16 sbatch --array=0-15 embed.sh RUN OUT images            part i is every 16th image, from the i-th
#   cat OUT/features-*.tsc >features.tsc                              afterwards: a stream of streams is a stream
#
# A part appears whole under its name or not at all, and what is there is not done again: submit the same line again for what is
# missing, or --array=17 for that one alone. A shard may be an address (https://, s3:// with another fetch): it is fetched, read
# and deleted. SIZE is the side of an image; EMBED more options of tscae-embed; the tools are on the PATH.
set -eu -o pipefail

fetch() { curl --fail --silent --show-error --location --retry 5 --output "$2" "$1"; }

run=$1 out=$2 part=$SLURM_ARRAY_TASK_ID
shift 2
export TSCAE_THREADS=${TSCAE_THREADS:-${SLURM_CPUS_PER_TASK:-1}}
result=$out/features-$(printf %06d "$part").tsc
if [ -e "$result" ]; then
	echo "$result is there already"
	exit
fi
mkdir -p "$out"
rm -f "$result".part.*	# of a task that was killed

if [ -n "${PARTS:-}" ]; then
	# not --shard auto: an array of the missing parts alone has another count
	set -- --shard "$part/$PARTS" "$@"
else
	[ "$part" -lt $# ] || { echo "task $part, but there are $# shards" >&2; exit 2; }
	shift "$part"
	set -- "$1"
	case $1 in *://*)
		local=$(mktemp "${TMPDIR:-/tmp}/shard.XXXXXX")
		fetch "$1" "$local" || { rm -f "$local"; exit 74; }
		exec 3<"$local"
		rm "$local"	# it has no name from here on, so it goes with this task, however that ends
		set -- /dev/fd/3
	esac
fi
tscae-decode --quiet "$@" | tscae-crop --quiet --mode center --size "${SIZE:-224}" | tscae-embed --drop-image --quiet --model "$run" ${EMBED:-} --output "$result"
