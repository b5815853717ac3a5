#include "completion/complete.h"

#include "command.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/text.h"
#include "completion/spec.h"
#include "completion/words.h"
#include "data/prepare.h"

#include <ctype.h>
#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char topics[] = "schedule|model|trainer|sampler|evaluator|coder";

static void offer(const char *word, const char *typed)
{
    if (strncmp(word, typed, strlen(typed)) == 0)
        puts(word);
}

/* Words with bars between them. */
static void offer_list(const char *list, const char *typed)
{
    while (*list != '\0') {
        const size_t length = strcspn(list, "| ");
        char *word = text_format("%.*s", (int)length, list);
        offer(word, typed);
        free(word);
        list += length + strspn(list + length, "| ");
    }
}

static void offer_commands(const char *typed)
{
    for (const command *c = commands; c->name != NULL; c++)
        offer(c->name, typed);
}

static void offer_options(const struct poptOption *table, const char *typed)
{
    for (; table->longName != NULL; table++) {
        char *word = text_format("--%s", table->longName);
        offer(word, typed);
        free(word);
    }
}

/* ---- values of options ---- */

static char *library_help(const char *topic)
{
    size_t size;
    check(diffusion_help(topic, NULL, 0, &size));
    char *text = allocate(size, 1);
    check(diffusion_help(topic, text, size, NULL));
    return text;
}

/* The option's own words say where its keys are explained: "…; see diffusion help sampler". Those that take keys alone
 * are of one kind. */
static void offer_spec(const struct poptOption *option, const char *typed)
{
    static const char mark[] = "diffusion help ";
    static const char *const kinds[][2] = {{"bound", "elbo"}, {"moments", "moments"}, {"coder", "bits_back"}};
    const char *said = strstr(option->descrip, mark), *kind = strcmp(option->argDescrip, "SPEC") == 0 ? NULL : "";
    char *topic = said != NULL ? text_format("%.*s", (int)strspn(said + strlen(mark), "abcdefghijklmnopqrstuvwxyz"),
                                             said + strlen(mark))
                               : text_format("data");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(option->longName, kinds[i][0]) == 0)
            kind = kinds[i][1];
    if (strcmp(topic, "data") == 0) {
        complete_spec(data_help(), kind, typed);
    } else {
        char *help = library_help(strcmp(topic, "bound") == 0 ? "evaluator" : topic);
        complete_spec(help, kind, typed);
        free(help);
    }
    free(topic);
}

static int is_file(const char *about)
{
    static const char *const files[] = {"FILE", "MODEL", "DATA", "FOLDER", "CHECKPOINT", "OTHER", "MASK", ".png"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strstr(about, files[i]) != NULL)
            return 1;
    return 0;
}

static void offer_value(const struct poptOption *option, const char *typed)
{
    const char *about = option->argDescrip != NULL ? option->argDescrip : "";
    if (strcmp(about, "SPEC") == 0 || strstr(about, "key=value") != NULL)
        offer_spec(option, typed);
    else if (strchr(about, '|') != NULL)
        offer_list(about, typed);
    else if (is_file(about))
        puts(":files");
}

/* ---- words of a command ---- */

static const struct poptOption *option_of(const struct poptOption *table, const char *word)
{
    for (; table->longName != NULL; table++) {
        const int is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, table->longName) == 0;
        const int is_short = word[0] == '-' && word[1] == table->shortName && word[1] != '\0' && word[2] == '\0';
        if (is_long || is_short)
            return (table->argInfo & POPT_ARG_MASK) != POPT_ARG_NONE ? table : NULL;
    }
    return NULL;
}

/* A synopsis may begin with the words that its first argument can be. */
static void offer_argument(const command_page *page, size_t index, const char *typed)
{
    const size_t first = strcspn(page->synopsis, " ");
    if (index >= page->allowed)
        return;
    if (strcmp(page->name, "help") == 0) {
        offer_commands(typed);
        offer_list(topics, typed);
    } else if (index == 0 && memchr(page->synopsis, '|', first) != NULL && islower((unsigned char)*page->synopsis)) {
        char *list = text_format("%.*s", (int)first, page->synopsis);
        offer_list(list, typed);
        free(list);
    } else {
        puts(":files");
    }
}

static void offer_words(const command_page *page, const struct poptOption *table, void *user)
{
    const words *of = user;
    const char *typed = of->at[of->count - 1];
    size_t index = 0;
    for (size_t i = 2; i + 1 < of->count; i++) { /* behind "diffusion COMMAND" */
        const struct poptOption *option = option_of(table, of->at[i]);
        if (option != NULL && i + 2 == of->count) {
            offer_value(option, typed);
            return;
        }
        i += option != NULL;
        index += option == NULL && of->at[i][0] != '-';
    }
    if (typed[0] == '-' && typed[1] != '\0')
        offer_options(table, typed);
    else if (typed[0] == '-')
        offer_options(table, "--");
    else
        offer_argument(page, index, typed);
}

void complete_line(const char *line)
{
    words of;
    words_split(&of, line);
    puts(of.at[of.count - 1]);
    if (of.count == 2)
        offer_commands(of.at[1]);
    for (const command *c = commands; of.count > 2 && c->name != NULL; c++)
        if (strcmp(c->name, of.at[1]) == 0)
            options_visit(c->run, offer_words, &of);
    words_release(&of);
}
