#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/text.h"
#include "data/prepare.h"
#include "manual/manual.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "help",
    "[TOPIC] [OPTION...]",
    "Explains a command, or the keys of a spec (schedule, model, trainer, sampler, evaluator, coder, bound, data);\n"
    "without a topic lists both.",
    "  diffusion help train\n  diffusion help schedule\n",
    0,
    1,
};

static const char *const specs[] = {"schedule", "model", "trainer", "sampler", "evaluator", "coder", NULL};
enum { TOPICS_MOST = 64, WIDTH = 100 /* columns of text */ };

/* Whether it is a spec; else it is a command, or the end. */
static int is_spec_topic(const char *topic)
{
    const char *names[TOPICS_MOST + 1] = {NULL};
    size_t count = 0;
    for (; specs[count] != NULL; count++) {
        if (strcmp(topic, specs[count]) == 0)
            return 1;
        names[count] = specs[count];
    }
    for (const command *c = commands; c->name != NULL && count < TOPICS_MOST; c++) {
        if (strcmp(topic, c->name) == 0)
            return 0;
        names[count++] = c->name;
    }
    const char *nearest = text_nearest(topic, names);
    if (nearest != NULL)
        fail_usage("help: unknown topic '%s', did you mean '%s'?", topic, nearest);
    fail_usage(
        "help: unknown topic '%s', expected a command, or schedule, model, trainer, sampler, evaluator, coder or data",
        topic);
}

/* The library's lines are as long as their sentences: broken at spaces here, the indentation kept. */
static void print_wrapped(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), indent = strspn(text, " "), column = indent;
        const char *end = text + length;
        printf("%.*s", (int)indent, text);
        for (text += indent; text < end;) {
            size_t word = strcspn(text, " \n");
            if (column > indent && column + word + 1 > WIDTH) {
                printf("\n%*s", (int)indent, "");
                column = indent;
            }
            column += (size_t)printf("%s%.*s", column > indent ? " " : "", (int)word, text);
            text += word;
            text += strspn(text, " ");
        }
        putchar('\n');
        text = end + (*end == '\n');
    }
}

static void print_spec(const char *topic)
{
    size_t size;
    check(diffusion_help(topic, NULL, 0, &size));
    char *text = allocate(size, 1);
    check(diffusion_help(topic, text, size, NULL));
    print_wrapped(text);
    free(text);
}

/* The command's own --help, which ends the program. */
static void print_command(const char *name)
{
    const command *about = command_find(name);
    char *title = text_format("diffusion %s", name);
    const char *words[] = {title, "--help", NULL};
    fflush(stdout);
    about->run(2, words);
}

static void list_topics(void)
{
    puts("\nTopics of diffusion help:\n"
         "  schedule   the forward process: --schedule\n"
         "  model      networks and how they are read: --model\n"
         "  trainer    objectives and optimisers: --train\n"
         "  sampler    solvers: --sampler\n"
         "  evaluator  measures, elbo for --bound\n"
         "  coder      how diffusion compress codes: --coder\n"
         "  bound      the command, and the keys of --bound\n"
         "  data       the command, and the kinds of files and keys of --data");
}

/* "bound" and "data" are commands and topics: the keys come first, then the command. Those of "bound" are an
 * evaluator's.
 */
static void print_topic(const char *topic)
{
    int is_spec = is_spec_topic(topic), is_data = strcmp(topic, "data") == 0;
    int is_bound = strcmp(topic, "bound") == 0, is_both = is_data || is_bound;
    if (is_spec || is_bound)
        print_spec(is_bound ? "evaluator" : topic);
    if (is_data)
        fputs(data_help(), stdout);
    if (is_both)
        printf("\nThe command diffusion %s\n\n", topic);
    if (is_both || !is_spec)
        print_command(topic);
}

int help_command(int argc, const char **argv)
{
    int manual = 0;
    struct poptOption table[] = {
        {"man", '\0', POPT_ARG_NONE, &manual, 0, "Prints a command's manual page, as mdoc", NULL},
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    if (manual && given.count == 0)
        fail_usage("help: --man prints the page of a command, expected its name");
    if (manual)
        manual_print(command_find(given.values[0]));
    else if (given.count == 0)
        list_topics();
    else
        print_topic(given.values[0]);
    options_release(&given);
    return EXIT_SUCCESS;
}
