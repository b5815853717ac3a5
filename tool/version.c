#include "command.h"

#include "common/options.h"
#include "common/results.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "version", "", "Prints the version of the library in use.", "  diffusion version\n", 0, 0,
};

int version_command(int argc, const char **argv)
{
    run_options run = {0};
    struct poptOption table[] = {OPTIONS_JSON(run), OPTIONS_HELP, POPT_TABLEEND};
    arguments given;
    options_read(&given, &page, table, argc, argv);
    results to;
    results_begin(&to, stdout, run.json);
    results_text(&to, "version", diffusion_version(), "diffusion %s\n", diffusion_version());
    results_end(&to);
    options_release(&given);
    return EXIT_SUCCESS;
}
