#!/bin/bash
# musl.sh - compile the rooms base, stream, json, annotation and metrics for musl, link the tests that need no more, and
# run them: musl.sh FOLDER
#
# Debian has no libraries for musl: the static ones of glibc are linked, as they need little of the C library
# (glibc_checked.c). The other rooms need libraries that need more (libjpeg, OpenBLAS ...).
set -eu -o pipefail
out=$1
rooms='base stream json annotation metrics'
tests='base stream json'
libraries='msgpackc xxhash yajl_s expat'
headers='msgpack msgpack.h yajl xxhash.h expat.h expat_config.h expat_external.h'
flags=(-std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -pthread -fno-math-errno -O2 -g -Wall -Wextra -Werror
	-Wno-missing-field-initializers -Ilib -Itests -isystem "$out/include")

rm -rf "$out"
mkdir -p "$out/include" "$out/tests" "$out/lib"
for header in $headers; do
	for folder in /usr/include /usr/include/x86_64-linux-gnu; do
		[ ! -e "$folder/$header" ] || ln -sf "$folder/$header" "$out/include/"
	done
done
for room in $rooms; do
	for file in lib/"$room"/*.c; do
		echo "CC $file"
		name=${file#lib/}
		musl-gcc "${flags[@]}" -c -o "$out/lib/${name//\//-}.o" "$file"
	done
done
musl-gcc "${flags[@]}" -c -o "$out/lib/glibc_checked.o" tests/portable/glibc_checked.c
ar rcs "$out/lib.a" "$out"/lib/*.o
mapfile -t archives < <(for library in $libraries; do find /usr/lib/x86_64-linux-gnu -name "lib$library.a"; done)
programs=()
for test in $tests; do
	echo "LD $test"
	musl-gcc "${flags[@]}" -static -o "$out/tests/$test" "tests/$test.c" \
		"$out/lib.a" "${archives[@]}" "$out/lib.a" -lm
	programs+=("$out/tests/$test")
done
B=$out prove --exec '' "${programs[@]}"
