# linear_probe - seconds of the linear probe on features of 20,000 pictures; RECORDS=100000 takes five times as long
for features in 192 384 768; do
	"$B/tests/bench/linear_probe" "${RECORDS:-20000}" "$features" 100 "${THREADS:-$(nproc)}"
done
