#!/bin/bash
# rows.t - each row of the tables of formats, dialects and models has a test, which rows.tsv names
#
# A line of rows.tsv: a page of formats/, the first cell of a row, a file of tests/, a part of the line of this file
# that makes the test (its TAP line, or the entry of a table that it runs over). A row may have several lines.
. "${0%/*}/lib.sh"
cd "$root" || exit 1
pages="dialects images annotations models"

# rows: page and first cell of each row of a table, but for its heading
for page in $pages; do
	awk -v page=$page '!/^\|/ { n = 0 } /^\|/ && ++n > 2 {
		gsub(/\\\|/, "\1"); split($0, cell, "|"); gsub(/^ +| +$/, "", cell[2]); gsub("\1", "\\|", cell[2])
		print page "\t" cell[2] }' formats/$page.md
done | sort -u >"$tmp/rows"
cut -f1,2 tests/rows.tsv | sort -u >"$tmp/named"
ok "the pages have tables" test "$(wc -l <"$tmp/rows")" -gt 150
is "each row of the tables of formats/ is in rows.tsv" "$(comm -23 "$tmp/rows" "$tmp/named")" ""
is "each row of rows.tsv is in a table" "$(comm -13 "$tmp/rows" "$tmp/named")" ""
is "each line of rows.tsv names a line of a test" "$(while IFS=$'\t' read -r page cell file part rest; do
	[ -n "$part" ] && [ -z "$rest" ] && grep -F -- "$part" "tests/$file" | grep -qv '^[[:space:]]*#' ||
		echo "$page: $cell: $file: $part"
done <tests/rows.tsv)" ""
is "no line of rows.tsv occurs twice" "$(sort tests/rows.tsv | uniq -d)" ""
is "each file that rows.tsv names is a test, or makes the inputs of one" "$(cut -f3 tests/rows.tsv | sort -u |
	while read -r file; do
		case $file in
		*.t | *.c) [ -f "tests/$file" ] || echo "$file" ;;
		*.py) grep -rqF "tests/$file" tests --include='*.t' || echo "$file" ;;
		*) echo "$file" ;;
		esac
	done)" ""
done_testing
