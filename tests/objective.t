#!/bin/bash
# objective.t - the float64 reference of the pre-training objectives: its gradients, and that it made tests/golden
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip_all "python3 with numpy is not installed"
export OPENBLAS_NUM_THREADS=1
/usr/bin/python3 -B "$root/tests/objective.py" check "$root/tests/golden" "$root"/tests/golden/{mae,tscae*}.safetensors
