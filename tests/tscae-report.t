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
is "an interval stays within 0 and 100 %" "$(grep '^| TSCAE | 50.0 | 0' page)" "| TSCAE | 50.0 | 0.0 to 100.0 | 2 | |"
# runs LABEL VALUE ...: tables of one score and their rows of a list
runs() { local label=$1 value; shift; for value; do { tab name value; tab top1 "$value"; } >"$label-$value.tsv"
	tab C "$label" "$label-$value.tsv" top1/value p c; done; }
{ echo "$head"; runs first .5 .6 .55; runs second .4 .45 .5; runs third .5 .6; runs fourth .4; } >seeds.tsv
# Student's t with 2 degrees of freedom, 4.3027: 55 +- 4.3027 * 5 / sqrt(3); the differences are 10, 15, 5
is "several runs: the mean and its 95 % interval by Student's t" "$(tscae-report seeds.tsv | grep '^| first')" \
	"| first | 55.0 | 42.6 to 67.4 | 3 | |"
is "the first row minus a row, run by run, with its interval" "$(tscae-report seeds.tsv | grep '^| second')" \
	"| second | 45.0 | 32.6 to 57.4 | 3 | +10.0 (-2.4 to +22.4) |"
is "rows of other numbers of runs have no difference" "$(tscae-report seeds.tsv | grep -c '^| [tf][ho].*[0-9] | |$')" 2
{ echo "$head"; runs one .5; runs two .4; } >pair.tsv
is "one run each: a difference without interval" \
	"$(tscae-report pair.tsv | grep '^| two')" "| two | 40.0 | | 1 | +10.0 |"
# 97.5 % points of Student's t from tables: 11 degrees of freedom 2.20099, 30 2.04227
is "intervals of 12 and of 31 runs" "$(for n in 12 31; do { echo "$head"; for ((i = 0; i < n; i++)); do
	runs many "0.$((50 + i % 2))$i"; done; } >many.tsv; tscae-report --table many.tsv | python3 -c '
import sys
n, mean, low, high = map(float, sys.stdin.read().splitlines()[1].split("\t")[2:6])
x = [float(f"0.{50 + i % 2}{i}") for i in range(int(n))]
m = sum(x) / n; s = (sum((v - m) ** 2 for v in x) / (n - 1) / n) ** .5
print(f"{(high - low) / 2 / s:.2f}")'; done | tr '\n' ' ')" "2.20 2.04 "
{ tab name value; tab AP50 -1; } >none.tsv; { tab name value; tab AP50 1.5; } >large.tsv
{ echo "$head"; tab D none none.tsv AP50/value p c; tab D both none.tsv AP50/value p c; tab D both a.tsv AP50/value p \
	d; } >undefined.tsv
is "undefined scores are left out of the mean" "$(tscae-report undefined.tsv | grep '^| ' | sed 1d | tr '\n' ';')" \
	"| none | not defined | | 0 | |;| both | 25.0 | | 1 | |;"
{ tab name value; tab mIoU nan; } >nan.tsv; { echo "$head"; tab D none nan.tsv mIoU/value p c; } >undefined.tsv
is "nan is an undefined score too" "$(tscae-report undefined.tsv | grep '^| none')" "| none | not defined | | 0 | |"
is "one run without bounds has no interval" "$(grep '^| MAE' page)" "| MAE | 75.0 | | 1 | |"
is "one run takes its interval from a table of names and values" "$(grep '^| TSCAE | 50.0 | 40' page)" \
	"| TSCAE | 50.0 | 40.0 to 62.5 | 1 | |"
is "one run takes its interval from a table of runs, selected by two texts" "$(grep '^| linear' page)" \
	"| linear | 25.0 | 20.0 to 30.0 | 1 | +25.0 |"
is "groups keep the order of the list" "$(grep '^##' page | tr '\n' ' ')" "## Detection ## Classes "
{ echo "$head"; tab Bars 'a|b' a.tsv top1/value all 'make a | cat'; } >bars.tsv
is "a bar in a label stays in its cell" "$(tscae-report bars.tsv | grep '^| a')" '| a\|b | 50.0 | 40.0 to 62.5 | 1 | |'
is "each protocol is printed once" "$(grep -c '^boxes$' page)" 1
is "each row has its command" "$(grep -c '	# ' page)" 4
is "--table prints tab-separated rows" "$(tscae-report --table list.tsv | sed -n 2p)" \
	"$(tab Detection TSCAE 2 0.500000 0.000000 1.000000 nan nan nan)"
is "--group prints this group only" "$(tscae-report --table --group Classes list.tsv | cut -f 2 | tr '\n' ' ')" \
	"label TSCAE linear "
status "--group with an unknown name: exit 65" 65 tscae-report --group None list.tsv
status "--help: exit 0" 0 tscae-report --help
status "tscae-report: no operand: exit 2" 2 tscae-report
status "a missing list: exit 66" 66 tscae-report no.tsv
status "tscae-report: output to a full disk: exit 74" 74 bash -c 'tscae-report list.tsv >/dev/full'
bad() { local name=$1 say=$2; shift 2; { echo "$head"; tab "$@"; } >bad.tsv; status "$name" 65 tscae-report bad.tsv
like "$name: the message has the reason" "$(cat "$tmp/stderr")" "$say"; }
bad "a share that is not from 0 to 1" "*large.tsv: row 'AP50' is 1.5*" G L large.tsv AP50/value p c
bad "a text that no row contains" "*a.tsv: no row contains 'AP75'*" G L a.tsv AP75/value p c
bad "a text that several rows contain" "*p.tsv: several rows contain 'knn'*" G L p.tsv knn/top1 p c
bad "a name that no column has" "*a.tsv: no column 'score'*" G L a.tsv AP50/score p c
bad "a selection without a column" "*not of the form ROW/COLUMN*" G L a.tsv AP50 p c
bad "a value that is not a number" "*'k=20' in column 'setting' is not a number*" G L p.tsv pixels/setting p c
bad "a line with too few fields" "*bad.tsv:2: 5 fields, but 6 names*" G L a.tsv AP50/value p
{ tab name value; tab top1 0.5; tab top1_low 0.6; tab top1_high 0.7; } >outside.tsv
bad "a score outside its interval" "*outside.tsv: row 'top1': 0.5 is not in its interval from 0.6 to 0.7*" G L \
	outside.tsv top1/value p c
{ printf '\xef\xbb\xbf'; sed 's/$/\r/' list.tsv; } >windows.tsv
is "a list with byte order mark and CRLF" "$(tscae-report windows.tsv)" "$(cat page)"
{ printf '%0.sa\t' $(seq 100); printf '%0.s\n' $(seq 100); } >wide.tsv
status "a table of many names and empty rows: exit 65" 65 tscae-report wide.tsv
like "a table of many names and empty rows: the message" "$(cat "$tmp/stderr")" "*fewer fields than the 101 names*"
sed 's/./&\x00/g' list.tsv >wide.tsv; status "a list in UTF-16: exit 65" 65 tscae-report wide.tsv
like "a list in UTF-16: the message has the remedy" "$(cat "$tmp/stderr")" "*zero byte (UTF-16? convert it to UTF-8)*"
{ echo "$head"; tab G L missing.tsv AP50/value p c; } >bad.tsv
status "a missing table: exit 66" 66 tscae-report bad.tsv
cut=$(for n in $(seq 0 $(($(stat -c %s list.tsv) - 1))); do head -c "$n" list.tsv >cut.tsv
	tscae-report cut.tsv >/dev/null 2>&1; [ $? = 65 ] || echo "$n"; done | wc -l)
lines=$(($(wc -l <list.tsv) - 2))
ok "a list cut within a line is refused ($cut of its cuts, at the ends of lines, are lists)" test "$cut" = "$lines"

# --html: one page of scores, runs and images
run() {
	mkdir -p "$1"
	for step in $(seq "$2"); do
		printf '{"step":%d,"epoch":0,"lr":1e-3,"loss":%d.5,"odd<i>":%d,"memory":1048576}\n' \
			"$step" $((9 - step)) "$step"
	done >"$1/log.jsonl"
}
run 'one<b>' 3; run two 2; run single 1
odd='a & b <script>alert("x")</script> '"it's"
{ echo "$head"; tab "$odd" "$odd" a.tsv top1/value "$odd" "$odd"; tab Plain MAE b.tsv top1/value p c; } >odd.tsv
tscae-synth -q --count 1 --size 16x16 -o synth
tscae-decode -q synth/JPEGImages | tscae-view -q --sheet sheet.png >/dev/null
status "--html of a list, runs and an image: exit 0" 0 tscae-report --html --title "$odd" -o page.html odd.tsv \
	'one<b>' two sheet.png
tscae-report --html --title "$odd" odd.tsv 'one<b>' two sheet.png >again.html
same "standard output and --output give the same bytes" page.html again.html
# each of these prints one line of what a parser of HTML reads
html() { python3 "$root/tests/html_page.py" "$@"; }
is "elements are closed in order, and nothing is loaded" "$(html sound page.html)" "sound"
is "title and heading are escaped" "$(html text page.html title)$(html text page.html h1)" "$odd$odd"
is "groups are escaped" "$(html text page.html h2)" "$odd|Plain|Training|Images"
is "rows have label, mean, bounds and runs" "$(html text page.html td | cut -d'|' -f 1-4)" "$odd|50.0|40.0 to 62.5|1"
is "there is a chart for each column of the logs, known ones first" "$(html text page.html figcaption)" \
	"Loss|Learning rate|Largest memory|odd<i>|sheet.png"
is "charts have a line for each run" "$(html count page.html path)" 8
is "axes have labels with units" "$(html text page.html text | tr '|' '\n' | grep -cxE 'step|MiB|loss|learning rate')" 7
is "the image is within the page" "$(html image page.html)" "$(cksum <sheet.png)"
# a JPEG file with an upper-case suffix, and a PNG file with that of JPEG: the suffix says image, the bytes say which
tscae-decode -q synth/JPEGImages | tscae-view -q --sheet sheet.jpg
cp sheet.jpg SHEET.JPG; cp sheet.png wrong.Jpeg
is "image suffixes are recognized in any case: JPEG within the page" \
	"$(tscae-report --html SHEET.JPG >upper.html; html image upper.html; grep -o 'data:image/[a-z]*' upper.html)" \
	"$(cksum <sheet.jpg)"$'\n'data:image/jpeg
is "the type of an image is that of its bytes" \
	"$(tscae-report --html wrong.Jpeg >wrong.html; html image wrong.html; grep -o 'data:image/[a-z]*' wrong.html)" \
	"$(cksum <sheet.png)"$'\n'data:image/png
is "a run of one step has no curve, and is no error" \
	"$(tscae-report --html single >one.html; html text one.html p | cut -d'|' -f 2)" \
	"No curves yet: a curve needs two steps."
mkdir named; for step in 1 2; do
	printf '{"step":%d,"epoch":0,"loss_pixel":1,"loss_image_contrast":2,"loss_patch_contrast":3}\n' $step
done >named/log.jsonl
is "each loss of pre-training has a title" "$(tscae-report --html named >named.html; html text named.html figcaption)" \
	"Loss of the pixels|Loss of the contrast of images|Loss of the contrast of patches"
# logs: a name that comes later has a curve, huge and equal values are drawn, what a kill has cut is left out
mkdir -p logs; { printf '{"step":%d,"loss":1e308,"lr":0.5}\n' 1 2 3; printf '{"step":%d,"loss":2,"top1":0.%d}\n' 4 5 5 6
	printf '{"step":6,"lo\0\0'; } >logs/log.jsonl
is "a name that later lines of a log have is a curve, too" "$(tscae-report --html logs >logs.html
	html text logs.html figcaption)" "Loss|Top-1 accuracy, training images|Learning rate"
is "no coordinate is infinite or not a number" "$(grep -cE '="-?(nan|inf)|[ML]-?(nan|inf)' logs.html)" 0
is "a line that a kill has cut is left out" "$(html text logs.html td | cut -d'|' -f 3)" 5
# log WHAT MESSAGE TEXT: refused
log() {
	printf "$3" >logs/log.jsonl; status "a log with $1: exit 65" 65 tscae-report --html logs
	like "a log with $1: the message" "$(cat "$tmp/stderr")" "*logs/log.jsonl: $2*"
}
log "a zero byte" "line 2: a zero byte" '{"step":1}\n\0\0{"step":2}\n'
log "a line without step" "line 2: not a line of a training log" '{"step":1}\n{"step":null,"loss":1}\n'
log "a name that is too long" "line 1: byte *more than 31 bytes*" "{\"step\":1,\"$(printf '%040d' 0)\":1}\n"
log "nothing" "the log is empty" ''
printf '\377bad\001' >name; { echo "$head"; tab "$(cat name)" L a.tsv top1/value p c; } >bytes.tsv
is "bytes that are not UTF-8 are replaced" "$(tscae-report --html bytes.tsv >bytes.html; html text bytes.html h2)" \
	"$(printf '\357\277\275bad\357\277\275')"
status "--html of a folder without log: exit 66" 66 tscae-report --html synth
status "--html of an image of another kind: exit 65" 65 bash -c 'echo x >x.png; tscae-report --html x.png'
printf 'GIF89a' >x.GIF
status "--html of a GIF image: exit 65" 65 tscae-report --html x.GIF
like "--html of a GIF image: the message names its format" "$(cat "$tmp/stderr")" \
	"*x.GIF: neither PNG nor JPEG, but GIF*"
status "--html without operands: exit 2" 2 tscae-report --html
status "--refresh to standard output: exit 2" 2 tscae-report --html --refresh 1 two
status "--refresh without --html: exit 2" 2 tscae-report --refresh 1 list.tsv
status "--html with --table: exit 2" 2 tscae-report --html --table list.tsv

# --refresh: the page follows a run until it ends; /proc/locks of a container has only locks of live processes
mkdir live; flock -F live/lock sleep 600 & holder=$!
for _ in $(seq 100); do flock -n live/lock true || break; sleep 0.1; done
tscae-report --html --refresh 1 -o live.html live &
report=$!
at_least 1 live.html >/dev/null
like "--refresh: a run without a step is no error" "$(html text live.html td)" "live|training|*"
is "--refresh: browsers read the page again" "$(grep -c 'http-equiv="refresh" content="1"' live.html)" 1
run live 4
for _ in $(seq 100); do [ "$(html count live.html path)" != 0 ] && break; sleep 0.1; done
is "--refresh: later pages have the curves" "$(html count live.html path)" 4
kill $holder
wait $report; is "--refresh ends with the run" $? 0
is "the last page is not read again" "$(grep -c 'http-equiv="refresh"' live.html)" 0
like "the last page has the last step" "$(html text live.html td)" "live|not running|4|*"
done_testing
