#!/usr/bin/python3
"""records.py - a stream as text for the tests: a line of the header's free keys, then a line a record

usage: records.py FIELD ... <stream    fields: any field, key, epoch; of a tensor its shape and CRC-32
"""
import sys
import zlib

import msgpack


def show(value):
    if isinstance(value, dict) and b'data' in value:
        return 'x'.join(map(str, value[b'shape'])) + ':%08x' % zlib.crc32(value[b'data'])
    return '-' if value is None else ascii(value)


parts = msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0)
assert next(parts) == 'tscae/1'
header = next(parts)
print('header', *('%s=%s' % (k, v) for k, v in sorted(header.items()) if k not in ('fields', 'history', 'kind')))
for record in parts:
    if isinstance(record, list):
        break
    print(*(show(record.get(f)) for f in sys.argv[1:]))
