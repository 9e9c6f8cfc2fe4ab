# lib.sh - what the scripts that plan an experiment share. A plan is a table of runs; a list names their scores for tscae-report(1).
#
#   plan.tsv    result, recipe, settings: a line for each run. `make -f RECIPE.mk SETTING ...` makes the file RESULT. Tab-separated.
#   list.tsv    group, label, file, select, protocol, command: a line for each score, as tscae-report reads it
#
# A script sources this file and calls `plan` for each run and `score` for each score. Its first operand says which table it prints:
# plan or list. run.sh makes one run of a plan.
set -eu -o pipefail
table=$1
here=$(dirname "${BASH_SOURCE[0]}")
declare -A commands=()

tabbed() { local IFS=$'\t'; printf '%s\n' "$*"; }

# command_line RECIPE SETTING ...: the text that a user types
command_line() {
	local setting
	printf 'make %s' "$1"
	for setting in "${@:2}"; do
		case $setting in
		*[!A-Za-z0-9_./=,+:%@-]*) printf " %s='%s'" "${setting%%=*}" "$(sed "s/'/'\\\\''/g" <<<"${setting#*=}")" ;;
		*) printf ' %s' "$setting" ;;
		esac
	done
}

# plan RESULT AFTER RECIPE SETTING ...: a run; AFTER is the result that it begins from, or empty.
# A result that another command made ends the script: no number may stand under a command that is not its own.
plan() {
	local result=$1 after=$2 line kept
	shift 2
	line=$(command_line "$@")
	commands[$result]=${after:+${commands[$after]} && }$line
	[ "$table" = plan ] || return 0
	kept=${result%/*}/$1.command
	if [ -e "$kept" ] && [ "$(cat "$kept")" != "$line" ]; then
		printf '%s: was made by another command: %s\ntake another OUT, or remove it\n' "${result%/*}" "$(cat "$kept")" >&2
		exit 2
	fi
	tabbed "$result" "$@"
}

# score GROUP LABEL RESULT SELECT PROTOCOL: a score in the table that a run made
score() {
	[ "$table" != list ] || tabbed "$@" "${commands[$3]-}"
}

[ "$table" != list ] || tabbed group label file select protocol command
