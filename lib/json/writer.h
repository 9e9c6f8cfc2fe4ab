/* writer - JSON out: objects, arrays and values in order (YAJL's generator)

   The key is a text inside an object, NULL inside an array and for the document itself. In texts, U+FFFD replaces each
   byte outside of valid UTF-8. A call in the wrong order is an internal error (assert). */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer;

/* A writer to `out` (the caller checks ferror), or into memory (NULL). `pretty`: one value a line, indented by two
   spaces; else without spaces. Never NULL. */
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

/* A real number with up to `digits` significant digits (9 restore any float, 17 any double); null where it is not
   finite. */
void json_put_real(struct json_writer *w, const char *key, int digits, double x);

/* A number as text. */
void json_put_number(struct json_writer *w, const char *key, const char *digits);

/* Start a new line before the next key, value or end of a container (not where `pretty`). */
void json_put_line(struct json_writer *w);

/* End the document with a newline; another one may follow. */
void json_put_end(struct json_writer *w);

/* In memory: spaces until the size is a multiple of `unit`. */
void json_put_spaces(struct json_writer *w, size_t unit);

/* The text in memory, *size bytes and a zero byte; borrowed until the next call. json_writer_clear() empties it. */
char *json_writer_text(struct json_writer *w, size_t *size);
void json_writer_clear(struct json_writer *w);

#endif
