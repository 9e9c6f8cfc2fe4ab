#!/bin/bash
# run.sh MAKE PLAN RESULT SETTING ... - do one run of a plan (lib.sh)
#
# RECIPE.out in the folder of the result gets the output of the recipe, RECIPE.command the command. A run that was
# stopped resumes.
. "$(dirname "$0")/lib.sh" run
make=$1 plan=$2 result=$3
shift 3
found=
while IFS=$'\t' read -r -a run; do
	[ "${run[0]}" != "$result" ] || { found=yes; break; }
done <"$plan"
[ -n "$found" ] || { echo "$plan: no run has the result '$result'" >&2; exit 1; }
recipe=${run[1]} folder=$(dirname "$result")
mkdir -p "$folder"
command_line "${run[@]:1}" >"$folder/$recipe.command.part"
mv "$folder/$recipe.command.part" "$folder/$recipe.command"
$make -f "$here/../$recipe.mk" "$@" "${run[@]:2}" >"$folder/$recipe.out" 2>&1 ||
	{ tail "$folder/$recipe.out" >&2; exit 1; }
