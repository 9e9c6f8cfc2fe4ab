/* writer - JSON out: objects, arrays and values in order (YAJL's generator)

   Each function takes the key of the value: a text inside an object, NULL inside an array and for the document itself.
   Texts that are not UTF-8 get U+FFFD for each wrong byte. A call in the wrong order is an internal error (assert). */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer;

/* A writer to `out` (its errors are left to the caller: ferror), or into memory (NULL). `pretty`: indented by two spaces,
   one value a line; else without any space. Never NULL. */
struct json_writer *json_writer_new(FILE *out, bool pretty);
void json_writer_free(struct json_writer *w);

void json_put_object(struct json_writer *w, const char *key);
void json_put_object_end(struct json_writer *w);
void json_put_array(struct json_writer *w, const char *key);
void json_put_array_end(struct json_writer *w);

void json_put_null(struct json_writer *w, const char *key);
void json_put_bool(struct json_writer *w, const char *key, bool x);
void json_put_int(struct json_writer *w, const char *key, int64_t x);
void json_put_text(struct json_writer *w, const char *key, const char *text);

/* A real number with up to `digits` significant digits (9 bring back any float, 17 any double); null where it is not finite. */
void json_put_real(struct json_writer *w, const char *key, int digits, double x);

/* A number that is printed already. */
void json_put_number(struct json_writer *w, const char *key, const char *digits);

/* Not pretty: the next key, value or end of a container begins a line. */
void json_put_line(struct json_writer *w);

/* The document ends with a newline; another one may follow. */
void json_put_end(struct json_writer *w);

/* In memory: spaces until the size is a multiple of `unit`. */
void json_put_spaces(struct json_writer *w, size_t unit);

/* What is in memory: *size bytes and a zero byte; borrowed until the next call. Empty it: json_writer_clear. */
char *json_writer_text(struct json_writer *w, size_t *size);
void json_writer_clear(struct json_writer *w);

#endif
