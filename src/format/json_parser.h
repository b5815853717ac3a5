/* What the parts of the JSON parser share. It reads the text and writes into its own copy, where a string's escapes are
 * undone (which makes none longer) and every text gets its terminator in place of the character behind it. */
#ifndef FORMAT_JSON_PARSER_H
#define FORMAT_JSON_PARSER_H

#include "format/json.h"

typedef struct json_parser {
    const char *text;
    size_t length, at;
    char *copy;
    json_value *values;
    size_t used;
    int depth;
    const char *fault; /* what is wrong at `at`; NULL where memory ran out */
} json_parser;

/* Keeps what is wrong, and returns 0. */
int json_wrong(json_parser *self, const char *fault);

char json_peek(const json_parser *self); /* the next byte, or 0 at the end */
int json_take(json_parser *self, char expected);

/* Each 0 with the fault kept where there is none. */
int json_parse_string(json_parser *self, const char **out);
int json_parse_number(json_parser *self, json_value *value);

#endif
