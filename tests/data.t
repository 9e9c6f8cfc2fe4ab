#!/bin/bash
# data.t - data sets from a server on this machine: verified, resumed, whole or not at all
. "${0%/*}/lib.sh"
for need in curl unzip python3; do command -v $need >/dev/null || skip_all "no $need (make deps-check installs it)"; done
cd "$tmp" || exit 1
fetch() { RETRY_DELAY=0 MIRROR=http://127.0.0.1:$port SETS=$tmp/sets.tsv "$root/pipelines/data/fetch.sh" "$@"; }

# a set of a tar, one of two tars, one of a zip; made up
mkdir -p make/kit/VOC2007/{Annotations,JPEGImages} make/tiny-200/train server/{one,two,zip,bad,gone}
head -c 300000 /dev/urandom >make/kit/VOC2007/JPEGImages/1.jpg; echo a >make/kit/VOC2007/Annotations/1.xml; echo t >make/tiny-200/train/x
tar -cf server/one/a.tar -C make kit; cp server/one/a.tar server/bad; cp server/one/a.tar server/two
echo b >make/kit/VOC2007/Annotations/2.xml; tar -cf server/two/b.tar -C make kit/VOC2007/Annotations/2.xml
python3 -c 'import shutil; shutil.make_archive("server/zip/c", "zip", "make", "tiny-200")'
md5() { md5sum <"$1" | cut -d ' ' -f 1; }
tab() { local IFS=$'\t'; printf '%s\n' "$*"; }
{ echo '# a comment'; tab one http://none/a.tar "$(md5 server/one/a.tar)" kit/VOC2007 VOC
	tab two http://none/a.tar "$(md5 server/two/a.tar)" kit/VOC2007 VOC2; tab two http://none/b.tar "$(md5 server/two/b.tar)" kit/VOC2007 VOC2
	tab zip http://none/c.zip - tiny-200 tiny; tab bad http://none/a.tar 00000000000000000000000000000000 kit/VOC2007 BAD
	tab gone http://none/d.tar - kit/VOC2007 GONE; } >sets.tsv
# a server that can go on in the middle of a file, as published ones can
cat >serve.py <<'E2'
import http.server, os, re
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = "server" + self.path
        if not os.path.isfile(path): return self.send_error(404)
        data = open(path, "rb").read(); start = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(start.group(1)) if start else 0
        open("asked", "a").write("%s %d\n" % (self.path, start))
        self.send_response(206 if start else 200); self.send_header("Content-Length", str(len(data) - start))
        if start: self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))
        self.end_headers(); self.wfile.write(data[start:])
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open("port.part", "w").write(str(server.server_port)); os.rename("port.part", "port"); server.serve_forever()
E2
python3 serve.py & server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 200); do [ -e port ] && break; sleep 0.05; done
port=$(cat port)

status "a set" 0 fetch one data; same "is there" data/VOC/JPEGImages/1.jpg make/kit/VOC2007/JPEGImages/1.jpg
rm asked; status "again" 0 fetch one data; ok "nothing is asked for" test ! -e asked
status "a set of two archives" 0 fetch two data; is "both are in it" "$(ls data/VOC2/Annotations | tr '\n' ' ')" "1.xml 2.xml "
fetch zip data >out 2>&1; is "a zip without a published digest" "$?" 0; like "its digest is told" "$(cat out)" "*no digest is published; this one has md5 $(md5 server/zip/c.zip)*"
is "as the layout has it" "$(cat data/tiny/train/x)" t
status "a wrong digest" 1 fetch bad data; like "is said" "$(cat "$tmp/stderr")" "*md5 is $(md5 server/bad/a.tar), it should be 0000*"
ok "and nothing is left of it" test ! -e data/BAD -a ! -e data/downloads/bad-a.tar -a ! -e data/downloads/bad-a.tar.part
mkdir -p other/downloads; head -c 100000 server/one/a.tar >other/downloads/one-a.tar.part; rm asked
status "a download that was cut" 0 fetch one other; is "goes on where it was" "$(cat asked)" "/one/a.tar 100000"; same "to the whole" other/VOC/JPEGImages/1.jpg make/kit/VOC2007/JPEGImages/1.jpg
status "a file that the server does not have" 1 fetch gone data; like "is said" "$(cat "$tmp/stderr")" "*gone/d.tar*"; ok "nothing is there" test ! -e data/GONE
kill $server; wait $server 2>/dev/null
rm -rf other; status "no server" 1 fetch one other; ok "nothing is there" test ! -e other/VOC
status "no such set" 1 fetch cifar data; like "the sets are named" "$(cat "$tmp/stderr")" "*one two zip bad gone*"
is "every published set has five fields" "$(grep -v '^#' "$root/pipelines/data/sets.tsv" | awk -F'\t' 'NF != 5 || ($3 != "-" && length($3) != 32)')" ""
done_testing
