#include "command.h"

#include "common/options.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>

static const command_page page = {
    "version", "", "Prints the version of the library in use.", "  diffusion version\n", 0, 0,
};

int version_command(int argc, const char **argv)
{
    struct poptOption table[] = {OPTIONS_HELP, POPT_TABLEEND};
    arguments given;
    options_read(&given, &page, table, argc, argv);
    printf("diffusion %s\n", diffusion_version());
    options_release(&given);
    return EXIT_SUCCESS;
}
