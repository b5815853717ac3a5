#include "help_words.h"

#include <string.h>

/* Where arithmetic changes its way, beside the ends of each range. */
static const char *const numbers[] = {"0",   "1",    "2",    "3",   "4",     "0.5",    "-1",  "0.999",
                                      "1.5", "1e-3", "1e-9", "100", "1e300", "1e-300", "nan", "65536"};

unsigned help_state;

size_t help_below(size_t count)
{
    help_state = help_state * 1664525u + 1013904223u;
    return (size_t)(((uint64_t)(help_state >> 8) * count) >> 24);
}

const char *help_next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end != NULL && end[1] != '\0' ? end + 1 : NULL;
}

static int is_key(const char *line)
{
    size_t indent = strspn(line, " "), name = strcspn(line + indent, "= \n");
    return indent == 4 && line[indent + name] == '=';
}

static int is_heading(const char *line)
{
    return line[0] > ' ';
}

/* "Keys" and "Keys of every kind" are. */
static int is_of(const char *heading, const char *kind)
{
    size_t length = strcspn(heading, " \n");
    return strncmp(heading, "Keys", 4) == 0 ||
           (strncmp(heading, kind, length) == 0 && strchr(" ", kind[length]) != NULL);
}

const char *help_pick(const char *text, const char *kind)
{
    const char *found = NULL, *heading = text;
    size_t count = 0;
    for (const char *line = text; line != NULL; line = help_next_line(line)) {
        if (is_heading(line))
            heading = line;
        int fits =
            kind == NULL ? is_heading(line) && strncmp(line, "Keys", 4) != 0 : is_key(line) && is_of(heading, kind);
        if (fits && help_below(++count) == 0)
            found = line;
    }
    return found;
}

void help_append(char *text, size_t room, const char *more, size_t length)
{
    size_t at = strlen(text);
    if (at + length >= room)
        return;
    memcpy(text + at, more, length);
    text[at + length] = '\0';
}

void help_add_number(const char *line, char *value)
{
    const char *dots = strstr(line, ".."), *any = numbers[help_below(sizeof numbers / sizeof *numbers)];
    if (dots == NULL || dots > strchr(line, '\n') || help_below(3) > 0) {
        help_append(value, HELP_WORD, any, strlen(any));
    } else if (help_below(2) == 0) {
        help_append(value, HELP_WORD, dots + 2, strcspn(dots + 2, " ,)\n"));
    } else {
        const char *from = dots;
        while (from[-1] != ' ' && from[-1] != '=')
            from--;
        help_append(value, HELP_WORD, from, (size_t)(dots - from));
    }
}

/* One of a choice's words, or a number, or where there may be several up to three. */
static void make_value(const char *line, char *value)
{
    const char *values = strchr(line, '=') + 1, *list = strstr(line, "comma-separated");
    size_t length = strcspn(values, " \n"), words = 1;
    if (memchr(values, '|', length) == NULL) {
        size_t count = list != NULL && list < strchr(line, '\n') ? 1 + help_below(3) : 1;
        for (size_t i = 0; i < count; i++) {
            help_append(value, HELP_WORD, ",", i > 0);
            help_add_number(line, value);
        }
        return;
    }
    for (size_t i = 0; i < length; i++)
        words += values[i] == '|';
    for (size_t word = help_below(words); word > 0; word--)
        values += strcspn(values, "|") + 1;
    help_append(value, HELP_WORD, values, strcspn(values, "| \n"));
}

/* Takes "key=..." out of a text, if it is there. */
static void remove_key(char *text, const char *key, size_t length)
{
    for (char *at = text; (at = strchr(at, ' ')) != NULL; at++)
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=') {
            char *end = at + 1 + strcspn(at + 1, " ");
            memmove(at, end, strlen(end) + 1);
            return;
        }
}

void help_put_key(char *text, size_t room, const char *line)
{
    char word[2 * HELP_WORD] = " ", value[HELP_WORD] = "";
    const char *key = line + strspn(line, " ");
    make_value(line, value);
    remove_key(text, key, strcspn(key, "="));
    help_append(word, sizeof word, key, strcspn(key, "=") + 1);
    help_append(word, sizeof word, value, strlen(value));
    help_append(text, room, word, strlen(word));
}

void help_put_spec(char *text, size_t room, const char *help)
{
    const char *line;
    if ((line = help_pick(help, NULL)) != NULL)
        help_append(text, room, line, strcspn(line, " \n"));
    for (size_t keys = help_below(4); keys > 0; keys--)
        if ((line = help_pick(help, text)) != NULL)
            help_put_key(text, room, line);
}
