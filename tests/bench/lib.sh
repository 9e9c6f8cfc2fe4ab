# lib.sh - shared by the benchmarks: alternating rounds, medians, tables. Usage: . "${0%/*}/lib.sh"
#
# Settings: ROUNDS (5), the runs of each command, of which the median counts; QUICK=1, one round of the smallest case,
# to test the script; THREADS (all processors); MODELS; STEPS (5) of a training run, of which the first does not
# count; PYTHON.
. "${0%/*}/../lib.sh"
QUICK=${QUICK:-}
# quick THIS THAT: print THIS with QUICK, else THAT
quick() { if [ -n "$QUICK" ]; then echo "$1"; else echo "$2"; fi; }
ROUNDS=${ROUNDS:-$(quick 1 5)}
STEPS=${STEPS:-$(quick 2 5)}
MODELS=${MODELS:-$(quick micro "micro tiny small base")}
THREADS=${THREADS:-$(quick 1 "$(nproc)")}
PYTHON=${PYTHON:-/usr/bin/python3}
bench=$B/tests/bench
[ -z "${OPENBLAS_CORETYPE:-}" ] || echo \
	"note: OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE is set and selects the kernels of OpenBLAS"

# calc EXPRESSION [FORMAT]: evaluate with awk; one line, so that `alternate` can repeat it
calc() { awk "BEGIN { printf \"${2:-%.6g}\\n\", ($1) }"; }
# has MODULE ...: succeeds if the Python modules are installed
has() { local m; for m; do "$PYTHON" -c "import $m" 2>/dev/null || return 1; done; }

# alternate NAME COMMAND [NAME COMMAND ...]: run the commands alternately, ROUNDS times each; a command prints one
# line of numbers
alternate() {
	local round i
	for round in $(seq "$ROUNDS"); do
		for ((i = 1; i < $#; i += 2)); do
			eval "${@:i+1:1}" >>"$tmp/${!i}.rows" || { echo "failed: ${@:i+1:1}" >&2; exit 1; }
		done
	done
}
# middle NAME [COLUMN]: median of the numbers that `alternate` recorded for that name
middle() { awk -v c="${2:-1}" '{ print $c }' "$tmp/$1.rows" | sort -g | awk \
	'{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
# over NAME NAME [COLUMN]: ratio of two medians
over() { calc "$(middle "$1" "${3:-1}") / $(middle "$2" "${3:-1}")"; }
# forget: drop all recorded numbers
forget() { rm -f "$tmp"/*.rows; }

# table TITLE OURS OTHER: print the head; OURS and OTHER are the names of the two columns of absolute numbers
table() { title=$1; printf '\n%s\n%-46s %8s %8s %-7s %12s %12s\n' "$1" what ratio target "" "$2" "$3"; }
# row WHAT RATIO TARGET OURS OTHER [UNIT]: TARGET is a minimum, with a leading < a maximum, or -. Rows with a target
# are also written to the file TARGETS, if that is set (tests/bench.sh).
row() {
	awk -v what="$1" -v ratio="$2" -v target="$3" -v ours="$4" -v other="$5" -v unit="${6:-}" -v \
		title="${title%% (*}" -v file="${TARGETS:-/dev/null}" 'BEGIN {
		bound = target; below = sub(/^</, "", bound)
		bound += 0
		met = below ? ratio <= bound : ratio >= bound
		result = target == "-" || ratio == "-" ? "" : met ? "met" : "missed"
		printf "%-46s %8s %8s %-7s %12s %12s %s\n", what, ratio == "-" ? "-" : sprintf("%.3g",
			ratio), target, result, ours == "-" ? "-" : sprintf("%.4g", ours),
			other == "-" ? "-" : sprintf("%.4g", other), unit
		if (result)
			printf "%s\t%s\t%.3g\t%s\t%s\n", title, what, ratio, target, result >>file
	}'
}
# skipped WHAT WHY
skipped() { echo "skipped: $1: $2"; }
# told [SETTINGS]: print the command that gives the table
told() { echo \
	"command: ${1:+$1 }${QUICK:+QUICK=$QUICK }ROUNDS=$ROUNDS STEPS=$STEPS THREADS=$THREADS $(
		)MODELS='$MODELS' B=${B#"$root"/} bash tests/bench/${0##*/}"; }

# image size, patch size and batch of a model
side() { case $1 in micro | tiny) echo 64 ;; *) echo 224 ;; esac; }
patch() { case $1 in micro | tiny) echo 8 ;; *) echo 16 ;; esac; }
batch() { case $1 in micro | tiny) quick 16 128 ;; small) quick 4 32 ;; *) quick 2 16 ;; esac; }
# images COUNT WxH: print a folder of synthetic JPEG files, which is made once
images() { [ -d "$tmp/$1-$2" ] || tscae-synth -q --layout folders --count "$1" --size "$2" --seed 1 --val-ratio 0 -o \
	"$tmp/$1-$2" || exit 1
echo "$tmp/$1-$2"; }
# the image of the student, as in pipelines/common.mk
colors="--student-image --brightness 0.4 --contrast 0.4 --saturation 0.4 --gain 0.12 --gray 0.2"
# masked MODEL COUNT: print a masked stream of at least that many images, which is made once
masked() {
	local s=$(side "$1") p=$(patch "$1") file
	file=$tmp/masked-$s-$2.tsc
	[ -f "$file" ] || tscae-decode -q --epochs $((($2 + 31) / 32)) "$(images 32 "${s}x$s")" | tscae-crop -q --size \
		"$s" | tscae-augment -q $colors | \
		tscae-mask -q --patch "$p" -o "$file" || exit 1
	echo "$file"
}
# values NAME LOG: print the value of every line of a training log
values() { sed -n "s/.*\"$1\":\([-+.0-9e]*\).*/\1/p" "$2"; }
# train MODEL OBJECTIVE BATCH THREADS [SETTING ...]: train for STEPS steps; print images/s, peak memory and GFLOP/s
# (medians without the first step)
train() {
	local model=$1 objective=$2 n=$3 threads=$4 run=$tmp/run name
	shift 4
	rm -rf "$run"
	tscae-train -q -o "$run" -t "$threads" model="$model" image="$(side "$model")" patch="$(patch "$model")" \
		objective="$objective" batch="$n" \
		steps="$STEPS" checkpoint_minutes=0 "$@" "$(masked "$model" $((n * STEPS)))" || return 1
	for name in images_per_s memory gflops; do
		values $name "$run/log.jsonl" | tail -n +2 | sort -g | awk \
			'{ a[NR] = $1 } END { printf "%s ", a[int((NR + 1) / 2)] }'
	done
	echo
}
# model_of MODEL OBJECTIVE [SETTING ...]: print a model file, which is trained for one step and made once
model_of() {
	local model=$1 objective=$2 file=$tmp/model-$1-$2.safetensors
	shift 2
	[ -f "$file" ] || { STEPS=1 train "$model" "$objective" 2 "$THREADS" "$@" >/dev/null &&
		cp "$tmp/run/latest/model.safetensors" "$file"; } || exit 1
	echo "$file"
}
