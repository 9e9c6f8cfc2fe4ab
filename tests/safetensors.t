#!/bin/bash
# safetensors.t - safetensors files that other programs wrote are read, each of them
. "${0%/*}/lib.sh"
[ -n "$shared" ] || skip_all "the data packs are not at hand"
pack=$(unpack tensors-foreign)
files=("$pack"/safetensors/*/*.safetensors)
out=$("$B/tests/safetensors" "${files[@]}"); code=$?
is "all files are read" "$code" 0
is "all of them were tried" "$(printf '%s\n' "$out" | grep -c '^ok')" "$(find "$pack" -name '*.safetensors' | wc -l)"
done_testing
