# gemm - the engine's rate in one core: a block forward and backward, and attention, beside sgemm and the FMA peak
"$B/tests/bench/gemm_block"
"$B/tests/bench/attention"
"$B/tests/bench/window"
