/* For specs: words and values that the library's own help names, of the kind that stands there. */
#include "specs_topics.h"

#include <diffusion.h>
#include <string.h>

enum { WORD_MOST = 256 };

/* Where arithmetic changes its way, beside the ends of each range. */
static const char *const numbers[] = {"0",   "1",    "2",    "3",   "4",     "0.5",    "-1",  "0.999",
                                      "1.5", "1e-3", "1e-9", "100", "1e300", "1e-300", "nan", "65536"};

static unsigned state;

static size_t below(size_t count)
{
    state = state * 1664525u + 1013904223u;
    return (size_t)(((uint64_t)(state >> 8) * count) >> 24);
}

static const char *help_of(size_t topic)
{
    static char *texts[SPECS_TOPICS];
    size_t size;
    if (texts[topic] == NULL) {
        FUZZ_CHECK(diffusion_help(specs_topics[topic], NULL, 0, &size) == DIFFUSION_OK);
        texts[topic] = malloc(size);
        FUZZ_CHECK(texts[topic] != NULL);
        FUZZ_CHECK(diffusion_help(specs_topics[topic], texts[topic], size, NULL) == DIFFUSION_OK);
    }
    return texts[topic];
}

static const char *next_line(const char *line)
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

/* A heading (`kind` NULL), or the line of a key that the kind has, each as likely; NULL if there is none. */
static const char *pick(const char *text, const char *kind)
{
    const char *found = NULL, *heading = text;
    size_t count = 0;
    for (const char *line = text; line != NULL; line = next_line(line)) {
        if (is_heading(line))
            heading = line;
        int fits =
            kind == NULL ? is_heading(line) && strncmp(line, "Keys", 4) != 0 : is_key(line) && is_of(heading, kind);
        if (fits && below(++count) == 0)
            found = line;
    }
    return found;
}

/* Nothing where there is no room. */
static void append(char *text, size_t room, const char *more, size_t length)
{
    size_t at = strlen(text);
    if (at + length >= room)
        return;
    memcpy(text + at, more, length);
    text[at + length] = '\0';
}

/* One end of the range "a..b" that a key's line tells, or any. */
static void add_number(const char *line, char *value)
{
    const char *dots = strstr(line, ".."), *any = numbers[below(sizeof numbers / sizeof *numbers)];
    if (dots == NULL || dots > strchr(line, '\n') || below(3) > 0) {
        append(value, WORD_MOST, any, strlen(any));
    } else if (below(2) == 0) {
        append(value, WORD_MOST, dots + 2, strcspn(dots + 2, " ,)\n"));
    } else {
        const char *from = dots;
        while (from[-1] != ' ' && from[-1] != '=')
            from--;
        append(value, WORD_MOST, from, (size_t)(dots - from));
    }
}

/* One of a choice's words, or a number, or where there may be several up to three. */
static void make_value(const char *line, char *value)
{
    const char *values = strchr(line, '=') + 1, *list = strstr(line, "comma-separated");
    size_t length = strcspn(values, " \n"), words = 1;
    if (memchr(values, '|', length) == NULL) {
        size_t count = list != NULL && list < strchr(line, '\n') ? 1 + below(3) : 1;
        for (size_t i = 0; i < count; i++) {
            append(value, WORD_MOST, ",", i > 0);
            add_number(line, value);
        }
        return;
    }
    for (size_t i = 0; i < length; i++)
        words += values[i] == '|';
    for (size_t word = below(words); word > 0; word--)
        values += strcspn(values, "|") + 1;
    append(value, WORD_MOST, values, strcspn(values, "| \n"));
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

static void put_key(char *text, size_t room, const char *line)
{
    char word[2 * WORD_MOST] = " ", value[WORD_MOST] = "";
    const char *key = line + strspn(line, " ");
    make_value(line, value);
    remove_key(text, key, strcspn(key, "="));
    append(word, sizeof word, key, strcspn(key, "=") + 1);
    append(word, sizeof word, value, strlen(value));
    append(text, room, word, strlen(word));
}

/* Every fourth time any bytes; else another kind, or a value for a key or two. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char text[4096];
    state = seed;
    if (below(4) == 0 || size == 0 || size >= sizeof text || max_size < sizeof text)
        return LLVMFuzzerMutate(data, size, max_size);
    const char *help = help_of(data[0] % SPECS_TOPICS), *line;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (below(8) == 0 && (line = pick(help, NULL)) != NULL)
        snprintf(text, sizeof text, "%.*s", (int)strcspn(line, " \n"), line);
    for (size_t keys = 1 + below(2); keys > 0; keys--)
        if ((line = pick(help, text)) != NULL)
            put_key(text, sizeof text, line);
    memcpy(data + 1, text, strlen(text));
    return 1 + strlen(text);
}
