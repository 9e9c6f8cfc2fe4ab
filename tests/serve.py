"""A file server that can fail as real ones do: serve.py PORTFILE FOLDER

It writes its port to PORTFILE and each request as a line to standard output.

/good/NAME   the file, from where the client asks
/whole/NAME  always from the beginning, as servers without ranges do
/cut/NAME    closes the connection after a third of the file, whatever is left
/half/NAME   half of the file, then never again
/open/NAME   as HTTP/1.0 had it: no length, the end is where the connection ends; the first time after a half
"""
import http.server
import os
import re
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        way, _, name = self.path[1:].partition("/")
        asked = self.headers.get("Range")
        print(self.path, asked or "-", flush=True)
        try:
            with open(name, "rb") as f:
                data = f.read()
        except OSError:
            return self.send_error(404)
        begin = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked and way != "whole" else 0
        if begin and way == "half":
            return self.send_error(503)
        if begin >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", "bytes */%d" % len(data))
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))
        if way != "open":
            self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        end = {"cut": begin + len(data) // 3 + 1, "half": len(data) // 2, "open": len(data) // 2 if not begin
            else len(data)}.get(way, len(data))
        self.wfile.write(data[begin:end])

    def log_message(self, *arguments):
        pass


os.chdir(sys.argv[2])
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".part", "w") as f:
    f.write(str(server.server_port))
os.rename(sys.argv[1] + ".part", sys.argv[1])
server.serve_forever()
