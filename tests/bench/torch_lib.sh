# torch_lib.sh - PyTorch in the benchmarks, sourced after lib.sh: check the installation, run tuned or as installed,
# compare numbers
openmp=/usr/lib/$(cc -dumpmachine)/openblas-openmp

# torch_there: succeeds if PyTorch is installed; else prints why the comparison is skipped
torch_there() {
	has torch msgpack numpy ||
		{ skipped "${0##*/}" "$PYTHON has no torch, msgpack or numpy (Debian: python3-torch)"; return 1; }
	[ -f "$openmp/libblas.so.3" ] || echo \
		"note: no OpenMP build of OpenBLAS; 'tuned' runs without it (Debian: libopenblas0-openmp)"
	"$PYTHON" -c 'import torch; print("PyTorch", torch.__version__)'
	# the processor whose kernels OpenBLAS uses in tscae, and the instruction set; PyTorch gets the same by name
	read -r core isa <<<"$("$bench/gemm_block" none |
		sed 's/^OpenBLAS [^ ]* \([^,]*\), kernels \([^,]*\),.*/\1 \2/')"
	[ -n "$isa" ] || { skipped "${0##*/}" "$bench/gemm_block does not print its kernels"; return 1; }
	isa=${isa/#baseline/default}
	echo "tuned: kernels of OpenBLAS for $core, instruction set $isa"
}
# torch tuned|installed ARGUMENT ...: run torch_run.py with the arguments
torch() {
	local blas=$1
	shift
	if [ "$blas" = installed ]; then
		"$PYTHON" "$root/tests/bench/torch_run.py" "$@"
	else
		LD_LIBRARY_PATH=$openmp OMP_NUM_THREADS=$THREADS OPENBLAS_CORETYPE=$core ATEN_CPU_CAPABILITY=$isa \
			"$PYTHON" "$root/tests/bench/torch_run.py" "$@"
	fi
}
# settings OBJECTIVE: print the settings of what torch_model.py computes: for TSCAE contrast of patches and of the
# global query, with all masked patches
settings() {
	[ "$1" = mae ] || echo image_contrast=crossentropy patch_contrast=simsiam student_keep=1 student_image=off
}
# agree MODEL OBJECTIVE FORM: print rows that compare loss and gradient norm of one batch after two steps; fails with
# a message if they differ by more than 1e-4
agree() {
	local n=4 sizes="model=$1 image=$(side "$1") patch=$(patch "$1") objective=$2 batch=4 checkpoint_minutes=0 \
		$(settings "$2")" \
		got numbers name theirs
	if [ ! -d "$tmp/agree-$1-$2" ]; then
		tscae-train -q -o "$tmp/before-$1-$2" -t "$THREADS" $sizes steps=2 lr=1e-3 warmup_ratio=0 \
			"$(masked "$1" $((2 * n)))" || return 1
		# the learning rate is so small that no weight changes: the checkpoint has the weights of the loss
		tscae-train -q -o "$tmp/agree-$1-$2" -t "$THREADS" $sizes steps=1 lr=1e-30 \
			init_from="$tmp/before-$1-$2" "$(masked "$1" "$n")" || return 1
	fi
	numbers=$(torch tuned loss "$tmp/agree-$1-$2/latest/model.safetensors" "$3" "$(masked "$1" "$n")" "$n") ||
		return 1
	for name in loss grad_norm; do
		got=$(values "$name" "$tmp/agree-$1-$2/log.jsonl")
		theirs=${numbers%% *} numbers=${numbers#* }
		awk -v what="$1, $3: $name" -v a="$got" -v b="$theirs" 'BEGIN {
			near = b / a - 1 < 1e-4 && 1 - b / a < 1e-4
			printf "%-46s %8.6f %8s %-7s %12.9g %12.9g\n", what, b / a, "1", near ? "met" : "missed", a, b
			exit !near
		}' || { echo "$1, $3: $name differs; nothing is timed"; return 1; }
	done
}
# torch_first WEIGHTS STREAM: time and memory of a whole process that computes one feature
torch_first() {
	LD_LIBRARY_PATH=$openmp OMP_NUM_THREADS=$THREADS OPENBLAS_CORETYPE=$core "$bench/meter" 1 "$PYTHON" \
		"$root/tests/bench/torch_run.py" first "$1" "$2"
}
