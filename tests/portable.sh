#!/bin/bash
# portable.sh - build and test with other compilers, distributions, processors and C libraries (make check-portable)
#
# ROWS="gcc-12 aarch64" runs only these rows of the table below; LIST=1 prints their names, TABLE=1 the results so far
# as a table. A row does not depend on the others and can be repeated: it goes on with what it has built. Rows of other
# distributions need root: debootstrap makes their roots in ROOTS (default build-portable/roots), which are kept; remove
# one to begin with an empty one. Nothing stays mounted. A row prints one line; its output is in build-portable/logs.
# JOBS: compilers and tests at a time. PACKAGES: those of make deps (set by the Makefile).
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
work=$PWD/build-portable
roots=${ROOTS:-$work/roots}
case $roots in /*) ;; *) roots=$PWD/$roots ;; esac
jobs=${JOBS:-$(nproc)}
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

# Root: name, release, foreign architecture, whose libraries take the place of its own: the headers of MessagePack-C
# differ. Of a release the component main alone: no updates, no security fixes.
roots_table='
bookworm	bookworm
trixie		trixie
sid		sid
arm64		bookworm	arm64
s390x		bookworm	s390x
'
# Architecture: Debian's name, triplet of the compiler, triplet of the libraries, emulator.
arch_table='
amd64	x86_64-linux-gnu	x86_64-linux-gnu	qemu-x86_64-static -cpu Nehalem
arm64		aarch64-linux-gnu	aarch64-linux-gnu	qemu-aarch64-static
s390x		s390x-linux-gnu		s390x-linux-gnu		qemu-s390x-static
'
# Row: name | root (.: this machine) | architecture (-: that of the root) | steps | packages beside those of make deps |
# variables of the environment and of make. Steps:
#   core    every test program in C            bytes   tests/portable/bytes.sh: its files equal those that the build of
#   check   make check                                 this machine writes; scores and losses to 1e-4
#   demo    make demo TIME=1                   refuse  the build ends with one line that says why
#   musl    tests/portable/musl.sh: the rooms and tests that need no library of the system
warn='-Werror -Wconversion'
rows_table="
gcc-12         | .        | -     | bytes core | gcc-12           | CC=gcc-12 CFLAGS='-O3 -g $warn'
gcc-12-O0      | .        | -     | core       | gcc-12           | CC=gcc-12 CFLAGS='-O0 -g -Werror'
gcc-12-lto     | .        | -     | bytes core | gcc-12           | CC=gcc-12 AR=gcc-ar-12 CFLAGS='-O2 -flto -Werror'
gcc-12-fortify | .        | -     | core       | gcc-12           | CC=gcc-12 CFLAGS='-O2 -D_FORTIFY_SOURCE=3 -Werror'
clang-14       | .        | -     | bytes core | clang-14         | CC=clang-14 CFLAGS='-O3 -g -Werror'
clang-14-O0    | .        | -     | core       | clang-14         | CC=clang-14 CFLAGS='-O0 -g -Werror'
isa-baseline   | .        | -     | bytes core |                  | TSCAE_ISA=baseline CFLAGS=-O2
isa-avx2       | .        | -     | bytes core |                  | TSCAE_ISA=avx2 CFLAGS=-O2
x86-64-v2      | .        | amd64 | bytes core | qemu-user-static | CFLAGS=-O2
debian-12      | bookworm | -     | check demo |                  |
debian-13      | trixie   | -     | check demo |                  |
debian-sid     | sid      | -     | check demo |                  |
gcc-trixie     | trixie   | -     | bytes core | gcc              | CC=gcc CFLAGS='-O3 -g $warn'
clang-trixie   | trixie   | -     | core       | clang            | CC=clang CFLAGS='-O3 -g -Werror'
gcc-sid        | sid      | -     | bytes core | gcc              | CC=gcc CFLAGS='-O3 -g $warn'
clang-sid      | sid      | -     | core       | clang            | CC=clang CFLAGS='-O3 -g -Werror'
aarch64        | arm64    | arm64 | bytes core | qemu-user-static | CFLAGS=-O1
s390x          | s390x    | s390x | bytes core | qemu-user-static | CFLAGS=-O1
armhf          | arm64    | -     | refuse     | gcc-arm-linux-gnueabihf | CC=arm-linux-gnueabihf-gcc
i386           | .        | -     | refuse     |                  | CC='cc -m32'
musl           | .        | -     | musl       | musl-tools       |
"

# A row of a table by its first column.
find_row() { awk -v name="$2" '$1 == name' <<<"$1"; }

# --- a row, in the root where it is built: portable.sh --row NAME, with $B and $reference

# The packages of make deps and of the row; for another architecture its libraries, and a compiler for it.
install_packages() {
	local package wanted="perl make $packages"
	for package in $PACKAGES; do
		case $arch:$package in
		-:* | amd64:*) ;;
		*:lib*-dev) package=$package:$arch ;;
		*:gcc) package="gcc-${triplet//_/-} libc6-dev:$arch" ;;
		esac
		wanted="$wanted $package"
	done
	# shellcheck disable=SC2086
	.ci/packages $wanted
}
test_programs() { local file; for file in tests/*.c; do file=${file%.c}; echo "$B/$file"; done; }
# Folder from which programs are started: for another processor, scripts that call the emulator, without the kernels
# of OpenBLAS that a variable names for this one.
programs_folder() {
	local program
	if [ -z "$emulator" ]; then echo "$B"; return; fi
	mkdir -p "$B/run/bin" "$B/run/tests"
	for program in "$B"/bin/tscae-* $(test_programs); do
		[ -x "$program" ] || continue
		printf '#!/bin/sh\nunset OPENBLAS_CORETYPE\nexec %s -0 "$0" %s "$@"\n' "$emulator" \
			"$(realpath "$program")" >"$B/run/${program#"$B"/}"
		chmod +x "$B/run/${program#"$B"/}"
	done
	echo "$B/run"
}
build() { make --no-print-directory -j "$jobs" B="$B" "${settings[@]}" "$@"; }

step_core() {
	local from programs
	build tests || return
	from=$(programs_folder)
	mapfile -t programs < <(test_programs)
	B=$from prove -j "$jobs" --timer --exec '' "${programs[@]/#"$B"/"$from"}"
}
step_bytes() { build all && B=$(programs_folder) tests/portable/bytes.sh "$B/bytes" "$reference"; }
step_check() { make -j "$jobs" check PROVE="-j $jobs" "${settings[@]}"; }
step_demo() { make -j "$jobs" demo TIME=1 "${settings[@]}"; }
step_musl() { tests/portable/musl.sh "$B"; }
step_refuse() {
	local out
	if out=$(build all 2>&1); then echo "$out"; echo 'expected: a build that is refused'; return 1; fi
	echo "$out"
	! grep "error:" <<<"$out" && [ "$(grep -c "tscae needs" <<<"$out")" = 1 ] && grep "tscae needs" <<<"$out"
}
run_row() {
	local step row triplet=x86_64-linux-gnu libraries='' emulator='' word list settings=()
	row=$(find_row "$rows_table" "$1")
	IFS='|' read -r _ _ arch steps packages list <<<"$row"
	arch=${arch// /}
	read -r _ triplet libraries emulator < <(find_row "$arch_table" "$arch")
	eval "list=($list)"
	for word in "${list[@]}"; do
		case $word in TSCAE_*) export "${word?}" ;; *) settings+=("$word") ;; esac
	done
	if [ -n "$libraries" ] && [ "$arch" != amd64 ]; then
		settings+=(CC="$triplet-gcc" AR="$triplet-ar")
		settings+=(PKG="env PKG_CONFIG_LIBDIR=/usr/lib/$libraries/pkgconfig:/usr/share/pkgconfig pkg-config")
	fi
	install_packages || return
	for step in $steps; do
		echo "--- $step"
		"step_$step" || { echo "--- $step failed"; return 1; }
	done
}
if [ "${1-}" = --row ]; then run_row "$2"; exit; fi

# --- on this machine

# Make a root that does not exist. Prints why it cannot.
make_root() {
	local name=$1 release foreign arch
	read -r _ release foreign < <(find_row "$roots_table" "$name")
	[ ! -e "$roots/$name.part" ] || rm -rf "$roots/$name.part"
	[ ! -d "$roots/$name" ] || return 0
	mkdir -p "$roots"
	debootstrap --variant=minbase "$release" "$roots/$name.part" >"$work/logs/root-$name" 2>&1 ||
		{ echo "debootstrap $release failed: build-portable/logs/root-$name"; return 1; }
	# as this machine judges the dates of release files
	apt-config dump | grep -E '^Acquire::Check-(Valid-Until|Date) ' >"$roots/$name.part/etc/apt/apt.conf.d/90dates"
	echo force-unsafe-io >"$roots/$name.part/etc/dpkg/dpkg.cfg.d/90unsafe"
	for arch in $foreign; do chroot "$roots/$name.part" dpkg --add-architecture "$arch"; done
	mv "$roots/$name.part" "$roots/$name"
}
# Why a root cannot be used here; nothing if it can.
obstacle() {
	[ "$1" != . ] || return 0
	[ "$(id -u)" = 0 ] || { echo 'needs root, for debootstrap and chroot'; return; }
	command -v debootstrap >/dev/null || { echo 'needs the package debootstrap'; return; }
	unshare --mount true 2>/dev/null || { echo 'needs unshare --mount'; return; }
	make_root "$1"
}
# Copy the checkout, and what the build of this machine wrote, into a root.
copy_source() {
	[ -d "$1/.git" ] || { rm -rf "$1" && git clone -q --no-hardlinks . "$1"; } || return
	git -C "$1" fetch -q "$PWD" HEAD && git -C "$1" checkout -q --force FETCH_HEAD &&
		git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -pu -t "$1" || return
	rm -rf "$1/build-portable" && mkdir "$1/build-portable" && cp -r "$work/reference" "$1/build-portable/"
}
# Run in a root, with its own mounts and processes, and an empty environment but for these variables.
in_root() {
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child --mount-proc="$1/proc" bash -c '
		mount --rbind /dev "$0/dev" && cp /etc/resolv.conf "$0/etc/" && root=$0 && shift 0 &&
		exec chroot "$root" env -i "$@"' "$@"
}
# What the build of this machine writes, to compare others with.
make_reference() {
	[ ! -e "$work/reference/done" ] || return 0
	rm -rf "$work/reference"
	make -j "$jobs" B="$work/here" all && B=$work/here tests/portable/bytes.sh "$work/reference" &&
		touch "$work/reference/done"
}
start_row() {
	local name=$1 root=$2
	if [ "$root" = . ]; then
		B=$work/$name reference=$work/reference tests/portable.sh --row "$name"
	else
		copy_source "$roots/$root/src/$name" &&
			in_root "$roots/$root" PATH="$path" HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive \
				JOBS="$jobs" B=build reference=build-portable/reference PACKAGES="$PACKAGES" \
				/bin/bash "/src/$name/tests/portable.sh" --row "$name"
	fi
}
names() { awk '$1 != "" { print $1 }' <<<"$rows_table"; }
show_table() {
	local name
	echo '| row | root | what ran | result | date |'
	echo '|---|---|---|---|---|'
	for name in $(names); do [ ! -e "$work/results/$name" ] || cat "$work/results/$name"; done
}
# The counts of prove and of bytes.sh in a log, or its last line.
summary() {
	local lines
	lines=$(grep -E '^(Files=[0-9]+, Tests=[0-9]+|bytes: )' "$1" | sed 's/,  *[0-9]* wallclock.*//' | paste -sd ';')
	echo "${lines:-$(tail -n 1 "$1")}"
}

main() {
	local name row root steps why result status=0
	: "${PACKAGES:?is set by make check-portable}"
	export PACKAGES
	mkdir -p "$work/logs" "$work/results"
	make_reference >"$work/logs/reference" 2>&1 ||
		{ echo "the build of this machine fails: build-portable/logs/reference"; exit 1; }
	for name in ${ROWS:-$(names)}; do
		row=$(find_row "$rows_table" "$name")
		[ -n "$row" ] || { echo "unknown row: $name (LIST=1 prints the names)" >&2; exit 2; }
		IFS='|' read -r _ root _ steps _ <<<"$row"
		root=${root// /}
		why=$(obstacle "$root")
		if [ -n "$why" ]; then
			result="skipped: $why"
		elif start_row "$name" "$root" >"$work/logs/$name" 2>&1 </dev/null; then
			result="passed: $(summary "$work/logs/$name")"
		else
			result="failed: $(grep -Em1 \
				'error: |^not ok|^E: |^differs: |Failed test|failed$' "$work/logs/$name")"
			status=1
		fi
		echo "$name: $result"
		printf '| %s | %s | %s | %s | %s |\n' "$name" "$root" "$(xargs <<<"$steps")" "$result" "$(date -I)" \
			>"$work/results/$name"
	done
	exit $status
}

if [ -n "${LIST-}" ]; then names; elif [ -n "${TABLE-}" ]; then show_table; else main; fi
