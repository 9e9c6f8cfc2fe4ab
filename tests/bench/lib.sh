# lib.sh - what the benchmarks share: rounds that alternate, medians, one form of table. Use: . "${0%/*}/lib.sh"
#
# Settings: ROUNDS (5) each command's runs, of which the median counts; QUICK=1 one round of the smallest case, to see that the script
# works; THREADS (all processors); MODELS; STEPS (5) of a training run, the first of which does not count; PYTHON.
. "${0%/*}/../lib.sh"
QUICK=${QUICK:-}
# quick THIS THAT: THIS with QUICK, else THAT
quick() { if [ -n "$QUICK" ]; then echo "$1"; else echo "$2"; fi; }
ROUNDS=${ROUNDS:-$(quick 1 5)}
STEPS=${STEPS:-$(quick 2 5)}
MODELS=${MODELS:-$(quick micro "micro tiny small base")}
THREADS=${THREADS:-$(quick 1 "$(nproc)")}
PYTHON=${PYTHON:-/usr/bin/python3}
bench=$B/tests/bench
[ -z "${OPENBLAS_CORETYPE:-}" ] || echo "note: OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE is set, and decides which kernels OpenBLAS uses"

# calc EXPRESSION [FORMAT]: awk's arithmetic
calc() { awk "BEGIN { printf \"${2:-%.6g}\", ($1) }"; }
# has MODULE ...: the Python modules are there
has() { local m; for m; do "$PYTHON" -c "import $m" 2>/dev/null || return 1; done; }

# alternate NAME COMMAND [NAME COMMAND ...]: ROUNDS times each in turn; a command prints one line of numbers
alternate() {
	local round i
	for round in $(seq "$ROUNDS"); do
		for ((i = 1; i < $#; i += 2)); do
			eval "${@:i+1:1}" >>"$tmp/${!i}.rows" || { echo "failed: ${@:i+1:1}" >&2; exit 1; }
		done
	done
}
# middle NAME [COLUMN]: the median of what `alternate` noted under that name
middle() { awk -v c="${2:-1}" '{ print $c }' "$tmp/$1.rows" | sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
# over NAME NAME [COLUMN]: the ratio of two medians
over() { calc "$(middle "$1" "${3:-1}") / $(middle "$2" "${3:-1}")"; }
# forget: the next table begins
forget() { rm -f "$tmp"/*.rows; }

# table TITLE OURS OTHER: the head; OURS and OTHER name the two columns of absolute numbers
table() { title=$1; printf '\n%s\n%-46s %8s %8s %-7s %12s %12s\n' "$1" what ratio target "" "$2" "$3"; }
# row WHAT RATIO TARGET OURS OTHER [UNIT]: TARGET is a least value, or with < in front a greatest one, or -. Rows with a target go to
# the file TARGETS too, where that is set (tests/bench.sh)
row() {
	awk -v what="$1" -v ratio="$2" -v target="$3" -v ours="$4" -v other="$5" -v unit="${6:-}" -v title="${title%% (*}" -v file="${TARGETS:-/dev/null}" 'BEGIN {
		bound = target; below = sub(/^</, "", bound)
		said = target == "-" || ratio == "-" ? "" : (below ? ratio <= bound + 0 : ratio >= bound + 0) ? "met" : "missed"
		printf "%-46s %8s %8s %-7s %12s %12s %s\n", what, ratio == "-" ? "-" : sprintf("%.3g", ratio), target, said, ours == "-" ? "-" : sprintf("%.4g", ours), other == "-" ? "-" : sprintf("%.4g", other), unit
		if (said)
			printf "%s\t%s\t%.3g\t%s\t%s\n", title, what, ratio, target, said >>file
	}'
}
# skipped WHAT WHY
skipped() { echo "skipped: $1: $2"; }
# told [SETTINGS]: the command that gives the table
told() { echo "command: ${1:+$1 }${QUICK:+QUICK=$QUICK }ROUNDS=$ROUNDS STEPS=$STEPS THREADS=$THREADS MODELS='$MODELS' B=${B#"$root"/} bash tests/bench/${0##*/}"; }

# side, patch, batch of a model
side() { case $1 in micro | tiny) echo 64 ;; *) echo 224 ;; esac; }
patch() { case $1 in micro | tiny) echo 8 ;; *) echo 16 ;; esac; }
batch() { case $1 in micro | tiny) quick 16 128 ;; small) quick 4 32 ;; *) quick 2 16 ;; esac; }
# images COUNT WxH: a folder of synthetic JPEG files, made once
images() { [ -d "$tmp/$1-$2" ] || tscae-synth -q --layout folders --count "$1" --size "$2" --seed 1 --val-ratio 0 -o "$tmp/$1-$2" || exit 1; echo "$tmp/$1-$2"; }
# masked MODEL COUNT: a masked stream of at least that many images, made once
masked() {
	local s=$(side "$1") p=$(patch "$1") file
	file=$tmp/masked-$s-$2.tsc
	[ -f "$file" ] || tscae-decode -q --epochs $((($2 + 31) / 32)) "$(images 32 "${s}x$s")" | tscae-crop -q --size "$s" | tscae-mask -q --patch "$p" -o "$file" || exit 1
	echo "$file"
}
# values NAME LOG: of every line of a trainer's log
values() { sed -n "s/.*\"$1\":\([-+.0-9e]*\).*/\1/p" "$2"; }
# train MODEL OBJECTIVE BATCH THREADS [SETTING ...]: STEPS steps of it; prints images a second, peak memory and GFLOP/s (medians without the first step)
train() {
	local model=$1 objective=$2 n=$3 threads=$4 run=$tmp/run name
	shift 4
	rm -rf "$run"
	tscae-train -q -o "$run" -t "$threads" model="$model" image="$(side "$model")" patch="$(patch "$model")" objective="$objective" batch="$n" \
		steps="$STEPS" checkpoint_minutes=0 "$@" "$(masked "$model" $((n * STEPS)))" || return 1
	for name in images_per_s memory gflops; do
		values $name "$run/log.jsonl" | tail -n +2 | sort -g | awk '{ a[NR] = $1 } END { printf "%s ", a[int((NR + 1) / 2)] }'
	done
	echo
}
# model_of MODEL OBJECTIVE: a model file, trained for one step, made once
model_of() {
	local file=$tmp/model-$1-$2.safetensors
	[ -f "$file" ] || { STEPS=1 train "$1" "$2" 2 "$THREADS" >/dev/null && cp "$tmp/run/latest/model.safetensors" "$file"; } || exit 1
	echo "$file"
}
