#!/bin/bash
# lint.sh - include-what-you-use, clang-tidy and cppcheck over the source: lint.sh [--fix] [FILE ...]
#
# CFLAGS has what the compiler needs to find the headers (make lint passes it). LINTERS chooses among "iwyu check tidy"
# (check: cppcheck).
# Findings are printed, and the exit status is 1. --fix writes the includes that include-what-you-use asks for, until it
# asks for none.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
fix=
[ "${1-}" = --fix ] && { fix=yes; shift; }
[ $# -gt 0 ] || set -- lib/*/*.[ch] tools/*.c tests/*.[ch] tests/fuzz/*.c tests/bench/*.c
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tscae-lint.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
read -r -a flags <<<"${CFLAGS-}"
flags+=(-Itests)
export LC_ALL=C
status=0

# Prints what include-what-you-use says of each file, headers too; fails where it says nothing. Left out are the kernels
# that are compiled for several instruction sets: their includes have a fixed order around #pragma target, and version
# 0.18 aborts on the vectors of the compiler. A superfluous forward declaration is no finding: two headers may need each
# other's pointers.
look() {
	local file=${*: -1} out
	out=$(include-what-you-use "${@:1:$#-1}" "$file" 2>&1)
	if grep -q '^The full include-list\|has correct #includes' <<<"$out"; then
		sed '/^- struct [a-z0-9_]*;/d' <<<"$out"
	else
		printf '%s should add these lines:\nnothing is known: %s\n\n' "$file" "$(tail -n 1 <<<"$out")"
	fi
}
export -f look
includes() {
	for file; do case $file in */kernel_*) ;; *) printf '%s\0' "$file" ;; esac; done |
	xargs -0 -n 1 -P "$(nproc)" bash -c 'out=$(look "$@"); printf "%s\n\n" "$out"' - "${flags[@]}" \
		-Xiwyu --no_comments -Xiwyu --quoted_includes_first -Xiwyu --no_fwd_decls -Xiwyu \
		--mapping_file=tests/iwyu.imp
}
# file: +line, file: -line; a header is seen alone and with its source
findings() {
	awk '/ should (add|remove) these lines:$/ { file = $1; sign = $3 == "add" ? "+" : ""; next }
		/^$/ || /^The full include-list/ { file = "" }
		file { sub(/ *\/\/ lines .*/, ""); print file ": " sign $0 }' "$1" | sort -u
}
# the order of the house: the header of the source, then those of the project, an empty line, those of libraries
# (jpeglib.h needs stdio.h before it)
sorted_includes() {
	perl -0777 -i -pe '
		(my $own = $ARGV) =~ s{^lib/|\.[ch]$}{}g;
		s{((?:^#include [<"][^\n]*\n\n?)+)}{
			my $text = $1; my (%seen, @all); @all = grep { !$seen{$_}++ } $text =~ /^#include ([^\n]*)\n/mg;
			my @project = sort { ($b eq "\"$own.h\"") <=> ($a eq "\"$own.h\"") || $a cmp $b }
				grep { /^"/ } @all;
			my @system = sort { ($a =~ /^<(jpeglib|jerror|png)/) <=> ($b =~ /^<(jpeglib|jerror|png)/) ||
				$a cmp $b } grep { /^</ } @all;
			join("\n", map { join "", map "#include $_\n", @$_ } grep { @$_ } \@project, \@system) .
				($text =~ /\n\n$/ ? "\n" : "")
		}gem' "$@"
}
iwyu() {
	local round
	includes "$@" >"$tmp/iwyu"
	for round in 1 2 3; do
		findings "$tmp/iwyu" >"$tmp/findings"
		[ -n "$fix" ] && [ -s "$tmp/findings" ] || break
		fix_include --nocomments --nosafe_headers --noreorder <"$tmp/iwyu" >/dev/null
		includes "$@" >"$tmp/iwyu"
	done
	[ -z "$fix" ] || sorted_includes $(printf '%s\n' "$@" | grep -v '/kernel_')
	[ ! -s "$tmp/findings" ] ||
		{ echo 'include-what-you-use (make lint FIX=1 writes these):'; cat "$tmp/findings"; return 1; }
}

# the checks are in clang-tidy.yaml
tidy() {
	printf '%s\0' "$@" | grep -z '\.c$' | xargs -0 -n 4 -P "$(nproc)" bash -c '
		clang-tidy --config-file=tests/clang-tidy.yaml --quiet "${@:$1+2}" -- "${@:2:$1}" \
			2>"$0/tidy.$$" || { cat "$0/tidy.$$"; exit 1; }' "$tmp" "${#flags[@]}" "${flags[@]}" \
			>"$tmp/tidy"
	local rc=$?
	sed -E '/^[0-9]+ warnings? generated\.$/d' "$tmp/tidy" | sort -u >"$tmp/findings"
	cat "$tmp/findings"
	[ $rc = 0 ] && [ ! -s "$tmp/findings" ]
}

# Suppressed are false findings: bytes of a tensor are aligned for their type; arrays that a loop fills (the compilers
# warn, too);
# log() of a sum of exponentials; a shift that gcc and clang define; the comma in a compound literal; what version 2.10
# sees after a loop that found nothing (tscae-eval).
check() {
	local id suppress=()
	for id in invalidPointerCast uninitvar invalidFunctionArg shiftTooManyBitsSigned constStatement; do
		suppress+=("--suppress=$id")
	done
	cat >"$tmp/noreturn.cfg" <<-'XML'
		<?xml version="1.0"?>
		<def>
			<function name="die"><noreturn>true</noreturn></function>
			<function name="die_with"><noreturn>true</noreturn><arg nr="1"/><arg nr="2"/>
				<arg nr="variadic"/></function>
		</def>
	XML
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability -j "$(nproc)" \
		"${suppress[@]}" \
		--suppress=arrayIndexOutOfBounds:tools/tscae-eval.c \
		--library="$tmp/noreturn.cfg" --template='{file}:{line}: {message} [{id}]' -Ilib -Itests "$@"
}

for tool in ${LINTERS:-iwyu check tidy}; do
	$tool "$@" || { echo "lint: $tool has findings" >&2; status=1; }
done
exit $status
