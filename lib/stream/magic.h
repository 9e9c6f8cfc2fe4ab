/* magic - the first bytes of every stream: the MessagePack text "tscae/1", whose last byte is the major version */
#ifndef STREAM_MAGIC_H
#define STREAM_MAGIC_H

#define MAGIC "\xa7tscae/1"
enum { MAGIC_SIZE = sizeof MAGIC - 1 };

#endif
