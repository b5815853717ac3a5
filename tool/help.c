#include "command.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/text.h"
#include "data/prepare.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_page page = {
    "help",
    "[TOPIC]",
    "Explains a command (train, sample, bound, data, info, help, version), or the keys of a spec (schedule, model,\n"
    "trainer, sampler, bound, data).",
    "  diffusion help train\n  diffusion help schedule\n",
    0,
    1,
};

static const char *const specs[] = {"schedule", "model", "trainer", "sampler", "bound", NULL};

static int is_spec(const char *topic)
{
    for (size_t i = 0; specs[i] != NULL; i++) {
        if (strcmp(topic, specs[i]) == 0)
            return 1;
    }
    return 0;
}

static void print_spec(const char *topic)
{
    size_t size;
    check(diffusion_help(topic, NULL, 0, &size));
    char *text = allocate(size, 1);
    check(diffusion_help(topic, text, size, NULL));
    fputs(text, stdout);
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
         "  bound      the command, and the keys of --bound\n"
         "  data       the command, and the kinds of files and keys of --data");
}

/* "bound" and "data" are commands and topics: the keys come first, then the command. */
static void print_topic(const char *topic)
{
    int is_data = strcmp(topic, "data") == 0, is_bound = strcmp(topic, "bound") == 0;
    if (is_spec(topic))
        print_spec(topic);
    if (is_data)
        fputs(data_help(), stdout);
    if (is_data || is_bound)
        printf("\nThe command diffusion %s\n\n", topic);
    if (!is_spec(topic) || is_bound)
        print_command(topic);
}

int help_command(int argc, const char **argv)
{
    struct poptOption table[] = {OPTIONS_HELP, POPT_TABLEEND};
    arguments given;
    options_read(&given, &page, table, argc, argv);
    if (given.count == 0)
        list_topics();
    else
        print_topic(given.values[0]);
    options_release(&given);
    return EXIT_SUCCESS;
}
