/* JSON (RFC 8259), read strictly and within bounds, but for the names of numbers that are not finite, which Python
 * writes into real configurations: a kind of their own, that nobody takes for a number unasked. A parsed document is
 * one block of memory: its values in the order of the text, then their texts. Refused beside what is no JSON: a key
 * twice, bytes that are not UTF-8, \u0000 (it would cut a name short), whole numbers beyond 64 bits, numbers that
 * overflow a double. */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include <diffusion/status.h>

/* Nesting, values (keys count too), and the characters of a number: more than any file of ours needs. */
enum { JSON_DEPTH = 64, JSON_VALUES = 1 << 22, JSON_NUMBER = 63 };

typedef enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER,
    JSON_REAL,       /* written with a fraction or an exponent */
    JSON_NOT_FINITE, /* Infinity, -Infinity or NaN */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
} json_kind;

/* What an array or object holds follows it; a member's key stands before its value. */
typedef struct json_value {
    const char *text; /* of a string: what it says; of a number or a word: as it was written */
    uint32_t size;    /* values up to the next one beside it, this one counted */
    json_kind kind;
} json_value;

/* Parses one value; json_release() releases it. `path` begins every sentence and `what` names the text in it. */
diffusion_status json_parse(json_value **out, const char *path, const char *what, const char *text, size_t length);
void json_release(json_value *document); /* NULL is allowed */

/* All of these take NULL for a value that is not there. */
int json_is(const json_value *value, json_kind kind);
const char *json_string(const json_value *value);        /* NULL unless it is a string */
int json_integer(int64_t *out, const json_value *value); /* 0 unless it is written as a whole number */
int json_real(double *out, const json_value *value);     /* 0 unless it is a number */

/* The items of an array or the values of an object, in their order; NULL at the end. */
const json_value *json_first(const json_value *of);
const json_value *json_next(const json_value *of, const json_value *item);
const char *json_key(const json_value *item); /* of an object's value */

size_t json_count(const json_value *array); /* 0 unless it is an array */
const json_value *json_item(const json_value *array, size_t index);
const json_value *json_get(const json_value *object, const char *key);

/* A key that is there twice, or NULL; sorts them. */
const char *json_repeated(const char **keys, size_t count);

/* Writes a value as text into `out`, cut to `capacity` and terminated, and returns the length of the whole. Compact, or
 * with a line for each item. */
size_t json_print(char *out, size_t capacity, const json_value *value, int lines);
size_t json_print_string(char *out, size_t capacity, const char *text);

#endif
