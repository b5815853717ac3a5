#include "command.h"

#include "common/fail.h"
#include "common/options.h"
#include "completion/complete.h"
#include "completion/scripts.h"

#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "completion",
    "bash|zsh|fish [OPTION...]",
    "Prints what makes a shell complete command lines of diffusion: commands, options and their values, kinds, keys "
    "and\n"
    "values of specs, and files. An installation has these where the shells look for them.",
    "  eval \"$(diffusion completion bash)\"\n"
    "  diffusion completion fish >~/.config/fish/completions/diffusion.fish\n",
    0,
    1,
};

int completion_command(int argc, const char **argv)
{
    char *line = NULL;
    struct poptOption table[] = {
        {"line", '\0', POPT_ARG_STRING, &line, 0,
         "Prints the last word of a command line and what may take its place, as the shells ask for it", "LINE"},
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    options_read(&given, &page, table, argc, argv);
    const char *shell = given.values[0];
    if ((shell != NULL) == (line != NULL))
        fail_usage("completion: expected bash, zsh or fish");
    const char *script = shell != NULL ? completion_script(shell) : NULL;
    if (shell != NULL && script == NULL)
        fail_usage("completion: no shell '%s', expected bash, zsh or fish", shell);
    if (script != NULL)
        fputs(script, stdout);
    else
        complete_line(line);
    options_release(&given);
    return EXIT_SUCCESS;
}
