/* utf8 - names of files, which are any bytes, as the valid UTF-8 that keys must be */
#ifndef DATA_UTF8_H
#define DATA_UTF8_H

#include "base/mem.h"

/* A copy in which each byte that is no part of valid UTF-8 is \xHH and each backslash is \\, so that the
   name can be had back. Valid names without a backslash stay as they are. */
char *utf8_escape(struct arena *a, const char *name, size_t size);

#endif
