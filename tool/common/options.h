/* The options of a command: read by popt from one table, which also makes --help. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <popt.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGUMENTS_MAX = 3, COUNT_UNSET = -1000000 /* of an option that may not be 0 */ };

typedef struct command_page {
    const char *name;     /* "train" */
    const char *synopsis; /* what stands behind the name: "DATA -o MODEL [OPTION...]" */
    const char *about;    /* a sentence or two */
    const char *examples; /* lines of shell, with their newlines */
    size_t required;      /* arguments that are not options: at least … */
    size_t allowed;       /* … and at most ARGUMENTS_MAX */
} command_page;

typedef struct arguments {
    poptContext context;
    struct poptOption *table;
    const char *values[ARGUMENTS_MAX]; /* NULL where not given */
    size_t count;
} arguments;

/* What every command that computes has. */
typedef struct run_options {
    long long threads; /* 0: the library's own choice */
    int quiet;
    int json; /* of commands that have figures to print */
} run_options;

#define OPTIONS_QUIET(run)                                                                                             \
    {                                                                                                                  \
        "quiet", 'q', POPT_ARG_NONE, &(run).quiet, 0, "Show no progress and no remarks", NULL                          \
    }

#define OPTIONS_RUN(run)                                                                                               \
    {"threads", '\0', POPT_ARG_LONGLONG, &(run).threads, 0, "Threads to use; results do not depend on it", "N"},       \
        OPTIONS_QUIET(run)

/* What every command that prints figures has. */
#define OPTIONS_JSON(run)                                                                                              \
    {                                                                                                                  \
        "json", '\0', POPT_ARG_NONE, &(run).json, 0, "Prints JSON", NULL                                               \
    }

/* What every command that writes files has. */
#define OPTIONS_FORCE(force)                                                                                           \
    {                                                                                                                  \
        "force", '\0', POPT_ARG_NONE, &(force), 0, "Write over files of another kind too", NULL                        \
    }

#define OPTIONS_HELP                                                                                                   \
    {                                                                                                                  \
        "help", 'h', POPT_ARG_NONE, NULL, 'h', "Show this text", NULL                                                  \
    }

/* Reads the command line into the table's variables, which are zero or NULL before. Prints the page and ends with 0 on
 * --help; ends with EXIT_USAGE on anything that it does not know. */
void options_read(arguments *out, const command_page *page, struct poptOption *table, int argc, const char **argv);

/* Hears of a command's page and options, which ends where its long name is NULL. */
typedef void options_visitor(const command_page *page, const struct poptOption *table, void *user);

/* Instead of running the command, whose main function this is, shows its page and table to the visitor. */
void options_visit(int (*run)(int argc, const char **argv), options_visitor *visit, void *user);

/* Releases the values, also those of the table's texts. */
void options_release(arguments *given);

/* Ends with EXIT_USAGE unless the option's value lies in minimum..maximum. */
void options_range(const command_page *page, const char *option, long long value, long long minimum, long long maximum);

/* A seed given as text; `standard` where it is NULL. */
uint64_t options_seed(const command_page *page, const char *text, uint64_t standard);

/* Hands the thread count to the library, and hears whether to be quiet. */
void options_start(const command_page *page, const run_options *run);

#endif
