/* yajl_memory - the memory of YAJL's parser and generator: base/mem.h, which exits with 71 when there is none */
#ifndef JSON_YAJL_MEMORY_H
#define JSON_YAJL_MEMORY_H

#include <yajl/yajl_common.h>

/* Not const because yajl_alloc() takes it so; it is never changed. */
extern yajl_alloc_funcs yajl_memory;

#endif
