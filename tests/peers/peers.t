#!/bin/bash
# peers.t - what the tools compute beside timm, mae, cocoapi and webdataset (PEERS=FOLDER with their sources)
. "${0%/*}/../lib.sh"
python=${PYTHON:-/usr/bin/python3}
[ -d "${PEERS-}" ] || skip_all "no PEERS=FOLDER with checkouts of timm, mae, cocoapi, webdataset"
PEERS=$(cd "$PEERS" && pwd)
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
for peer in timm mae cocoapi webdataset; do
	if [ ! -d "$PEERS/$peer" ]; then skip "$peer" "$PEERS/$peer is not there"; continue; fi
	mkdir "$tmp/$peer"
	(cd "$tmp/$peer" && "$python" -B "$root/tests/peers/peers.py" $peer "$PEERS/$peer") >"$tmp/$peer.tap" \
		2>"$tmp/$peer.err"
	result=$?
	while read -r line; do
		case $line in
		*'# SKIP'*) skip "$peer" "${line#*# SKIP }" ;;
		'ok '*) pass "$peer: ${line#ok * - }" ;;
		'not ok '*) fail "$peer: ${line#not ok * - }" ;;
		esac
	done <"$tmp/$peer.tap"
	is "$peer: the comparison ran to its end" \
		"$result $(grep -c '^1\.\.' "$tmp/$peer.tap") $(tail -1 "$tmp/$peer.err")" "0 1 "
done
done_testing
