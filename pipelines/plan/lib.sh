# lib.sh - shared by the scripts that plan an experiment. A plan is a table of runs; a list has their scores for
# tscae-report(1).
#
#   plan.tsv    result, recipe, settings: one line per run, tab-separated; `make -f RECIPE.mk SETTING ...` makes RESULT
#   list.tsv    group, label, file, select, protocol, command: one line per score, in the format of tscae-report
#
# A script sources this file and calls `plan` for each run and `score` for each score. Its first operand selects the
# table to print: plan or list. run.sh does one run of a plan.
set -eu -o pipefail
table=$1
here=$(dirname "${BASH_SOURCE[0]}")
declare -A commands=()

tabbed() { local IFS=$'\t'; printf '%s\n' "$*"; }

# command_line RECIPE SETTING ...: print the equivalent make command
command_line() {
	local setting
	printf 'make %s' "$1"
	for setting in "${@:2}"; do
		case $setting in
		*[!A-Za-z0-9_./=,+:%@-]*)
			printf " %s='%s'" "${setting%%=*}" "$(sed "s/'/'\\\\''/g" <<<"${setting#*=}")" ;;
		*) printf ' %s' "$setting" ;;
		esac
	done
}

# plan RESULT AFTER RECIPE SETTING ...: add a run; AFTER is the result that it depends on, or empty.
# It is an error if another command made the result: each number is printed with its own command.
plan() {
	local result=$1 after=$2 line kept
	shift 2
	line=$(command_line "$@")
	commands[$result]=${after:+${commands[$after]} && }$line
	[ "$table" = plan ] || return 0
	kept=${result%/*}/$1.command
	if [ -e "$kept" ] && [ "$(cat "$kept")" != "$line" ]; then
		printf '%s: was made by another command: %s\nuse another OUT, or remove the folder\n' \
			"${result%/*}" "$(cat "$kept")" >&2
		exit 2
	fi
	tabbed "$result" "$@"
}

# score GROUP LABEL RESULT SELECT PROTOCOL: add a score from the result of a run
score() {
	[ "$table" != list ] || tabbed "$@" "${commands[$3]-}"
}

[ "$table" != list ] || tabbed group label file select protocol command
