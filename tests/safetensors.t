#!/bin/bash
# safetensors.t - safetensors files of other programs are read
. "${0%/*}/lib.sh"
[ -n "$shared" ] || skip_all "the data packs are missing"
pack=$(unpack tensors-foreign)
files=("$pack"/safetensors/*/*.safetensors)
out=$("$B/tests/safetensors" "${files[@]}"); code=$?
is "every safetensors file of other programs is read" "$code" 0
is "every safetensors file of other programs was opened" "$(printf '%s\n' "$out" | grep -c '^ok')" \
	"$(find "$pack" -name '*.safetensors' | wc -l)"
done_testing
