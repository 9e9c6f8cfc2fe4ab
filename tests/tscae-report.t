#!/bin/bash
# tscae-report.t - scores of several runs as one page
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
tab() { local IFS=$'\t'; printf '%s\n' "$*"; }
head=$(tab group label file select protocol command)
{ tab name value; tab AP50 0.25; tab top1 0.5; tab top1_low 0.4; tab top1_high 0.625; } >a.tsv
{ tab name value; tab AP50 0.75; tab top1 0.7; } >b.tsv
{ tab name probe setting top1 low high; tab trained knn k=20 0.125 0.1 0.15; tab trained linear rate=1 0.25 0.2 0.3
	tab pixels knn k=20 0.0625 0.05 0.07; } >p.tsv
{ echo "$head"; tab Detection TSCAE a.tsv AP50/value 'boxes' 'make detect'; tab Classes TSCAE a.tsv top1/value 'all' \
	'make a'
	tab Detection MAE b.tsv AP50/value 'boxes' 'make other'
	tab Detection TSCAE b.tsv AP50/value 'boxes' 'make detect SEED=1'
	tab Classes linear p.tsv trained,linear/top1 'probe' 'make p'; } >list.tsv
tscae-report list.tsv >page
is "several runs in a row: mean, minimum and maximum" "$(grep '^| TSCAE | 50.0 | 25' page)" \
	"| TSCAE | 50.0 | 25.0 to 75.0 | 2 |"
{ echo "$head"; tab C both a.tsv top1/value p c; tab C both b.tsv top1/value p d; } >both.tsv
is "bounds of a row include the intervals of its runs" "$(tscae-report both.tsv | grep '^| both')" \
	"| both | 60.0 | 40.0 to 70.0 | 2 |"
{ tab name value; tab AP50 -1; } >none.tsv; { tab name value; tab AP50 1.5; } >large.tsv
{ echo "$head"; tab D none none.tsv AP50/value p c; tab D both none.tsv AP50/value p c; tab D both a.tsv AP50/value p \
	d; } >undefined.tsv
is "undefined scores are left out of the mean" "$(tscae-report undefined.tsv | grep '^| ' | sed 1d | tr '\n' ';')" \
	"| none | not defined | | 0 |;| both | 25.0 | | 1 |;"
is "one run without an interval has no bounds" "$(grep '^| MAE' page)" "| MAE | 75.0 | | 1 |"
is "one run takes its interval from a table of names and values" "$(grep '^| TSCAE | 50.0 | 40' page)" \
	"| TSCAE | 50.0 | 40.0 to 62.5 | 1 |"
is "one run takes its interval from a table of runs, selected by two texts" "$(grep '^| linear' page)" \
	"| linear | 25.0 | 20.0 to 30.0 | 1 |"
is "groups keep the order of the list" "$(grep '^##' page | tr '\n' ' ')" "## Detection ## Classes "
is "each protocol is printed once" "$(grep -c '^boxes$' page)" 1
is "each row has its command" "$(grep -c '	# ' page)" 4
is "--table prints tab-separated rows" "$(tscae-report --table list.tsv | sed -n 2p)" \
	"$(tab Detection TSCAE 2 0.500000 0.250000 0.750000)"
is "--group prints this group only" "$(tscae-report --table --group Classes list.tsv | cut -f 2 | tr '\n' ' ')" \
	"label TSCAE linear "
status "--group with an unknown name: exit 65" 65 tscae-report --group None list.tsv
status "--help: exit 0" 0 tscae-report --help
status "no operand: exit 2" 2 tscae-report
status "a missing list: exit 66" 66 tscae-report no.tsv
status "output to a full disk: exit 74" 74 bash -c 'tscae-report list.tsv >/dev/full'
bad() { local name=$1 say=$2; shift 2; { echo "$head"; tab "$@"; } >bad.tsv; status "$name" 65 tscae-report bad.tsv
like "$name: the message has the reason" "$(cat "$tmp/stderr")" "$say"; }
bad "a share that is not from 0 to 1" "*large.tsv: row 'AP50' is 1.5*" G L large.tsv AP50/value p c
bad "a text that no row contains" "*a.tsv: no row contains 'AP75'*" G L a.tsv AP75/value p c
bad "a text that several rows contain" "*p.tsv: several rows contain 'knn'*" G L p.tsv knn/top1 p c
bad "a name that no column has" "*a.tsv: no column 'score'*" G L a.tsv AP50/score p c
bad "a selection without a column" "*not of the form ROW/COLUMN*" G L a.tsv AP50 p c
bad "a value that is not a number" "*'k=20' in column 'setting' is not a number*" G L p.tsv pixels/setting p c
bad "a line with too few fields" "*bad.tsv:2: 5 fields, but 6 names*" G L a.tsv AP50/value p
{ echo "$head"; tab G L missing.tsv AP50/value p c; } >bad.tsv
status "a missing table: exit 66" 66 tscae-report bad.tsv
cut=$(for n in $(seq 0 $(($(stat -c %s list.tsv) - 1))); do head -c "$n" list.tsv >cut.tsv
	tscae-report cut.tsv >/dev/null 2>&1; [ $? = 65 ] || echo "$n"; done | wc -l)
lines=$(($(wc -l <list.tsv) - 2))
ok "a list cut within a line is refused ($cut of its cuts, at the ends of lines, are lists)" test "$cut" = "$lines"
done_testing
