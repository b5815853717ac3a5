#include "common/options.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/output.h"
#include "common/text.h"

#include <diffusion.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_MAX = 32 };

static _Noreturn void show_page(poptContext context, const command_page *page)
{
    printf("%s\n\n", page->about);
    poptPrintHelp(context, stdout, 0);
    printf("\nExamples:\n%s", page->examples);
    poptFreeContext(context);
    output_end_printing();
    exit(EXIT_SUCCESS);
}

static const char *nearest_option(const char *given, const struct poptOption *table)
{
    const char *names[TABLE_MAX + 1];
    size_t count = 0;
    for (; table->longName != NULL && count < TABLE_MAX; table++)
        names[count++] = table->longName;
    names[count] = NULL;
    return text_nearest(given + strspn(given, "-"), names);
}

static _Noreturn void refuse_option(const command_page *page, poptContext context, const struct poptOption *table,
                                    int error)
{
    const char *given = poptBadOption(context, 0);
    const char *nearest = error == POPT_ERROR_BADOPT ? nearest_option(given, table) : NULL;
    if (nearest != NULL)
        fail_usage("%s: unknown option %s, did you mean --%s?", page->name, given, nearest);
    fail_usage("%s: '%s': %s; diffusion %s --help lists the options", page->name, given, poptStrerror(error),
               page->name);
}

static void take_arguments(arguments *out, const command_page *page)
{
    const char *value;
    while ((value = poptGetArg(out->context)) != NULL) {
        if (out->count == page->allowed)
            fail_usage("%s: '%s' is one argument too many, expected: diffusion %s %s", page->name, value, page->name,
                       page->synopsis);
        out->values[out->count++] = value;
    }
    if (out->count < page->required)
        fail_usage("%s: an argument is missing, expected: diffusion %s %s", page->name, page->name, page->synopsis);
}

/* Who wants to see the table of the command that runs now, and where that goes on; NULL for nobody. */
static struct {
    options_visitor *visit;
    void *user;
    jmp_buf back;
} watcher;

void options_visit(int (*run)(int argc, const char **argv), options_visitor *visit, void *user)
{
    const char *words[] = {"diffusion", NULL};
    watcher.visit = visit;
    watcher.user = user;
    if (setjmp(watcher.back) == 0)
        run(1, words); /* a command begins by reading its options */
    watcher.visit = NULL;
}

void options_read(arguments *out, const command_page *page, struct poptOption *table, int argc, const char **argv)
{
    if (watcher.visit != NULL) {
        watcher.visit(page, table, watcher.user);
        longjmp(watcher.back, 1);
    }
    *out = (arguments){.context = poptGetContext(NULL, argc, argv, table, 0), .table = table};
    poptSetOtherOptionHelp(out->context, page->synopsis);
    int code;
    while ((code = poptGetNextOpt(out->context)) >= 0) {
        if (code == 'h')
            show_page(out->context, page);
    }
    if (code < -1)
        refuse_option(page, out->context, table, code);
    take_arguments(out, page);
}

void options_release(arguments *given)
{
    for (const struct poptOption *option = given->table; option->longName != NULL; option++) {
        if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_STRING)
            free(*(char **)option->arg);
    }
    poptFreeContext(given->context);
}

void options_range(const command_page *page, const char *option, long long value, long long minimum, long long maximum)
{
    if (value < minimum || value > maximum)
        fail_usage("%s: %s %lld, expected a whole number %lld..%lld", page->name, option, value, minimum, maximum);
}

uint64_t options_seed(const command_page *page, const char *text, uint64_t standard)
{
    uint64_t seed = standard;
    if (text != NULL && !text_unsigned(&seed, text))
        fail_usage("%s: --seed %s, expected a whole number 0..2^64-1", page->name, text);
    return seed;
}

void options_start(const command_page *page, const run_options *run)
{
    note_quiet(run->quiet);
    options_range(page, "--threads", run->threads, 0, 1024);
    check(diffusion_set_threads((int32_t)run->threads));
}
