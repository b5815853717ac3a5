/* Values as text. */
#include "format/json.h"

#include <stdio.h>
#include <string.h>

typedef struct page {
    char *out;
    size_t capacity, length;
    int lines;
} page;

static void put(page *to, const char *text)
{
    for (; *text != '\0'; text++, to->length++)
        if (to->length + 1 < to->capacity)
            to->out[to->length] = *text;
}

static void put_character(page *to, char c)
{
    static const char special[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *found = strchr(special, c);
    char text[8] = {c};
    if (found != NULL)
        snprintf(text, sizeof text, "\\%c", names[found - special]);
    else if ((unsigned char)c < ' ')
        snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
    put(to, text);
}

static void put_string(page *to, const char *text)
{
    put(to, "\"");
    for (; *text != '\0'; text++)
        put_character(to, *text);
    put(to, "\"");
}

static void put_line(page *to, int depth)
{
    if (!to->lines)
        return;
    put(to, "\n");
    for (int i = 0; i < depth; i++)
        put(to, "  ");
}

static void put_value(page *to, const json_value *value, int depth);

static void put_items(page *to, const json_value *of, int depth)
{
    int object = of->kind == JSON_OBJECT;
    put(to, object ? "{" : "[");
    for (const json_value *item = json_first(of); item != NULL; item = json_next(of, item)) {
        if (item != json_first(of))
            put(to, ",");
        put_line(to, depth + 1);
        if (object) {
            put_string(to, json_key(item));
            put(to, to->lines ? ": " : ":");
        }
        put_value(to, item, depth + 1);
    }
    if (json_first(of) != NULL)
        put_line(to, depth);
    put(to, object ? "}" : "]");
}

static void put_value(page *to, const json_value *value, int depth)
{
    switch (value->kind) {
    case JSON_ARRAY:
    case JSON_OBJECT:
        put_items(to, value, depth);
        break;
    case JSON_STRING:
        put_string(to, value->text);
        break;
    default:
        put(to, value->text);
    }
}

static size_t finish(page *to)
{
    if (to->capacity > 0)
        to->out[to->length < to->capacity ? to->length : to->capacity - 1] = '\0';
    return to->length;
}

size_t json_print(char *out, size_t capacity, const json_value *value, int lines)
{
    page to = {out, capacity, 0, lines};
    put_value(&to, value, 0);
    return finish(&to);
}

size_t json_print_string(char *out, size_t capacity, const char *text)
{
    page to = {out, capacity, 0, 0};
    put_string(&to, text);
    return finish(&to);
}
