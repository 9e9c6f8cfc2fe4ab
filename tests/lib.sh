# lib.sh - TAP for shell tests. Usage:
#   . "${0%/*}/lib.sh"; plan 2; ok "name" test 1 = 1; is "name" "$(tool)" "expected"; done_testing
# Sets: root (checkout), bin (built tools, also on PATH), tmp (new directory, removed at the end), shared (data packs
# or "").
set -u
root=$(cd "${0%/*}" && until [ -f Makefile ] || [ "$PWD" = / ]; do cd ..; done && pwd)
B=${B:-build}
case $B in /*) ;; *) B=$root/$B ;; esac
bin=$B/bin
PATH=$bin:$PATH
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tscae-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
shared=$root/../shared
[ -d "$shared/data" ] || shared=
LC_ALL=C; export LC_ALL PATH
_n=0 _bad=0 _planned=

plan() { _planned=$1; echo "1..$1"; }
# skip_all why: skip the whole file
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
pass() { _n=$((_n + 1)); echo "ok $_n - $1"; }
fail() { _n=$((_n + 1)); _bad=$((_bad + 1)); echo "not ok $_n - $1"; shift
for _l; do printf '%s\n' "$_l" | sed 's/^/#   /'; done; }
# skip name why
skip() { _n=$((_n + 1)); echo "ok $_n - $1 # SKIP $2"; }
# ok name command...: passes if the command succeeds
ok() { _name=$1; shift; if _out=$("$@" 2>&1); then pass "$_name"; else fail "$_name" "command: $*" "$_out"; fi; }
# is name got expected
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:      $2" "expected: $3"; fi; }
# like name text shell-pattern...: several patterns are the parts of one
like() {
	local name=$1 text=$2 pattern
	shift 2
	printf -v pattern %s "$@"
	case $text in $pattern) pass "$name" ;; *) fail "$name" "got:  $text" "want: $pattern" ;; esac
}
# status name expected command...: exit status (stdout dropped; stderr in $tmp/stderr)
status() { _name=$1 _want=$2; shift 2; "$@" >/dev/null 2>"$tmp/stderr"; _got=$?
	if [ "$_got" = "$_want" ]; then
		pass "$_name"
	else
		fail "$_name" "exit $_got, expected $_want: $*" "$(head -5 "$tmp/stderr")"
	fi; }
# log_values key run: the values of that key in the log of a training run, one a line
log_values() { sed -nE 's/.*"'"$1"'":([-0-9.e]+).*/\1/p' "$2/log.jsonl"; }
# near_log name tolerance key run run: passes if both logs have the same number of values, which differ by the tolerance
# at most
near_log() {
	ok "$1" awk -v most="$2" \
		'{ d = $1 - $2 } NF != 2 || d > most || d < -most { bad = 1 } END { exit bad || !NR }' \
		<(paste -d' ' <(log_values "$3" "$4") <(log_values "$3" "$5"))
}
# same name file file: passes if the bytes are equal
same() { if cmp "$2" "$3" >/dev/null 2>&1; then pass "$1"; else fail "$1" "$(cmp "$2" "$3" 2>&1)"; fi; }
# at_least bytes file: wait (one minute at most) until the file has that many bytes; print its size
at_least() { for _i in $(seq 1200); do
	_size=$(stat -c %s $2 2>/dev/null); [ "${_size:-0}" -ge "$1" ] && break; sleep 0.05
done
echo "${_size:-0}"; }
# unpack pack: unpack $shared/data/PACK.tar once into $tmp and print the directory; requires $shared
unpack() { [ -d "$tmp/$1" ] || { mkdir "$tmp/$1" && tar -xf "$shared/data/$1.tar" -C "$tmp/$1"; }; echo "$tmp/$1"; }
done_testing() { [ -n "$_planned" ] || echo "1..$_n"
[ "$_bad" = 0 ] && { [ -z "$_planned" ] || [ "$_planned" = "$_n" ]; }; exit $?; }
