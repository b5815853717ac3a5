/* For command lines, an argument a line: commands and options that the command's own help names, specs that the
 * library's does, and files that are there. */
#include "command_help.h"
#include "help_words.h"

#include <diffusion.h>
#include <string.h>

enum { LINES = 2048, HELP = 1 << 14, COMMANDS = 32, NAME = 16 };

static const char *const files[] = {"d.csv",      "x.npy",   "m.safetensors", "u.safetensors", "g.safetensors",
                                    "c.diffcode", "out.csv", "out.npy",       "out.png",       "out.safetensors",
                                    "out",        "-",       "out.json",      "d.csv:0",       ""};

static const struct {
    const char *option, *topic;
} specs[] = {{"--model", "model"},     {"--schedule", "schedule"}, {"--train", "trainer"},
             {"--sampler", "sampler"}, {"--bound", "evaluator"},   {"--coder", "coder"}};

/* ---- what helps say ---- */

static const char *help_of(const char *command)
{
    static struct {
        char name[NAME], text[HELP];
    } known[COMMANDS];
    size_t i = 0;
    while (i + 1 < COMMANDS && known[i].text[0] != '\0' && strcmp(known[i].name, command) != 0)
        i++;
    if (known[i].text[0] == '\0' || strcmp(known[i].name, command) != 0) {
        snprintf(known[i].name, NAME, "%s", command);
        command_help(command, known[i].text, HELP);
    }
    return known[i].text;
}

/* A line of the list of commands. */
static int names_command(const char *line)
{
    return strspn(line, " ") == 2 && strspn(line + 2, "abcdefghijklmnopqrstuvwxyz") > 2 &&
           strncmp(line + 2, "diffusion", 9) != 0;
}

/* The name "--..." of a line that tells of an option, perhaps behind its letter: "  -n, --count=N". */
static const char *find_option(const char *line)
{
    const char *at = line + strspn(line, " ");
    if (at[0] != '-' || at == line)
        return NULL;
    const char *dashes = strstr(at, "--");
    return dashes != NULL && dashes < at + 5 ? dashes : NULL;
}

/* One of the help's commands or options, each as likely. */
static const char *pick(const char *help, int options)
{
    const char *found = NULL;
    size_t count = 0;
    for (const char *line = help; line != NULL; line = help_next_line(line)) {
        const char *at = options ? find_option(line) : names_command(line) ? line + 2 : NULL;
        if (at != NULL && help_below(++count) == 0)
            found = at;
    }
    return found;
}

/* ---- arguments ---- */

static const char *pick_file(void)
{
    return files[help_below(sizeof files / sizeof *files)];
}

static void add_spec(char *text, const char *option)
{
    char help[1 << 15], spec[1024] = "";
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        if (strncmp(option, specs[i].option, strlen(specs[i].option)) == 0) {
            if (diffusion_help(specs[i].topic, help, sizeof help, NULL) == DIFFUSION_OK)
                help_put_spec(spec, sizeof spec, help);
            help_append(text, LINES, spec, strlen(spec));
            return;
        }
}

/* By the help's hint: SPEC, "key=value...", a file's name in capitals, or N and 0,1,... */
static void add_value(char *text, const char *option, const char *hint)
{
    char word[HELP_WORD] = "";
    const char *key;
    if (strncmp(hint, "SPEC", 4) == 0) {
        add_spec(text, option);
    } else if (strncmp(hint, "\"key=", 5) == 0) {
        if ((key = help_pick(help_of("data"), "")) != NULL)
            help_put_key(word, sizeof word, key);
        help_append(text, LINES, word, strlen(word));
    } else if (strcspn(hint, " \n") > 2 && strncmp(hint, "0,1", 3) != 0) {
        const char *file = pick_file();
        help_append(text, LINES, file, strlen(file));
    } else {
        help_add_number(hint, word);
        help_append(text, LINES, word, strlen(word));
    }
}

static void add_option(char *text, const char *option)
{
    size_t length = strcspn(option, "= \n");
    help_append(text, LINES, "\n", 1);
    help_append(text, LINES, option, length);
    if (option[length] == '=') {
        help_append(text, LINES, "=", 1);
        add_value(text, option, option + length + 1);
    }
}

/* A command and as many files as most want. */
static void begin_anew(char *text)
{
    const char *command = pick(help_of(""), 0);
    text[0] = '\0';
    if (command != NULL)
        help_append(text, LINES, command, strcspn(command, " "));
    for (size_t i = 1 + help_below(2); i > 0; i--) {
        const char *file = files[help_below(6)];
        help_append(text, LINES, "\n", 1);
        help_append(text, LINES, file, strlen(file));
    }
    help_append(text, LINES, "\n-o\n", 4);
    const char *to = pick_file();
    help_append(text, LINES, to, strlen(to));
}

/* Every fourth time any bytes; else another command, or an option or two more. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char text[LINES], command[NAME] = "";
    help_state = seed;
    if (help_below(4) == 0 || size == 0 || size >= LINES || max_size < LINES || memchr(data, '\0', size) != NULL)
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy(text, data, size);
    text[size] = '\0';
    if (help_below(8) == 0)
        begin_anew(text);
    if (strcspn(text, "\n") < NAME)
        help_append(command, NAME, text, strcspn(text, "\n"));
    const char *option;
    for (size_t options = 1 + help_below(2); options > 0; options--)
        if ((option = pick(help_of(command), 1)) != NULL)
            add_option(text, option);
    memcpy(data, text, strlen(text));
    return strlen(text);
}
