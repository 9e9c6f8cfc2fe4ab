#!/bin/bash
# data.t - pipelines/data/fetch.sh with local servers: verification, resumed downloads, complete datasets only
. "${0%/*}/lib.sh"
for need in curl unzip python3; do
	command -v $need >/dev/null || skip_all "no $need (make deps-check installs it)"
done
cd "$tmp" || exit 1
export no_proxy='*' NO_PROXY='*'

# a dataset of two archives, one of a single archive, one without published size and digest, one that is not an archive
mkdir -p server/{kit,bare,new,noise,wrong,odd,short,long,dir}
tscae-synth -q --layout voc --count 12 --size 24x24 --output VOC2007
tar -c --exclude JPEGImages -f server/kit/a.tar VOC2007
python3 -m zipfile -c server/kit/b.zip VOC2007
tar -czf server/bare/c.tgz -C VOC2007 ImageSets
head -c 5000 /dev/urandom >server/noise/n.zip
for s in new wrong odd short long dir; do cp server/bare/c.tgz server/$s; done
python3 -u "$root/tests/serve.py" "$tmp/port" server >>requests & server=$!
python3 -u -m http.server --bind 127.0.0.1 --directory server 0 >plain 2>&1 & plain=$!
trap 'kill $server $plain 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 1200); do [ -e port ] && grep -q 'port [0-9]' plain && break; sleep 0.05; done
at=http://127.0.0.1:$(cat port) old=http://127.0.0.1:$(grep -oE 'port [0-9]+' plain | cut -d ' ' -f 2)
tab() { local IFS=$'\t'; printf '%s\n' "$*"; }
# row SET FILE [BYTES [DIGEST [WITHIN]]]
row() { local f=server/$1/$2
tab "$1" "$at/good/$1/$2" "${3:-$(wc -c <"$f")}" "${4:-sha256:$(sha256sum <"$f" | cut -d ' ' -f 1)}" "${5:-.}" \
	"the-$1"; }
{ echo '# a comment'; row kit a.tar '' '' VOC2007; row kit b.zip '' "md5:$(md5sum <server/kit/b.zip |
	cut -d ' ' -f 1)" VOC2007; row bare c.tgz; row new c.tgz - -; row noise n.zip
	row wrong c.tgz '' md5:00000000000000000000000000000000; row odd c.tgz '' crc:0; row short c.tgz 20
	row long c.tgz 99999; row gone d.tar 10 -; row dir c.tgz '' '' none; } >sets.tsv
fetch() { SETS=sets.tsv "$root/pipelines/data/fetch.sh" "$@" >out 2>err; }

fetch kit data; is "two archives: exit 0" $? 0
is "two archives: annotations and images are in one folder" \
	"$(tscae-label -q -l voc -f data/the-kit --split train --names | tscae-decode -q --files-from - |
	tscae-view --json | wc -l)" "$(wc -l <VOC2007/ImageSets/Main/train.txt)"
is "two archives: no temporary files are left" "$(ls data data/downloads | tr '\n' ' ')" \
	"data: downloads the-kit  data/downloads: kit-a.tar kit-b.zip "
: >requests; rm -r data/downloads; fetch kit data
is "an unpacked dataset is not requested again" "$? $(cat out requests)" "0 data: data/the-kit exists already"
fetch bare other/root; is "DATA_ROOT: the archive is unpacked there" "$? $(ls other/root/the-bare)" "0 ImageSets"
fetch new data; is "no published size and digest: exit 0" $? 0
like "no published digest: the message has the digest of the file" "$(cat out)" \
	"*no digest is published; the digest is sha256:$(sha256sum <server/new/c.tgz | cut -d ' ' -f 1)*"

# come SERVER BYTES: download the first archive from that server, after BYTES bytes of an earlier download
size=$(wc -c <server/kit/a.tar)
come() { rm -rf data; mkdir -p data/downloads
[ "$2" = 0 ] || head -c "$2" server/kit/a.tar >data/downloads/kit-a.tar.part; : >requests; MIRROR=$1 fetch kit data; }
asked() { grep a.tar requests | cut -d ' ' -f 2 | tr '\n' ' '; }
whole() { is "$1" "$2 $(cmp server/kit/a.tar data/downloads/kit-a.tar 2>&1)" "0 "; }
come "$at/good" 1000; whole "a cut download is resumed" $?
is "a cut download: only the rest is requested" "$(asked)" "bytes=1000- "
come "$at/good" "$size"; whole "a complete download is used" $?
is "a complete download is not requested again" "$(asked)" ""
third=$((size / 3 + 1)); come "$at/cut" 0; whole "a connection that is cut twice: complete in the end" $?
is "a connection that is cut twice: each request resumes" "$(asked)" "- bytes=$third- bytes=$((2 * third))- "
come "$at/open" 0; whole "an early end without an error: complete in the end" $?
is "an early end without an error: the rest is requested" "$(asked)" "- bytes=$((size / 2))- "
come "$at/whole" 1000; whole "a server without range requests" $?
come "$old" 1000; whole "Python's http.server" $?
come "$at/half" 0; is "a server that stops: exit 1" $? 1
like "a server that stops: the message has the number of bytes" "$(cat err)" \
	"*received $((size / 2)) bytes of $size; run the same command again*"
ok "a server that stops: no dataset and no complete archive are left" test ! -e data/the-kit -a ! -e \
	data/downloads/kit-a.tar
: >requests; fetch kit data; whole "a server that stopped, later: the same command completes the download" $?
is "a server that stopped, later: only the rest is requested" "$(asked)" "bytes=$((size / 2))- "
mkdir -p more/downloads; cp server/new/c.tgz more/downloads/new-c.tgz.part; fetch new more
is "a complete download of unknown size is used" "$? $(ls more/the-new)" "0 ImageSets"

refused() { fetch "$2" data; is "$1: exit 1" $? 1; like "$1: the message" "$(cat err)" "$3"
is "$1: no file is kept" "$(ls -d "data/the-$2" data/downloads/"$2"-* 2>/dev/null)" ""; }
refused "a wrong digest" wrong \
	"*c.tgz: has digest md5:*, expected md5:00000000000000000000000000000000; the download was deleted*"
refused "more bytes than published" short "*c.tgz: has * bytes, expected 20; the download was deleted*"
refused "an archive that does not unpack" noise "*noise-n.zip: cannot be unpacked; the download was deleted*"
refused "a file that the server does not have" gone "*404*gone/d.tar: received 0 bytes of 10;*"
fetch long data; is "fewer bytes than published: exit 1" $? 1
like "fewer bytes than published: the message" "$(cat err)" "*received * bytes of 99999;*"
fetch odd data; is "a digest of unknown kind: exit 1" $? 1
like "a digest of unknown kind: the message" "$(cat err)" "*'crc:0' is not a digest*"
fetch dir data; is "an archive without the folder: exit 1" $? 1
like "an archive without the folder: the message" "$(cat err)" "*dir: the archive has no folder 'none'*"
kill $server; wait $server 2>/dev/null
rm -rf data; fetch bare data; is "no server: exit 1, no dataset" "$? $(ls -d data/the-bare 2>/dev/null)" "1 "
like "no server: the message" "$(cat err)" "*bare/c.tgz: received 0 bytes of*"
fetch cifar data; is "an unknown dataset: exit 1" $? 1
like "an unknown dataset: the message lists all" "$(cat err)" "*kit bare new*gone dir*"
fetch "" data; is "no dataset: exit 1" $? 1

table=$root/pipelines/data/sets.tsv
is "each row of sets.tsv has its fields" \
	"$(grep -v '^#' "$table" |
	grep -vP \
	'^[a-z0-9-]+\thttps?://\S+\t([1-9]\d+|-)\t(sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}|-)\t\S+\t[A-Za-z0-9-]+$')" ""
for s in $(grep -v '^#' "$table" | cut -f 1 | sort -u); do
	grep -q "data SET=.*\b$s\b" "$root/Makefile" || fail "make help names $s"
done
done_testing
