#!/bin/bash
# law.t - the laws of the house, read off the source: dependency order, doors, names, sizes, who may print
. "${0%/*}/lib.sh"
cd "$root" || exit 1

# the folders of lib/ in order of dependency: each may include from those on the lines above
order='base
stream json
codec kernel
transform nn
annotation
dataset viz model
checkpoint
task
inference train metrics
cli'
declare -A below
above=
while read -r line; do
	for folder in $line; do below[$folder]=$above; done
	above="$above $line"
done <<<"$order"
bad=
for folder in lib/*/; do
	f=$(basename "$folder")
	for inc in $(grep -ho '^#include "[a-z_]*/' "$folder"*.[ch] | cut -d'"' -f2 | tr -d / | sort -u); do
		case " $f ${below[$f]-} " in *" $inc "*) ;; *) bad="$bad $f->$inc" ;; esac
	done
	[ -n "${below[$f]+known}" ] || bad="$bad unknown-folder:$f"
done
is "includes point downwards" "$bad" ""

# header pattern, and the one place that may include it
doors='<msgpack lib/stream/
<xxhash lib/base/digest.c
<jpeglib lib/codec/
<png.h lib/codec/
<yajl lib/json/
<cblas lib/kernel/gemm.c
<expat lib/dataset/
<mpi lib/train/'
bad=
while read -r pattern door; do
	for file in $(grep -rlF "#include $pattern" lib tools --include=*.[ch]); do
		case $file in "$door"*) ;; *) bad="$bad $file:$pattern" ;; esac
	done
done <<-EOF
	$doors
EOF
is "each third-party library has one door" "$bad" ""
is "TurboJPEG is not used (its handle stays poisoned)" "$(grep -rl 'turbojpeg.h' lib tools)" ""

bad=
for header in lib/*/*.h; do
	${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -Ilib -Wall -Werror -fsyntax-only -x c "$header" 2>"$tmp/out" || bad="$bad $header"
done
is "each header compiles alone" "$bad" ""

# an external name begins with the name of a header of its folder, or of a struct that such a header defines
bad=
for folder in lib/*/; do
	objects=$(for source in "$folder"*.c; do ls "$B/${source%.c}.o"; done 2>/dev/null)
	[ -n "$objects" ] || continue
	heads=$(ls "$folder"*.h | xargs -n1 basename -s .h)
	structs=$(grep -hoE '^struct [a-z_]+' "$folder"*.h | cut -d' ' -f2 | sort -u)
	for name in $(nm -g --defined-only $objects 2>/dev/null | awk '$2 ~ /^[TDBR]$/ { print $3 }' | grep -v '^__' | sort -u); do
		# warn() is the word that every tool knows
		[ "$name" = warn ] && continue
		found=
		for prefix in $heads $structs; do
			case $name in "$prefix" | "${prefix}"_*) found=1; break ;; esac
		done
		[ -n "$found" ] || bad="$bad ${folder#lib/}$name"
	done
done
is "external names begin with their header's name" "$bad" ""

is "only lib/cli prints or exits (and mem.c, out of memory; check.c, an assert that shows shapes)" \
	"$(grep -nE '(^|[^a-z_])(exit|_exit|abort|printf|puts|putchar|perror|vprintf) ?\(|fprintf ?\(std(out|err)' lib/*/*.c | grep -vE '^lib/cli/|^lib/base/mem\.c|^lib/nn/check\.c|:[0-9]+:[[:space:]]*(/\*|\*)')" ""

bad=
for tool in tools/*.c; do
	name=$(basename "$tool" .c)
	[ -f "man/$name.1" ] || bad="$bad no-page:$name"
	[ -f "tests/$name.t" ] || bad="$bad no-test:$name"
done
for page in man/*.1; do
	[ -f "tools/$(basename "$page" .1).c" ] || bad="$bad no-tool:$page"
done
is "tool = page = test" "$bad" ""
is "the overview has every tool" "$(for tool in tools/*.c; do grep -q "Xr $(basename "$tool" .c) 1" man/tscae.7 || echo "$tool"; done)" ""

is "every test can be run" "$(find tests -name '*.t' ! -perm -u+x)" ""
is "no source file is longer than 300 lines" "$(wc -l lib/*/*.[ch] tools/*.c | awk '$2 != "total" && $1 > 300 { print $2 ":" $1 }')" ""
is "no marks are left in the code" "$(grep -rnE 'TODO|FIXME|XXX[^X]' lib tools pipelines tests --include=*.[cht] --include=*.mk --include=*.sh | grep -vE 'mktemp|mkdtemp|XXXXXX|^tests/law.t')" ""
bad=
for file in lib/*/*.[ch] tools/*.c tests/*.[ch]; do
	name=$(basename "$file"); name=${name%.*}
	case $(head -1 "$file") in "/* $name - "*) ;; *) bad="$bad $file" ;; esac
done
is "every file begins with its name and what it is" "$bad" ""
is "the top level holds what it should" "$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u | tr '\n' ' ')" ".ci .gitignore LICENSE Makefile README.md formats lib man pipelines tests tools "

# what a tool does not need it does not load: visible architecture
bad=
for tool in decode crop uncrop augment degrade mask view synth; do
	[ -x "$bin/tscae-$tool" ] || continue
	ldd "$bin/tscae-$tool" | grep -q openblas && bad="$bad tscae-$tool"
done
is "tools that multiply no matrices load no BLAS" "$bad" ""
done_testing
